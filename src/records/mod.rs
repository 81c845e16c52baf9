//! Records: content as it is written, in the one shape that imports, exports, editors' tools and revisions share, and the
//! checks that stand between a record and what can be stored.

mod check;
mod of_input;
mod record;

pub use check::{ADDRESS, Invalid, checked, checked_author, checked_media, checked_tag};
pub use record::{
    ArticleRecord, AuthorRecord, AuthorRef, CorrectionRecord, EndRecord, KillRecord, MediaRecord, Record, TagRecord,
    TagRef,
};
