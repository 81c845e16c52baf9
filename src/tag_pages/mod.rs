//! A front end's whole tag page in one request: the tag and a page of its articles.

pub mod routes;
mod tickers;
mod wire;

pub use tickers::Tickers;
