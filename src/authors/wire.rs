//! Authors on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rows::AuthorRow;
use crate::http::{Links, PageInfo};

/// Who stands in a byline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    #[schema(example = 1)]
    pub id: i64,
    #[schema(example = "dina-vetrova")]
    pub slug: String,
    /// Plain text.
    #[schema(example = "Dina Vetrova")]
    pub name: String,
    /// Plain text.
    pub bio: String,
    /// Public articles; pages not counted.
    #[schema(example = 23)]
    pub article_count: i64,
}

/// A page of authors.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorList {
    #[schema(value_type = Vec<Author>)]
    pub data: Vec<Value>,
    pub page: PageInfo,
    pub links: Links,
}

impl From<AuthorRow> for Author {
    fn from(row: AuthorRow) -> Self {
        let AuthorRow { id, slug, name, name_key: _, bio, article_count } = row;
        Self { id, slug, name, bio, article_count }
    }
}
