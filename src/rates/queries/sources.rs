//! How each feed stands: what it published last, and how its polls end.

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use jiff::civil::Date;

use super::super::money::Currency;
use super::super::rows::{FeedRow, read_date};
use super::super::sources::{FEEDS, FeedKey};
use super::feeds::feed_row;
use crate::clock::Timestamp;
use crate::db::schema::{publications, quotes};
use crate::db::{DbConnection, DbError};

/// How a feed stands.
#[derive(Debug, Clone)]
pub struct Standing {
    pub feed: FeedKey,
    /// The newest date of an accepted quote, when it came, and how many pairs have a quote of that date.
    pub last: Option<(Date, Timestamp, i64)>,
    /// Only what was made up has been seen.
    pub sample: bool,
    /// Quotes that wait for confirmation or release.
    pub held: i64,
    pub polls: Option<FeedRow>,
}

/// How every feed stands.
pub fn standings(conn: &mut DbConnection) -> Result<Vec<Standing>, DbError> {
    let waiting = super::held(conn)?;
    let mut standings = Vec::new();
    for feed in FEEDS.into_iter().map(|feed| feed.key()) {
        let newest: Option<String> = of(feed).select(max(publications::effective_date)).first(conn)?;
        let last = match newest {
            None => None,
            Some(date) => {
                let on_that_day = of(feed).filter(publications::effective_date.eq(&date));
                let at: Option<Timestamp> = on_that_day.select(max(quotes::fetched_at)).first(conn)?;
                let pairs: Vec<(Currency, Currency)> =
                    on_that_day.select((quotes::base, quotes::quote)).distinct().load(conn)?;
                at.map(|at| Ok::<_, DbError>((read_date(&date)?, at, pairs.len() as i64))).transpose()?
            }
        };
        let real: i64 = of(feed).filter(publications::sample.eq(false)).select(count_star()).first(conn)?;
        standings.push(Standing {
            feed,
            sample: last.is_some() && real == 0,
            last,
            held: waiting.iter().filter(|held| held.awaited && held.source == feed.feed().source()).count() as i64,
            polls: feed_row(conn, feed)?,
        });
    }
    Ok(standings)
}

/// The newest date for which a feed has an accepted quote, and whether there is one of `date`.
pub fn dates(conn: &mut DbConnection, feed: FeedKey, date: Date) -> Result<(Option<Date>, bool), DbError> {
    let of_date =
        of(feed).filter(publications::sample.eq(false)).filter(publications::effective_date.eq(date.to_string()));
    let there: i64 = of_date.select(count_star()).first(conn)?;
    Ok((newest_date(conn, feed)?, there > 0))
}

/// The newest date for which a feed has an accepted quote.
pub fn newest_date(conn: &mut DbConnection, feed: FeedKey) -> Result<Option<Date>, DbError> {
    let real = of(feed).filter(publications::sample.eq(false));
    let newest: Option<String> = real.select(max(publications::effective_date)).first(conn)?;
    newest.map(|date| read_date(&date)).transpose()
}

/// The accepted quotes of a feed.
#[diesel::dsl::auto_type(no_type_alias)]
fn of(feed: FeedKey) -> _ {
    publications::table
        .inner_join(quotes::table)
        .filter(publications::feed.eq(feed))
        .filter(quotes::accepted_at.is_not_null())
}
