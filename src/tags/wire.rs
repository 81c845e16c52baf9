//! Tags on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::TagKind;
use super::rows::TagRow;
use crate::http::{Links, PageInfo};

/// What articles are about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    #[schema(example = 1)]
    pub id: i64,
    #[schema(example = "azerbaijan")]
    pub slug: String,
    /// Plain text.
    #[schema(example = "Azerbaijan")]
    pub name: String,
    pub kind: TagKind,
    /// Plain text.
    pub description: String,
    /// Slugs that lead here, in alphabetical order.
    #[schema(example = json!(["azerbaycan"]))]
    pub aliases: Vec<String>,
    /// Public articles; pages not counted.
    #[schema(example = 71)]
    pub article_count: i64,
}

/// A page of tags.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagList {
    #[schema(value_type = Vec<Tag>)]
    pub data: Vec<Value>,
    pub page: PageInfo,
    pub links: Links,
}

impl Tag {
    /// A tag with those of `aliases` that are its own.
    pub fn new(row: TagRow, aliases: &[(i64, String)]) -> Self {
        let TagRow { id, slug, name, name_key: _, kind, description, merged_into: _, article_count } = row;
        let aliases = aliases.iter().filter(|(tag, _)| *tag == id).map(|(_, alias)| alias.clone()).collect();
        Self { id, slug, name, kind, description, aliases, article_count }
    }
}
