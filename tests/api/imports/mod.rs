//! Bringing content in.

mod ndjson;
mod refusals;
mod together;
mod updates;
mod vocabulary;
mod wordpress;
