//! The quotes of one series through time, as they were known at some instant.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::civil::Date;

use super::super::money::{Digits, Exact};
use super::super::sources::FeedKey;
use crate::clock::Timestamp;

/// A quote as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    pub digits: Digits,
    pub nominal: i64,
    /// The day from which it is in force, as its source wrote it.
    pub date: Date,
    /// The instant from which it is in force.
    pub from: Timestamp,
    pub origin: Origin,
}

/// How it came here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Published {
        id: i64,
        feed: FeedKey,
        valid_days: i64,
        fetched_at: Timestamp,
        /// From when it is served; `None` while it is held.
        accepted_at: Option<Timestamp>,
        url: Option<String>,
        redistributable: bool,
        sample: bool,
    },
    /// Configured, and in force since its date.
    Pegged { since: Date },
}

impl Observation {
    /// What one unit of the published base costs.
    pub fn value(&self) -> Exact {
        &self.digits.value() / &Exact::whole(self.nominal)
    }

    /// Whether it was made up, for a demonstration.
    pub fn is_sample(&self) -> bool {
        matches!(self.origin, Origin::Published { sample: true, .. })
    }

    fn accepted_at(&self) -> Option<Timestamp> {
        match self.origin {
            Origin::Published { accepted_at, .. } => accepted_at,
            Origin::Pegged { .. } => Some(self.from),
        }
    }

    fn order(&self) -> (Timestamp, Option<Timestamp>, i64) {
        let id = if let Origin::Published { id, .. } = self.origin { id } else { 0 };
        (self.from, self.accepted_at(), id)
    }
}

/// The quotes of a series. Of several for one instant the last accepted one counts.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// The newest first.
    accepted: Vec<Observation>,
    held: Vec<Observation>,
    pegged: bool,
}

impl Timeline {
    /// What was known of `observations` at `known`; all of them without it.
    pub fn new(observations: Vec<Observation>, known: Option<Timestamp>) -> Self {
        let in_time = |at: Timestamp| known.is_none_or(|known| at <= known);
        let seen = observations.into_iter().filter(|one| match one.origin {
            Origin::Published { fetched_at, .. } => in_time(fetched_at),
            Origin::Pegged { .. } => true,
        });
        let (mut accepted, held): (Vec<_>, Vec<_>) = seen.partition(|one| one.accepted_at().is_some_and(in_time));
        accepted.sort_by_key(|one| Reverse(one.order()));
        let mut instants = HashSet::new();
        accepted.retain(|one| instants.insert(one.from));
        Self { accepted, held, pegged: false }
    }

    /// A configured rate, which is published anew every day, so to speak.
    pub fn pegged(pegs: Vec<Observation>) -> Self {
        Self { pegged: true, ..Self::new(pegs, None) }
    }

    /// Whether it is a configured rate.
    pub fn is_pegged(&self) -> bool {
        self.pegged
    }

    /// How many different quotes there are up to `until`.
    pub fn depth(&self, until: Timestamp) -> usize {
        self.accepted.iter().filter(|one| one.from <= until).count()
    }

    /// The quote in force at an instant.
    pub fn in_force(&self, instant: Timestamp) -> Option<&Observation> {
        self.accepted.get(self.accepted.partition_point(|one| one.from > instant))
    }

    /// The quote in force at an instant of a day.
    pub fn at(&self, instant: Timestamp, day: Date) -> Option<Observation> {
        self.shown(self.accepted.partition_point(|one| one.from > instant), day)
    }

    /// The quote on a day, by the dates that the source wrote.
    fn on(&self, day: Date) -> Option<Observation> {
        self.shown(self.accepted.partition_point(|one| one.date > day), day)
    }

    fn shown(&self, index: usize, day: Date) -> Option<Observation> {
        let found = self.accepted.get(index)?.clone();
        Some(if self.pegged { Observation { date: day, ..found } } else { found })
    }

    /// The publication before this one.
    pub fn before(&self, one: &Observation) -> Option<Observation> {
        if self.pegged {
            return one.date.yesterday().ok().and_then(|day| self.on(day));
        }
        self.accepted.iter().find(|other| other.from < one.from).cloned()
    }

    /// The next publication after an instant that is known already.
    pub fn after(&self, instant: Timestamp) -> Option<Observation> {
        self.accepted.iter().rev().find(|one| one.from > instant).cloned()
    }

    /// The newest day from which a quote is, or will be, in force.
    pub fn known_until(&self) -> Option<Date> {
        self.accepted.first().map(|one| one.date)
    }

    /// Whether a quote that should replace `current` by `instant` is held back.
    pub fn is_held(&self, current: &Observation, instant: Timestamp) -> bool {
        let Origin::Published { fetched_at: since, .. } = current.origin else { return false };
        self.held.iter().any(|one| match one.origin {
            Origin::Published { fetched_at, .. } => {
                one.from <= instant && (one.from > current.from || (one.from == current.from && fetched_at > since))
            }
            Origin::Pegged { .. } => false,
        })
    }
}
