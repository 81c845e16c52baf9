//! The parameters of the list of tags.

use utoipa::IntoParams;

use super::TagKind;
use super::queries::{TagFilter, TagSort};
use crate::http::params::{QueryParams, RawQuery, documented};

const FIELDS: &[&str] = &["id", "slug", "name", "kind", "description", "aliases", "article_count"];

/// What selects and orders the tags of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `TagParams` is read from")]
pub struct TagQuery {
    #[param(inline, example = "country")]
    kind: Option<TagKind>,
    /// Start of the name, in any case, accents and signs left aside.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "aze")]
    q: Option<String>,
    #[param(inline)]
    sort: Option<TagSort>,
    /// Comma list of the members to send; all without it.
    #[param(
        pattern = "^(id|slug|name|kind|description|aliases|article_count)(,(id|slug|name|kind|description|aliases|article_count))*$",
        example = "slug,name"
    )]
    fields: Option<String>,
}

/// What a list of tags was asked for.
#[derive(Debug)]
pub struct TagParams {
    pub filter: TagFilter,
    pub fields: Vec<String>,
}

impl QueryParams for TagParams {
    fn names() -> Vec<String> {
        documented::<TagQuery>()
    }

    fn presentation() -> Vec<&'static str> {
        vec!["fields"]
    }

    fn read(query: &mut RawQuery) -> Self {
        Self { filter: read_filter(query), fields: query.fields(FIELDS) }
    }
}

fn read_filter(query: &mut RawQuery) -> TagFilter {
    TagFilter { kind: query.choice("kind"), q: query.text("q"), sort: query.choice("sort").unwrap_or_default() }
}

/// What selects and orders the tags of the newsroom's list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `ManagedTagParams` is read from")]
pub struct ManagedTagQuery {
    #[param(inline, example = "country")]
    kind: Option<TagKind>,
    /// Start of the name, in any case, accents and signs left aside.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "aze")]
    q: Option<String>,
    #[param(inline)]
    sort: Option<TagSort>,
}

/// What the newsroom's list of tags was asked for.
#[derive(Debug)]
pub struct ManagedTagParams(pub TagFilter);

impl QueryParams for ManagedTagParams {
    fn names() -> Vec<String> {
        documented::<ManagedTagQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(read_filter(query))
    }
}
