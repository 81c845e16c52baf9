//! `/v1/media`.

mod public;

pub use public::get_media;
