//! `/v1/tags` and `/v1/manage/tags`.

mod manage;
mod merge;
mod public;

pub use manage::{create_tag, get_managed_tag, list_managed_tags, update_tag};
pub use merge::{create_tag_alias, delete_tag_alias, merge_tag};
pub use public::{get_tag, list_tags};
