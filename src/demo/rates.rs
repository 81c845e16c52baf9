//! Two years of sample quotes: made up, near enough to what such numbers look like, and marked as samples in their source.
//! A day's numbers are the same in every database, so that a later start only adds the days since.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::rates::Rates;
use crate::rates::money::{Currency, Digits, Pair};
use crate::rates::queries::{Arrival, Channel, standings, store};
use crate::rates::sources::{FeedKey, Row, Table};

/// The day on which the numbers begin to wander.
const ORIGIN: Date = date(2024, 1, 1);
/// Days that are shown.
const DAYS: i32 = 730;
/// Seconds into a session at which a sample table comes out.
const INTO_SESSION: i64 = 2_700;
/// Tables a transaction.
const BATCH: usize = 50;

/// A bank with the quotes of its table: code, first value in units of the last digit, and nominal.
struct SampleBank {
    feed: FeedKey,
    home: Currency,
    decimals: u32,
    quotes: &'static [(&'static str, u64, u32)],
}

const BANKS: [SampleBank; 4] = [
    SampleBank {
        feed: FeedKey::NbkrDaily,
        home: Currency::KGS,
        decimals: 4,
        quotes: &[("USD", 871_500, 1), ("EUR", 968_300, 1), ("CNY", 122_100, 1), ("RUB", 10_450, 1)],
    },
    SampleBank {
        feed: FeedKey::Nbk,
        home: Currency::KZT,
        decimals: 2,
        quotes: &[("USD", 49_380, 1), ("EUR", 54_610, 1), ("CNY", 6_870, 1), ("RUB", 577, 1)],
    },
    SampleBank {
        feed: FeedKey::Nbt,
        home: Currency::TJS,
        decimals: 4,
        quotes: &[("USD", 101_260, 1), ("EUR", 112_840, 1), ("CNY", 14_190, 1), ("RUB", 11_680, 10)],
    },
    SampleBank {
        feed: FeedKey::Cbu,
        home: Currency::UZS,
        decimals: 2,
        quotes: &[("USD", 1_251_440, 1), ("EUR", 1_402_300, 1), ("CNY", 176_250, 1), ("RUB", 14_370, 1)],
    },
];

/// Adds what is missing of the sample quotes, up to what would be published at `now`. A bank that has real quotes is left
/// alone; one that has none gets samples only if `empty` says that the database was. Returns how many quotes were added.
pub fn fill(db: &Db, rates: &Rates, now: Timestamp, empty: bool) -> Result<usize, DbError> {
    let standings = db.read_here(standings)?;
    let mut added = 0;
    for bank in &BANKS {
        let standing = standings.iter().find(|standing| standing.feed == bank.feed);
        let last = standing.and_then(|standing| standing.last).map(|(date, ..)| date);
        let wanted = match last {
            None => empty,
            Some(_) => standing.is_some_and(|standing| standing.sample),
        };
        if wanted {
            added += fill_bank(db, rates, now, bank, last)?;
        }
    }
    Ok(added)
}

fn fill_bank(db: &Db, rates: &Rates, now: Timestamp, bank: &SampleBank, last: Option<Date>) -> Result<usize, DbError> {
    let today = rates.calendar.date(bank.feed.feed().source(), now);
    let first = today.saturating_sub(DAYS.days());
    let horizon = rates.calendar.horizon(bank.feed, now);
    let mut walks: Vec<Walk> = bank.quotes.iter().map(|(code, start, _)| Walk::new(bank.home, code, *start)).collect();
    let mut tables = Vec::new();
    for day in ORIGIN.series(1.day()).take_while(|day| *day <= horizon) {
        walks.iter_mut().for_each(|walk| walk.step(day));
        let Some(awaited) = rates.calendar.table(bank.feed, day) else { continue };
        let published = awaited.opens.plus_seconds(INTO_SESSION);
        if day >= first && published <= now && last.is_none_or(|last| last < day) {
            tables.push((published, bank.table(day, &walks)));
        }
    }
    for batch in tables.chunks(BATCH) {
        db.write_here(|conn| {
            for (published, table) in batch {
                let arrival = Arrival {
                    feed: bank.feed,
                    table,
                    payload_hash: "sample",
                    url: None,
                    channel: Channel::Imported,
                    redistributable: true,
                    sample: true,
                };
                store(conn, rates, *published, &arrival)?;
            }
            Ok::<_, DbError>(())
        })?;
    }
    Ok(tables.iter().map(|(_, table)| table.rows.len()).sum())
}

impl SampleBank {
    fn table(&self, day: Date, walks: &[Walk]) -> Table {
        let row = |((code, _, nominal), walk): (&(&str, u64, u32), &Walk)| {
            let base: Currency = code.parse().ok()?;
            let digits = Digits::read(&written(walk.value / Walk::FINE, self.decimals), '.').ok()?;
            Some(Row { pair: Pair::new(base, self.home), digits, nominal: *nominal })
        };
        let rows = self.quotes.iter().zip(walks).filter_map(row).collect();
        Table { date: day, at: None, valid_days: 1, rows }
    }
}

fn written(value: u64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    format!("{}.{:0width$}", value / unit, value % unit, width = decimals as usize)
}

/// A value that wanders by less than half a percent a day, and never far.
struct Walk {
    seed: u64,
    start: u64,
    value: u64,
}

impl Walk {
    /// `start` and `value` are finer than the last digit by this, so that small numbers wander too.
    const FINE: u64 = 1_000;

    fn new(home: Currency, code: &str, start: u64) -> Self {
        let start = start * Self::FINE;
        let bytes = home.code().bytes().chain(code.bytes());
        let seed = bytes.fold(0, |seed: u64, byte| seed.wrapping_mul(257).wrapping_add(byte.into()));
        Self { seed, start, value: start }
    }

    /// To the next day.
    fn step(&mut self, day: Date) {
        let ordinal = u64::from(day.year().unsigned_abs()) * 1_000 + u64::from(day.day_of_year().unsigned_abs());
        let chance = mixed(self.seed ^ ordinal.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % 801;
        // In hundred-thousandths: from -400 to 400, and a pull back towards the start.
        let (value, start) = (i128::from(self.value), i128::from(self.start));
        let step = value * (i128::from(chance) - 400) / 100_000 + (start - value) / 120;
        self.value = u64::try_from(value + step).unwrap_or(self.start).max(1);
    }
}

/// The finalizer of SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_stay_near_their_start_and_move_gently() {
        for bank in &BANKS {
            for (code, start, _) in bank.quotes {
                let mut walk = Walk::new(bank.home, code, *start);
                for day in ORIGIN.series(1.day()).take(3_000) {
                    let before = walk.value;
                    walk.step(day);
                    assert!(walk.value.abs_diff(before) * 50 < before, "{code}: {before} -> {}", walk.value);
                    let start = start * Walk::FINE;
                    assert!(walk.value.abs_diff(start) * 5 < start, "{code}: {}", walk.value);
                }
            }
        }
    }

    #[test]
    fn values_are_written_with_all_their_decimals() {
        assert_eq!((written(871_500, 4), written(577, 2)), ("87.1500".to_owned(), "5.77".to_owned()));
    }
}
