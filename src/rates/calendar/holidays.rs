//! Days off: weekends, holidays with a date and their substitutes, and the movable feasts that governments announce.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::rules::Rule;

/// The longest run of days off, and so how far back a substitute day can have its cause.
const LONGEST_RUN: i32 = 14;

/// First days of the feast that ends Ramadan (Orozo ait, Idi Ramazon, Ramazon hayit), as announced. Later ones are a
/// matter of configuration.
const RAMADAN_ENDS: [Date; 3] = [date(2024, 4, 10), date(2025, 3, 30), date(2026, 3, 20)];
/// First days of the feast of sacrifice (Kurman ait, Kurban ait, Idi Qurbon, Qurbon hayit), as announced.
const SACRIFICE: [Date; 3] = [date(2024, 6, 16), date(2025, 6, 6), date(2026, 5, 27)];

/// Whether nobody works on a day, so far as the law of the source's country can be known beforehand.
pub fn is_off(rule: &Rule, day: Date) -> bool {
    is_weekend(day) || is_holiday(rule, day) || is_substitute(rule, day)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_holiday(rule: &Rule, day: Date) -> bool {
    rule.holidays.contains(&(day.month(), day.day()))
        || rule.plain_holidays.contains(&(day.month(), day.day()))
        || (rule.feasts.0 && RAMADAN_ENDS.contains(&day))
        || (rule.feasts.1 && SACRIFICE.contains(&day))
}

/// A holiday on a weekend makes the next day off that would have been a working day.
fn is_substitute(rule: &Rule, day: Date) -> bool {
    if rule.holidays.is_empty() {
        return false;
    }
    let mut owed = 0;
    let mut substitute = false;
    let start = day.checked_sub(LONGEST_RUN.days()).unwrap_or(day);
    for each in start.series(1.day()).take_while(|each| *each <= day) {
        let weekend = is_weekend(each);
        substitute = !weekend && !is_holiday(rule, each) && owed > 0;
        if substitute {
            owed -= 1;
        } else if weekend && rule.holidays.contains(&(each.month(), each.day())) {
            owed += 1;
        }
    }
    substitute
}
