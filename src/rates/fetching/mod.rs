//! Getting tables from their sources: a client that takes no chances, one fetch with its checks, and the timetable by
//! which a server asks.

mod address;
mod backfill;
mod client;
mod error;
mod fetch;
mod retry_after;
mod timetable;

pub use backfill::{backfill, missing};
pub use client::{Client, Fetched, Options};
pub use error::{Astray, FetchError};
pub use fetch::{Failure, Taken, fetch, import};
pub use timetable::tick;
