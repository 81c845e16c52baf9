//! Reading and storing authors.

use diesel::prelude::*;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::AuthorInput;
use super::rows::{AuthorRow, AuthorValues};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::authors;
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position};
use crate::text::fold::sort_key;

/// The order of authors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum AuthorSort {
    #[default]
    #[serde(rename = "name")]
    #[strum(serialize = "name")]
    Name,
    #[serde(rename = "-article_count")]
    #[strum(serialize = "-article_count")]
    ArticleCount,
}

/// Which authors, in which order.
#[derive(Debug, Clone, Default)]
pub struct AuthorFilter {
    /// Start of the name.
    pub q: Option<String>,
    pub sort: AuthorSort,
}

/// Looks a slug up.
pub fn find(conn: &mut DbConnection, slug: &str) -> Result<Option<AuthorRow>, DbError> {
    Ok(authors::table.filter(authors::slug.eq(slug)).select(AuthorRow::as_select()).first(conn).optional()?)
}

/// One page of the authors.
pub fn list(conn: &mut DbConnection, filter: &AuthorFilter, cut: &Cut) -> Result<(Vec<AuthorRow>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter).count().get_result(conn)?) } else { None };
    let query = matching(filter).select(AuthorRow::as_select());
    let rows = match filter.sort {
        AuthorSort::Name => {
            cut_by!(query, authors::name_key, authors::id, Position::text, descending: false, cut).load(conn)?
        }
        AuthorSort::ArticleCount => {
            cut_by!(query, authors::article_count, authors::id, Position::number, descending: true, cut).load(conn)?
        }
    };
    Ok(Extent::of(rows, cut, total, |author| match filter.sort {
        AuthorSort::Name => (vec![Key::Text(author.name_key.clone())], author.id),
        AuthorSort::ArticleCount => (vec![Key::Number(author.article_count)], author.id),
    }))
}

fn matching(filter: &AuthorFilter) -> authors::BoxedQuery<'static, MultiBackend> {
    let mut query = authors::table.into_boxed();
    if let Some(prefix) = &filter.q {
        let key = sort_key(prefix);
        // Folded text has letters, digits and spaces only, so nothing in it is a wildcard. What folds to nothing is the
        // start of no name.
        query = if key.is_empty() {
            query.filter(authors::id.eq(0))
        } else {
            query.filter(authors::name_key.like(format!("{key}%")))
        };
    }
    query
}

/// The author under `slug`, created with `name` when there is none.
pub fn ensure(conn: &mut DbConnection, now: Timestamp, slug: &str, name: &str) -> Result<i64, DbError> {
    let found = authors::table.filter(authors::slug.eq(slug)).select(authors::id).first(conn).optional()?;
    match found {
        Some(id) => Ok(id),
        None => insert(conn, &AuthorValues { slug, name, name_key: sort_key(name), bio: "", modified_at: now }),
    }
}

/// What a store did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Created,
    Updated,
    Unchanged,
}

/// Stores an author under its slug.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<Stored, DbError> {
    let AuthorInput { slug, name, bio } = input;
    let values = AuthorValues { slug, name, name_key: sort_key(name), bio, modified_at: now };
    match find(conn, slug)? {
        None => insert(conn, &values).map(|_| Stored::Created),
        Some(row) if row.name == *name && row.bio == *bio => Ok(Stored::Unchanged),
        Some(row) => {
            diesel::update(authors::table.find(row.id)).set(&values).execute(conn)?;
            log_change(conn, now, row.id, slug)?;
            Ok(Stored::Updated)
        }
    }
}

fn insert(conn: &mut DbConnection, values: &AuthorValues<'_>) -> Result<i64, DbError> {
    let id = diesel::insert_into(authors::table)
        .values((values, authors::article_count.eq(0), authors::created_at.eq(values.modified_at)))
        .returning(authors::id)
        .get_result(conn)?;
    log_change(conn, values.modified_at, id, values.slug)?;
    Ok(id)
}

fn log_change(conn: &mut DbConnection, now: Timestamp, id: i64, slug: &str) -> Result<(), DbError> {
    log::append(conn, &NewChange::upsert(Subject::Author, id, slug, now, Reason::Updated))
}
