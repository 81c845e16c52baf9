//! Where quotes come from: one file a bank, each of which knows its bank's address and reads its bank's tables. Nothing
//! here fetches, stores or asks for the time.

mod cbu;
mod document;
mod json;
mod market;
mod nbk;
mod nbkr;
mod nbt;
mod sheet;
mod xml;

use jiff::civil::Date;
use strum::{AsRefStr, EnumString, IntoStaticStr, VariantArray};

use super::money::{Digits, NotDigits, Pair};
use crate::clock::Timestamp;

/// Who publishes. A stored name; the list may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, AsRefStr, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Source {
    /// National Bank of the Kyrgyz Republic.
    Nbkr,
    /// National Bank of Kazakhstan.
    Nbk,
    /// National Bank of Tajikistan.
    Nbt,
    /// Central Bank of Uzbekistan.
    Cbu,
    /// A market feed in the shape of Open Exchange Rates.
    Market,
}

/// A table of quotes that are published together, with an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, AsRefStr, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum FeedKey {
    NbkrDaily,
    NbkrWeekly,
    Nbk,
    Nbt,
    Cbu,
    Market,
}

/// What was published for one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The day on which it comes into force, in the bank's zone; the market's in UTC.
    pub date: Date,
    /// The instant of a market's prices; a bank's table has none.
    pub at: Option<Timestamp>,
    /// For how many days it is meant: 7 for a weekly table, else 1.
    pub valid_days: u16,
    /// At least one; each pair once.
    pub rows: Vec<Row>,
}

/// A published quote: `nominal` units of the base cost `digits` of the quote currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub pair: Pair,
    pub digits: Digits,
    pub nominal: u32,
}

/// Why a payload is no table. Nothing of it is used then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the answer is an HTML page")]
    Html,
    #[error("the answer is {0} bytes long; at most {1} are read")]
    Oversize(usize, usize),
    #[error("the text is not in its encoding, {0}")]
    Encoding(&'static str),
    #[error("the document has a DOCTYPE")]
    Doctype,
    #[error("the document can't be read: {0}")]
    Malformed(String),
    #[error("the root element is `{0}`, expected `{1}`")]
    Root(String, &'static str),
    #[error("the date is missing")]
    NoDate,
    #[error("`{0}` is not a date of the form {1}")]
    Date(String, &'static str),
    #[error("there are no rows")]
    Empty,
    #[error("a row has no {0}")]
    Missing(&'static str),
    #[error("`{0}` is not a currency code")]
    Code(String),
    #[error("{0}: the rate {1}")]
    Rate(String, NotDigits),
    #[error("{0}: the nominal `{1}` is not a whole number of units")]
    Nominal(String, String),
    #[error("{0} stands twice")]
    Twice(String),
    #[error("the rows have different dates: {0} and {1}")]
    Dates(Date, Date),
    #[error("{0}: a currency costs one of itself")]
    Own(String),
    #[error("a row is valid for `{0}` days, which this table's rows are not")]
    ValidFor(String),
    #[error("the base currency is `{0}`, expected USD")]
    Base(String),
}

impl Refusal {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Oversize(..) => "oversize",
            Self::Encoding(_) => "encoding",
            Self::Doctype | Self::Malformed(_) => "malformed",
            Self::Root(..) => "wrong-root",
            Self::NoDate | Self::Date(..) | Self::Dates(..) => "no-date",
            Self::Empty => "no-rows",
            Self::ValidFor(_) => "wrong-table",
            Self::Missing(_)
            | Self::Code(_)
            | Self::Rate(..)
            | Self::Nominal(..)
            | Self::Twice(_)
            | Self::Own(_)
            | Self::Base(_) => "bad-row",
        }
    }
}

/// Most bytes of a payload.
pub const LARGEST: usize = 2 * 1024 * 1024;

/// A bank's, or the market's, way to publish one kind of table.
pub trait Feed: Sync {
    /// The name under which it is stored and shown.
    fn key(&self) -> FeedKey;

    /// Who publishes it.
    fn source(&self) -> Source;

    /// Where it is when nothing else is configured; `None` when it must be configured.
    fn home(&self) -> Option<&'static str>;

    /// The address of the table for `day` under the configured `home`. A feed that isn't [`Feed::dated`] has one address.
    fn address(&self, home: &str, day: Date) -> String;

    /// Whether the table of a chosen day can be asked for.
    fn dated(&self) -> bool;

    /// Whether it honours `If-None-Match`.
    fn conditional(&self) -> bool {
        false
    }

    /// Reads a payload of at most [`LARGEST`] bytes.
    fn read(&self, payload: &[u8]) -> Result<Table, Refusal>;
}

/// Every feed.
pub const FEEDS: [&dyn Feed; 6] = [&nbkr::DAILY, &nbkr::WEEKLY, &nbk::Nbk, &nbt::Nbt, &cbu::Cbu, &market::Market];

impl Source {
    /// Its name, as a byline has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nbkr => "National Bank of the Kyrgyz Republic",
            Self::Nbk => "National Bank of Kazakhstan",
            Self::Nbt => "National Bank of Tajikistan",
            Self::Cbu => "Central Bank of Uzbekistan",
            Self::Market => "Market feed",
        }
    }

    /// Its feeds.
    pub fn feeds(self) -> impl Iterator<Item = &'static dyn Feed> {
        FEEDS.into_iter().filter(move |feed| feed.source() == self)
    }

    /// Finds which of its feeds a payload belongs to, and reads it.
    pub fn recognise(self, payload: &[u8]) -> Result<(&'static dyn Feed, Table), Refusal> {
        let mut refusal = Refusal::Empty;
        for feed in self.feeds() {
            match feed.read(payload) {
                Ok(table) => return Ok((feed, table)),
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }
}

impl FeedKey {
    /// The feed of this name.
    pub fn feed(self) -> &'static dyn Feed {
        match self {
            Self::NbkrDaily => &nbkr::DAILY,
            Self::NbkrWeekly => &nbkr::WEEKLY,
            Self::Nbk => &nbk::Nbk,
            Self::Nbt => &nbt::Nbt,
            Self::Cbu => &cbu::Cbu,
            Self::Market => &market::Market,
        }
    }
}

#[cfg(test)]
mod tests;
