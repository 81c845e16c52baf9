//! `/v1/articles` for everyone, `/v1/manage/articles` for the newsroom.

mod actions;
mod manage;
mod preview;
mod public;
mod revisions;

pub use actions::{
    correct_article, embargo_article, kill_article, publish_article, restore_article, schedule_article,
    unpublish_article,
};
pub use manage::{create_article, get_managed_article, list_managed_articles, update_article};
pub use preview::{create_preview, get_preview};
pub use public::{get_article, list_article_corrections, list_articles, list_related_articles};
pub use revisions::{get_revision, list_revisions, restore_revision};
