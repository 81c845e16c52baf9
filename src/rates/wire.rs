//! Rates on the wire. Numbers are decimal strings with a point and no exponent.

mod held;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::Rates;
use super::money::{Currency, Digits, Pair};
use super::names::{CurrencyFacts, Direction, Lang};
use super::pricing::{Day, Gaps, Leg, Observation, Origin, Per, Precision, Quote, Series, Status};
use super::queries::{Absent, Standing};
use super::rows::FeedRow;
use super::sources::Source;
use crate::clock::Timestamp;

pub use held::{HeldRate, HeldRateList, ReleasedRate};

/// What one unit of the base costs in the quote currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rate {
    #[schema(example = "UZS/USD")]
    pub pair: String,
    pub base: Currency,
    pub quote: Currency,
    /// In the published direction the published digits, trailing zeros included; else rounded once, half away from zero.
    #[schema(example = "0.0000820061")]
    pub rate: String,
    pub precision: Precision,
    pub per: Per,
    /// Since the publication before; null on the first observation.
    pub change: Option<RateChange>,
    pub status: Status,
    /// The day from which it has been in force; of a peg, the day asked for.
    #[schema(value_type = String, format = Date, example = "2026-04-01")]
    pub effective_date: Date,
    /// Published already, and not yet in force.
    pub next: Option<NextRate>,
    /// Null for a rate by way of another currency, whose sources are in `legs`.
    pub source: Option<RateSource>,
    /// The two quotes of which a rate by way of another currency is made; else empty.
    pub legs: Vec<RateLeg>,
}

/// The step from the publication before.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateChange {
    /// In the direction shown, at most four decimals; never `-0`.
    #[schema(example = "0.1353")]
    pub percent: String,
    /// Of the unrounded change.
    pub direction: Direction,
    #[schema(value_type = String, format = Date, example = "2026-03-31")]
    pub from_date: Date,
    #[schema(example = "0.0000818953")]
    pub from_rate: String,
}

/// A rate that is published already.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextRate {
    #[schema(value_type = String, format = Date, example = "2026-04-02")]
    pub effective_date: Date,
    #[schema(example = "0.0000823581")]
    pub rate: String,
}

/// Where a quote comes from. The list of keys and kinds may grow.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateSource {
    /// `nbkr`, `nbk`, `nbt`, `cbu`, `market` or `peg`.
    #[schema(example = "cbu")]
    pub key: &'static str,
    #[schema(example = "Central Bank of Uzbekistan")]
    pub name: &'static str,
    /// `official`, `market` or `peg`.
    #[schema(example = "official")]
    pub kind: &'static str,
    /// The published digits: what `nominal` units of the published base cost.
    #[schema(example = "12194.21")]
    pub published: String,
    #[schema(example = 1)]
    pub nominal: i64,
    #[schema(example = "USD/UZS")]
    pub published_pair: String,
    /// Where it was fetched; null for a file, and for a feed whose address is not public.
    #[schema(example = "https://cbu.uz/en/arkhiv-kursov-valyut/json/all/2026-04-01/")]
    pub url: Option<String>,
    /// Null for a peg.
    pub fetched_at: Option<Timestamp>,
    /// Whether partners may be given it.
    pub redistributable: bool,
    /// Made up, for a demonstration.
    pub sample: bool,
}

/// One of two quotes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateLeg {
    #[schema(value_type = String, format = Date, example = "2026-04-01")]
    pub effective_date: Date,
    pub source: RateSource,
}

impl Rate {
    /// A priced pair.
    pub fn new(quote: &Quote) -> Self {
        let Quote { pair, value: _, rate, precision, per, change, status, date, next, parts, known_until: _ } = quote;
        let change = change.as_ref().map(|change| RateChange {
            percent: change.percent.to_decimals_trimmed(4),
            direction: change.direction(),
            from_date: change.from_date,
            from_rate: change.from_rate.clone(),
        });
        let next = next.as_ref().map(|next| NextRate { effective_date: next.date, rate: next.rate.clone() });
        let source = |part: &(Leg, Observation)| RateSource::new(part.0, &part.1);
        let leg = |part: &(Leg, Observation)| RateLeg { effective_date: part.1.date, source: source(part) };
        let (direct, legs) = match parts.as_slice() {
            [only] => (Some(source(only)), Vec::new()),
            many => (None, many.iter().map(leg).collect()),
        };
        Self {
            pair: pair.to_string(),
            base: pair.base,
            quote: pair.quote,
            rate: rate.clone(),
            precision: *precision,
            per: per.clone(),
            change,
            status: *status,
            effective_date: *date,
            next,
            source: direct,
            legs,
        }
    }
}

impl RateSource {
    fn new(leg: Leg, one: &Observation) -> Self {
        let (key, name, kind, published) = match leg.series {
            Series::Published(source, pair) => {
                let kind = if source == Source::Market { "market" } else { "official" };
                (source.into(), source.name(), kind, pair)
            }
            Series::Pegged(pair) => ("peg", "Central Bank of Turkmenistan, by configuration", "peg", pair),
        };
        let (url, fetched_at, redistributable, sample) = match &one.origin {
            Origin::Published { url, fetched_at, redistributable, sample, .. } => {
                (url.clone(), Some(*fetched_at), *redistributable, *sample)
            }
            Origin::Pegged { .. } => (None, None, true, false),
        };
        Self {
            key,
            name,
            kind,
            published: digits(&one.digits),
            nominal: one.nominal,
            published_pair: published.to_string(),
            url,
            fetched_at,
            redistributable,
            sample,
        }
    }
}

fn digits(digits: &Digits) -> String {
    digits.as_str().to_owned()
}

/// Rates of several pairs, in the order asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateList {
    pub data: Vec<Rate>,
    /// The pairs for which there is no rate at that moment.
    pub missing: Vec<MissingRate>,
}

/// A pair without a rate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MissingRate {
    #[schema(example = "KGS/USD")]
    pub pair: String,
    /// Why.
    pub reason: String,
}

impl MissingRate {
    /// A pair, and why it has no rate.
    pub fn new(pair: Pair, why: &Absent) -> Self {
        Self { pair: pair.to_string(), reason: why.to_string() }
    }
}

/// A pair's rate day by day.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateHistory {
    #[schema(example = "UZS/USD")]
    pub pair: String,
    pub base: Currency,
    pub quote: Currency,
    #[schema(value_type = String, format = Date, example = "2026-03-20")]
    pub from: Date,
    #[schema(value_type = String, format = Date, example = "2026-04-10")]
    pub to: Date,
    pub gaps: Gaps,
    /// Ends early where what follows is not published yet.
    pub data: Vec<Day>,
}

/// An amount in another currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Converted {
    pub from: Currency,
    pub to: Currency,
    /// As it was given.
    #[schema(example = "100.50")]
    pub amount: String,
    /// The unrounded rate times the amount, rounded once.
    #[schema(example = "8788.73")]
    pub result: String,
    pub rounding: Rounding,
    pub rate: Rate,
}

/// How a result was rounded.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rounding {
    #[schema(example = 2)]
    pub decimals: u32,
    /// Always `half-away-from-zero`.
    #[schema(example = "half-away-from-zero")]
    pub mode: &'static str,
}

/// How the feeds of rates stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceList {
    pub data: Vec<FeedStatus>,
}

/// How a feed stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedStatus {
    /// `nbkr-daily`, `nbkr-weekly`, `nbk`, `nbt`, `cbu` or `market`. The list may grow.
    #[schema(example = "nbkr-daily")]
    pub key: &'static str,
    /// The key of the source in a quote.
    #[schema(example = "nbkr")]
    pub source: &'static str,
    #[schema(example = "National Bank of the Kyrgyz Republic")]
    pub name: &'static str,
    /// Whose days count.
    #[schema(example = "Asia/Bishkek")]
    pub zone: &'static str,
    /// Whether this server fetches it.
    pub polled: bool,
    pub status: FeedState,
    pub last_publication: Option<Publication>,
    pub next_expected: Option<Expected>,
    /// Publications that should have come since the last one.
    #[schema(example = 0)]
    pub missed: usize,
    /// Quotes of the source that wait for confirmation or release.
    #[schema(example = 0)]
    pub held: i64,
    pub last_checked_at: Option<Timestamp>,
    pub last_succeeded_at: Option<Timestamp>,
    /// The last failure, mended since where `last_succeeded_at` is later.
    pub last_error: Option<FeedError>,
    /// Only made-up quotes are there, for a demonstration.
    pub sample: bool,
}

/// Whether a feed is up to date. The list may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FeedState {
    /// Nothing was ever published.
    Empty,
    /// Everything that is expected is there.
    Current,
    /// Something that was expected is missing.
    Stale,
}

/// A source's table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Publication {
    #[schema(value_type = String, format = Date, example = "2026-05-24")]
    pub effective_date: Date,
    pub fetched_at: Timestamp,
    /// How many pairs are quoted.
    #[schema(example = 5)]
    pub quotes: i64,
}

/// A table that is expected.
#[derive(Debug, Serialize, ToSchema)]
pub struct Expected {
    #[schema(value_type = String, format = Date, example = "2026-05-26")]
    pub effective_date: Date,
    /// From when it may be published.
    pub from: Timestamp,
    /// By when it should be.
    pub by: Timestamp,
}

/// Why a fetch failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedError {
    pub at: Timestamp,
    /// For programs. The list may grow.
    #[schema(example = "wrong-root")]
    pub code: String,
    #[schema(example = "the root element is `html`, expected `rates`")]
    pub message: String,
}

/// Every active currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrencyList {
    pub data: Vec<CurrencyEntry>,
}

/// A currency of ISO 4217.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrencyEntry {
    pub code: Currency,
    /// Three digits.
    #[schema(example = "417")]
    pub number: String,
    /// Digits of an amount behind the decimal mark; null where there is no small change, as of gold.
    #[schema(example = 2)]
    pub minor_units: Option<u8>,
    /// One of the five whose official rates are served.
    pub regional: bool,
    /// By language: en, ru, kk, ky, tg, uz, uz-Cyrl, tk. A language that has no name of its own is left out.
    #[schema(example = json!({"en": "Kyrgyz Som", "ru": "киргизский сом"}))]
    pub names: BTreeMap<&'static str, &'static str>,
}

impl FeedStatus {
    /// How a feed stands at an instant.
    pub fn new(standing: Standing, rates: &Rates, now: Timestamp) -> Self {
        let Standing { feed, last, sample, held, polls } = standing;
        let source = feed.feed().source();
        let newest = last.map(|(date, ..)| date);
        let polled = rates.fetch && rates.has_address(feed);
        // A market that nobody asks for is not expected to say anything.
        let silent = source == Source::Market && !polled;
        let (missed, expected) = if silent {
            (0, None)
        } else {
            let horizon = rates.calendar.horizon(feed, now);
            let missed = newest.map_or(0, |date| rates.calendar.missed(feed, date, horizon, now));
            (missed, rates.calendar.awaited(feed, newest, now))
        };
        let status = match newest {
            None => FeedState::Empty,
            Some(_) if missed > 0 => FeedState::Stale,
            Some(_) => FeedState::Current,
        };
        let error = |row: &FeedRow| {
            let (at, code, message) = (row.failed_at?, row.error_code.clone()?, row.error.clone()?);
            Some(FeedError { at, code, message })
        };
        Self {
            key: feed.into(),
            source: source.into(),
            name: source.name(),
            zone: rates.calendar.zone(source),
            polled,
            status,
            last_publication: last.map(|(effective_date, fetched_at, quotes)| Publication {
                effective_date,
                fetched_at,
                quotes,
            }),
            next_expected: expected.map(|table| Expected {
                effective_date: table.date,
                from: table.opens,
                by: table.closes,
            }),
            missed,
            held,
            last_checked_at: polls.as_ref().and_then(|row| row.checked_at),
            last_succeeded_at: polls.as_ref().and_then(|row| row.succeeded_at),
            last_error: polls.as_ref().and_then(error),
            sample,
        }
    }
}

impl CurrencyEntry {
    /// What is known of a currency.
    pub fn new(facts: &CurrencyFacts) -> Self {
        use strum::VariantArray;
        let named = Lang::VARIANTS.iter().filter(|lang| facts.has_name(**lang));
        Self {
            code: facts.code,
            number: format!("{:03}", facts.number),
            minor_units: facts.minor_units,
            regional: facts.code.is_regional(),
            names: named.map(|lang| (lang.into(), facts.name(*lang))).collect(),
        }
    }
}
