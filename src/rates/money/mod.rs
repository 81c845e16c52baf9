//! Codes, published digits and exact arithmetic on them. No binary fraction appears in this room.

mod currency;
mod digits;
mod exact;

pub use currency::{Currency, NotACurrency, Pair};
pub use digits::{Digits, NotDigits};
pub use exact::Exact;
