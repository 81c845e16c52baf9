//! The parameters of the newsroom's list.

use utoipa::IntoParams;

use crate::articles::lifecycle::State;
use crate::articles::queries::{ManagedFilter, ManagedSort};
use crate::articles::{Kind, read_lang};
use crate::http::params::{QueryParams, RawQuery, documented};

/// What selects and orders the newsroom's list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `ManagedParams` is read from")]
pub struct ManagedQuery {
    #[param(inline, example = "draft")]
    state: Option<State>,
    #[param(inline, example = "news")]
    kind: Option<Kind>,
    /// BCP 47 language of the articles.
    #[param(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length = 35, example = "en")]
    lang: Option<String>,
    /// The article with this slug.
    #[param(max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "aktau-ferry-timetable")]
    slug: Option<String>,
    #[param(inline)]
    sort: Option<ManagedSort>,
}

/// What the newsroom's list was asked for.
#[derive(Debug)]
pub struct ManagedParams(pub ManagedFilter);

impl QueryParams for ManagedParams {
    fn names() -> Vec<String> {
        documented::<ManagedQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(ManagedFilter {
            state: query.choice("state"),
            kind: query.choice("kind"),
            lang: query.parse_with("lang", read_lang),
            slug: query.text_of("slug", 200),
            sort: query.choice("sort").unwrap_or_default(),
        })
    }
}
