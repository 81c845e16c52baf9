//! The parameters of the list of redirects.

use utoipa::IntoParams;

use super::RedirectKind;
use crate::http::params::{QueryParams, RawQuery, documented};

/// What selects the redirects of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RedirectParams {
    #[param(inline, rename = "type", example = "article")]
    pub kind: Option<RedirectKind>,
}

impl QueryParams for RedirectParams {
    fn names() -> Vec<String> {
        documented::<Self>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self { kind: query.choice("type") }
    }
}
