//! Rows of the `authors` table.

use diesel::prelude::*;

use super::AuthorInput;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::authors;
use crate::text::fold::sort_key;

/// A stored author.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = authors)]
pub struct AuthorRow {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub name_key: String,
    pub bio: String,
    pub article_count: i64,
    pub modified_at: Timestamp,
    /// Who may see it.
    pub audience: Audience,
}

impl AuthorRow {
    /// The author as it would be stored again.
    pub fn input(&self) -> AuthorInput {
        let Self { id: _, slug, name, name_key: _, bio, article_count: _, modified_at: _, audience: _ } = self.clone();
        AuthorInput { slug, name, bio }
    }
}

/// The columns that a write sets.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = authors)]
pub struct AuthorValues<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub name_key: String,
    pub bio: &'a str,
    pub modified_at: Timestamp,
}

impl<'a> AuthorValues<'a> {
    /// The columns of an author.
    pub fn of(input: &'a AuthorInput, modified_at: Timestamp) -> Self {
        let AuthorInput { slug, name, bio } = input;
        Self { slug, name, name_key: sort_key(name), bio, modified_at }
    }
}
