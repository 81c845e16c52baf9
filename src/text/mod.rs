//! The text kit: what is done to words and markup, written once.
//!
//! Every function is pure and total: any string gives an answer, in time linear in its length, without a panic.
//! HTML is parsed by html5ever only. This room knows no database, no request and no resource.

pub(crate) mod bytes;
pub mod escape;
pub mod fold;
pub mod markdown;
mod markup;
mod nesting;
mod plain;
mod policy;
mod sanitise;
pub mod secrets;
pub mod shortcodes;
pub mod slug;
pub mod srcset;
pub mod words;

pub use plain::{plain_text, strip_markup};
pub use sanitise::{SANITISER_VERSION, sanitise};
