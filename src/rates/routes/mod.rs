//! `/v1/rates` and `/v1/currencies`.

mod history;
mod manage;
mod pairs;
mod sources;
mod stream;

use actix_web::web;

use super::Rates;
use super::params::Moment;
use super::pricing::{Quote, next_change};
use super::queries::Absent;
use crate::changes::Part;
use crate::http::{Answer, Code, Freshness, Problem, Shared};

pub use history::{get_sparkline, list_rate_history};
pub use manage::{list_held_rates, release_rate};
pub use pairs::{convert, get_rate, get_ticker, list_rates};
pub use sources::{list_currencies, list_rate_sources};
pub use stream::stream_rates;

/// Extractor: this room's settings.
pub type SharedRates = web::Data<Rates>;

fn answer(value: &impl serde::Serialize, freshness: Freshness) -> Result<Answer, Problem> {
    Ok(keyed(Answer::json(value, freshness)?))
}

/// A new quote purges every answer about rates.
fn keyed(answer: Answer) -> Answer {
    answer.key("", "rates").made_of([Part::Rates])
}

fn no_rate(why: &Absent) -> Problem {
    Problem::new(Code::NotFound, why.to_string())
}

/// What was asked for as of an instant never changes again.
fn freshness(context: &Shared, rates: &Rates, quotes: &[Quote], complete: bool, moment: &Moment) -> Freshness {
    let now = context.clock.now();
    let next = next_change(quotes, complete, &rates.calendar, now);
    context.freshness(moment.as_of.is_none().then_some(next))
}
