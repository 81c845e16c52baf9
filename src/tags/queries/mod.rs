//! Every statement on the tags.

mod find;
mod list;
mod merge;
mod store;

pub use find::{Found, aliases, by_ids, by_slug, find, find_with_aliases, resolve, slugs};
pub use list::{TagFilter, TagSort, list};
pub use merge::merge;
pub use store::{Stored, Taken, Wanted, add_alias, create, ensure, remove_alias, show_those_of, store, update};
