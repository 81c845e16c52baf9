//! `/v1/authors` and `/v1/manage/authors`.

mod manage;
mod public;

pub use manage::{create_author, get_managed_author, list_managed_authors, update_author};
pub use public::{get_author, list_authors};
