//! Rows of the `tags` table.

use diesel::prelude::*;

use super::TagKind;
use crate::clock::Timestamp;
use crate::db::schema::tags;

crate::text_column!(TagKind);

/// A stored tag.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tags)]
pub struct TagRow {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub name_key: String,
    pub kind: TagKind,
    pub description: String,
    pub merged_into: Option<i64>,
    pub article_count: i64,
}

/// The columns that a write sets.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = tags)]
pub struct TagValues<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub name_key: String,
    pub kind: TagKind,
    pub description: &'a str,
    pub modified_at: Timestamp,
}
