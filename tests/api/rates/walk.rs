//! A clock that walks: what is in force, what comes next, and how that stands, through a weekend, Nauryz and a change of
//! zone.

use serde_json::Value;
use xabar::rates::sources::{FeedKey, Table};

use super::tables::{publish, row, table};
use crate::on_both;
use crate::support::{Answer, TestApp};

pub const KGS: &str = "USD/KGS";
pub const KZT: &str = "USD/KZT";
pub const TJS: &str = "USD/TJS";
pub const UZS: &str = "USD/UZS";
const TMT: &str = "USD/TMT";

/// Nothing is kept for longer than this by a cache.
const LONGEST: i64 = 3_600;

/// A table of the future: when it comes out, and what it says.
pub struct Coming {
    at: &'static str,
    feed: FeedKey,
    table: Table,
}

/// What a bank's table says of the dollar for a day: no two days are alike, and none is far from another.
pub fn digits(feed: FeedKey, date: &str) -> String {
    let whole = match feed {
        FeedKey::NbkrDaily | FeedKey::NbkrWeekly => "87",
        FeedKey::Nbk => "478",
        FeedKey::Nbt => "9",
        FeedKey::Cbu => "12194",
        FeedKey::Market => panic!("a market has no days"),
    };
    format!("{whole}.{}", date[5..].replace('-', ""))
}

fn home(feed: FeedKey) -> &'static str {
    match feed {
        FeedKey::NbkrDaily => KGS,
        FeedKey::NbkrWeekly => "GBP/KGS",
        FeedKey::Nbk => KZT,
        FeedKey::Nbt => TJS,
        FeedKey::Cbu => UZS,
        FeedKey::Market => panic!("a market has no days"),
    }
}

fn coming(feed: FeedKey, at: &'static str, date: &str) -> Coming {
    let table = table(date, vec![row(home(feed), &digits(feed, date), 1)]);
    let valid_days = if feed == FeedKey::NbkrWeekly { 7 } else { 1 };
    Coming { at, feed, table: Table { valid_days, ..table } }
}

/// The tables of a feed: when each comes out, and the day from which it is in force.
pub fn press(feed: FeedKey, tables: &[(&'static str, &str)]) -> Vec<Coming> {
    tables.iter().map(|(at, date)| coming(feed, at, date)).collect()
}

/// A server whose clock moves on, and stores each table when it comes out.
pub struct Walk<'a> {
    pub app: &'a TestApp,
    /// The next one last.
    tables: Vec<Coming>,
}

impl<'a> Walk<'a> {
    /// A server without a table, and those that will come.
    pub fn new(app: &'a TestApp, tables: impl IntoIterator<Item = Vec<Coming>>) -> Self {
        let mut tables: Vec<Coming> = tables.into_iter().flatten().collect();
        tables.sort_by(|one, other| other.at.cmp(one.at));
        Self { app, tables }
    }

    /// Goes to an instant.
    pub fn go(&mut self, at: &str) {
        while let Some(next) = self.tables.pop_if(|next| next.at <= at) {
            self.app.set_time(next.at);
            let outcome = publish(self.app, next.feed, &next.table);
            assert_eq!(outcome.accepted, 1, "{:?} of {}: {outcome:?}", next.feed, next.table.date);
        }
        self.app.set_time(at);
    }

    /// Goes to an instant and compares what the server says of some pairs.
    pub fn at(&mut self, at: &str, expected: &[(&str, &str)]) {
        self.go(at);
        for (pair, expected) in expected {
            assert_eq!(said(self.app, pair), *expected, "{pair} at {at}");
        }
    }
}

/// `fresh of 06-05 after 06-04, then 06-06, for 100 s`: how a rate stands and of which day it is, of which day the one
/// before was and the next is, and for how long it may be kept, if that is clipped.
pub fn said(app: &TestApp, pair: &str) -> String {
    let answer = app.get(&format!("/v1/rates/{pair}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let json = answer.json();
    let word = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
    let day = |value: &Value| word(value)[5..].to_owned();
    let mut said = format!("{} of {}", word(&json["status"]), day(&json["effective_date"]));
    if !json["change"].is_null() {
        said.push_str(&format!(" after {}", day(&json["change"]["from_date"])));
    }
    if !json["next"].is_null() {
        said.push_str(&format!(", then {}", day(&json["next"]["effective_date"])));
    }
    check_digits(&json);
    match kept(&answer) {
        LONGEST => said,
        seconds => format!("{said}, for {seconds} s"),
    }
}

/// The rates belong to the dates: what a bank said for a day is what is shown for it.
fn check_digits(json: &Value) {
    let feed = match json["source"]["key"].as_str() {
        Some("nbkr") => FeedKey::NbkrDaily,
        Some("nbk") => FeedKey::Nbk,
        Some("nbt") => FeedKey::Nbt,
        Some("cbu") => FeedKey::Cbu,
        _ => return,
    };
    let (change, next) = (&json["change"], &json["next"]);
    for (date, rate) in [
        (&json["effective_date"], &json["rate"]),
        (&json["effective_date"], &json["source"]["published"]),
        (&change["from_date"], &change["from_rate"]),
        (&next["effective_date"], &next["rate"]),
    ] {
        let expected = date.as_str().map(|date| digits(feed, date));
        assert_eq!(rate.as_str(), expected.as_deref(), "{json}");
    }
}

/// For how many seconds a cache may use an answer at all. What else `Cache-Control` says must follow from that.
fn kept(answer: &Answer) -> i64 {
    let cache = answer.header("cache-control");
    let seconds = cache.rsplit('=').next().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{cache}"));
    let [max, shared, revalidate] = [30, 300, 60].map(|most: i64| most.min(seconds));
    let whole = format!(
        "public, max-age={max}, s-maxage={shared}, stale-while-revalidate={revalidate}, stale-if-error={seconds}"
    );
    assert_eq!(cache, whole);
    seconds
}

/// Friday 5 June 2026 to Tuesday 9 June, and the days before; no holidays.
fn weekend(app: &TestApp) -> Walk<'_> {
    let nbkr = [
        ("2026-06-03T09:15:00Z", "2026-06-04"),
        ("2026-06-04T09:15:00Z", "2026-06-05"),
        ("2026-06-05T09:15:00Z", "2026-06-06"),
        ("2026-06-08T09:15:00Z", "2026-06-09"),
    ];
    let nbk = [
        ("2026-06-03T10:35:00Z", "2026-06-04"),
        ("2026-06-04T10:35:00Z", "2026-06-05"),
        ("2026-06-05T10:35:00Z", "2026-06-08"),
        ("2026-06-08T10:35:00Z", "2026-06-09"),
    ];
    let nbt = [
        ("2026-06-03T05:00:00Z", "2026-06-03"),
        ("2026-06-04T05:00:00Z", "2026-06-04"),
        ("2026-06-05T05:00:00Z", "2026-06-05"),
        ("2026-06-08T05:00:00Z", "2026-06-08"),
    ];
    let cbu = [
        ("2026-06-03T09:00:00Z", "2026-06-04"),
        ("2026-06-04T09:00:00Z", "2026-06-05"),
        ("2026-06-05T09:00:00Z", "2026-06-08"),
        ("2026-06-08T09:00:00Z", "2026-06-09"),
    ];
    let feeds = [FeedKey::NbkrDaily, FeedKey::Nbk, FeedKey::Nbt, FeedKey::Cbu];
    Walk::new(app, feeds.into_iter().zip([nbkr, nbk, nbt, cbu]).map(|(feed, tables)| press(feed, &tables)))
}

/// Four countries celebrate the same feast on days of their own: in 2026 the end of Ramadan is on Friday 20 March, which
/// is no holiday in Kazakhstan, and 21 March is a Saturday.
fn nauryz(app: &TestApp) -> Walk<'_> {
    let nbkr = [
        ("2026-03-17T09:15:00Z", "2026-03-18"),
        ("2026-03-18T09:15:00Z", "2026-03-19"),
        ("2026-03-19T09:15:00Z", "2026-03-20"),
        ("2026-03-24T09:15:00Z", "2026-03-25"),
        ("2026-03-25T09:15:00Z", "2026-03-26"),
        ("2026-03-26T09:15:00Z", "2026-03-27"),
    ];
    let nbk = [
        ("2026-03-17T10:35:00Z", "2026-03-18"),
        ("2026-03-18T10:35:00Z", "2026-03-19"),
        ("2026-03-19T10:35:00Z", "2026-03-20"),
        ("2026-03-20T10:35:00Z", "2026-03-26"),
        ("2026-03-26T10:35:00Z", "2026-03-27"),
    ];
    let nbt = [
        ("2026-03-18T05:00:00Z", "2026-03-18"),
        ("2026-03-19T05:00:00Z", "2026-03-19"),
        ("2026-03-27T05:00:00Z", "2026-03-27"),
    ];
    let cbu = [
        ("2026-03-17T09:00:00Z", "2026-03-18"),
        ("2026-03-18T09:00:00Z", "2026-03-19"),
        ("2026-03-19T09:00:00Z", "2026-03-24"),
        ("2026-03-24T09:00:00Z", "2026-03-25"),
        ("2026-03-25T09:00:00Z", "2026-03-26"),
        ("2026-03-26T09:00:00Z", "2026-03-27"),
    ];
    let tables = [
        press(FeedKey::NbkrDaily, &nbkr),
        press(FeedKey::Nbk, &nbk),
        press(FeedKey::Nbt, &nbt),
        press(FeedKey::Cbu, &cbu),
    ];
    Walk::new(app, tables)
}

on_both! {
    fn through_a_weekend(app: &TestApp) {
        let mut walk = weekend(app);
        walk.at("2026-06-05T03:00:00Z", &[
            (KGS, "fresh of 06-05 after 06-04"),
            (KZT, "fresh of 06-05 after 06-04"),
            (TJS, "carried of 06-04 after 06-03"),
            (UZS, "fresh of 06-05 after 06-04"),
            (TMT, "pegged of 06-05 after 06-04"),
        ]);
        walk.at("2026-06-05T03:58:20Z", &[(TJS, "carried of 06-04 after 06-03, for 100 s")]);
        walk.at("2026-06-05T04:30:00Z", &[(TJS, "carried of 06-04 after 06-03, for 60 s")]);
        walk.at("2026-06-05T06:00:00Z", &[(TJS, "fresh of 06-05 after 06-04")]);
        walk.at("2026-06-05T12:00:00Z", &[
            (KGS, "fresh of 06-05 after 06-04, then 06-06"),
            (KZT, "fresh of 06-05 after 06-04, then 06-08"),
            (TJS, "fresh of 06-05 after 06-04"),
            (UZS, "fresh of 06-05 after 06-04, then 06-08"),
            ("KGS/KZT", "fresh of 06-05 after 06-04, then 06-06"),
        ]);
        walk.at("2026-06-05T17:59:50Z", &[
            (KGS, "fresh of 06-05 after 06-04, then 06-06, for 10 s"),
            (KZT, "fresh of 06-05 after 06-04, then 06-08"),
        ]);
        walk.at("2026-06-05T18:00:00Z", &[
            (KGS, "fresh of 06-06 after 06-05"),
            (UZS, "fresh of 06-05 after 06-04, then 06-08"),
        ]);
        walk.at("2026-06-05T18:59:20Z", &[
            (KGS, "fresh of 06-06 after 06-05"),
            (KZT, "fresh of 06-05 after 06-04, then 06-08, for 40 s"),
            (TJS, "fresh of 06-05 after 06-04, for 40 s"),
            (UZS, "fresh of 06-05 after 06-04, then 06-08, for 40 s"),
            (TMT, "pegged of 06-05 after 06-04, for 40 s"),
        ]);
        let saturday = [
            (KGS, "fresh of 06-06 after 06-05"),
            (KZT, "carried of 06-05 after 06-04, then 06-08"),
            (TJS, "carried of 06-05 after 06-04"),
            (UZS, "carried of 06-05 after 06-04, then 06-08"),
            (TMT, "pegged of 06-06 after 06-05"),
            ("KGS/KZT", "carried of 06-06 after 06-05, then 06-08"),
        ];
        walk.at("2026-06-05T19:00:00Z", &saturday);
        walk.at("2026-06-06T09:30:00Z", &saturday);
    }

    fn and_into_the_next_week(app: &TestApp) {
        let mut walk = weekend(app);
        walk.at("2026-06-07T12:00:00Z", &[
            (KGS, "carried of 06-06 after 06-05"),
            (KZT, "carried of 06-05 after 06-04, then 06-08"),
            (TJS, "carried of 06-05 after 06-04"),
            (UZS, "carried of 06-05 after 06-04, then 06-08"),
            (TMT, "pegged of 06-07 after 06-06"),
        ]);
        walk.at("2026-06-07T19:00:00Z", &[
            (KGS, "carried of 06-06 after 06-05"),
            (KZT, "fresh of 06-08 after 06-05"),
            (TJS, "carried of 06-05 after 06-04"),
            (UZS, "fresh of 06-08 after 06-05"),
        ]);
        walk.at("2026-06-08T12:00:00Z", &[
            (KGS, "carried of 06-06 after 06-05, then 06-09"),
            (KZT, "fresh of 06-08 after 06-05, then 06-09"),
            (TJS, "fresh of 06-08 after 06-05"),
            (UZS, "fresh of 06-08 after 06-05, then 06-09"),
        ]);
        walk.at("2026-06-08T18:00:00Z", &[
            (KGS, "fresh of 06-09 after 06-06"),
            (KZT, "fresh of 06-08 after 06-05, then 06-09"),
        ]);
        let days = app.get("/v1/rates/USD/KZT/history?from=2026-06-04&to=2026-06-08").each("effective_date");
        assert_eq!(days, ["2026-06-04", "2026-06-05", "2026-06-05", "2026-06-05", "2026-06-08"]);
    }

    fn through_nauryz(app: &TestApp) {
        let mut walk = nauryz(app);
        walk.at("2026-03-19T12:00:00Z", &[
            (KGS, "fresh of 03-19 after 03-18, then 03-20"),
            (KZT, "fresh of 03-19 after 03-18, then 03-20"),
            (TJS, "fresh of 03-19 after 03-18"),
            (UZS, "fresh of 03-19 after 03-18, then 03-24"),
        ]);
        walk.at("2026-03-20T12:00:00Z", &[
            (KGS, "fresh of 03-20 after 03-19"),
            (KZT, "fresh of 03-20 after 03-19, then 03-26"),
            (TJS, "carried of 03-19 after 03-18"),
            (UZS, "carried of 03-19 after 03-18, then 03-24"),
        ]);
        for day in ["2026-03-21T12:00:00Z", "2026-03-22T12:00:00Z", "2026-03-23T12:00:00Z"] {
            walk.at(day, &[
                (KGS, "carried of 03-20 after 03-19"),
                (KZT, "carried of 03-20 after 03-19, then 03-26"),
                (TJS, "carried of 03-19 after 03-18"),
                (UZS, "carried of 03-19 after 03-18, then 03-24"),
            ]);
        }
        // Tuesday: Bishkek and Tashkent work again, Almaty has the first of two substitute days.
        walk.at("2026-03-24T12:00:00Z", &[
            (KGS, "carried of 03-20 after 03-19, then 03-25"),
            (KZT, "carried of 03-20 after 03-19, then 03-26"),
            (TJS, "carried of 03-19 after 03-18"),
            (UZS, "fresh of 03-24 after 03-19, then 03-25"),
        ]);
        walk.at("2026-03-25T12:00:00Z", &[
            (KGS, "fresh of 03-25 after 03-20, then 03-26"),
            (KZT, "carried of 03-20 after 03-19, then 03-26"),
            (TJS, "carried of 03-19 after 03-18"),
            (UZS, "fresh of 03-25 after 03-24, then 03-26"),
        ]);
        walk.at("2026-03-25T19:00:00Z", &[(KZT, "fresh of 03-26 after 03-20")]);
        walk.at("2026-03-26T12:00:00Z", &[
            (KGS, "fresh of 03-26 after 03-25, then 03-27"),
            (KZT, "fresh of 03-26 after 03-20, then 03-27"),
            (TJS, "carried of 03-19 after 03-18"),
            (UZS, "fresh of 03-26 after 03-25, then 03-27"),
        ]);
        walk.at("2026-03-27T03:00:00Z", &[
            (KZT, "fresh of 03-27 after 03-26"),
            (TJS, "carried of 03-19 after 03-18"),
        ]);
        walk.at("2026-03-27T07:00:00Z", &[(TJS, "fresh of 03-27 after 03-19")]);
    }

    fn through_the_change_of_almaty_s_zone(app: &TestApp) {
        let tables = [
            ("2024-02-26T09:35:00Z", "2024-02-27"),
            ("2024-02-27T09:35:00Z", "2024-02-28"),
            ("2024-02-28T09:35:00Z", "2024-02-29"),
            ("2024-02-29T09:35:00Z", "2024-03-01"),
            ("2024-03-01T10:35:00Z", "2024-03-04"),
        ];
        let mut walk = Walk::new(app, [press(FeedKey::Nbk, &tables)]);
        walk.at("2024-02-28T17:59:30Z", &[(KZT, "fresh of 02-28 after 02-27, then 02-29, for 30 s")]);
        walk.at("2024-02-28T18:00:00Z", &[(KZT, "fresh of 02-29 after 02-28")]);
        walk.at("2024-02-29T07:58:20Z", &[(KZT, "fresh of 02-29 after 02-28, for 100 s")]);
        walk.at("2024-02-29T08:00:00Z", &[(KZT, "fresh of 02-29 after 02-28, for 60 s")]);
        // The last hour of February comes twice.
        walk.at("2024-02-29T17:59:30Z", &[(KZT, "fresh of 02-29 after 02-28, then 03-01")]);
        walk.at("2024-02-29T18:00:00Z", &[(KZT, "fresh of 02-29 after 02-28, then 03-01")]);
        walk.at("2024-02-29T18:59:30Z", &[(KZT, "fresh of 02-29 after 02-28, then 03-01, for 30 s")]);
        walk.at("2024-02-29T19:00:00Z", &[(KZT, "fresh of 03-01 after 02-29")]);
        // Published an hour later by Greenwich from now on.
        walk.at("2024-03-01T08:00:00Z", &[(KZT, "fresh of 03-01 after 02-29")]);
        walk.at("2024-03-01T08:58:20Z", &[(KZT, "fresh of 03-01 after 02-29, for 100 s")]);
        walk.at("2024-03-01T09:00:00Z", &[(KZT, "fresh of 03-01 after 02-29, for 60 s")]);
        walk.at("2024-03-01T18:59:30Z", &[(KZT, "fresh of 03-01 after 02-29, then 03-04, for 30 s")]);
        walk.at("2024-03-01T19:00:00Z", &[(KZT, "carried of 03-01 after 02-29, then 03-04")]);
        let days = app.get("/v1/rates/USD/KZT/history?from=2024-02-28&to=2024-03-02").each("effective_date");
        assert_eq!(days, ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-01"]);
    }
}
