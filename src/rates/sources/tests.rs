//! What no source may do, tried on all of them: take a part of a table for the whole, or fall over.

use super::{FEEDS, Feed, FeedKey, LARGEST, Refusal, Source, Table};

pub const DAILY_TABLE: &[u8] = include_bytes!("../../../tests/data/rates/nbkr-daily-2026-05-24.xml");
pub const WEEKLY_TABLE: &[u8] = include_bytes!("../../../tests/data/rates/nbkr-weekly-2026-05.xml");
pub const NBK_TABLE: &[u8] = include_bytes!("../../../tests/data/rates/nbk-2026-04-01.xml");
pub const NBT_TABLE: &[u8] = include_bytes!("../../../tests/data/rates/nbt-2026-05-18.xml");
pub const CBU_TABLE: &[u8] = include_bytes!("../../../tests/data/rates/cbu-2026-04-01.json");
pub const MARKET_TABLE: &[u8] =
    br#"{"disclaimer":"https://example.org/terms","license":{"a":[1e5]},"timestamp":1743660000,
    "base":"USD","rates":{"KGS":86.7303,"KZT":503.1,"TMT":3.50,"USD":1,"UZS":12932.310000000000001,"VEF_BLKMKT":1e-7}}
"#;

/// The digits and the nominal of a row.
pub fn quoted<'a>(table: &'a Table, pair: &str) -> (&'a str, u32) {
    let row = table.rows.iter().find(|row| row.pair.to_string() == pair).expect(pair);
    (row.digits.as_str(), row.nominal)
}

/// A table of each feed.
fn recorded(feed: &dyn Feed) -> &'static [u8] {
    match feed.key() {
        FeedKey::NbkrDaily => DAILY_TABLE,
        FeedKey::NbkrWeekly => WEEKLY_TABLE,
        FeedKey::Nbk => NBK_TABLE,
        FeedKey::Nbt => NBT_TABLE,
        FeedKey::Cbu => CBU_TABLE,
        FeedKey::Market => MARKET_TABLE,
    }
}

#[test]
fn a_source_recognises_its_own_tables_only() {
    for feed in FEEDS {
        let payload = recorded(feed);
        for source in FEEDS.map(|other| other.source()) {
            let found = source.recognise(payload).map(|(found, _)| found.key());
            assert_eq!(found.ok(), (source == feed.source()).then_some(feed.key()), "{:?}", feed.key());
        }
    }
    assert_eq!(Source::Nbkr.recognise(b"").err(), FEEDS[0].read(b"").err());
}

#[test]
fn a_page_is_no_table() {
    let page = b"\n<!DOCTYPE HTML><html><head><title>Request Rejected</title></head><body>\xd1</body></html>";
    for feed in FEEDS {
        assert_eq!(feed.read(page), Err(Refusal::Html), "{:?}", feed.key());
        assert!(matches!(feed.read(&vec![b' '; LARGEST + 1]), Err(Refusal::Oversize(..))), "{:?}", feed.key());
    }
}

#[test]
fn a_part_is_never_taken_for_the_whole() {
    for feed in FEEDS {
        let whole = recorded(feed);
        let table = feed.read(whole);
        assert!(table.is_ok(), "{table:?}");
        // Every byte of the small tables; of the large ones some, which take seconds, and their whole end.
        let step = if whole.len() > 6_000 { 13 } else { 1 };
        for cut in (0..whole.len()).filter(|cut| cut % step == 0 || whole.len() - cut < 500) {
            let part = feed.read(&whole[..cut]);
            if whole[cut..].trim_ascii().is_empty() {
                assert_eq!(part, table, "{:?} without the white space behind it", feed.key());
            } else {
                assert!(part.is_err(), "{:?} cut at {cut}", feed.key());
            }
        }
    }
}

#[test]
fn nested_payloads_are_refused() {
    for feed in FEEDS {
        for nest in ["[", "{\"a\":", "<a>", "[{\"Ccy\":[", "<rates><a>"] {
            assert!(feed.read(nest.repeat(100_000).as_bytes()).is_err(), "{nest}");
        }
    }
}

#[test]
fn damaged_payloads_cause_no_panic() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for feed in FEEDS {
        let whole = recorded(feed);
        for _ in 0..3_000 {
            let mut payload = whole.to_vec();
            for _ in 0..=dice.below(3) {
                damage(&mut payload, &mut dice);
            }
            let Ok(table) = feed.read(&payload) else { continue };
            assert!(!table.rows.is_empty());
            assert!(table.rows.iter().all(|row| row.nominal > 0 && row.digits.value().sign().is_gt()));
        }
    }
}

/// Changes, removes, inserts or doubles some bytes.
fn damage(payload: &mut Vec<u8>, dice: &mut Dice) {
    const TELLING: &[u8] = b"<>/&;\"'[]{}:,.-+_eE0159 \n\0\xd1\xff!?=";
    let at = dice.below(payload.len());
    let end = (at + 1 + dice.below(8)).min(payload.len());
    match dice.below(5) {
        0 => payload[at] = dice.below(256) as u8,
        1 => payload[at] = TELLING[dice.below(TELLING.len())],
        2 => payload.insert(at, TELLING[dice.below(TELLING.len())]),
        3 => drop(payload.drain(at..end)),
        _ => payload.extend_from_within(at..end),
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
