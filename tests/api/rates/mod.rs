//! `/v1/rates`, the fetching of rates, and their storage.

mod client;
mod evening;
mod exact;
mod fetching;
mod reads;
mod schoolbook;
mod stream;
pub mod tables;
mod walk;
