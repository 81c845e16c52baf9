//! Storing a table. Rows are only added: a correction is a new one, and what looks wrong is held and not served.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::Rates;
use super::super::money::{Currency, Exact, Pair};
use super::super::pricing::{Basis, Quote, When};
use super::super::rows::{NewPublication, NewQuote, PublicationRow, QuoteRow, observation};
use super::super::sources::{FeedKey, Row, Source, Table};
use super::held::{accept, is_replaced};
use super::judge::{Reference, about, agree, judge, rounding};
use super::read::{Absent, Reader};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{publications, quotes};
use crate::db::{DbConnection, DbError};

/// How a table came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// From its source: the same held quote twice is a confirmation.
    Fetched,
    /// From a file: only another payload can confirm.
    Imported,
}

/// A table that came in and passed its feed's checks.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub feed: FeedKey,
    pub table: &'a Table,
    /// BLAKE3 of the payload, hexadecimal.
    pub payload_hash: &'a str,
    /// Where it was fetched.
    pub url: Option<&'a str>,
    pub channel: Channel,
    pub redistributable: bool,
    /// Made up, for a demonstration.
    pub sample: bool,
}

/// What storing a table did, in quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub accepted: usize,
    pub corrected: usize,
    pub unchanged: usize,
    pub released: usize,
    /// Those that are held, and why.
    pub held: Vec<(Pair, String)>,
}

/// What to do with a row.
enum Verdict {
    Unchanged,
    /// A held quote that this one confirms is all that there is to it.
    Released(Vec<i64>),
    Accepted {
        corrects: bool,
        releases: Vec<i64>,
    },
    Held(String),
}

type Stored = (QuoteRow, PublicationRow);

/// Stores a table. Call it in a write transaction.
pub fn store(
    conn: &mut DbConnection,
    rates: &Rates,
    now: Timestamp,
    arrival: &Arrival<'_>,
) -> Result<Outcome, DbError> {
    let table = arrival.table;
    let source = arrival.feed.feed().source();
    let from = table.at.unwrap_or_else(|| rates.calendar.midnight(source, table.date));
    let mut standing: HashMap<Pair, Vec<Stored>> = HashMap::new();
    for stored in same_instant(conn, source, from)? {
        standing.entry(Pair::new(stored.0.base, stored.0.quote)).or_default().push(stored);
    }
    let mut judging = Judging { conn, rates, now, arrival, source, from };
    let mut outcome = Outcome::default();
    let mut publication = None;
    // The dollar first: other rows are measured by it.
    let (dollars, others): (Vec<&Row>, Vec<&Row>) = table.rows.iter().partition(|row| row.pair.base == Currency::USD);
    for row in dollars.into_iter().chain(others) {
        let there = standing.get(&row.pair).map_or(&[][..], Vec::as_slice);
        let verdict = judging.verdict(row, there)?;
        let (held_reason, corrects) = match &verdict {
            Verdict::Unchanged => {
                outcome.unchanged += 1;
                continue;
            }
            Verdict::Released(ids) => {
                outcome.released += ids.len();
                accept(judging.conn, now, ids)?;
                continue;
            }
            Verdict::Held(reason) => (Some(reason.as_str()), false),
            Verdict::Accepted { corrects, releases } => {
                outcome.released += releases.len();
                accept(judging.conn, now, releases)?;
                (None, *corrects)
            }
        };
        let publication_id = match publication {
            Some(id) => id,
            None => *publication.insert(insert_publication(judging.conn, now, arrival)?),
        };
        let quote = NewQuote {
            publication_id,
            source,
            base: row.pair.base,
            quote: row.pair.quote,
            digits: &row.digits,
            nominal: row.nominal.into(),
            effective_at: from,
            fetched_at: now,
            accepted_at: held_reason.is_none().then_some(now),
            held_reason,
        };
        insert_quote(judging.conn, &quote, if corrects { Reason::Corrected } else { Reason::Published })?;
        match held_reason {
            Some(reason) => outcome.held.push((row.pair, reason.to_owned())),
            None if corrects => outcome.corrected += 1,
            None => outcome.accepted += 1,
        }
    }
    Ok(outcome)
}

/// Every stored quote of a source that takes effect at an instant, the oldest first.
fn same_instant(conn: &mut DbConnection, source: Source, from: Timestamp) -> Result<Vec<Stored>, DbError> {
    let query = quotes::table
        .inner_join(publications::table)
        .filter(quotes::source.eq(source).and(quotes::effective_at.eq(from)))
        .order(quotes::id)
        .select((QuoteRow::as_select(), PublicationRow::as_select()));
    Ok(query.load(conn)?)
}

fn insert_publication(conn: &mut DbConnection, now: Timestamp, arrival: &Arrival<'_>) -> Result<i64, DbError> {
    let publication = NewPublication {
        feed: arrival.feed,
        effective_date: arrival.table.date.to_string(),
        valid_days: arrival.table.valid_days.into(),
        url: arrival.url,
        payload_hash: arrival.payload_hash,
        fetched_at: now,
        redistributable: arrival.redistributable,
        sample: arrival.sample,
    };
    Ok(diesel::insert_into(publications::table).values(&publication).returning(publications::id).get_result(conn)?)
}

/// A held quote is an entry of the log too: what is served says that something is held.
fn insert_quote(conn: &mut DbConnection, quote: &NewQuote<'_>, reason: Reason) -> Result<(), DbError> {
    let id = diesel::insert_into(quotes::table).values(quote).returning(quotes::id).get_result(conn)?;
    let reason = if quote.accepted_at.is_some() { reason } else { Reason::Updated };
    let pair = Pair::new(quote.base, quote.quote).to_string();
    log::append(conn, &NewChange::upsert(Subject::Rate, id, &pair, quote.fetched_at, reason))
}

/// What a table's rows are compared with.
struct Judging<'a> {
    conn: &'a mut DbConnection,
    rates: &'a Rates,
    now: Timestamp,
    arrival: &'a Arrival<'a>,
    source: Source,
    from: Timestamp,
}

impl Judging<'_> {
    /// `there` are the quotes of this pair and instant that are stored already.
    fn verdict(&mut self, row: &Row, there: &[Stored]) -> Result<Verdict, DbError> {
        let there: Vec<&Stored> = there.iter().filter(|(_, table)| table.sample == self.arrival.sample).collect();
        let same = |stored: &&&Stored| stored.0.digits == row.digits && stored.0.nominal == i64::from(row.nominal);
        let standing = there
            .iter()
            .filter(|(quote, _)| quote.accepted_at.is_some())
            .max_by_key(|(quote, _)| (quote.accepted_at, quote.id));
        if let Some(standing) = standing.filter(|standing| same(standing)) {
            // What it said in between, and what was held, is taken back; but the same file again says nothing new.
            let doubted = there.iter().any(|(quote, _)| quote.accepted_at.is_none() && quote.id > standing.0.id);
            return Ok(match doubted && self.confirms(standing) {
                true => Verdict::Accepted { corrects: false, releases: Vec::new() },
                false => Verdict::Unchanged,
            });
        }
        if let Some(held) = self.waiting(there.iter().copied().filter(|stored| same(&stored)))? {
            let confirmed = self.confirms(held);
            return Ok(if confirmed { Verdict::Released(vec![held.0.id]) } else { Verdict::Unchanged });
        }
        // The same file again says nothing new of a quote that it was held for, even when another one replaced that.
        let held_before = |stored: &&&Stored| stored.0.accepted_at.is_none() && same(stored);
        if there.iter().filter(held_before).any(|stored| !self.confirms(stored)) {
            return Ok(Verdict::Unchanged);
        }
        let corrects = standing.is_some();
        let value = &row.digits.value() / &Exact::whole(row.nominal.into());
        let last = self.last(row.pair)?;
        let independent = self.independent(row.pair)?;
        let Some(reason) =
            judge(&value, &rounding(&row.digits, row.nominal.into()), last.as_ref(), independent.as_ref())
        else {
            return Ok(Verdict::Accepted { corrects, releases: Vec::new() });
        };
        Ok(match self.confirmed_by(row.pair, &value)? {
            Some(releases) => Verdict::Accepted { corrects, releases },
            None => Verdict::Held(reason),
        })
    }

    /// The held one among `stored` that no later quote has replaced: a word that was taken back can't be confirmed.
    fn waiting<'s>(&mut self, stored: impl Iterator<Item = &'s Stored>) -> Result<Option<&'s Stored>, DbError> {
        for one in stored.filter(|(quote, _)| quote.accepted_at.is_none()) {
            if !is_replaced(self.conn, self.source, &one.0)? {
                return Ok(Some(one));
            }
        }
        Ok(None)
    }

    /// Whether this arrival is another word from the source than the one that was held.
    fn confirms(&self, held: &Stored) -> bool {
        self.arrival.channel == Channel::Fetched || held.1.payload_hash != self.arrival.payload_hash
    }

    /// The quote that this one would replace: of the same instant, or else the one before.
    fn last(&mut self, pair: Pair) -> Result<Option<Reference>, DbError> {
        let stored: Option<Stored> = self
            .of(pair)
            .filter(quotes::accepted_at.is_not_null())
            .order((quotes::effective_at.desc(), quotes::accepted_at.desc(), quotes::id.desc()))
            .select((QuoteRow::as_select(), PublicationRow::as_select()))
            .first(self.conn)
            .optional()?;
        let Some(stored) = stored else { return Ok(None) };
        let one = observation(stored)?;
        let about = about(&one.digits, one.nominal, self.source.name(), one.date);
        Ok(Some(Reference { value: one.value(), about }))
    }

    /// The held quotes of earlier days that this one confirms, having moved as far as they; `None` when it agrees with
    /// none that is held. One of the same day that it agrees with is replaced by it, and stays held.
    fn confirmed_by(&mut self, pair: Pair, value: &Exact) -> Result<Option<Vec<i64>>, DbError> {
        let newest: Vec<Stored> = self
            .of(pair)
            .order((quotes::effective_at.desc(), quotes::id.desc()))
            .limit(16)
            .select((QuoteRow::as_select(), PublicationRow::as_select()))
            .load(self.conn)?;
        let held = newest.iter().take_while(|(quote, _)| quote.accepted_at.is_none());
        let agrees = |stored: &&Stored| agree(value, &(&stored.0.digits.value() / &Exact::whole(stored.0.nominal)));
        let agreeing: Vec<&Stored> = held.filter(|stored| self.confirms(stored)).filter(agrees).collect();
        if agreeing.is_empty() {
            return Ok(None);
        }
        let earlier = agreeing.iter().filter(|(quote, _)| quote.effective_at < self.from);
        Ok(Some(earlier.map(|(quote, _)| quote.id).collect()))
    }

    /// What another source says of the pair, not more than a few days away: the market of a dollar's official rate, and of
    /// one of the five, whoever quotes it, its own bank. A market's quote is measured by the banks'.
    fn independent(&mut self, pair: Pair) -> Result<Option<Reference>, DbError> {
        let dollar = |currency| Pair::new(Currency::USD, currency);
        let (basis, path): (Basis, Vec<Pair>) = match self.source {
            Source::Market => (Basis::Official, vec![pair]),
            _ if pair.base == Currency::USD => (Basis::Market, vec![pair]),
            _ if pair.base.is_regional() => (Basis::Official, vec![dollar(pair.base), dollar(pair.quote)]),
            _ => return Ok(None),
        };
        let (name, ids) = match basis {
            Basis::Market => ("the market", path),
            Basis::Official => ("the currency's own bank", path),
        };
        let mut values = Vec::new();
        for pair in ids {
            match self.near(pair, basis)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        let value = match values.as_slice() {
            [dollars_of_base, dollars_of_quote] => dollars_of_quote / dollars_of_base,
            [one] => one.clone(),
            _ => return Ok(None),
        };
        let about = format!("what {name} says, {}", value.to_significant(6));
        Ok(Some(Reference { value, about }))
    }

    /// The rate of a pair that was in force when the arriving table takes effect, or that is in force now where that is still to be
    /// published, if it is of about that time.
    fn near(&mut self, pair: Pair, basis: Basis) -> Result<Option<Exact>, DbError> {
        const DAYS: i64 = 5;
        let when = When { now: self.now.max(self.from), date: Some(self.arrival.table.date), as_of: None };
        let mut quote = Reader::new(self.conn, self.rates, basis, when).quote(pair)?;
        if let Err(Absent::NotYet { .. }) = quote {
            let when = When { now: self.now, date: None, as_of: None };
            quote = Reader::new(self.conn, self.rates, basis, when).quote(pair)?;
        }
        let near = |quote: &Quote| {
            let age = self.arrival.table.date.since(quote.date).map_or(i64::MAX, |span| span.get_days().into());
            let made_up = quote.parts.iter().any(|(_, one)| one.is_sample());
            (0..=DAYS).contains(&age) && made_up == self.arrival.sample
        };
        Ok(quote.ok().filter(near).map(|quote| quote.value))
    }

    #[diesel::dsl::auto_type(no_type_alias)]
    fn of(&self, pair: Pair) -> _ {
        let sample: bool = self.arrival.sample;
        let source: Source = self.source;
        let from: Timestamp = self.from;
        let base: Currency = pair.base;
        let quote: Currency = pair.quote;
        quotes::table
            .inner_join(publications::table)
            .filter(publications::sample.eq(sample))
            .filter(quotes::source.eq(source))
            .filter(quotes::base.eq(base))
            .filter(quotes::quote.eq(quote))
            .filter(quotes::effective_at.le(from))
    }
}
