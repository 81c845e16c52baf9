//! What a pair costs, from published quotes alone: which quotes it is made of, which of them are in force, and how the
//! result is written. Pure: no database and no clock.

mod legs;
mod moment;
mod outlook;
mod price;
mod series;
mod timeline;

pub use legs::{Basis, Leg, NoPath, Series, legs};
pub use moment::{Moment, When};
pub use outlook::next_change;
pub use price::{Change, Next, Per, Precision, Quote, Status, price};
pub use series::{Day, Gaps, history};
pub use timeline::{Observation, Origin, Timeline};
