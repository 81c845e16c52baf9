//! Sample content for `serve --demo`: made up, and written for this project.

pub mod rates;

use crate::articles::queries::any;
use crate::clock::Clock;
use crate::db::Db;
use crate::imports::Report;
use crate::imports::ndjson::{self, ImportError};

/// Tags and authors come first, so that articles find them with their kinds, aliases and lives.
const CONTENT: [&str; 3] = [
    include_str!("content/tags.ndjson"),
    include_str!("content/authors.ndjson"),
    include_str!("content/articles.ndjson"),
];

/// Fills an empty database with articles, tags and authors; `None` when it has articles already.
pub fn fill(db: &Db, clock: &Clock) -> Result<Option<Report>, ImportError> {
    if db.read_here(any)? {
        return Ok(None);
    }
    ndjson::import(db, clock, CONTENT.join("\n").as_bytes(), |_| {}).map(Some)
}
