//! The National Bank of the Kyrgyz Republic: five currencies daily, the others weekly, in one shape with decimal
//! commas.

use jiff::civil::Date;

use super::document::shown;
use super::sheet::{DAY_FIRST, Sheet, code, date, units};
use super::xml::Element;
use super::{Feed, FeedKey, Refusal, Source, Table};
use crate::rates::money::{Currency, Pair};

/// One of the bank's two tables.
#[derive(Debug)]
pub struct Nbkr {
    key: FeedKey,
    file: &'static str,
    weekly: bool,
}

/// For the day that follows.
pub const DAILY: Nbkr = Nbkr { key: FeedKey::NbkrDaily, file: "daily.xml", weekly: false };
/// For the days of which `ValidFor` says how many they are.
pub const WEEKLY: Nbkr = Nbkr { key: FeedKey::NbkrWeekly, file: "weekly.xml", weekly: true };

impl Nbkr {
    /// For how many days the rows are meant: all for as many, and more than one only in the weekly table.
    fn valid_days(&self, root: &Element) -> Result<u16, Refusal> {
        let mut all = None;
        for row in root.children("Currency") {
            let text = row.text("ValidFor")?.unwrap_or("1");
            let unfit = || Refusal::ValidFor(shown(text));
            let days = units(text).and_then(|days| u16::try_from(days).ok()).ok_or_else(unfit)?;
            if (days > 1) != self.weekly || *all.get_or_insert(days) != days {
                return Err(unfit());
            }
        }
        all.ok_or(Refusal::Empty)
    }
}

impl Feed for Nbkr {
    fn key(&self) -> FeedKey {
        self.key
    }

    fn source(&self) -> Source {
        Source::Nbkr
    }

    fn home(&self) -> Option<&'static str> {
        Some("https://www.nbkr.kg/XML/")
    }

    fn address(&self, home: &str, _day: Date) -> String {
        format!("{home}{}", self.file)
    }

    fn dated(&self) -> bool {
        false
    }

    fn conditional(&self) -> bool {
        true
    }

    fn read(&self, payload: &[u8]) -> Result<Table, Refusal> {
        let root = Element::read(payload)?.named("CurrencyRates")?;
        let mut sheet = Sheet::new(',');
        sheet.on(date(root.attribute("Date"), DAY_FIRST)?)?;
        for row in root.children("Currency") {
            let base = code(row.attribute("ISOCode").ok_or(Refusal::Missing("ISOCode"))?)?;
            sheet.add(Pair::new(base, Currency::KGS), row.need("Nominal")?, row.need("Value")?)?;
        }
        Ok(Table { valid_days: self.valid_days(&root)?, ..sheet.table()? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{DAILY_TABLE, WEEKLY_TABLE, quoted};
    use super::*;

    fn with(feed: &Nbkr, from: &str, to: &str) -> Result<Table, Refusal> {
        let text = str::from_utf8(if feed.weekly { WEEKLY_TABLE } else { DAILY_TABLE }).expect("ASCII");
        assert!(text.contains(from), "{from}");
        feed.read(text.replacen(from, to, 1).as_bytes())
    }

    #[test]
    fn reads_the_daily_table() {
        let table = DAILY.read(DAILY_TABLE).expect("as recorded");
        assert_eq!((table.date, table.at), (jiff::civil::date(2026, 5, 24), None));
        assert_eq!((table.valid_days, table.rows.len()), (1, 5));
        assert_eq!(quoted(&table, "USD/KGS"), ("87.4500", 1));
        assert_eq!(quoted(&table, "KZT/KGS"), ("0.1859", 1));
    }

    #[test]
    fn reads_the_weekly_table() {
        let table = WEEKLY.read(WEEKLY_TABLE).expect("as recorded");
        assert_eq!((table.date, table.valid_days, table.rows.len()), (jiff::civil::date(2026, 5, 23), 7, 40));
        assert_eq!(quoted(&table, "JPY/KGS"), ("5.4969", 10));
        assert_eq!(quoted(&table, "UZS/KGS"), ("0.0073", 1));
    }

    #[test]
    fn tells_the_two_tables_apart() {
        assert_eq!(DAILY.read(WEEKLY_TABLE), Err(Refusal::ValidFor("7".to_owned())));
        assert_eq!(WEEKLY.read(DAILY_TABLE), Err(Refusal::ValidFor("1".to_owned())));
        for days in ["14", "1", "0", "-7", "", "7.0", "70000", "week"] {
            assert_eq!(
                with(&WEEKLY, ">7<", &format!(">{days}<")),
                Err(Refusal::ValidFor(if days == "14" { "7" } else { days }.to_owned()))
            );
        }
        for (payload, key) in [(DAILY_TABLE, FeedKey::NbkrDaily), (WEEKLY_TABLE, FeedKey::NbkrWeekly)] {
            let (feed, table) = Source::Nbkr.recognise(payload).expect("as recorded");
            assert_eq!((feed.key(), Ok(table)), (key, feed.read(payload)));
        }
    }

    #[test]
    fn reads_its_declared_encoding() {
        let named = |declaration: &str| {
            let text = str::from_utf8(DAILY_TABLE).expect("ASCII").split_once("?>").expect("a declaration").1;
            let cyrillic = text.replacen("Daily", "\u{1}", 1).into_bytes();
            let cyrillic: Vec<u8> = cyrillic.into_iter().map(|byte| if byte == 1 { 0xd1 } else { byte }).collect();
            DAILY.read(&[declaration.as_bytes(), &cyrillic].concat())
        };
        assert_eq!(named("<?xml version='1.0' encoding='windows-1251' ?>"), DAILY.read(DAILY_TABLE));
        assert_eq!(named("<?xml version='1.0'?>"), Err(Refusal::Encoding("UTF-8")));
        assert_eq!(named(""), Err(Refusal::Encoding("UTF-8")));
    }

    #[test]
    fn refuses_a_table_with_one_bad_row() {
        for (from, to, refused) in [
            ("87,4500", "87.4500", "bad-row"),
            ("87,4500", "0,0000", "bad-row"),
            ("<Value>87,4500</Value>", "<Value/>", "bad-row"),
            ("<Value>87,4500</Value>", "", "bad-row"),
            ("<Value>87,4500</Value>", "<Value>87,4500</Value><Value>1</Value>", "bad-row"),
            ("<Nominal>1</Nominal>", "<Nominal>0</Nominal>", "bad-row"),
            ("<Nominal>1</Nominal>", "", "bad-row"),
            (" ISOCode=\"USD\"", "", "bad-row"),
            ("USD", "usd", "bad-row"),
            ("USD", "EUR", "bad-row"),
            ("USD", "KGS", "bad-row"),
            (" Date=\"24.05.2026\"", "", "no-date"),
            ("24.05.2026", "", "no-date"),
            ("24.05.2026", "2026-05-24", "no-date"),
            ("24.05.2026", "31.06.2026", "no-date"),
        ] {
            assert_eq!(with(&DAILY, from, to).map_err(|refusal| refusal.code()), Err(refused), "{from} -> {to}");
        }
        assert_eq!(DAILY.read(b"<CurrencyRates Date='24.05.2026'/>"), Err(Refusal::Empty));
        assert_eq!(DAILY.read(b"<Rates/>"), Err(Refusal::Root("Rates".to_owned(), "CurrencyRates")));
    }

    #[test]
    fn has_an_address_for_each() {
        let day = jiff::civil::date(2026, 5, 24);
        assert_eq!(DAILY.address("https://www.nbkr.kg/XML/", day), "https://www.nbkr.kg/XML/daily.xml");
        assert!(DAILY.conditional() && !DAILY.dated());
        assert_eq!(WEEKLY.address("http://[::1]/", day), "http://[::1]/weekly.xml");
    }
}
