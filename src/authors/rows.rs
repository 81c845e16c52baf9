//! Rows of the `authors` table.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::authors;

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
