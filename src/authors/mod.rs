//! Authors: who stands in a byline.

pub mod params;
pub mod queries;
pub mod routes;
pub mod rows;
mod wire;

pub use wire::Author;

/// An author to be stored, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorInput {
    pub slug: String,
    pub name: String,
    pub bio: String,
}
