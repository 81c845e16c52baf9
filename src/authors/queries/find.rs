//! What a slug leads to.

use diesel::prelude::*;

use crate::authors::rows::AuthorRow;
use crate::changes::Audience;
use crate::db::schema::authors;
use crate::db::{DbConnection, DbError};
use crate::redirects::{RedirectKind, queries as redirect};

/// What a slug leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Author(Box<AuthorRow>),
    /// A former slug: the present one.
    Moved(String),
}

impl Found {
    /// The present slug.
    pub fn slug(&self) -> &str {
        match self {
            Self::Author(author) => &author.slug,
            Self::Moved(to) => to,
        }
    }
}

/// Looks a slug up for those who see what `of` does.
pub fn find(conn: &mut DbConnection, slug: &str, of: Audience) -> Result<Option<Found>, DbError> {
    if let Some(author) = by_slug(conn, slug)? {
        return Ok(Some(author).filter(|author| author.audience >= of).map(|author| Found::Author(Box::new(author))));
    }
    let Some(id) = redirect::behind(conn, RedirectKind::Author, slug)? else { return Ok(None) };
    let slug = authors::table.find(id).filter(authors::audience.ge(of)).select(authors::slug).first(conn).optional()?;
    Ok(slug.map(Found::Moved))
}

/// The author that a filter means by `slug`, former slugs followed.
pub fn resolve(conn: &mut DbConnection, slug: &str, of: Audience) -> Result<Option<AuthorRow>, DbError> {
    match find(conn, slug, of)? {
        Some(Found::Author(author)) => Ok(Some(*author)),
        Some(Found::Moved(slug)) => by_slug(conn, &slug),
        None => Ok(None),
    }
}

fn by_slug(conn: &mut DbConnection, slug: &str) -> Result<Option<AuthorRow>, DbError> {
    Ok(authors::table.filter(authors::slug.eq(slug)).select(AuthorRow::as_select()).first(conn).optional()?)
}
