//! `/v1/tags`.

mod public;

pub use public::{get_tag, list_tags};
