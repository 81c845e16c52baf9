//! Fetching the past of a feed that takes dates. What is there already is not asked for again, so that a run that was
//! stopped goes on where it was.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use super::client::Client;
use super::error::FetchError;
use super::fetch::{Failure, Taken, fetch};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::rates::Rates;
use crate::rates::queries::dates;
use crate::rates::sources::Feed;

/// Between two requests: a bank is no archive service.
const PAUSE: Duration = Duration::from_millis(250);

/// The days of a range for which a table is expected by now and none is stored.
pub fn missing(
    db: &Db,
    clock: &Clock,
    rates: &Rates,
    feed: &dyn Feed,
    (from, to): (Date, Date),
) -> Result<Vec<Date>, DbError> {
    let now = clock.now();
    let to = to.min(rates.calendar.horizon(feed.key(), now));
    let may_be_out = |day: &Date| rates.calendar.table(feed.key(), *day).is_some_and(|table| table.opens <= now);
    let expected: Vec<Date> = from.series(1.day()).take_while(|day| *day <= to).filter(may_be_out).collect();
    db.read_here(|conn| {
        let mut missing = Vec::new();
        for day in expected {
            if !dates(conn, feed.key(), day)?.1 {
                missing.push(day);
            }
        }
        Ok(missing)
    })
}

/// Fetches the tables of `days`, the oldest first, and tells `each` how every one went. A source that asks for patience is asked for
/// nothing more.
pub fn backfill(
    db: &Db,
    clock: &Clock,
    client: &Client,
    rates: &Rates,
    feed: &dyn Feed,
    days: &[Date],
    mut each: impl FnMut(Date, &Result<Taken, Failure>),
) -> Result<(), DbError> {
    for (index, day) in days.iter().enumerate() {
        if index > 0 {
            std::thread::sleep(PAUSE);
        }
        let result = fetch(db, clock, client, rates, feed, Some(*day))?;
        each(*day, &result);
        if matches!(result, Err(Failure::Fetch(FetchError::RateLimited { .. }))) {
            break;
        }
    }
    Ok(())
}
