//! Rows of the tables `publications`, `quotes` and `feeds`.

use diesel::prelude::*;

use super::money::{Currency, Digits};
use super::pricing::{Observation, Origin};
use super::sources::{FeedKey, Source};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::schema::{feeds, publications, quotes};

crate::text_column!(Source, FeedKey, Currency, Digits);

/// A source's table before it has an id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = publications)]
pub struct NewPublication<'a> {
    pub feed: FeedKey,
    pub effective_date: String,
    pub valid_days: i64,
    pub url: Option<&'a str>,
    pub payload_hash: &'a str,
    pub fetched_at: Timestamp,
    pub redistributable: bool,
    pub sample: bool,
}

/// A quote before it has an id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = quotes)]
pub struct NewQuote<'a> {
    pub publication_id: i64,
    pub source: Source,
    pub base: Currency,
    pub quote: Currency,
    pub digits: &'a Digits,
    pub nominal: i64,
    pub effective_at: Timestamp,
    pub fetched_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub held_reason: Option<&'a str>,
}

/// A stored quote.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = quotes)]
pub struct QuoteRow {
    pub id: i64,
    pub base: Currency,
    pub quote: Currency,
    pub digits: Digits,
    pub nominal: i64,
    pub effective_at: Timestamp,
    pub fetched_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub held_reason: Option<String>,
}

/// What a quote's publication adds to it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = publications)]
pub struct PublicationRow {
    pub feed: FeedKey,
    pub effective_date: String,
    pub valid_days: i64,
    pub url: Option<String>,
    pub payload_hash: String,
    pub redistributable: bool,
    pub sample: bool,
}

impl PublicationRow {
    /// The day from which it is in force.
    pub fn date(&self) -> Result<jiff::civil::Date, DbError> {
        read_date(&self.effective_date)
    }
}

/// Reads a column of dates.
pub fn read_date(text: &str) -> Result<jiff::civil::Date, DbError> {
    text.parse().map_err(|_| DbError::Corrupt(format!("{text:?} is no date")))
}

/// A quote with its publication, as pricing takes it.
pub fn observation((quote, publication): (QuoteRow, PublicationRow)) -> Result<Observation, DbError> {
    let date = publication.date()?;
    let QuoteRow { id, base: _, quote: _, digits, nominal, effective_at, fetched_at, accepted_at, held_reason: _ } =
        quote;
    let PublicationRow { feed, effective_date: _, valid_days, url, payload_hash: _, redistributable, sample } =
        publication;
    let origin = Origin::Published { id, feed, valid_days, fetched_at, accepted_at, url, redistributable, sample };
    Ok(Observation { digits, nominal, date, from: effective_at, origin })
}

/// How fetching a feed goes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = feeds, treat_none_as_null = true)]
pub struct FeedRow {
    pub name: FeedKey,
    pub next_poll_at: Timestamp,
    /// Failed polls in a row.
    pub failures: i64,
    pub etag: Option<String>,
    pub checked_at: Option<Timestamp>,
    pub succeeded_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    pub error_code: Option<String>,
    pub error: Option<String>,
}

impl FeedRow {
    /// A feed that was never looked at.
    pub fn new(name: FeedKey) -> Self {
        Self {
            name,
            next_poll_at: Timestamp::EPOCH,
            failures: 0,
            etag: None,
            checked_at: None,
            succeeded_at: None,
            failed_at: None,
            error_code: None,
            error: None,
        }
    }
}
