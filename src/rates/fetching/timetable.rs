//! When a server asks its sources: in the hours in which each publishes, until it has what was to be published. The plan is
//! in the database, so that several processes share it and each table is fetched once.

use std::time::Duration;

use super::client::Client;
use super::fetch::{Failure, Taken, fetch};
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbError};
use crate::rates::Rates;
use crate::rates::queries::{claim, dates, feed_row, is_waiting, wake};
use crate::rates::sources::{FEEDS, Feed, Source};

/// Seconds between two polls while a table is awaited.
const EVERY: i64 = 600;
/// Seconds that a poll may come later, so that not everyone asks at the same second.
const JITTER: i64 = 120;
/// Seconds for which a poll has its turn: longer than the client's longest wait.
const TURN: i64 = 300;
/// How often the pause doubles: a session is two hours long.
const MOST_DOUBLINGS: i64 = 2;
/// Seconds between two looks at a market.
const MARKET_EVERY: i64 = 3_600;

/// Polls every feed whose turn it is, one after the other. A source's failure is noted and logged, and no error.
pub fn tick(db: &Db, clock: &Clock, client: &Client, rates: &Rates) -> Result<(), DbError> {
    for feed in FEEDS {
        if rates.has_address(feed.key()) {
            attend(db, clock, client, rates, feed)?;
        }
    }
    Ok(())
}

fn attend(db: &Db, clock: &Clock, client: &Client, rates: &Rates, feed: &dyn Feed) -> Result<(), DbError> {
    let (key, now) = (feed.key(), clock.now());
    // A read first: nearly always it is nobody's turn, and then no writer is kept waiting.
    let due = db.read_here(|conn| feed_row(conn, key))?.is_none_or(|row| row.next_poll_at <= now);
    if !due {
        return Ok(());
    }
    let claimed = db.write_here(|conn| claim(conn, key, now, now.plus_seconds(TURN)))?;
    let Some(row) = claimed else { return Ok(()) };
    let next = match plan(db, rates, feed, now)? {
        Plan::Wait(until) => until,
        Plan::Poll(asked) => {
            let result = fetch(db, clock, client, rates, feed, asked)?;
            report(feed, &result);
            match result {
                Ok(_) => now.plus_seconds(pause(feed)),
                Err(failure) => after(&failure, row.failures, clock.now(), pause(feed)),
            }
        }
    };
    db.write_here(|conn| wake(conn, key, next.plus_seconds(jitter())))
}

enum Plan {
    Wait(Timestamp),
    /// For this day, of a feed that takes one.
    Poll(Option<jiff::civil::Date>),
}

/// Whether there is something to ask for now: the newest table, or, of a feed that takes dates, the one that should be in
/// force. A table that is there, but has held quotes, is asked for again.
fn plan(db: &Db, rates: &Rates, feed: &dyn Feed, now: Timestamp) -> Result<Plan, DbError> {
    let source = feed.source();
    if source == Source::Market {
        return Ok(Plan::Poll(None));
    }
    let wait = Plan::Wait(rates.calendar.next_session(source, now));
    let in_session = rates.calendar.session(source, now).is_some_and(|(opens, closes)| opens <= now && now < closes);
    let Some(newest) = rates.calendar.newest(feed.key(), now).filter(|_| in_session) else { return Ok(wait) };
    let wanted = db.read_here(|conn| {
        let (last, there) = dates(conn, feed.key(), newest.date)?;
        if !there && last.is_none_or(|last| last < newest.date) || is_waiting(conn, source, Some(newest.date))? {
            return Ok(Some(newest.date));
        }
        let today = rates.calendar.date(source, now);
        let due = rates.calendar.due(feed.key(), today, now).filter(|_| feed.dated());
        let due_is_there = due.map(|due| dates(conn, feed.key(), due)).transpose()?.is_none_or(|(_, there)| there);
        Ok::<_, DbError>(due.filter(|_| !due_is_there))
    })?;
    Ok(wanted.map_or(wait, |date| Plan::Poll(feed.dated().then_some(date))))
}

fn pause(feed: &dyn Feed) -> i64 {
    if feed.source() == Source::Market { MARKET_EVERY } else { EVERY }
}

/// When to ask again after a failure. A table that is not out yet is no trouble; anything else makes the pauses double,
/// and a source that names a time is taken at its word.
fn after(failure: &Failure, failures: i64, now: Timestamp, pause: i64) -> Timestamp {
    if failure.is_not_out_yet() {
        return now.plus_seconds(pause);
    }
    let doubled = pause << failures.clamp(0, MOST_DOUBLINGS);
    let told = match failure {
        Failure::Fetch(error) => error.retry_after().map_or(0, |wait: Duration| wait.as_secs() as i64),
        _ => 0,
    };
    now.plus_seconds(doubled.max(told))
}

fn jitter() -> i64 {
    (uuid::Uuid::new_v4().as_u128() % JITTER as u128) as i64
}

fn report(feed: &dyn Feed, result: &Result<Taken, Failure>) {
    let name: &str = feed.key().into();
    match result {
        Ok(Taken::NotModified) => tracing::debug!(feed = name, "{name}: not modified"),
        Ok(Taken::Stored { date, outcome, .. }) => {
            let accepted = outcome.accepted + outcome.corrected;
            tracing::info!(feed = name, %date, accepted, "{name}: {accepted} quotes for {date}");
            for (pair, reason) in &outcome.held {
                tracing::warn!(feed = name, %pair, reason, "{name}: {pair} is held: {reason}");
            }
        }
        Err(failure) => tracing::warn!(feed = name, code = failure.code(), "{name}: {failure}"),
    }
}
