//! `/v1/authors`.

mod public;

pub use public::{get_author, list_authors};
