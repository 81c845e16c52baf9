//! `/v1/media` and `/v1/manage/media`.

mod manage;
mod public;

pub use manage::{create_media, get_managed_media, list_managed_media, update_media};
pub use public::get_media;
