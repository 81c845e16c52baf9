//! The WordPress room: a WXR export in, the records of [`crate::records`] out.
//!
//! Everything but `import` and `library` is pure: bytes and a [`Library`] in, values out. It must not know the database,
//! HTTP or the sanitiser. [`import`] reads the file twice (attachments, terms and authors first, then the posts), because an export
//! may name an attachment after the post that shows it.

mod body;
mod convert;
mod element;
mod import;
mod library;
mod plain;
mod reader;
mod report;
mod slugs;

pub use body::{Body, BodySource, Library, Losses, convert as convert_body};
pub use convert::{Article, Converted, Converter, IN_THE_TRASH, Media, Privacy, Skipped, guest_author, tag_record};
pub use element::{Author, Element, Item, ItemTerm, Site, Term};
pub use import::{Options, Outcome, WxrImportError, import};
pub use reader::{WxrError, WxrReader};
pub use report::Report;
pub use slugs::SlugBook;
