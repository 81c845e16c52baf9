//! Writing one author. A slug belongs to one author, be it as the present or as a former one.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::find::{Found, find, resolve};
use crate::articles::queries::{Of, touch};
use crate::authors::AuthorInput;
use crate::authors::rows::{AuthorRow, AuthorValues};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, authors};
use crate::db::{DbConnection, DbError, ROWS};
use crate::redirects::{RedirectKind, queries as redirect};

/// A slug that is in use: the present slug of the author that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken(pub String);

/// An author as a byline names one. Those who may see the article, `shown_to`, may see the author from then on.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub shown_to: Audience,
}

/// The authors whom articles name, created when there are none. Former slugs are followed.
pub fn ensure(conn: &mut DbConnection, now: Timestamp, wanted: &[Wanted<'_>]) -> Result<Vec<i64>, DbError> {
    let slugs: BTreeSet<&str> = wanted.iter().map(|author| author.slug).collect();
    let slugs: Vec<&str> = slugs.into_iter().collect();
    let mut known: HashMap<String, (i64, Audience)> = HashMap::with_capacity(slugs.len());
    for slugs in slugs.chunks(ROWS) {
        let own = authors::table.filter(authors::slug.eq_any(slugs));
        let rows: Vec<(String, i64, Audience)> =
            own.select((authors::slug, authors::id, authors::audience)).load(conn)?;
        known.extend(rows.into_iter().map(|(slug, id, seen_by)| (slug, (id, seen_by))));
    }
    let id_of = |author: &Wanted<'_>| match known.get(author.slug) {
        Some((id, seen_by)) if *seen_by >= author.shown_to => Ok(*id),
        _ => {
            let id = ensure_one(conn, now, *author)?;
            known.insert(author.slug.to_owned(), (id, author.shown_to));
            Ok(id)
        }
    };
    wanted.iter().map(id_of).collect()
}

fn ensure_one(conn: &mut DbConnection, now: Timestamp, wanted: Wanted<'_>) -> Result<i64, DbError> {
    let Wanted { slug, name, shown_to } = wanted;
    if let Some(author) = resolve(conn, slug, Audience::NEWSROOM)? {
        show(conn, now, &author, shown_to)?;
        return Ok(author.id);
    }
    insert(conn, now, &AuthorInput { slug: slug.to_owned(), name: name.to_owned(), bio: String::new() }, shown_to)
}

/// Lets those who may see an article see its authors: call it when the clock has made it visible.
pub fn show_those_of(conn: &mut DbConnection, now: Timestamp, article_id: i64, to: Audience) -> Result<(), DbError> {
    let hidden: Vec<AuthorRow> = article_authors::table
        .inner_join(authors::table)
        .filter(article_authors::article_id.eq(article_id))
        .filter(authors::audience.lt(to))
        .order(authors::id)
        .select(AuthorRow::as_select())
        .load(conn)?;
    hidden.iter().try_for_each(|author| show(conn, now, author, to))
}

fn show(conn: &mut DbConnection, now: Timestamp, row: &AuthorRow, to: Audience) -> Result<(), DbError> {
    if to <= row.audience {
        return Ok(());
    }
    let at = now.later_than(row.modified_at);
    let values = (authors::audience.eq(to), authors::modified_at.eq(at));
    diesel::update(authors::table.find(row.id)).set(values).execute(conn)?;
    log_change(conn, at, row.id, &row.slug, to)
}

/// What a store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Created,
    Updated,
    Unchanged,
    /// The slug is a former one of this author. Nothing was written.
    IsFormer(String),
}

/// Stores an author under its slug, for everyone to see.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<Stored, DbError> {
    match find(conn, &input.slug, Audience::NEWSROOM)? {
        None => insert(conn, now, input, Audience::Everyone).map(|_| Stored::Created),
        Some(Found::Moved(to)) => Ok(Stored::IsFormer(to)),
        Some(Found::Author(row)) => {
            Ok(if write(conn, now, &row, input, Audience::Everyone)? { Stored::Updated } else { Stored::Unchanged })
        }
    }
}

/// Creates an author for everyone to see, unless the slug is in use.
pub fn create(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<Result<i64, Taken>, DbError> {
    match find(conn, &input.slug, Audience::NEWSROOM)? {
        Some(found) => Ok(Err(Taken(found.slug().to_owned()))),
        None => insert(conn, now, input, Audience::Everyone).map(Ok),
    }
}

/// Makes an author what `input` says, and lets the former slug lead to the new one. Says whether that changed anything.
pub fn update(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &AuthorRow,
    input: &AuthorInput,
) -> Result<Result<bool, Taken>, DbError> {
    match find(conn, &input.slug, Audience::NEWSROOM)? {
        // Its own slug, or one that it had before and takes again.
        Some(found) if found.slug() != row.slug => Ok(Err(Taken(found.slug().to_owned()))),
        _ => write(conn, now, row, input, row.audience).map(Ok),
    }
}

fn insert(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput, seen_by: Audience) -> Result<i64, DbError> {
    let row = (
        AuthorValues::of(input, now),
        authors::article_count.eq(0),
        authors::created_at.eq(now),
        authors::audience.eq(seen_by),
    );
    let id = diesel::insert_into(authors::table).values(row).returning(authors::id).get_result(conn)?;
    log_change(conn, now, id, &input.slug, seen_by)?;
    Ok(id)
}

/// Writes what differs, when it is known that the slug is free.
fn write(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &AuthorRow,
    input: &AuthorInput,
    seen_by: Audience,
) -> Result<bool, DbError> {
    let shown = row.slug != input.slug || row.name != input.name;
    if !shown && row.bio == input.bio && seen_by <= row.audience {
        return Ok(false);
    }
    if row.slug != input.slug {
        redirect::release(conn, RedirectKind::Author, &input.slug)?;
        // What a name was before anyone saw it is nobody's to know.
        if row.audience == Audience::Everyone {
            redirect::insert(conn, now, RedirectKind::Author, &row.slug, row.id)?;
        }
    }
    let at = now.later_than(row.modified_at);
    let seen_by = seen_by.max(row.audience);
    let values = (AuthorValues::of(input, at), authors::audience.eq(seen_by));
    diesel::update(authors::table.find(row.id)).set(values).execute(conn)?;
    log_change(conn, at, row.id, &input.slug, seen_by)?;
    if shown {
        touch(conn, now, Of::Author(row.id), Reason::Updated)?;
    }
    Ok(true)
}

fn log_change(conn: &mut DbConnection, at: Timestamp, id: i64, slug: &str, audience: Audience) -> Result<(), DbError> {
    let op = if audience == Audience::Everyone { Op::Upsert } else { Op::Delete };
    log::append(conn, &NewChange { op, audience, ..NewChange::upsert(Subject::Author, id, slug, at, Reason::Updated) })
}
