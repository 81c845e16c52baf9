//! The Central Bank of Uzbekistan: soum per `Nominal` units, as a JSON array with numbers in strings, every row
//! dated. Its `Diff` is absolute and is not read.

use jiff::civil::Date;

use super::json::Members;
use super::sheet::{DAY_FIRST, Sheet, code, date};
use super::{Feed, FeedKey, Refusal, Source, Table, document, json};
use crate::rates::money::{Currency, Pair};

/// The bank's table.
#[derive(Debug)]
pub struct Cbu;

impl Feed for Cbu {
    fn key(&self) -> FeedKey {
        FeedKey::Cbu
    }

    fn source(&self) -> Source {
        Source::Cbu
    }

    fn home(&self) -> Option<&'static str> {
        Some("https://cbu.uz/en/arkhiv-kursov-valyut/json/")
    }

    fn address(&self, home: &str, day: Date) -> String {
        format!("{home}all/{day}/")
    }

    fn dated(&self) -> bool {
        true
    }

    fn read(&self, payload: &[u8]) -> Result<Table, Refusal> {
        let text = document::text(payload)?;
        let mut sheet = Sheet::new('.');
        for row in json::read::<Vec<Members>>(&text)? {
            sheet.on(date(row.text("Date").as_deref(), DAY_FIRST)?)?;
            let pair = Pair::new(code(&row.need("Ccy")?)?, Currency::UZS);
            sheet.add(pair, &row.need("Nominal")?, &row.need("Rate")?)?;
        }
        sheet.table()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{CBU_TABLE, quoted};
    use super::*;

    const NEXT: &[u8] = include_bytes!("../../../tests/data/rates/cbu-2026-04-02.json");

    #[test]
    fn reads_its_table() {
        let table = Cbu.read(CBU_TABLE).expect("as recorded");
        assert_eq!((table.date, table.rows.len()), (date(2026, 4, 1), 75));
        assert_eq!((table.at, table.valid_days), (None, 1));
        assert_eq!(quoted(&table, "USD/UZS"), ("12194.21", 1));
        assert_eq!(quoted(&table, "VND/UZS"), ("4.63", 10));
        let next = Cbu.read(NEXT).expect("as recorded");
        assert_eq!((next.date, quoted(&next, "USD/UZS")), (date(2026, 4, 2), ("12142.10", 1)));
    }

    #[test]
    fn takes_bare_numbers_as_they_are_written() {
        let read = |rate: &str| {
            let row = format!(r#"[{{"Ccy":"USD","Nominal":1,"Rate":{rate},"Date":"01.04.2026"}}]"#);
            Cbu.read(row.as_bytes()).map(|table| table.rows[0].digits.to_string()).map_err(|why| why.code())
        };
        assert_eq!((read("12194.210").as_deref(), read("\"3\"").as_deref()), (Ok("12194.210"), Ok("3")));
        for rate in ["1e5", "-1", "0.00", "null", "true", "[]", "{}", "[1]", "\"\"", "\"1,5\"", "\"1 000\"", "\"1e5\""]
        {
            assert_eq!(read(rate), Err("bad-row"), "{rate}");
        }
        for rate in ["", "01", "NaN", "1_0", ".5", "1.", "'1'"] {
            assert_eq!(read(rate), Err("malformed"), "{rate}");
        }
    }

    #[test]
    fn refuses_a_table_with_one_bad_part() {
        let text = str::from_utf8(CBU_TABLE).expect("UTF-8");
        for (from, to, code) in [
            ("12194.21", "12194,21", "bad-row"),
            ("12194.21", "12_194.21", "bad-row"),
            (",\"Rate\":\"12194.21\"", "", "bad-row"),
            (",\"Nominal\":\"1\"", "", "bad-row"),
            ("\"Nominal\":\"1\"", "\"Nominal\":\"0\"", "bad-row"),
            ("\"Ccy\":\"USD\"", "\"Ccy\":\"EUR\"", "bad-row"),
            ("\"Ccy\":\"USD\"", "\"Ccy\":840", "bad-row"),
            ("\"Ccy\":\"USD\"", "\"Ccy\":null", "bad-row"),
            ("\"Ccy\":\"USD\"", "\"Ccy\":\"UZS\"", "bad-row"),
            (",\"Date\":\"01.04.2026\"", "", "no-date"),
            ("01.04.2026", "02.04.2026", "no-date"),
            ("01.04.2026", "2026-04-01", "no-date"),
            ("\"Date\":\"01.04.2026\"", "\"Date\":20260401", "no-date"),
            ("\"Ccy\":\"USD\"", "\"Ccy\":\"USD\",\"Ccy\":\"USD\"", "malformed"),
        ] {
            let payload = text.replacen(from, to, 1);
            assert_ne!(payload, text, "{from}");
            assert_eq!(Cbu.read(payload.as_bytes()).map_err(|why| why.code()), Err(code), "{from} -> {to}");
        }
        assert_eq!(Cbu.read(b"[]"), Err(Refusal::Empty));
        for payload in
            ["", "{}", "null", "\"\"", "[[]]", "[null]", "[{}", "[{}]]", "[[\"USD\",\"1\",\"5\",\"01.04.2026\"]]"]
        {
            assert_eq!(Cbu.read(payload.as_bytes()).map_err(|why| why.code()), Err("malformed"), "{payload}");
        }
    }

    #[test]
    fn asks_for_a_day() {
        let address = Cbu.address("https://cbu.uz/en/arkhiv-kursov-valyut/json/", date(2026, 4, 1));
        assert_eq!(address, "https://cbu.uz/en/arkhiv-kursov-valyut/json/all/2026-04-01/");
    }
}
