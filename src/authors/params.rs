//! The parameters of the list of authors.

use utoipa::IntoParams;

use super::queries::{AuthorFilter, AuthorSort};
use crate::http::params::{QueryParams, RawQuery, documented};

const FIELDS: &[&str] = &["id", "slug", "name", "bio", "article_count"];

/// What selects and orders the authors of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `AuthorParams` is read from")]
pub struct AuthorQuery {
    /// Start of the name, in any case, accents and signs left aside.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "di")]
    q: Option<String>,
    #[param(inline)]
    sort: Option<AuthorSort>,
    /// Comma list of the members to send; all without it.
    #[param(pattern = "^(id|slug|name|bio|article_count)(,(id|slug|name|bio|article_count))*$", example = "slug,name")]
    fields: Option<String>,
}

/// What a list of authors was asked for.
#[derive(Debug)]
pub struct AuthorParams {
    pub filter: AuthorFilter,
    pub fields: Vec<String>,
}

impl QueryParams for AuthorParams {
    fn names() -> Vec<String> {
        documented::<AuthorQuery>()
    }

    fn presentation() -> Vec<&'static str> {
        vec!["fields"]
    }

    fn read(query: &mut RawQuery) -> Self {
        Self { filter: read_filter(query), fields: query.fields(FIELDS) }
    }
}

fn read_filter(query: &mut RawQuery) -> AuthorFilter {
    AuthorFilter { q: query.text("q"), sort: query.choice("sort").unwrap_or_default() }
}

/// What selects and orders the authors of the newsroom's list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `ManagedAuthorParams` is read from")]
pub struct ManagedAuthorQuery {
    /// Start of the name, in any case, accents and signs left aside.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "di")]
    q: Option<String>,
    #[param(inline)]
    sort: Option<AuthorSort>,
}

/// What the newsroom's list of authors was asked for.
#[derive(Debug)]
pub struct ManagedAuthorParams(pub AuthorFilter);

impl QueryParams for ManagedAuthorParams {
    fn names() -> Vec<String> {
        documented::<ManagedAuthorQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(read_filter(query))
    }
}
