//! One table, from its source or from a file into the database, with the checks that stand between.

use jiff::civil::Date;

use super::client::{Client, Fetched};
use super::error::FetchError;
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbError};
use crate::rates::Rates;
use crate::rates::money::Currency;
use crate::rates::queries::{
    Arrival, Channel, Outcome, Trouble, feed_row, is_waiting, newest_date, poll_failed, poll_succeeded, store,
};
use crate::rates::sources::{Feed, FeedKey, Refusal, Source, Table};

/// Why a table was not had. Nothing of it is stored then. Safe to be shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the table is of {got}, and {asked} was asked for")]
    WrongDate { asked: Date, got: Date },
    #[error("the table is of {got}, and one of {newest} is there already")]
    TooOld { got: Date, newest: Date },
    #[error("the table is of {got}, which is too far ahead: {latest} is the latest that can be")]
    TooFarAhead { got: Date, latest: Date },
    #[error("the table has no quote of the dollar, so it is not the whole table")]
    NoDollar,
    #[error("no address is configured")]
    NoAddress,
}

impl Failure {
    /// Whether this is how a source says that a table is still to come: with another day's, with none, or with nothing.
    pub fn is_not_out_yet(&self) -> bool {
        matches!(self, Self::WrongDate { .. } | Self::Refused(Refusal::Empty) | Self::Fetch(FetchError::Status(404)))
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::WrongDate { .. } => "wrong-date",
            Self::TooOld { .. } => "past-date",
            Self::TooFarAhead { .. } => "future-date",
            Self::NoDollar => "no-dollar",
            Self::NoAddress => "no-address",
        }
    }
}

/// What a fetch or an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The source says that its table is the one that it gave before.
    NotModified,
    Stored {
        feed: FeedKey,
        date: Date,
        outcome: Outcome,
    },
}

/// Fetches a feed's table, stores it, and notes how it went. `asked` is the day wanted, of a feed that takes one.
pub fn fetch(
    db: &Db,
    clock: &Clock,
    client: &Client,
    rates: &Rates,
    feed: &dyn Feed,
    asked: Option<Date>,
) -> Result<Result<Taken, Failure>, DbError> {
    let key = feed.key();
    // A source that says "not modified" says nothing of what is held, so it is asked for the whole table then.
    let (known, newest) = db.read_here(|conn| {
        let etag = feed_row(conn, key)?.and_then(|row| row.etag);
        let known = if is_waiting(conn, feed.source(), None)? { None } else { etag };
        Ok::<_, DbError>((known, if asked.is_none() { newest_date(conn, key)? } else { None }))
    })?;
    let result = ask(clock, client, rates, feed, asked, known.as_deref().filter(|_| feed.conditional()));
    let result = result.and_then(|answered| answered.after(newest));
    // The clock is asked once nobody else writes: what waits for its turn was not served meanwhile.
    match result {
        Ok(Answered::NotModified) => {
            db.write_here(|conn| poll_succeeded(conn, key, clock.now(), known))?;
            Ok(Ok(Taken::NotModified))
        }
        Ok(Answered::Table { table, hash, url, etag }) => db.write_here(|conn| {
            let redistributable = rates.is_redistributable(feed.source());
            let arrival = Arrival {
                feed: key,
                table: &table,
                payload_hash: &hash,
                url: url.as_deref(),
                channel: Channel::Fetched,
                redistributable,
                sample: false,
            };
            let now = clock.now();
            let outcome = store(conn, rates, now, &arrival)?;
            poll_succeeded(conn, key, now, etag)?;
            Ok(Ok(Taken::Stored { feed: key, date: table.date, outcome }))
        }),
        Err(failure) => {
            let trouble =
                Trouble { code: failure.code(), error: failure.to_string(), counts: !failure.is_not_out_yet() };
            db.write_here(|conn| poll_failed(conn, key, clock.now(), &trouble))?;
            Ok(Err(failure))
        }
    }
}

enum Answered {
    NotModified,
    Table { table: Table, hash: String, url: Option<String>, etag: Option<String> },
}

impl Answered {
    /// Refuses a table that is much older than the `newest` one, of a feed that can't be asked for a day: one with last year's date
    /// would be taken for a correction of that.
    fn after(self, newest: Option<Date>) -> Result<Self, Failure> {
        /// Days by which a bank may take back a date that it had wrong.
        const BACK: i32 = 7;
        match (&self, newest) {
            (Self::Table { table, .. }, Some(newest))
                if newest.since(table.date).is_ok_and(|span| span.get_days() > BACK) =>
            {
                Err(Failure::TooOld { got: table.date, newest })
            }
            _ => Ok(self),
        }
    }
}

fn ask(
    clock: &Clock,
    client: &Client,
    rates: &Rates,
    feed: &dyn Feed,
    asked: Option<Date>,
    etag: Option<&str>,
) -> Result<Answered, Failure> {
    let today = rates.calendar.date(feed.source(), clock.now());
    let address = rates.address(feed, asked.unwrap_or(today)).ok_or(Failure::NoAddress)?;
    match client.get(&address, etag)? {
        Fetched::NotModified => Ok(Answered::NotModified),
        Fetched::Payload { bytes, etag } => {
            let table = feed.read(&bytes)?;
            admit(rates, feed.key(), &table, asked, clock.now())?;
            // A market's address has a key in it.
            let url = (feed.source() != Source::Market).then_some(address);
            Ok(Answered::Table { table, hash: hash(&bytes), url, etag })
        }
    }
}

/// Stores a source's table from a file.
pub fn import(
    db: &Db,
    clock: &Clock,
    rates: &Rates,
    source: Source,
    payload: &[u8],
) -> Result<Result<Taken, Failure>, DbError> {
    let read = source.recognise(payload).map_err(Failure::from);
    let checked = read.and_then(|(feed, table)| {
        admit(rates, feed.key(), &table, None, clock.now())?;
        Ok((feed.key(), table))
    });
    let (feed, table) = match checked {
        Ok(checked) => checked,
        Err(failure) => return Ok(Err(failure)),
    };
    let hash = hash(payload);
    let arrival = Arrival {
        feed,
        table: &table,
        payload_hash: &hash,
        url: None,
        channel: Channel::Imported,
        redistributable: rates.is_redistributable(source),
        sample: false,
    };
    let outcome = db.write_here(|conn| store(conn, rates, clock.now(), &arrival))?;
    Ok(Ok(Taken::Stored { feed, date: table.date, outcome }))
}

/// Whether a table has the date that it should have, and is whole as far as can be told: every bank's daily table has the
/// dollar, on which the rates between the five rest.
fn admit(rates: &Rates, feed: FeedKey, table: &Table, asked: Option<Date>, now: Timestamp) -> Result<(), Failure> {
    let got = table.date;
    if let Some(asked) = asked.filter(|asked| *asked != got) {
        return Err(Failure::WrongDate { asked, got });
    }
    let latest = rates.calendar.horizon(feed, now);
    if got > latest {
        return Err(Failure::TooFarAhead { got, latest });
    }
    let without = matches!(feed, FeedKey::NbkrWeekly);
    let has_dollar = table.rows.iter().any(|row| row.pair.base == Currency::USD);
    if has_dollar || without { Ok(()) } else { Err(Failure::NoDollar) }
}

fn hash(payload: &[u8]) -> String {
    blake3::hash(payload).to_hex().to_string()
}
