//! Which articles, and in which order: what a list was asked for, free of HTTP.

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::Kind;
use super::search::Query;
use crate::clock::Timestamp;

/// The order of a list. Each ends in `id`, so that no two articles ever tie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum Sort {
    #[default]
    #[serde(rename = "-published_at")]
    #[strum(serialize = "-published_at")]
    Newest,
    #[serde(rename = "published_at")]
    #[strum(serialize = "published_at")]
    Oldest,
    #[serde(rename = "-updated_at")]
    #[strum(serialize = "-updated_at")]
    RecentlyUpdated,
    #[serde(rename = "title")]
    #[strum(serialize = "title")]
    Title,
    #[serde(rename = "relevance")]
    #[strum(serialize = "relevance")]
    Relevance,
}

/// A count by value that a list can come with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Facet {
    Tag,
    Author,
    Kind,
    Lang,
    Year,
}

/// Which articles, all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub q: Option<Query>,
    /// Slugs, every one of which must be there.
    pub tags_all: Vec<String>,
    /// Slugs, one of which must be there; empty for no such condition.
    pub tags_any: Vec<String>,
    /// Slugs, none of which may be there.
    pub tags_none: Vec<String>,
    /// Slug.
    pub author: Option<String>,
    /// Without one, everything but pages.
    pub kind: Option<Kind>,
    pub lang: Option<String>,
    pub ids: Option<Vec<i64>>,
    /// Inclusive.
    pub published_after: Option<Timestamp>,
    /// Exclusive.
    pub published_before: Option<Timestamp>,
    /// Inclusive.
    pub updated_after: Option<Timestamp>,
}

impl Filter {
    /// Whether it names a tag or an author, who have to be looked up.
    pub fn has_slugs(&self) -> bool {
        let Self { tags_all, tags_any, tags_none, author, .. } = self;
        author.is_some() || [tags_all, tags_any, tags_none].into_iter().any(|slugs| !slugs.is_empty())
    }
}
