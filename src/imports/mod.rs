//! Bringing content in: the interchange records, their checks, and the import of NDJSON files.

mod check;
pub mod ndjson;
pub mod record;
mod report;
pub mod store;

pub use check::{Invalid, checked, checked_author, checked_media, checked_tag};
pub use record::{
    ArticleRecord, AuthorRecord, AuthorRef, CorrectionRecord, KillRecord, MediaRecord, Record, TagRecord, TagRef,
};
pub use report::{Fault, Report};
