//! Writing one tag. A slug belongs to one tag, be it as its own or as an alias.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::find::{Found, by_slug, find, resolve};
use crate::articles::queries::{Of, touch};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_tags, tags};
use crate::db::{DbConnection, DbError, ROWS};
use crate::redirects::queries::Pointed;
use crate::redirects::{RedirectKind, queries as redirect};
use crate::tags::rows::{TagRow, TagValues};
use crate::tags::{TagInput, TagKind};

/// A slug that is in use, and the tag that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub slug: String,
    pub by: String,
    /// Which of the given aliases it is; none for the slug itself.
    pub alias: Option<usize>,
}

/// A tag as an article names it. Those who may see the article, `shown_to`, may see the tag from then on.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub kind: TagKind,
    pub shown_to: Audience,
}

/// The tags that articles name, created when there are none. Aliases and merged tags are followed.
pub fn ensure(conn: &mut DbConnection, now: Timestamp, wanted: &[Wanted<'_>]) -> Result<Vec<i64>, DbError> {
    let slugs: BTreeSet<&str> = wanted.iter().map(|tag| tag.slug).collect();
    let slugs: Vec<&str> = slugs.into_iter().collect();
    let mut known: HashMap<String, (i64, Audience)> = HashMap::with_capacity(slugs.len());
    for slugs in slugs.chunks(ROWS) {
        let own = tags::table.filter(tags::slug.eq_any(slugs)).filter(tags::merged_into.is_null());
        let rows: Vec<(String, i64, Audience)> = own.select((tags::slug, tags::id, tags::audience)).load(conn)?;
        known.extend(rows.into_iter().map(|(slug, id, seen_by)| (slug, (id, seen_by))));
    }
    let id_of = |tag: &Wanted<'_>| match known.get(tag.slug) {
        Some((id, seen_by)) if *seen_by >= tag.shown_to => Ok(*id),
        _ => {
            let id = ensure_one(conn, now, *tag)?;
            known.insert(tag.slug.to_owned(), (id, tag.shown_to));
            Ok(id)
        }
    };
    wanted.iter().map(id_of).collect()
}

fn ensure_one(conn: &mut DbConnection, now: Timestamp, wanted: Wanted<'_>) -> Result<i64, DbError> {
    let Wanted { slug, name, kind, shown_to } = wanted;
    if let Some(tag) = resolve(conn, slug, Audience::NEWSROOM)? {
        show(conn, now, &tag, shown_to)?;
        return Ok(tag.id);
    }
    let (slug, name) = (slug.to_owned(), name.to_owned());
    insert(conn, now, &TagInput { slug, name, kind, description: String::new(), aliases: Vec::new() }, shown_to)
}

/// Lets those who may see an article see its tags: call it when the clock has made it visible.
pub fn show_those_of(conn: &mut DbConnection, now: Timestamp, article_id: i64, to: Audience) -> Result<(), DbError> {
    let hidden: Vec<TagRow> = article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_id.eq(article_id))
        .filter(tags::audience.lt(to))
        .order(tags::id)
        .select(TagRow::as_select())
        .load(conn)?;
    hidden.iter().try_for_each(|tag| show(conn, now, tag, to))
}

fn show(conn: &mut DbConnection, now: Timestamp, row: &TagRow, to: Audience) -> Result<(), DbError> {
    if to <= row.audience {
        return Ok(());
    }
    let at = now.later_than(row.modified_at);
    diesel::update(tags::table.find(row.id)).set((tags::audience.eq(to), tags::modified_at.eq(at))).execute(conn)?;
    log_change(conn, at, row.id, &row.slug, Reason::Updated, to)
}

/// What a store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Created,
    Updated,
    Unchanged,
    /// This alias is the slug of another tag, or another's alias. Nothing was written.
    AliasTaken(String),
    /// The slug itself is an alias of this tag. Nothing was written.
    IsAlias(String),
}

/// Stores a tag under its slug, for everyone to see, and adds its aliases to those that lead to it.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &TagInput) -> Result<Stored, DbError> {
    let found = match find(conn, &input.slug, Audience::NEWSROOM)? {
        Some(Found::Moved(to)) => return Ok(Stored::IsAlias(to)),
        Some(Found::Tag(row)) => Some(row),
        None => None,
    };
    if let Some(taken) = taken(conn, &input.slug, &input.aliases)?.into_iter().next() {
        return Ok(Stored::AliasTaken(taken.slug));
    }
    match found {
        None => insert(conn, now, input, Audience::Everyone).map(|_| Stored::Created),
        Some(row) => {
            Ok(if write(conn, now, &row, input, Audience::Everyone)? { Stored::Updated } else { Stored::Unchanged })
        }
    }
}

/// Creates a tag for everyone to see, unless one of its slugs is in use.
pub fn create(conn: &mut DbConnection, now: Timestamp, input: &TagInput) -> Result<Result<i64, Vec<Taken>>, DbError> {
    let own = find(conn, &input.slug, Audience::NEWSROOM)?;
    let own = own.map(|found| Taken { slug: input.slug.clone(), by: found.slug().to_owned(), alias: None });
    let mut all: Vec<Taken> = own.into_iter().collect();
    all.extend(taken(conn, &input.slug, &input.aliases)?);
    if all.is_empty() { insert(conn, now, input, Audience::Everyone).map(Ok) } else { Ok(Err(all)) }
}

/// Makes a tag what `input` says, and lets its former slug lead to it; its aliases are only added to. Says whether that
/// changed anything.
pub fn update(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &TagRow,
    input: &TagInput,
) -> Result<Result<bool, Taken>, DbError> {
    if input.slug != row.slug
        && let Some(found) = find(conn, &input.slug, Audience::NEWSROOM)?
    {
        // It may take one of its aliases for its slug, but not that of a tag which was merged into it.
        let by = found.slug().to_owned();
        if by != row.slug || by_slug(conn, &input.slug)?.is_some() {
            return Ok(Err(Taken { slug: input.slug.clone(), by, alias: None }));
        }
    }
    write(conn, now, row, input, row.audience).map(Ok)
}

/// Lets a slug lead to a tag.
pub fn add_alias(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &TagRow,
    alias: &str,
) -> Result<Result<bool, Taken>, DbError> {
    let aliases = vec![alias.to_owned()];
    match taken(conn, &row.slug, &aliases)?.pop() {
        Some(taken) => Ok(Err(taken)),
        None => write(conn, now, row, &TagInput { aliases, ..row.input() }, row.audience).map(Ok),
    }
}

/// Frees an alias of a tag, and says whether it was one. The slug of a tag that was merged into it stays.
pub fn remove_alias(conn: &mut DbConnection, now: Timestamp, row: &TagRow, alias: &str) -> Result<bool, DbError> {
    let own = redirect::behind(conn, RedirectKind::Tag, alias)? == Some(row.id);
    if !own || by_slug(conn, alias)?.is_some() {
        return Ok(false);
    }
    redirect::release(conn, RedirectKind::Tag, alias)?;
    let at = now.later_than(row.modified_at);
    diesel::update(tags::table.find(row.id)).set(tags::modified_at.eq(at)).execute(conn)?;
    log_change(conn, at, row.id, &row.slug, Reason::Updated, row.audience)?;
    Ok(true)
}

/// Those of `aliases` that can't lead to the tag under `slug`, which may be still to come.
fn taken(conn: &mut DbConnection, slug: &str, aliases: &[String]) -> Result<Vec<Taken>, DbError> {
    let mut all = Vec::new();
    for (i, alias) in aliases.iter().enumerate() {
        let by = match find(conn, alias, Audience::NEWSROOM)? {
            // Its own slug is no alias, whether the tag is there yet or not.
            _ if alias == slug => slug.to_owned(),
            None => continue,
            Some(Found::Moved(to)) if to == slug => continue,
            Some(found) => found.slug().to_owned(),
        };
        all.push(Taken { slug: alias.clone(), by, alias: Some(i) });
    }
    Ok(all)
}

fn insert(conn: &mut DbConnection, now: Timestamp, input: &TagInput, seen_by: Audience) -> Result<i64, DbError> {
    let row =
        (TagValues::of(input, now), tags::article_count.eq(0), tags::created_at.eq(now), tags::audience.eq(seen_by));
    let id = diesel::insert_into(tags::table).values(row).returning(tags::id).get_result(conn)?;
    for alias in &input.aliases {
        redirect::point(conn, now, RedirectKind::Tag, alias, id)?;
    }
    log_change(conn, now, id, &input.slug, Reason::Updated, seen_by)?;
    Ok(id)
}

/// Writes what differs, when it is known that the slugs are free.
fn write(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &TagRow,
    input: &TagInput,
    seen_by: Audience,
) -> Result<bool, DbError> {
    let shown = row.slug != input.slug || row.name != input.name || row.kind != input.kind;
    let mut changed = shown || row.description != input.description || seen_by > row.audience;
    if row.slug != input.slug {
        redirect::release(conn, RedirectKind::Tag, &input.slug)?;
        // What it was called before anyone saw it is nobody's to know.
        if row.audience == Audience::Everyone {
            redirect::insert(conn, now, RedirectKind::Tag, &row.slug, row.id)?;
        }
    }
    for alias in &input.aliases {
        changed |= redirect::point(conn, now, RedirectKind::Tag, alias, row.id)? == Pointed::New;
    }
    if !changed {
        return Ok(false);
    }
    let at = now.later_than(row.modified_at);
    let seen_by = seen_by.max(row.audience);
    let values = (TagValues::of(input, at), tags::audience.eq(seen_by));
    diesel::update(tags::table.find(row.id)).set(values).execute(conn)?;
    log_change(conn, at, row.id, &input.slug, Reason::Updated, seen_by)?;
    if shown {
        touch(conn, now, Of::Tag(row.id), Reason::Updated)?;
    }
    Ok(true)
}

pub(super) fn log_change(
    conn: &mut DbConnection,
    at: Timestamp,
    id: i64,
    slug: &str,
    reason: Reason,
    audience: Audience,
) -> Result<(), DbError> {
    let op = if audience == Audience::Everyone { Op::Upsert } else { Op::Delete };
    log::append(conn, &NewChange { op, audience, ..NewChange::upsert(Subject::Tag, id, slug, at, reason) })
}
