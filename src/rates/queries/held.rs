//! Quotes that are held, and their release.

use diesel::prelude::*;
use jiff::civil::Date;

use super::super::money::{Currency, Pair};
use super::super::rows::{PublicationRow, QuoteRow};
use super::super::sources::Source;
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{publications, quotes};
use crate::db::{DbConnection, DbError};

/// A quote that is not served until it is confirmed or released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: i64,
    pub source: Source,
    pub pair: Pair,
    pub digits: String,
    pub nominal: i64,
    /// The day from which it would be in force.
    pub date: String,
    pub fetched_at: Timestamp,
    pub reason: String,
    /// Whether no later day has a quote by now, so that what is served waits for this one.
    pub awaited: bool,
}

/// Why a quote can't be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    #[error("there is no quote {0}")]
    Unknown(i64),
    #[error("quote {0} is not held")]
    Accepted(i64),
    #[error("quote {0} was replaced by a later one for the same time, which is served")]
    Replaced(i64),
}

/// The held quotes that no later one for the same time has replaced, the oldest first.
pub fn held(conn: &mut DbConnection) -> Result<Vec<Held>, DbError> {
    let rows: Vec<(Source, QuoteRow, PublicationRow)> = quotes::table
        .inner_join(publications::table)
        .filter(quotes::accepted_at.is_null())
        .order(quotes::id)
        .select((quotes::source, QuoteRow::as_select(), PublicationRow::as_select()))
        .load(conn)?;
    let mut held = Vec::new();
    for (source, quote, publication) in rows {
        if !is_corrected(conn, source, &quote)? {
            let awaited = !is_replaced(conn, source, &quote)?;
            let pair = Pair::new(quote.base, quote.quote);
            held.push(Held {
                id: quote.id,
                source,
                pair,
                digits: quote.digits.to_string(),
                nominal: quote.nominal,
                date: publication.effective_date,
                fetched_at: quote.fetched_at,
                reason: quote.held_reason.unwrap_or_default(),
                awaited,
            });
        }
    }
    Ok(held)
}

/// Whether a source has held quotes, for `since` or later, that no later one has replaced.
pub fn is_waiting(conn: &mut DbConnection, source: Source, since: Option<Date>) -> Result<bool, DbError> {
    let since = since.map(|date| date.to_string()).unwrap_or_default();
    Ok(held(conn)?.iter().any(|held| held.awaited && held.source == source && held.date >= since))
}

/// Whether a quote that came later is served for the same or a later time.
pub(super) fn is_replaced(conn: &mut DbConnection, source: Source, quote: &QuoteRow) -> Result<bool, DbError> {
    let later = accepted_after(source, quote).filter(quotes::effective_at.ge(quote.effective_at));
    Ok(diesel::select(diesel::dsl::exists(later)).get_result(conn)?)
}

/// Whether a quote that came later is served for the same time.
fn is_corrected(conn: &mut DbConnection, source: Source, quote: &QuoteRow) -> Result<bool, DbError> {
    let later = accepted_after(source, quote).filter(quotes::effective_at.eq(quote.effective_at));
    Ok(diesel::select(diesel::dsl::exists(later)).get_result(conn)?)
}

/// The accepted quotes of the same pair that came later.
#[diesel::dsl::auto_type(no_type_alias)]
fn accepted_after(source: Source, quote: &QuoteRow) -> _ {
    let id: i64 = quote.id;
    let base: Currency = quote.base;
    let counter: Currency = quote.quote;
    quotes::table
        .filter(quotes::source.eq(source))
        .filter(quotes::base.eq(base))
        .filter(quotes::quote.eq(counter))
        .filter(quotes::id.gt(id))
        .filter(quotes::accepted_at.is_not_null())
}

/// Serves a held quote from `now` on, by an editor's decision: also where a later day has a quote by now, since until then its own
/// days have none. Call it in a write transaction.
pub fn release(conn: &mut DbConnection, now: Timestamp, id: i64) -> Result<Result<Pair, NotHeld>, DbError> {
    let found: Option<(Source, QuoteRow)> =
        quotes::table.find(id).select((quotes::source, QuoteRow::as_select())).first(conn).optional()?;
    let Some((source, quote)) = found else { return Ok(Err(NotHeld::Unknown(id))) };
    if quote.accepted_at.is_some() {
        return Ok(Err(NotHeld::Accepted(id)));
    }
    if is_corrected(conn, source, &quote)? {
        return Ok(Err(NotHeld::Replaced(id)));
    }
    accept(conn, now, &[id])?;
    Ok(Ok(Pair::new(quote.base, quote.quote)))
}

/// Serves held quotes from `now` on. The one change that a stored quote ever sees.
pub(super) fn accept(conn: &mut DbConnection, now: Timestamp, ids: &[i64]) -> Result<(), DbError> {
    for id in ids {
        let (base, quote) = diesel::update(quotes::table.find(id))
            .set(quotes::accepted_at.eq(now))
            .returning((quotes::base, quotes::quote))
            .get_result(conn)?;
        let pair = Pair::new(base, quote).to_string();
        log::append(conn, &NewChange::upsert(Subject::Rate, *id, &pair, now, Reason::Published))?;
    }
    Ok(())
}
