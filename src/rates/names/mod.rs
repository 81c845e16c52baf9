//! What currencies are called and how a ticker's numbers and sentences read, in eight languages. Names and number formats
//! are those of Unicode CLDR. Nothing here computes or rounds: numbers arrive as finished decimal strings.

mod currency;
mod lang;
mod numbers;
mod sentence;

pub use currency::{CurrencyFacts, all, find, small_change};
pub use lang::Lang;
pub use numbers::{decimal, percent};
pub use sentence::{Direction, Spoken, sentence};
