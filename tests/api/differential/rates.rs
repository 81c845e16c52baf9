//! Rates on both servers: the banks' recorded tables and a market's, and what can be asked of them.

use std::path::Path;

use xabar::rates::fetching::import;
use xabar::rates::sources::Source;

use crate::rates::tables::settings;
use crate::support::{Random, TestApp};

/// A recorded table, and when it came out.
const RECORDED: [(Source, &str, &str); 8] = [
    (Source::Nbk, "nbk-2026-04-01.xml", "2026-03-31T10:30:00Z"),
    (Source::Cbu, "cbu-2026-04-01.json", "2026-03-31T10:30:00Z"),
    (Source::Nbk, "nbk-2026-04-02.xml", "2026-04-01T10:30:00Z"),
    (Source::Cbu, "cbu-2026-04-02.json", "2026-04-01T10:30:00Z"),
    (Source::Nbt, "nbt-2026-05-18.xml", "2026-05-18T05:00:00Z"),
    (Source::Nbt, "nbt-2026-05-19.xml", "2026-05-19T05:00:00Z"),
    (Source::Nbkr, "nbkr-weekly-2026-05.xml", "2026-05-22T09:15:00Z"),
    (Source::Nbkr, "nbkr-daily-2026-05-24.xml", "2026-05-23T09:15:00Z"),
];

/// Three tables of a market. What the last one says of the som is held.
const MARKET: [&str; 3] = [
    r#"{"timestamp":1779609600,"base":"USD","rates":{"KGS":87.45,"KZT":478.1,"TJS":9.3512,"UZS":12190,"TMT":3.5,"EUR":0.8612,"XAU":0.00022}}"#,
    r#"{"timestamp":1779696000,"base":"USD","rates":{"KGS":87.4512,"KZT":477.9,"TJS":9.3500,"UZS":12190,"TMT":3.51,"EUR":0.8613}}"#,
    r#"{"timestamp":1779782400,"base":"USD","rates":{"KGS":61.2,"KZT":478.000,"TJS":9.35,"UZS":12201.5,"TMT":3.5,"EUR":0.8600}}"#,
];

const REGIONAL: [&str; 5] = ["KGS", "KZT", "TJS", "UZS", "TMT"];
const CURRENCIES: [&str; 10] = ["KGS", "KZT", "TJS", "UZS", "TMT", "USD", "EUR", "CNY", "RUB", "GBP"];
const BASES: [&str; 5] = ["KGS,KZT", "TJS,UZS,TMT", "UZS,KGS,TJS,KZT", "KZT,EUR", "KGS"];
const AMOUNTS: [&str; 8] =
    ["1", "100.50", "0", "0.0000000001", "999999999999999.9999999999", "1000000", "3.50", "0.005"];
const EARLY: [&str; 6] = ["2026-03-28", "2026-04-01", "2026-04-02", "2026-04-04", "2025-12-31", "2020-02-29"];
const LATE: [&str; 6] = ["2026-05-18", "2026-05-19", "2026-05-24", "2026-05-26", "2026-06-01", "2026-11-23"];
const INSTANTS: [&str; 7] = [
    "2026-03-31T10:29:59Z",
    "2026-03-31T19:00:00Z",
    "2026-04-01T16:00:00+05:00",
    "2026-05-19T12:00:00Z",
    "2026-05-23T18:00:00Z",
    "2026-05-26T08:00:00Z",
    "2026-11-23T12:00:00Z",
];

/// Imports all tables, each when it came out.
pub fn fill(app: &TestApp) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rates");
    for (source, name, at) in RECORDED {
        take(app, source, at, &std::fs::read(folder.join(name)).expect(name));
    }
    for (table, at) in MARKET.iter().zip(["2026-05-24T08:05:00Z", "2026-05-25T08:05:00Z", "2026-05-26T08:05:00Z"]) {
        take(app, Source::Market, at, table.as_bytes());
    }
}

fn take(app: &TestApp, source: Source, at: &str, payload: &[u8]) {
    app.set_time(at);
    let taken = import(&app.db, &app.clock, &settings(), source, payload).expect("the database works");
    taken.unwrap_or_else(|failure| panic!("{source:?} at {at}: {failure}"));
}

/// A value of a parameter of an operation on rates.
pub fn value(random: &mut Random, name: &str, path: &str) -> Option<String> {
    let history = path.ends_with("/history");
    let value = match name {
        "base" if path == "/v1/rates" => random.pick(&BASES),
        "base" if !random.one_in(4) => random.pick(&REGIONAL),
        "quote" if random.one_in(2) => "USD",
        "from" if history => random.pick(&EARLY),
        "to" if history => random.pick(&LATE),
        "base" | "quote" | "from" | "to" => random.pick(&CURRENCIES),
        "amount" => random.pick(&AMOUNTS),
        "date" if random.one_in(4) => random.pick(&EARLY),
        "date" => random.pick(&LATE),
        "as_of" => random.pick(&INSTANTS),
        _ => return None,
    };
    Some(value.to_owned())
}
