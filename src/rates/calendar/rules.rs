//! How each source publishes. From `RATES.md`'s table of sources: session times, zones, and when a table takes effect.

use jiff::civil::Date;
use jiff::tz::{self, TimeZone};

use super::super::sources::{FeedKey, Source};
use crate::clock::Timestamp;

/// When a table comes into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// On the working day on which it is published.
    SameDay,
    /// On the day after, working or not.
    NextDay,
    /// On the next working day.
    NextWorkingDay,
    /// On Saturday, for a week.
    OnSaturdays,
}

impl Force {
    /// The rule of a feed.
    pub fn of(feed: FeedKey) -> Self {
        match feed {
            FeedKey::NbkrWeekly => Self::OnSaturdays,
            other => of(other.feed().source()).force,
        }
    }
}

/// What is known of a source's days.
#[derive(Debug)]
pub struct Rule {
    pub name: &'static str,
    pub zone_name: &'static str,
    zone: TimeZone,
    pub force: Force,
    /// The hours of a working day, local, between which a table is published.
    pub window: (i8, i8),
    /// Month and day of holidays that have a date. One that falls on a weekend makes the next working day one.
    pub holidays: &'static [(i8, i8)],
    /// Holidays of the same kind that leave the next working day alone.
    pub plain_holidays: &'static [(i8, i8)],
    /// Whether the movable feasts are holidays: the end of Ramadan, and the feast of sacrifice.
    pub feasts: (bool, bool),
}

static NBKR: Rule = Rule {
    name: "nbkr",
    zone_name: "Asia/Bishkek",
    zone: tz::get!("Asia/Bishkek"),
    force: Force::NextDay,
    window: (14, 16),
    holidays: &[(1, 1), (1, 7), (2, 23), (3, 8), (3, 21), (4, 7), (5, 1), (5, 5), (5, 9), (8, 31), (11, 7), (11, 8)],
    plain_holidays: &[],
    feasts: (true, true),
};

static NBK: Rule = Rule {
    name: "nbk",
    zone_name: "Asia/Almaty",
    zone: tz::get!("Asia/Almaty"),
    force: Force::NextWorkingDay,
    window: (14, 16),
    holidays: &[
        (1, 1),
        (1, 2),
        (3, 8),
        (3, 21),
        (3, 22),
        (3, 23),
        (5, 1),
        (5, 7),
        (5, 9),
        (7, 6),
        (8, 30),
        (10, 25),
        (12, 16),
    ],
    plain_holidays: &[(1, 7)],
    feasts: (false, true),
};

static NBT: Rule = Rule {
    name: "nbt",
    zone_name: "Asia/Dushanbe",
    zone: tz::get!("Asia/Dushanbe"),
    force: Force::SameDay,
    window: (9, 11),
    holidays: &[(1, 1), (3, 8), (3, 21), (3, 22), (3, 23), (3, 24), (5, 9), (6, 27), (9, 9), (11, 6)],
    plain_holidays: &[],
    feasts: (true, true),
};

static CBU: Rule = Rule {
    name: "cbu",
    zone_name: "Asia/Tashkent",
    zone: tz::get!("Asia/Tashkent"),
    force: Force::NextWorkingDay,
    window: (13, 15),
    holidays: &[(1, 1), (3, 8), (3, 21), (5, 9), (9, 1), (10, 1), (12, 8)],
    plain_holidays: &[],
    feasts: (true, true),
};

/// Markets close on weekends alone.
static MARKET: Rule = Rule {
    name: "market",
    zone_name: "UTC",
    zone: TimeZone::UTC,
    force: Force::SameDay,
    window: (0, 24),
    holidays: &[],
    plain_holidays: &[],
    feasts: (false, false),
};

/// The rule of a source.
pub fn of(source: Source) -> &'static Rule {
    match source {
        Source::Nbkr => &NBKR,
        Source::Nbk => &NBK,
        Source::Nbt => &NBT,
        Source::Cbu => &CBU,
        Source::Market => &MARKET,
    }
}

impl Rule {
    /// The date on the source's wall at an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at.to_jiff()).date()
    }

    /// The instant of a full hour of a day; 24 is the end of the day.
    pub fn instant(&self, day: Date, hour: i8) -> Timestamp {
        let (day, hour) = if hour == 24 { (day.tomorrow().unwrap_or(day), 0) } else { (day, hour) };
        let at = self.zone.to_ambiguous_timestamp(day.at(hour, 0, 0, 0)).compatible();
        at.ok().and_then(Timestamp::from_jiff).unwrap_or(Timestamp::EPOCH)
    }
}
