//! Rates: what the region's central banks and a market feed publish, exact to the digit.
//!
//! Published digits are stored as they are and never inverted at rest; everything else is computed from them in whole
//! numbers and rounded once. [`sources`] reads what banks publish, [`fetching`] gets it, [`queries`] stores it and finds
//! what was known when, [`pricing`] makes rates of it, [`calendar`] knows when what is due. No binary fraction is used.

pub mod calendar;
pub mod fetching;
pub mod live;
pub mod money;
pub mod names;
pub mod params;
pub mod pricing;
pub mod queries;
pub mod routes;
pub mod rows;
mod settings;
pub mod sources;
mod sparkline;
pub mod ticker;
mod wire;

pub use settings::Rates;
pub use wire::Rate;
