//! For when a rate is asked: now, on a day, or as it stood at an instant in the past.

use jiff::civil::Date;

use super::super::calendar::Calendar;
use super::super::sources::Source;
use crate::clock::Timestamp;

/// For when a rate is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    pub now: Timestamp,
    /// The day whose rate is wanted, by each source's own zone; without it, the present one.
    pub date: Option<Date>,
    /// What was known, and what day it was, at this instant; without it, now.
    pub as_of: Option<Timestamp>,
}

/// The same for one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What is in force then is the answer.
    pub instant: Timestamp,
    /// Its day in the source's zone.
    pub day: Date,
    /// The day that it is.
    pub today: Date,
    /// By when tables should have been published to count as missed.
    pub by: Timestamp,
}

impl When {
    /// The instant whose knowledge is used.
    pub fn known(&self) -> Timestamp {
        self.as_of.unwrap_or(self.now)
    }

    /// What it means to a source.
    pub fn at(&self, calendar: &Calendar, source: Source) -> Moment {
        let known = self.known();
        let today = calendar.date(source, known);
        let day = self.date.unwrap_or(today);
        let instant = if day == today { known } else { calendar.end(source, day) };
        Moment { instant, day, today, by: instant.min(known) }
    }
}
