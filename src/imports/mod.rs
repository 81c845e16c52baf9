//! Bringing content in: reading NDJSON, and storing records with a report of what became of each.

pub mod ndjson;
mod report;
pub mod store;

pub use report::{Fault, Report};
