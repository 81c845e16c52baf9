//! What operators and tools ask: health, metrics, the contract itself and its pages.

pub mod docs;
pub mod routes;
