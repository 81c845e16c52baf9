//! A market feed in the shape of Open Exchange Rates: what one US dollar costs, at an instant. Its numbers are read
//! as they are written. A name that isn't an active currency's code is passed over.

use jiff::civil::Date;
use jiff::tz::Offset;

use super::document::shown;
use super::json::Members;
use super::sheet::Sheet;
use super::{Feed, FeedKey, Refusal, Source, Table, document, json};
use crate::clock::Timestamp;
use crate::rates::money::{Currency, Pair};
use crate::rates::names::find;

/// The market's table.
#[derive(Debug)]
pub struct Market;

impl Feed for Market {
    fn key(&self) -> FeedKey {
        FeedKey::Market
    }

    fn source(&self) -> Source {
        Source::Market
    }

    fn home(&self) -> Option<&'static str> {
        None
    }

    fn address(&self, home: &str, _day: Date) -> String {
        home.to_owned()
    }

    fn dated(&self) -> bool {
        false
    }

    fn read(&self, payload: &[u8]) -> Result<Table, Refusal> {
        let text = document::text(payload)?;
        let feed: Members = json::read(&text)?;
        let base = feed.text("base").unwrap_or_default();
        if base != Currency::USD.code() {
            return Err(Refusal::Base(shown(&base)));
        }
        let at = feed.json("timestamp").ok_or(Refusal::NoDate)?;
        let at = instant(at).ok_or_else(|| Refusal::Date(shown(at), "seconds since 1970"))?;
        let mut sheet = Sheet::new('.');
        sheet.on(Offset::UTC.to_datetime(at.to_jiff()).date())?;
        let rates: Members = json::read(feed.json("rates").ok_or(Refusal::Empty)?)?;
        for (name, rate) in rates.iter() {
            // Feeds list metals, coins and tokens too, some of them as 1.1e-5.
            if let Some(quote) = name.parse().ok().filter(|code| find(*code).is_some()) {
                sheet.add(Pair::new(Currency::USD, quote), "1", rate)?;
            }
        }
        Ok(Table { at: Some(at), ..sheet.table()? })
    }
}

/// An instant in whole seconds since 1970. Milliseconds would be beyond the range.
fn instant(seconds: &str) -> Option<Timestamp> {
    let seconds: u32 = seconds.parse().ok()?;
    Timestamp::from_micros(i64::from(seconds) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MARKET_TABLE, quoted};
    use super::*;

    fn read(text: &str) -> Result<Table, &'static str> {
        Market.read(text.as_bytes()).map_err(|refusal| refusal.code())
    }

    #[test]
    fn reads_its_table() {
        let table = Market.read(MARKET_TABLE).expect("the documented shape");
        assert_eq!((table.date, table.rows.len()), (jiff::civil::date(2025, 4, 3), 4));
        assert_eq!(table.at.map(|at| at.to_string()).as_deref(), Some("2025-04-03T06:00:00Z"));
        assert_eq!(quoted(&table, "USD/KGS"), ("86.7303", 1));
        assert_eq!(quoted(&table, "USD/UZS"), ("12932.310000000000001", 1));
        assert_eq!(quoted(&table, "USD/TMT"), ("3.50", 1));
    }

    #[test]
    fn refuses_a_table_with_one_bad_part() {
        let text = str::from_utf8(MARKET_TABLE).expect("UTF-8");
        for (from, to, code) in [
            ("86.7303", "8.67303e1", "bad-row"),
            ("86.7303", "-86.7303", "bad-row"),
            ("86.7303", "0", "bad-row"),
            ("86.7303", "\"86.7303\"", "bad-row"),
            ("86.7303", "null", "bad-row"),
            ("86.7303", "[86.7303]", "bad-row"),
            ("86.7303", "86,7303", "malformed"),
            ("86.7303", "NaN", "malformed"),
            ("\"KGS\"", "\"KZT\"", "malformed"),
            ("\"USD\":1,", "\"USD\":2,", "bad-row"),
            ("\"base\":\"USD\"", "\"base\":\"EUR\"", "bad-row"),
            ("\"base\":\"USD\",", "", "bad-row"),
            ("\"timestamp\":1743660000,", "", "no-date"),
            ("1743660000", "\"1743660000\"", "no-date"),
            ("1743660000", "1743660000.5", "no-date"),
            ("1743660000", "-1", "no-date"),
            ("1743660000", "1743660000000", "no-date"),
            ("\"rates\"", "\"quotes\"", "no-rows"),
            ("\"timestamp\"", "\"base\":\"USD\",\"timestamp\"", "malformed"),
        ] {
            let payload = text.replacen(from, to, 1);
            assert_ne!(payload, text, "{from}");
            assert_eq!(read(&payload), Err(code), "{from} -> {to}");
        }
    }

    #[test]
    fn refuses_other_shapes() {
        let rates = |rates: &str| read(&format!(r#"{{"timestamp":1743660000,"base":"USD","rates":{rates}}}"#));
        for (none, code) in [
            ("{}", "no-rows"),
            (r#"{"USD":1}"#, "no-rows"),
            (r#"{"usd":1}"#, "no-rows"),
            ("[]", "malformed"),
            ("null", "malformed"),
            ("1", "malformed"),
        ] {
            assert_eq!(rates(none), Err(code), "{none}");
        }
        for text in ["", "[]", "null", "[{}]"] {
            assert_eq!(read(text), Err("malformed"), "{text}");
        }
        assert_eq!(read("{}"), Err("bad-row"));
    }

    #[test]
    fn has_only_the_address_it_is_given() {
        assert_eq!(Market.home(), None);
        assert_eq!(
            Market.address("https://example.org/latest.json?app_id=1", Date::MAX),
            "https://example.org/latest.json?app_id=1"
        );
    }
}
