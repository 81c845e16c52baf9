//! Every statement on the change log.

mod append;
mod read;
mod trim;

pub use append::{append, append_new, audiences, known_slug, known_to};
pub use read::{Scope, entries, latest, traces};
pub use trim::{Kind as TrimKind, Trimmable, expired_until, trim, trimmable};
