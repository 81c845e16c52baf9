//! The parameters of the change log.

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::{IntoParams, ToSchema};

use super::Subject;
use crate::http::params::{QueryParams, RawQuery, documented};
use crate::http::problem::Code;

/// Most entries at once.
const MOST: i64 = 1_000;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 25;
/// What shows articles, and so goes with `mode=full`.
const SHAPE: [&str; 3] = ["fields", "body", "excerpt_words"];

/// Whether changes come with what changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Mode {
    #[default]
    Ids,
    Full,
}

/// Which changes.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `FeedParams` is read from")]
pub struct FeedQuery {
    /// The token at which to go on, or `now`.
    #[param(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$", example = "now")]
    since: Option<String>,
    /// Comma list of what to be told about; everything without it.
    #[param(
        pattern = "^(article|tag|author|media|rate)(,(article|tag|author|media|rate))*$",
        example = "article,media"
    )]
    types: Option<String>,
    /// `full` adds `data` to what is there: an article's card, a tag, an author, a medium, a rate. `fields`, `body` and
    /// `excerpt_words` shape the cards.
    #[param(inline, example = "ids")]
    mode: Option<Mode>,
}

/// What a reader of the log asked for.
#[derive(Debug, Clone)]
pub struct FeedParams {
    pub since: Option<String>,
    pub types: Vec<Subject>,
    pub mode: Mode,
}

impl QueryParams for FeedParams {
    fn names() -> Vec<String> {
        documented::<FeedQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        let mode = query.choice("mode").unwrap_or_default();
        for name in SHAPE.iter().filter(|_| mode != Mode::Full) {
            if query.get(name).is_some() {
                query.fault(name, Code::InvalidParameter, "needs `mode=full`", &[]);
            }
        }
        Self { since: query.get("since").map(str::to_owned), types: query.choices("types"), mode }
    }
}

/// How much, and how long to wait for it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PollParams {
    /// Most entries. A page may have fewer and more be there: `has_more` says so.
    #[param(required = false, minimum = 1, maximum = 1000, default = 500, example = 500)]
    pub limit: i64,
    /// Seconds to wait for something to tell, when there is nothing yet.
    #[param(required = false, minimum = 0, maximum = 25, default = 0, example = 0)]
    pub wait: i64,
}

impl QueryParams for PollParams {
    fn names() -> Vec<String> {
        documented::<Self>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self {
            limit: query.integer("limit", 1, MOST).unwrap_or(500),
            wait: query.integer("wait", 0, LONGEST_WAIT).unwrap_or(0),
        }
    }
}
