//! Bringing content in.

mod ndjson;
mod refusals;
mod updates;
mod vocabulary;
mod wordpress;
