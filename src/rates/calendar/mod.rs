//! When a source publishes, when its tables come into force, and what should be there by now. By the source's own zone,
//! working days and holidays.

mod holidays;
mod rules;

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use strum::VariantArray;

use super::sources::{FeedKey, Source};
use crate::clock::Timestamp;
use rules::{Force, Rule};

/// How far back a table is looked for before a source counts as silent.
const REACH: i32 = 60;

/// The working days of all sources: the built-in ones, and what the configuration says of single days.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    told: BTreeMap<(&'static str, Date), bool>,
}

/// A table that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// The day on which it comes into force.
    pub date: Date,
    /// From when it may be published.
    pub opens: Timestamp,
    /// By when it should have been.
    pub closes: Timestamp,
}

impl Awaited {
    /// Whether it may be published at this very instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opens <= at && at < self.closes
    }
}

impl Calendar {
    /// Says of one day whether a source works on it.
    pub fn tell(&mut self, source: Source, day: Date, works: bool) {
        self.told.insert((rule(source).name, day), works);
    }

    /// The date that a source's clock shows.
    pub fn date(&self, source: Source, at: Timestamp) -> Date {
        rule(source).date(at)
    }

    /// The first instant of a day in the source's zone.
    pub fn midnight(&self, source: Source, day: Date) -> Timestamp {
        rule(source).instant(day, 0)
    }

    /// The first instant of the day after.
    pub fn midnight_after(&self, source: Source, day: Date) -> Timestamp {
        rule(source).instant(day, 24)
    }

    /// When a day begins next for any of the sources.
    pub fn next_midnight(&self, now: Timestamp) -> Timestamp {
        let midnights = Source::VARIANTS.iter().map(|source| self.midnight_after(*source, self.date(*source, now)));
        midnights.min().unwrap_or(now)
    }

    /// The last instant of a day in the source's zone.
    pub fn end(&self, source: Source, day: Date) -> Timestamp {
        let midnight = self.midnight_after(source, day);
        Timestamp::from_micros(midnight.micros() - 1).unwrap_or(midnight)
    }

    /// The zone's name, such as `Asia/Almaty`.
    pub fn zone(&self, source: Source) -> &'static str {
        rule(source).zone_name
    }

    /// Whether the source works on a day.
    pub fn works(&self, source: Source, day: Date) -> bool {
        let rule = rule(source);
        self.told.get(&(rule.name, day)).copied().unwrap_or_else(|| !holidays::is_off(rule, day))
    }

    /// The table that comes into force on `date`; `None` when none is expected to.
    pub fn table(&self, feed: FeedKey, date: Date) -> Option<Awaited> {
        let source = feed.feed().source();
        let rule = rule(source);
        let published = match Force::of(feed) {
            Force::SameDay => Some(date).filter(|day| self.works(source, *day)),
            Force::NextDay => date.yesterday().ok().filter(|day| self.works(source, *day)),
            Force::NextWorkingDay if self.works(source, date) => self.last_working_day(source, date),
            Force::NextWorkingDay => None,
            Force::OnSaturdays if date.weekday() == Weekday::Saturday => self.last_working_day(source, date),
            Force::OnSaturdays => None,
        }?;
        let (from, to) = rule.window;
        Some(Awaited { date, opens: rule.instant(published, from), closes: rule.instant(published, to) })
    }

    fn last_working_day(&self, source: Source, before: Date) -> Option<Date> {
        days_back(before).skip(1).take(REACH as usize).find(|day| self.works(source, *day))
    }

    /// The newest date up to `day` whose table should be there at `at`.
    pub fn due(&self, feed: FeedKey, day: Date, at: Timestamp) -> Option<Date> {
        let there = |date: &Date| self.table(feed, *date).is_some_and(|table| table.closes <= at);
        days_back(day).take(REACH as usize).find(there)
    }

    /// How many tables after `last`, up to `day`, should be there at `at`.
    pub fn missed(&self, feed: FeedKey, last: Date, day: Date, at: Timestamp) -> usize {
        let late = |date: &Date| self.table(feed, *date).is_some_and(|table| table.closes <= at);
        days_back(day).take_while(|date| *date > last).filter(late).count()
    }

    /// The first table after `last` whose time to be published isn't over at `at`.
    pub fn awaited(&self, feed: FeedKey, last: Option<Date>, at: Timestamp) -> Option<Awaited> {
        let today = self.date(feed.feed().source(), at);
        let first = last.and_then(|last| last.tomorrow().ok()).map_or(today, |next| next.max(today));
        let ahead = first.series(1.day()).take(REACH as usize);
        ahead.filter_map(|date| self.table(feed, date)).find(|table| table.closes > at)
    }

    /// The newest table that may have been published at `at`.
    pub fn newest(&self, feed: FeedKey, at: Timestamp) -> Option<Awaited> {
        let horizon = self.horizon(feed, at);
        let out = |table: &Awaited| table.opens <= at;
        days_back(horizon).take(REACH as usize).filter_map(|date| self.table(feed, date)).find(out)
    }

    /// The hours of the day at hand in which the source publishes; `None` on a day on which it doesn't work.
    pub fn session(&self, source: Source, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.session_on(source, self.date(source, at))
    }

    /// When the source's next hours begin.
    pub fn next_session(&self, source: Source, at: Timestamp) -> Timestamp {
        let ahead = self.date(source, at).series(1.day()).take(REACH as usize);
        let opens =
            ahead.filter_map(|day| self.session_on(source, day)).map(|(opens, _)| opens).find(|opens| *opens > at);
        opens.unwrap_or_else(|| self.end(source, self.date(source, at)))
    }

    fn session_on(&self, source: Source, day: Date) -> Option<(Timestamp, Timestamp)> {
        let rule = rule(source);
        let (from, to) = rule.window;
        self.works(source, day).then(|| (rule.instant(day, from), rule.instant(day, to)))
    }

    /// The last date that a feed's table may honestly have at `at`: two days ahead, or that of the next table where it is later and may
    /// be published by then, as on the eve of a holiday.
    pub fn horizon(&self, feed: FeedKey, at: Timestamp) -> Date {
        let today = self.date(feed.feed().source(), at);
        let two_days = today.checked_add(2.days()).unwrap_or(today);
        let is_ahead = match Force::of(feed) {
            Force::SameDay | Force::NextDay => return two_days,
            Force::NextWorkingDay => |_: &Awaited, _| true,
            Force::OnSaturdays => |table: &Awaited, at| table.opens <= at,
        };
        let next = today.series(1.day()).skip(1).take(REACH as usize).find_map(|day| self.table(feed, day));
        next.filter(|table| is_ahead(table, at)).map_or(two_days, |table| table.date.max(two_days))
    }
}

fn rule(source: Source) -> &'static Rule {
    rules::of(source)
}

/// `day` and the days before it, the newest first.
fn days_back(day: Date) -> impl Iterator<Item = Date> {
    day.series((-1).day())
}

#[cfg(test)]
mod tests;
