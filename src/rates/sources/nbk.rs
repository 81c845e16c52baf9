//! The National Bank of Kazakhstan: tenge per `quant` units, with decimal points, in a shape of its own or as RSS.
//! Its `change` is absolute and is not read.

use jiff::civil::Date;

use super::document::shown;
use super::sheet::{DAY_FIRST, Sheet, code, date};
use super::xml::Element;
use super::{Feed, FeedKey, Refusal, Source, Table};
use crate::rates::money::{Currency, Pair};

/// The bank's table.
#[derive(Debug)]
pub struct Nbk;

/// How an RSS item may write its date as well.
const SHORT: &str = "DD.MM.YY";

impl Feed for Nbk {
    fn key(&self) -> FeedKey {
        FeedKey::Nbk
    }

    fn source(&self) -> Source {
        Source::Nbk
    }

    fn home(&self) -> Option<&'static str> {
        Some("https://nationalbank.kz/rss/")
    }

    fn address(&self, home: &str, day: Date) -> String {
        format!("{home}get_rates.cfm?fdate={}", day.strftime("%d.%m.%Y"))
    }

    fn dated(&self) -> bool {
        true
    }

    fn read(&self, payload: &[u8]) -> Result<Table, Refusal> {
        let root = Element::read(payload)?;
        let mut sheet = Sheet::new('.');
        match root.name() {
            "rates" => {
                sheet.on(date(root.text("date")?, DAY_FIRST)?)?;
                root.children("item").try_for_each(|item| add(&mut sheet, item))?;
            }
            "rss" => {
                for item in root.children("channel").flat_map(|channel| channel.children("item")) {
                    let day = item.text("pubDate")?;
                    let short = day.is_some_and(|day| day.len() == SHORT.len());
                    sheet.on(date(day, if short { SHORT } else { DAY_FIRST })?)?;
                    add(&mut sheet, item)?;
                }
            }
            other => return Err(Refusal::Root(shown(other), "rates")),
        }
        sheet.table()
    }
}

fn add(sheet: &mut Sheet, item: &Element) -> Result<(), Refusal> {
    let pair = Pair::new(code(item.need("title")?)?, Currency::KZT);
    sheet.add(pair, item.need("quant")?, item.need("description")?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{NBK_TABLE, quoted};
    use super::*;

    const NEXT: &[u8] = include_bytes!("../../../tests/data/rates/nbk-2026-04-02.xml");

    const RSS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel>
        <title>Official exchange rates</title><description>Курсы</description><language>ru</language>
        <item><title>AUD</title><pubDate>01.04.2026</pubDate><description>328.01</description><quant>1</quant>
            <index>DOWN</index><change>-2.13</change><link></link></item>
        <item><title>AMD</title><pubDate>01.04.26</pubDate><description><![CDATA[12.72]]></description>
            <quant>10</quant><index/><change>0.00</change></item>
        </channel></rss>";

    #[test]
    fn reads_its_own_shape() {
        let table = Nbk.read(NBK_TABLE).expect("as recorded");
        assert_eq!((table.date, table.rows.len()), (date(2026, 4, 1), 39));
        assert_eq!((table.at, table.valid_days), (None, 1));
        assert_eq!(quoted(&table, "USD/KZT"), ("478.77", 1));
        assert_eq!(quoted(&table, "AMD/KZT"), ("12.72", 10));
        assert_eq!(quoted(&table, "KRW/KZT"), ("31.29", 100));
        assert_eq!(quoted(&table, "JPY/KZT"), ("3", 1));
        let next = Nbk.read(NEXT).expect("as recorded");
        assert_eq!((next.date, next.rows.len()), (date(2026, 4, 2), 39));
    }

    #[test]
    fn reads_rss() {
        let table = Nbk.read(RSS.as_bytes()).expect("the bank's RSS");
        assert_eq!((table.date, table.rows.len()), (date(2026, 4, 1), 2));
        assert_eq!((quoted(&table, "AUD/KZT"), quoted(&table, "AMD/KZT")), (("328.01", 1), ("12.72", 10)));
        let refused = |from: &str, to: &str| Nbk.read(RSS.replacen(from, to, 1).as_bytes()).map_err(|why| why.code());
        for (from, to, code) in [
            ("01.04.2026", "02.04.2026", "no-date"),
            ("01.04.26", "2026-04-01", "no-date"),
            ("<pubDate>01.04.2026</pubDate>", "", "no-date"),
            ("AMD", "AUD", "bad-row"),
            ("<quant>1</quant>", "", "bad-row"),
            ("328.01", "<b>328.01</b>", "bad-row"),
        ] {
            assert_eq!(refused(from, to), Err(code), "{from} -> {to}");
        }
        let disagree = Nbk.read(RSS.replace("01.04.26", "31.03.26").as_bytes());
        assert_eq!(disagree, Err(Refusal::Dates(date(2026, 4, 1), date(2026, 3, 31))));
    }

    #[test]
    fn refuses_a_table_with_one_bad_part() {
        let text = str::from_utf8(NBK_TABLE).expect("UTF-8");
        for (from, to, code) in [
            ("328.01", "328,01", "bad-row"),
            ("328.01", "-328.01", "bad-row"),
            ("328.01", "3.28e2", "bad-row"),
            ("328.01", "3_28.01", "bad-row"),
            ("328.01", "0.00", "bad-row"),
            ("328.01", " ", "bad-row"),
            ("AUD", "AZN", "bad-row"),
            ("AUD", "AUDX", "bad-row"),
            ("<quant>1</quant>", "<quant>1.5</quant>", "bad-row"),
            ("<date>01.04.2026</date>", "", "no-date"),
            ("<date>01.04.2026</date>", "<date/>", "no-date"),
            ("01.04.2026", "1.4.2026", "no-date"),
            ("01.04.2026", "01.04.26", "no-date"),
            ("?>", "?><!DOCTYPE rates>", "malformed"),
        ] {
            let payload = text.replacen(from, to, 1);
            assert_ne!(payload, text, "{from}");
            assert_eq!(Nbk.read(payload.as_bytes()).map_err(|why| why.code()), Err(code), "{from} -> {to}");
        }
        assert_eq!(Nbk.read(b"<rates><date>01.04.2026</date></rates>"), Err(Refusal::Empty));
        assert_eq!(Nbk.read(b"<rss><channel/></rss>"), Err(Refusal::Empty));
        assert_eq!(Nbk.read(b"<ValCurs/>"), Err(Refusal::Root("ValCurs".to_owned(), "rates")));
    }

    #[test]
    fn asks_for_a_day() {
        let address = Nbk.address("https://nationalbank.kz/rss/", date(2026, 4, 1));
        assert_eq!(address, "https://nationalbank.kz/rss/get_rates.cfm?fdate=01.04.2026");
    }
}
