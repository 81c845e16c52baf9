//! Writing one author. A slug belongs to one author, be it as the present or as a former one.

use diesel::prelude::*;

use super::find::{Found, find, resolve};
use crate::articles::queries::{Of, touch};
use crate::authors::AuthorInput;
use crate::authors::rows::{AuthorRow, AuthorValues};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::authors;
use crate::db::{DbConnection, DbError};
use crate::redirects::{RedirectKind, queries as redirect};

/// A slug that is in use: the present slug of the author that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken(pub String);

/// The author under `slug`, created with `name` when there is none. Former slugs are followed.
pub fn ensure(conn: &mut DbConnection, now: Timestamp, slug: &str, name: &str) -> Result<i64, DbError> {
    match resolve(conn, slug)? {
        Some(author) => Ok(author.id),
        None => insert(conn, now, &AuthorInput { slug: slug.to_owned(), name: name.to_owned(), bio: String::new() }),
    }
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

/// Stores an author under its slug.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<Stored, DbError> {
    match find(conn, &input.slug)? {
        None => insert(conn, now, input).map(|_| Stored::Created),
        Some(Found::Moved(to)) => Ok(Stored::IsFormer(to)),
        Some(Found::Author(row)) => {
            Ok(if write(conn, now, &row, input)? { Stored::Updated } else { Stored::Unchanged })
        }
    }
}

/// Creates an author, unless the slug is in use.
pub fn create(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<Result<i64, Taken>, DbError> {
    match find(conn, &input.slug)? {
        Some(found) => Ok(Err(Taken(found.slug().to_owned()))),
        None => insert(conn, now, input).map(Ok),
    }
}

/// Makes an author what `input` says, and lets the former slug lead to the new one. Says whether that changed anything.
pub fn update(
    conn: &mut DbConnection,
    now: Timestamp,
    row: &AuthorRow,
    input: &AuthorInput,
) -> Result<Result<bool, Taken>, DbError> {
    match find(conn, &input.slug)? {
        // Its own slug, or one that it had before and takes again.
        Some(found) if found.slug() != row.slug => Ok(Err(Taken(found.slug().to_owned()))),
        _ => write(conn, now, row, input).map(Ok),
    }
}

fn insert(conn: &mut DbConnection, now: Timestamp, input: &AuthorInput) -> Result<i64, DbError> {
    let row = (AuthorValues::of(input, now), authors::article_count.eq(0), authors::created_at.eq(now));
    let id = diesel::insert_into(authors::table).values(row).returning(authors::id).get_result(conn)?;
    log_change(conn, now, id, &input.slug)?;
    Ok(id)
}

/// Writes what differs, when it is known that the slug is free.
fn write(conn: &mut DbConnection, now: Timestamp, row: &AuthorRow, input: &AuthorInput) -> Result<bool, DbError> {
    let shown = row.slug != input.slug || row.name != input.name;
    if !shown && row.bio == input.bio {
        return Ok(false);
    }
    if row.slug != input.slug {
        redirect::release(conn, RedirectKind::Author, &input.slug)?;
        redirect::insert(conn, now, RedirectKind::Author, &row.slug, row.id)?;
    }
    let at = now.later_than(row.modified_at);
    diesel::update(authors::table.find(row.id)).set(AuthorValues::of(input, at)).execute(conn)?;
    log_change(conn, at, row.id, &input.slug)?;
    if shown {
        touch(conn, now, Of::Author(row.id), Reason::Updated)?;
    }
    Ok(true)
}

fn log_change(conn: &mut DbConnection, at: Timestamp, id: i64, slug: &str) -> Result<(), DbError> {
    log::append(conn, &NewChange::upsert(Subject::Author, id, slug, at, Reason::Updated))
}
