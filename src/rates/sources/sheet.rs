//! A table while it is read: what the rows of every source have to pass, and dates in the forms that sources use.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::document::shown;
use super::{Refusal, Row, Table};
use crate::rates::money::{Currency, Digits, Exact, Pair};

/// Day, month, year.
pub const DAY_FIRST: &str = "DD.MM.YYYY";
/// Year, month, day.
pub const YEAR_FIRST: &str = "YYYY-MM-DD";

/// The rows read so far.
#[derive(Debug)]
pub struct Sheet {
    mark: char,
    date: Option<Date>,
    seen: BTreeSet<Pair>,
    rows: Vec<Row>,
}

impl Sheet {
    /// An empty one, for numbers with this decimal mark.
    pub fn new(mark: char) -> Self {
        Self { mark, date: None, seen: BTreeSet::new(), rows: Vec::new() }
    }

    /// Dates it. Where every row has a date, they must agree.
    pub fn on(&mut self, date: Date) -> Result<(), Refusal> {
        let first = *self.date.get_or_insert(date);
        if first == date { Ok(()) } else { Err(Refusal::Dates(first, date)) }
    }

    /// Adds a quote. What a currency costs in itself is one, and no quote.
    pub fn add(&mut self, pair: Pair, nominal: &str, rate: &str) -> Result<(), Refusal> {
        if !self.seen.insert(pair) {
            return Err(Refusal::Twice(pair.to_string()));
        }
        let nominal = units(nominal).ok_or_else(|| Refusal::Nominal(pair.to_string(), shown(nominal)))?;
        let digits = Digits::read(rate, self.mark).map_err(|why| Refusal::Rate(pair.to_string(), why))?;
        if pair.base != pair.quote {
            self.rows.push(Row { pair, digits, nominal });
        } else if digits.value() != Exact::whole(nominal.into()) {
            return Err(Refusal::Own(pair.to_string()));
        }
        Ok(())
    }

    /// The table, for one day.
    pub fn table(self) -> Result<Table, Refusal> {
        if self.rows.is_empty() {
            return Err(Refusal::Empty);
        }
        Ok(Table { date: self.date.ok_or(Refusal::NoDate)?, at: None, valid_days: 1, rows: self.rows })
    }
}

/// Reads a currency's code.
pub fn code(text: &str) -> Result<Currency, Refusal> {
    text.parse().map_err(|_| Refusal::Code(shown(text)))
}

/// Reads a day of the calendar that is written exactly in `form`; two digits of a year are of this century.
pub fn date(text: Option<&str>, form: &'static str) -> Result<Date, Refusal> {
    let text = text.filter(|text| !text.is_empty()).ok_or(Refusal::NoDate)?;
    calendar_day(text, form).ok_or_else(|| Refusal::Date(shown(text), form))
}

fn calendar_day(text: &str, form: &str) -> Option<Date> {
    let placed = || text.bytes().zip(form.bytes());
    let fits =
        |(byte, place): (u8, u8)| if place.is_ascii_alphabetic() { byte.is_ascii_digit() } else { byte == place };
    if text.len() != form.len() || !placed().all(fits) {
        return None;
    }
    let number = |letter: u8| {
        let digits = placed().filter(|(_, place)| *place == letter).map(|(byte, _)| i16::from(byte - b'0'));
        digits.fold(0, |number, digit| number * 10 + digit)
    };
    let century = if form.contains("YYYY") { 0 } else { 2000 };
    Date::new(century + number(b'Y'), number(b'M').try_into().ok()?, number(b'D').try_into().ok()?).ok()
}

/// Reads a whole number of units, at least one.
pub fn units(text: &str) -> Option<u32> {
    let digits = Digits::read(text, '.').ok()?;
    digits.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Pair = Pair { base: Currency::USD, quote: Currency::KGS };
    const OWN: Pair = Pair { base: Currency::KGS, quote: Currency::KGS };

    #[test]
    fn takes_dates_in_exactly_their_form() {
        let day = jiff::civil::date(2026, 5, 4);
        for (text, form) in [("04.05.2026", DAY_FIRST), ("2026-05-04", YEAR_FIRST), ("04.05.26", "DD.MM.YY")] {
            assert_eq!(date(Some(text), form), Ok(day));
        }
        for text in [
            "4.5.2026",
            "04/05/2026",
            "2026-05-04",
            "04.05.26",
            "31.04.2026",
            "29.02.2026",
            "00.01.2026",
            "01.13.2026",
            "04.05.2026 ",
            "+4.05.2026",
            "04.05.20٢6",
            "today",
            "99.99.9999",
        ] {
            assert_eq!(date(Some(text), DAY_FIRST), Err(Refusal::Date(text.to_owned(), DAY_FIRST)));
        }
        assert_eq!((date(None, DAY_FIRST), date(Some(""), DAY_FIRST)), (Err(Refusal::NoDate), Err(Refusal::NoDate)));
    }

    #[test]
    fn a_nominal_is_a_whole_number_of_units() {
        assert_eq!((units("1"), units(" 1000\n"), units("4294967295")), (Some(1), Some(1000), Some(u32::MAX)));
        for text in ["", "0", "-1", "+1", "1.0", "1,0", "1e3", "1_000", "01", "4294967296", "one"] {
            assert_eq!(Sheet::new('.').add(PAIR, text, "1"), Err(Refusal::Nominal("USD/KGS".into(), text.into())));
        }
    }

    #[test]
    fn a_rate_is_plain_digits_with_this_mark() {
        for text in ["", "0", "0.0000", "-1", "8.2e-5", "1_234", "87,45", "1 234", "NaN"] {
            assert!(matches!(Sheet::new('.').add(PAIR, "1", text), Err(Refusal::Rate(..))), "{text}");
        }
        assert!(matches!(Sheet::new(',').add(PAIR, "1", "87.45"), Err(Refusal::Rate(..))));
    }

    #[test]
    fn a_table_has_a_date_and_each_pair_once() {
        let mut sheet = Sheet::new('.');
        assert_eq!(sheet.add(PAIR, "1", "87.4500"), Ok(()));
        assert_eq!(sheet.add(PAIR, "1", "87.4500"), Err(Refusal::Twice("USD/KGS".to_owned())));
        assert_eq!(sheet.table(), Err(Refusal::NoDate));
        assert_eq!(Sheet::new('.').table(), Err(Refusal::Empty));
    }

    #[test]
    fn a_currency_costs_one_of_itself() {
        let mut sheet = Sheet::new('.');
        assert_eq!(sheet.add(OWN, "10", "10.000"), Ok(()));
        assert_eq!(sheet.table(), Err(Refusal::Empty), "and is no quote");
        assert_eq!(Sheet::new('.').add(OWN, "1", "1.0001"), Err(Refusal::Own("KGS/KGS".to_owned())));
    }
}
