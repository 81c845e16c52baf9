//! The tag page on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::ArticleList;
use crate::tags::Tag;

/// A tag with a page of its articles, read in one snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagPage {
    pub tag: Tag,
    pub articles: ArticleList,
}
