//! Pricing pairs from the tables.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::civil::Date;

use super::super::Rates;
use super::super::money::{Currency, Pair};
use super::super::pricing::{
    Basis, Day, Gaps, Leg, NoPath, Observation, Quote, Series, Timeline, When, history, legs, price,
};
use super::super::rows::{PublicationRow, QuoteRow, observation};
use super::super::sources::Source;
use crate::clock::Timestamp;
use crate::db::schema::{publications, quotes};
use crate::db::{DbConnection, DbError, id_in};

/// How many quotes of a pair are read at first: a few days, and the corrections on them.
const DEPTH: i64 = 6;
/// How far ahead of a moment the next publication is looked for, in seconds: the longest row of holidays.
const AHEAD: i64 = 21 * 86_400;

/// Why there is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Absent {
    #[error(transparent)]
    NoPath(#[from] NoPath),
    #[error("{pair}: {whose} has no quote of {published}{when}.")]
    NoQuote { pair: Pair, whose: &'static str, published: Pair, when: String },
    #[error("{pair}: what will be in force on {date} is not published yet.")]
    NotYet { pair: Pair, date: Date },
}

/// The pairs of quotes, with whose quotes they are.
pub fn priced_by(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, Pair, Basis)>, DbError> {
    let rows: Vec<(i64, Source, Currency, Currency)> = quotes::table
        .filter(id_in(quotes::id, ids))
        .select((quotes::id, quotes::source, quotes::base, quotes::quote))
        .load(conn)?;
    let priced = |(id, source, base, quote)| {
        let basis = if source == Source::Market { Basis::Market } else { Basis::Official };
        (id, Pair::new(base, quote), basis)
    };
    Ok(rows.into_iter().map(priced).collect())
}

/// Prices pairs in one read snapshot; the quotes of a series are read once.
pub struct Reader<'a> {
    conn: &'a mut DbConnection,
    rates: &'a Rates,
    basis: Basis,
    when: When,
    timelines: HashMap<Series, Timeline>,
}

impl<'a> Reader<'a> {
    /// A reader for one moment.
    pub fn new(conn: &'a mut DbConnection, rates: &'a Rates, basis: Basis, when: When) -> Self {
        Self { conn, rates, basis, when, timelines: HashMap::new() }
    }

    /// A pair's rate, or why there is none.
    pub fn quote(&mut self, pair: Pair) -> Result<Result<Quote, Absent>, DbError> {
        let legs = match legs(pair, self.basis) {
            Ok(legs) => legs,
            Err(why) => return Ok(Err(why.into())),
        };
        for leg in &legs {
            let until = self.when.at(&self.rates.calendar, leg.source()).instant;
            self.read(leg.series, until, DEPTH, 2)?;
        }
        if let Some(date) = self.when.date.filter(|date| self.settled(&legs).is_none_or(|settled| *date > settled)) {
            return Ok(Err(Absent::NotYet { pair, date }));
        }
        let timelines = self.timelines_of(&legs);
        Ok(price(pair, &timelines, &self.when, &self.rates.calendar).ok_or_else(|| self.no_quote(pair, &legs)))
    }

    /// A pair's rate on each day of a range, both ends included, as far as it is settled.
    pub fn history(
        &mut self,
        pair: Pair,
        range: (Date, Date),
        gaps: Gaps,
    ) -> Result<Result<Vec<Day>, Absent>, DbError> {
        let legs = match legs(pair, self.basis) {
            Ok(legs) => legs,
            Err(why) => return Ok(Err(why.into())),
        };
        let (from, to) = range;
        for leg in &legs {
            let source = leg.source();
            let first = self.rates.calendar.midnight(source, from);
            self.read_since(leg.series, first, self.rates.calendar.end(source, to))?;
        }
        let to = self.settled(&legs).map_or(to, |settled| to.min(settled));
        Ok(Ok(history(&self.timelines_of(&legs), (from, to), gaps, &self.when, &self.rates.calendar)))
    }

    fn timelines_of(&self, legs: &[Leg]) -> Vec<(Leg, &Timeline)> {
        legs.iter().filter_map(|leg| Some((*leg, self.timelines.get(&leg.series)?))).collect()
    }

    /// The last day whose rate nothing can change that is still to be published. A peg goes with its other leg, and by
    /// itself as far as today.
    fn settled(&self, legs: &[Leg]) -> Option<Date> {
        let known_until = |leg: &Leg| {
            let today = self.when.at(&self.rates.calendar, leg.source()).today;
            let known = self.timelines.get(&leg.series).filter(|_| !leg.is_pegged()).and_then(Timeline::known_until);
            known.map_or(today, |known| known.max(today))
        };
        let published = legs.iter().filter(|leg| !leg.is_pegged()).map(known_until).min();
        published.or_else(|| legs.iter().map(known_until).min())
    }

    fn no_quote(&self, pair: Pair, legs: &[Leg]) -> Absent {
        let empty = |leg: &&Leg| {
            let instant = self.when.at(&self.rates.calendar, leg.source()).instant;
            self.timelines.get(&leg.series).is_none_or(|timeline| timeline.depth(instant) == 0)
        };
        let (whose, published) = match legs.iter().find(empty).map(|leg| leg.series) {
            Some(Series::Published(source, published)) => (source.name(), published),
            Some(Series::Pegged(published)) => ("the configured peg", published),
            None => ("the source", pair),
        };
        let when = self.when.date.map(|date| format!(" for {date}")).unwrap_or_default();
        Absent::NoQuote { pair, whose, published, when }
    }

    /// Reads a series until at least `wanted` different quotes up to `until` are known, or all of them.
    fn read(&mut self, series: Series, until: Timestamp, depth: i64, wanted: usize) -> Result<(), DbError> {
        if self.timelines.contains_key(&series) {
            return Ok(());
        }
        let Series::Published(source, pair) = series else {
            self.remember_peg(series);
            return Ok(());
        };
        let mut depth = depth;
        loop {
            let found = self.observations(source, pair, (Timestamp::EPOCH, until.plus_seconds(AHEAD)), depth)?;
            let all = (found.len() as i64) < depth;
            let timeline = self.timeline(found);
            if all || timeline.depth(until) >= wanted {
                self.timelines.insert(series, timeline);
                return Ok(());
            }
            depth *= 8;
        }
    }

    /// Reads a series from the quote that is in force at `first` on.
    fn read_since(&mut self, series: Series, first: Timestamp, until: Timestamp) -> Result<(), DbError> {
        let Series::Published(source, pair) = series else {
            self.remember_peg(series);
            return Ok(());
        };
        self.read(series, first, DEPTH, 1)?;
        let in_force = self.timelines.get(&series).and_then(|timeline| timeline.in_force(first));
        let since = in_force.map_or(first, |one| one.from);
        let newer = self.observations(source, pair, (since, until.plus_seconds(AHEAD)), i64::MAX)?;
        let timeline = self.timeline(newer);
        self.timelines.insert(series, timeline);
        Ok(())
    }

    fn remember_peg(&mut self, series: Series) {
        self.timelines.insert(series, Timeline::pegged(self.rates.pegs.clone()));
    }

    fn timeline(&self, found: Vec<Observation>) -> Timeline {
        Timeline::new(found, self.when.as_of)
    }

    /// The newest quotes of a series that take effect in a time, held ones among them. What was made up counts only where nothing
    /// else is known of the series, whatever the time.
    fn observations(
        &mut self,
        source: Source,
        pair: Pair,
        (since, until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<Observation>, DbError> {
        let known = quotes::table
            .inner_join(publications::table)
            .filter(quotes::source.eq(source))
            .filter(quotes::base.eq(pair.base).and(quotes::quote.eq(pair.quote)))
            .filter(quotes::fetched_at.le(self.when.known()));
        let query = known
            .filter(quotes::effective_at.ge(since).and(quotes::effective_at.le(until)))
            .order((quotes::effective_at.desc(), quotes::id.desc()))
            .limit(limit)
            .select((QuoteRow::as_select(), PublicationRow::as_select()));
        let real = publications::sample.eq(false);
        let mut rows: Vec<(QuoteRow, PublicationRow)> = query.load(self.conn)?;
        if rows.iter().any(|(_, table)| table.sample)
            && diesel::select(exists(known.filter(real))).get_result(self.conn)?
        {
            rows = query.filter(real).load(self.conn)?;
        }
        rows.into_iter().map(observation).collect()
    }
}
