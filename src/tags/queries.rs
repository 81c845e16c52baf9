//! Reading and storing tags.

use diesel::prelude::*;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::rows::{TagRow, TagValues};
use super::{TagInput, TagKind};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::{redirects, tags};
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position, id_in};
use crate::redirects::{RedirectKind, queries as redirect};
use crate::text::fold::sort_key;

/// The order of tags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum TagSort {
    #[default]
    #[serde(rename = "name")]
    #[strum(serialize = "name")]
    Name,
    #[serde(rename = "-article_count")]
    #[strum(serialize = "-article_count")]
    ArticleCount,
}

/// Which tags, in which order.
#[derive(Debug, Clone, Default)]
pub struct TagFilter {
    pub kind: Option<TagKind>,
    /// Start of the name.
    pub q: Option<String>,
    pub sort: TagSort,
}

/// What a slug leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Tag(Box<TagRow>),
    /// An alias, or a tag that was merged away: the slug of the tag to use.
    Moved(String),
}

/// Looks a slug up.
pub fn find(conn: &mut DbConnection, slug: &str) -> Result<Option<Found>, DbError> {
    let own = tags::table.filter(tags::slug.eq(slug)).select(TagRow::as_select()).first(conn).optional()?;
    let target = match own {
        Some(tag) if tag.merged_into.is_none() => return Ok(Some(Found::Tag(Box::new(tag)))),
        Some(tag) => tag.merged_into,
        None => alias_target(conn, slug)?,
    };
    let Some(target) = target else { return Ok(None) };
    let slug = tags::table.find(target).select(tags::slug).first(conn).optional()?;
    Ok(slug.map(Found::Moved))
}

/// The tag that a filter means by `slug`, aliases and merged tags followed.
pub fn resolve(conn: &mut DbConnection, slug: &str) -> Result<Option<TagRow>, DbError> {
    match find(conn, slug)? {
        Some(Found::Tag(tag)) => Ok(Some(*tag)),
        Some(Found::Moved(slug)) => {
            Ok(tags::table.filter(tags::slug.eq(slug)).select(TagRow::as_select()).first(conn).optional()?)
        }
        None => Ok(None),
    }
}

fn alias_target(conn: &mut DbConnection, slug: &str) -> Result<Option<i64>, DbError> {
    let row = redirects::table
        .filter(redirects::type_.eq(RedirectKind::Tag))
        .filter(redirects::from_slug.eq(slug))
        .select(redirects::tag_id)
        .first::<Option<i64>>(conn)
        .optional()?;
    Ok(row.flatten())
}

/// The aliases of tags, each list in alphabetical order.
pub fn aliases(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    let rows: Vec<(Option<i64>, String)> = redirects::table
        .filter(id_in(redirects::tag_id, ids))
        .order((redirects::from_slug, redirects::id))
        .select((redirects::tag_id, redirects::from_slug))
        .load(conn)?;
    let mut aliases: Vec<(i64, String)> = rows.into_iter().filter_map(|(id, slug)| Some((id?, slug))).collect();
    aliases.sort();
    Ok(aliases)
}

/// One page of the tags that are in use, merged ones left out.
pub fn list(conn: &mut DbConnection, filter: &TagFilter, cut: &Cut) -> Result<(Vec<TagRow>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter).count().get_result(conn)?) } else { None };
    let query = matching(filter).select(TagRow::as_select());
    let rows = match filter.sort {
        TagSort::Name => cut_by!(query, tags::name_key, tags::id, Position::text, descending: false, cut).load(conn)?,
        TagSort::ArticleCount => {
            cut_by!(query, tags::article_count, tags::id, Position::number, descending: true, cut).load(conn)?
        }
    };
    Ok(Extent::of(rows, cut, total, |tag| match filter.sort {
        TagSort::Name => (vec![Key::Text(tag.name_key.clone())], tag.id),
        TagSort::ArticleCount => (vec![Key::Number(tag.article_count)], tag.id),
    }))
}

fn matching(filter: &TagFilter) -> tags::BoxedQuery<'static, MultiBackend> {
    let mut query = tags::table.filter(tags::merged_into.is_null()).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(tags::kind.eq(kind));
    }
    if let Some(prefix) = &filter.q {
        let key = sort_key(prefix);
        // Folded text has letters, digits and spaces only, so nothing in it is a wildcard. What folds to nothing is the
        // start of no name.
        query = if key.is_empty() {
            query.filter(tags::id.eq(0))
        } else {
            query.filter(tags::name_key.like(format!("{key}%")))
        };
    }
    query
}

/// The tag under `slug`, created with `name` and `kind` when there is none. Aliases and merged tags are followed.
pub fn ensure(conn: &mut DbConnection, now: Timestamp, slug: &str, name: &str, kind: TagKind) -> Result<i64, DbError> {
    if let Some(tag) = resolve(conn, slug)? {
        return Ok(tag.id);
    }
    insert(conn, &TagValues { slug, name, name_key: sort_key(name), kind, description: "", modified_at: now })
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

/// Stores a tag under its slug, and adds its aliases to those that lead to it.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &TagInput) -> Result<Stored, DbError> {
    let TagInput { slug, name, kind, description, aliases } = input;
    if let Some(Found::Moved(to)) = find(conn, slug)? {
        return Ok(Stored::IsAlias(to));
    }
    for alias in aliases {
        let free = match find(conn, alias)? {
            // Its own slug is no alias, whether the tag is there yet or not.
            None => alias != slug,
            Some(Found::Tag(_)) => false,
            Some(Found::Moved(to)) => to == *slug,
        };
        if !free {
            return Ok(Stored::AliasTaken(alias.clone()));
        }
    }
    let values = TagValues { slug, name, name_key: sort_key(name), kind: *kind, description, modified_at: now };
    let found = tags::table.filter(tags::slug.eq(slug)).select(TagRow::as_select()).first(conn).optional()?;
    let (id, mut stored) = match found {
        None => (insert(conn, &values)?, Stored::Created),
        Some(row) if row.name == *name && row.kind == *kind && row.description == *description => {
            (row.id, Stored::Unchanged)
        }
        Some(row) => {
            diesel::update(tags::table.find(row.id)).set(&values).execute(conn)?;
            (row.id, Stored::Updated)
        }
    };
    for alias in aliases {
        let pointed = redirect::point(conn, now, RedirectKind::Tag, alias, id)?;
        if pointed == redirect::Pointed::New && stored == Stored::Unchanged {
            stored = Stored::Updated;
        }
    }
    if stored == Stored::Updated {
        log_change(conn, now, id, slug)?;
    }
    Ok(stored)
}

fn insert(conn: &mut DbConnection, values: &TagValues<'_>) -> Result<i64, DbError> {
    let id = diesel::insert_into(tags::table)
        .values((values, tags::article_count.eq(0), tags::created_at.eq(values.modified_at)))
        .returning(tags::id)
        .get_result(conn)?;
    log_change(conn, values.modified_at, id, values.slug)?;
    Ok(id)
}

fn log_change(conn: &mut DbConnection, now: Timestamp, id: i64, slug: &str) -> Result<(), DbError> {
    log::append(conn, &NewChange::upsert(Subject::Tag, id, slug, now, Reason::Updated))
}
