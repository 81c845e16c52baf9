//! Rows of the `tags` table.

use diesel::prelude::*;

use super::{TagInput, TagKind};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::tags;
use crate::text::fold::sort_key;

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
    pub modified_at: Timestamp,
    /// Who may see it.
    pub audience: Audience,
}

/// A tag with the other slugs that lead to it, in alphabetical order, each with the tag's id.
#[derive(Debug, Clone)]
pub struct TagWhole {
    pub tag: TagRow,
    pub aliases: Vec<(i64, String)>,
}

impl TagRow {
    /// The tag as it would be stored again; aliases are rows of their own.
    pub fn input(&self) -> TagInput {
        let Self {
            id: _,
            slug,
            name,
            name_key: _,
            kind,
            description,
            merged_into: _,
            article_count: _,
            modified_at: _,
            audience: _,
        } = self.clone();
        TagInput { slug, name, kind, description, aliases: Vec::new() }
    }
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

impl<'a> TagValues<'a> {
    /// The columns of a tag.
    pub fn of(input: &'a TagInput, modified_at: Timestamp) -> Self {
        let TagInput { slug, name, kind, description, aliases: _ } = input;
        Self { slug, name, name_key: sort_key(name), kind: *kind, description, modified_at }
    }
}
