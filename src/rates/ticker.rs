//! The ticker: a finished line for each of the five, and its parts.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::Rates;
use super::money::Currency;
use super::names::{Direction, Lang, Spoken, decimal, find, percent, sentence};
use super::params::{Pairs, Style, TickerShape};
use super::pricing::{Basis, Quote, Status, When, next_change};
use super::queries::Reader;
use super::wire::MissingRate;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};

/// Most decimals of a change.
const PERCENT_DECIMALS: u32 = 2;

/// A line for each of the five.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ticker {
    pub quote: Currency,
    pub lang: Lang,
    pub style: Style,
    /// In the order KGS, KZT, TJS, UZS, TMT.
    pub data: Vec<TickerEntry>,
    /// The pairs for which there is no rate.
    pub missing: Vec<MissingRate>,
}

/// A finished line and its parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TickerEntry {
    /// The finished line.
    #[schema(example = "KGS/USD = 0.01153 -0%")]
    pub text: String,
    #[schema(example = "KGS/USD")]
    pub pair: String,
    pub base: Currency,
    pub quote: Currency,
    /// In `lang`, from CLDR.
    #[schema(example = "Kyrgyz Som")]
    pub base_name: String,
    #[schema(example = "US Dollar")]
    pub quote_name: String,
    /// Rounded to the ticker's decimals.
    #[schema(example = "0.01153")]
    pub rate: String,
    /// In percent, at most two decimals, never `-0`; null on the first observation.
    #[schema(example = "0")]
    pub change: Option<String>,
    /// Of the unrounded change; null on the first observation.
    pub direction: Option<Direction>,
    /// ▲, ▼ or ▬; null on the first observation.
    #[schema(example = "▼")]
    pub arrow: Option<String>,
    /// For screen readers, in `lang`.
    #[schema(example = "Kyrgyz Som to US Dollar: 0.01153, down less than 0.01 percent")]
    pub sentence: String,
    pub status: Status,
    #[schema(value_type = String, format = Date, example = "2026-05-24")]
    pub effective_date: Date,
}

impl Ticker {
    /// Reads the five in one snapshot. With the quotes of which it was made, which say how long it stays true.
    pub fn read(
        conn: &mut DbConnection,
        rates: &Rates,
        shape: TickerShape,
        basis: Basis,
        when: When,
    ) -> Result<(Self, Vec<Quote>), DbError> {
        let mut reader = Reader::new(conn, rates, basis, when);
        let (mut quotes, mut missing) = (Vec::new(), Vec::new());
        for pair in Pairs::of_the_five(shape.quote) {
            match reader.quote(pair)? {
                Ok(quote) => quotes.push(quote),
                Err(why) => missing.push(MissingRate::new(pair, &why)),
            }
        }
        let TickerShape { quote, lang, style, decimals: _ } = shape;
        let data = quotes.iter().map(|quote| TickerEntry::new(quote, shape)).collect();
        Ok((Self { quote, lang, style, data, missing }, quotes))
    }
}

impl Ticker {
    /// The usual ticker of the present in a language, with the instant at which it may next change. What is still to be
    /// published of a currency that has no rate at all is not waited for.
    pub fn now(
        conn: &mut DbConnection,
        rates: &Rates,
        lang: Lang,
        now: Timestamp,
    ) -> Result<(Self, Timestamp), DbError> {
        let (shape, when) = (TickerShape { lang, ..Default::default() }, When { now, date: None, as_of: None });
        let (ticker, quotes) = Self::read(conn, rates, shape, Basis::Official, when)?;
        let next = next_change(&quotes, true, &rates.calendar, now);
        let first = (!ticker.missing.is_empty()).then(|| rates.calendar.next_midnight(now));
        Ok((ticker, first.map_or(next, |first| first.min(next))))
    }
}

impl TickerEntry {
    fn new(quote: &Quote, shape: TickerShape) -> Self {
        let lang = shape.lang;
        let rate = quote.value.to_decimals(shape.decimals);
        let change = quote.change.as_ref().map(|change| {
            let size = change.percent.magnitude();
            (change.direction(), size.to_decimals(PERCENT_DECIMALS), size.to_decimals_trimmed(PERCENT_DECIMALS))
        });
        let name = |currency: Currency| {
            find(currency).map_or_else(|| currency.to_string(), |facts| facts.name(lang).to_owned())
        };
        let (base, quoted) = (quote.pair.base, quote.pair.quote);
        let spoken = change.as_ref().map(|(direction, size, _)| (*direction, size.as_str()));
        Self {
            text: line(quote, shape, &rate, change.as_ref().map(|(direction, _, size)| (*direction, size.as_str()))),
            pair: quote.pair.to_string(),
            base,
            quote: quoted,
            base_name: name(base),
            quote_name: name(quoted),
            change: quote.change.as_ref().map(|change| change.percent.to_decimals_trimmed(PERCENT_DECIMALS)),
            direction: change.as_ref().map(|(direction, ..)| *direction),
            arrow: change.as_ref().map(|(direction, ..)| direction.arrow().to_owned()),
            sentence: sentence(lang, &Spoken { base, quote: quoted, rate: &rate, change: spoken }),
            rate,
            status: quote.status,
            effective_date: quote.date,
        }
    }
}

/// `KGS/USD = 0.01153 -0%`. Without a change there is nothing behind the rate.
fn line(quote: &Quote, shape: TickerShape, rate: &str, change: Option<(Direction, &str)>) -> String {
    let (rate, change) = match shape.style {
        Style::Classic => {
            let sign = |direction| if direction == Direction::Down { "-" } else { "" };
            (rate.to_owned(), change.map(|(direction, size)| format!("{}{size}%", sign(direction))))
        }
        Style::Plain => {
            let sign = |direction, size: &str| if direction == Direction::Down && size != "0" { "-" } else { "" };
            let written = |(direction, size)| percent(shape.lang, &format!("{}{size}", sign(direction, size)));
            (decimal(shape.lang, rate), change.map(written))
        }
    };
    let end = change.map(|change| format!(" {change}")).unwrap_or_default();
    format!("{} = {rate}{end}", quote.pair)
}
