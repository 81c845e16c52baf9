//! How fetching goes: whose turn it is, and how the last polls ended.

use diesel::prelude::*;

use super::super::rows::FeedRow;
use super::super::sources::FeedKey;
use crate::clock::Timestamp;
use crate::db::schema::feeds;
use crate::db::{DbConnection, DbError};

/// A feed's row; `None` when it was never looked at.
pub fn feed_row(conn: &mut DbConnection, feed: FeedKey) -> Result<Option<FeedRow>, DbError> {
    Ok(feeds::table.find(feed).select(FeedRow::as_select()).first(conn).optional()?)
}

/// Takes a feed's turn, if it is due: nobody else has it before `until`. Writers take turns, so of several processes one
/// gets it. Call it in a write transaction.
pub fn claim(
    conn: &mut DbConnection,
    feed: FeedKey,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<FeedRow>, DbError> {
    let row = open_row(conn, feed)?;
    if row.next_poll_at > now {
        return Ok(None);
    }
    diesel::update(feeds::table.find(feed)).set(feeds::next_poll_at.eq(until)).execute(conn)?;
    Ok(Some(row))
}

/// Sets when a feed is next looked at.
pub fn wake(conn: &mut DbConnection, feed: FeedKey, at: Timestamp) -> Result<(), DbError> {
    open_row(conn, feed)?;
    diesel::update(feeds::table.find(feed)).set(feeds::next_poll_at.eq(at)).execute(conn)?;
    Ok(())
}

/// Notes that the source answered well.
pub fn poll_succeeded(
    conn: &mut DbConnection,
    feed: FeedKey,
    now: Timestamp,
    etag: Option<String>,
) -> Result<(), DbError> {
    let row = open_row(conn, feed)?;
    let row = FeedRow { failures: 0, etag, checked_at: Some(now), succeeded_at: Some(now), ..row };
    diesel::update(feeds::table.find(feed)).set(&row).execute(conn)?;
    Ok(())
}

/// How a poll went wrong, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub code: &'static str,
    pub error: String,
    /// Whether the source is at fault, and not only early to be asked.
    pub counts: bool,
}

/// Notes that it did not.
pub fn poll_failed(conn: &mut DbConnection, feed: FeedKey, now: Timestamp, trouble: &Trouble) -> Result<(), DbError> {
    let row = open_row(conn, feed)?;
    let row = FeedRow {
        failures: row.failures + i64::from(trouble.counts),
        checked_at: Some(now),
        failed_at: Some(now),
        error_code: Some(trouble.code.to_owned()),
        error: Some(trouble.error.clone()),
        ..row
    };
    diesel::update(feeds::table.find(feed)).set(&row).execute(conn)?;
    Ok(())
}

fn open_row(conn: &mut DbConnection, feed: FeedKey) -> Result<FeedRow, DbError> {
    if let Some(row) = feed_row(conn, feed)? {
        return Ok(row);
    }
    let row = FeedRow::new(feed);
    diesel::insert_into(feeds::table).values(&row).execute(conn)?;
    Ok(row)
}
