//! Every statement on the authors.

mod find;
mod list;
mod store;

pub use find::{Found, find, resolve};
pub use list::{AuthorFilter, AuthorSort, by_ids, list};
pub use store::{Stored, Taken, Wanted, create, ensure, show_those_of, store, update};
