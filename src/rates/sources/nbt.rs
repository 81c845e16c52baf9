//! The National Bank of Tajikistan: somoni per `Nominal` units, with decimal points. Its numeric ids are wrong in
//! places (810 for RUB), so that only the letter code is read.

use jiff::civil::Date;

use super::sheet::{Sheet, YEAR_FIRST, code, date};
use super::xml::Element;
use super::{Feed, FeedKey, Refusal, Source, Table};
use crate::rates::money::{Currency, Pair};

/// The bank's table.
#[derive(Debug)]
pub struct Nbt;

impl Feed for Nbt {
    fn key(&self) -> FeedKey {
        FeedKey::Nbt
    }

    fn source(&self) -> Source {
        Source::Nbt
    }

    fn home(&self) -> Option<&'static str> {
        Some("https://www.nbt.tj/en/kurs/export_xml.php")
    }

    fn address(&self, home: &str, day: Date) -> String {
        format!("{home}?date={day}&export=xmlout")
    }

    fn dated(&self) -> bool {
        true
    }

    fn read(&self, payload: &[u8]) -> Result<Table, Refusal> {
        let root = Element::read(payload)?.named("ValCurs")?;
        let mut sheet = Sheet::new('.');
        sheet.on(date(root.attribute("Date"), YEAR_FIRST)?)?;
        for row in root.children("Valute") {
            let pair = Pair::new(code(row.need("CharCode")?)?, Currency::TJS);
            sheet.add(pair, row.need("Nominal")?, row.need("Value")?)?;
        }
        sheet.table()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{NBT_TABLE, quoted};
    use super::*;

    const NEXT: &[u8] = include_bytes!("../../../tests/data/rates/nbt-2026-05-19.xml");

    #[test]
    fn reads_its_table() {
        let table = Nbt.read(NBT_TABLE).expect("as recorded");
        assert_eq!((table.date, table.rows.len()), (date(2026, 5, 18), 36));
        assert_eq!((table.at, table.valid_days), (None, 1));
        assert_eq!(quoted(&table, "USD/TJS"), ("9.3450", 1));
        assert_eq!(quoted(&table, "RUB/TJS"), ("0.1277", 1));
        assert_eq!(quoted(&table, "KGS/TJS"), ("1.0686", 10));
        assert_eq!(quoted(&table, "UZS/TJS"), ("0.0780", 100));
        assert_eq!(quoted(&table, "IRR/TJS"), ("0.0071", 1000));
        let next = Nbt.read(NEXT).expect("as recorded");
        assert_eq!((next.date, quoted(&next, "USD/TJS")), (date(2026, 5, 19), ("9.3371", 1)));
    }

    #[test]
    fn refuses_a_table_with_one_bad_part() {
        let text = str::from_utf8(NBT_TABLE).expect("UTF-8");
        for (from, to, code) in [
            ("9.3450", "9,3450", "bad-row"),
            ("9.3450", "", "bad-row"),
            ("<CharCode>USD</CharCode>", "", "bad-row"),
            ("USD", "840", "bad-row"),
            ("USD", "EUR", "bad-row"),
            ("USD", "TJS", "bad-row"),
            ("<Nominal>1</Nominal>", "<Nominal>1,0</Nominal>", "bad-row"),
            ("2026-05-18", "18.05.2026", "no-date"),
            ("2026-05-18", "2026-02-30", "no-date"),
            (" Date=\"2026-05-18\"", "", "no-date"),
            ("<ValCurs", "<!DOCTYPE ValCurs><ValCurs", "malformed"),
            ("</ValCurs>", "</ValCurs>.", "malformed"),
        ] {
            let payload = text.replacen(from, to, 1);
            assert_ne!(payload, text, "{from}");
            assert_eq!(Nbt.read(payload.as_bytes()).map_err(|why| why.code()), Err(code), "{from} -> {to}");
        }
        assert_eq!(Nbt.read(b"<ValCurs Date='2026-05-18'/>"), Err(Refusal::Empty));
        assert_eq!(Nbt.read(b"<rates/>"), Err(Refusal::Root("rates".to_owned(), "ValCurs")));
    }

    #[test]
    fn asks_for_a_day() {
        let address = Nbt.address("https://www.nbt.tj/en/kurs/export_xml.php", date(2026, 5, 8));
        assert_eq!(address, "https://www.nbt.tj/en/kurs/export_xml.php?date=2026-05-08&export=xmlout");
    }
}
