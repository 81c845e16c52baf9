//! What goes wrong at a bank leaves everything as it was, is told to whoever asks, and is mended by the next good answer.

use std::time::Duration;

use jiff::civil::{Date, date};
use serde_json::{Value, json};
use xabar::rates::fetching::{Client, Options, Taken};
use xabar::rates::sources::FeedKey;

use crate::on_both;
use crate::support::rates::{SECRET, Sites, client, market, row_counts, table};
use crate::support::{Behaviour, TestApp};

const FOREVER: Duration = Duration::from_secs(600);

/// A feed with its recorded table, and what of it is spoilt.
struct Stand {
    feed: FeedKey,
    day: Date,
    at: &'static str,
    payload: &'static [u8],
    /// A pair that it quotes, and the pair's digits as they are written.
    pair: &'static str,
    digits: &'static str,
    /// Its date as it is written, and one three days later.
    dates: (&'static str, &'static str),
    root: (&'static str, &'static str),
    /// A Latin name, in the place of which a Cyrillic one may stand.
    name: &'static str,
    row: &'static str,
}

const DAILY: Stand = Stand {
    feed: FeedKey::NbkrDaily,
    day: date(2026, 5, 24),
    at: "2026-05-24T09:00:00Z",
    payload: include_bytes!("../../../data/rates/nbkr-daily-2026-05-24.xml"),
    pair: "USD/KGS",
    digits: "87,4500",
    dates: ("24.05.2026", "27.05.2026"),
    root: ("CurrencyRates", "wrong-root"),
    name: "Daily",
    row: "Currency ",
};

const WEEKLY: Stand = Stand {
    feed: FeedKey::NbkrWeekly,
    day: date(2026, 5, 23),
    at: "2026-05-23T09:00:00Z",
    payload: include_bytes!("../../../data/rates/nbkr-weekly-2026-05.xml"),
    pair: "GBP/KGS",
    digits: "117,4147",
    dates: ("23.05.2026", "26.05.2026"),
    name: "Weekly",
    ..DAILY
};

const NBK: Stand = Stand {
    feed: FeedKey::Nbk,
    day: date(2026, 4, 1),
    at: "2026-04-01T09:00:00Z",
    payload: include_bytes!("../../../data/rates/nbk-2026-04-01.xml"),
    pair: "USD/KZT",
    digits: "478.77",
    dates: ("01.04.2026", "04.04.2026"),
    root: ("rates>", "wrong-root"),
    name: "Alternate",
    row: "item",
};

const NBT: Stand = Stand {
    feed: FeedKey::Nbt,
    day: date(2026, 5, 18),
    at: "2026-05-18T04:30:00Z",
    payload: include_bytes!("../../../data/rates/nbt-2026-05-18.xml"),
    pair: "USD/TJS",
    digits: "9.3450",
    dates: ("2026-05-18", "2026-05-21"),
    root: ("ValCurs", "wrong-root"),
    name: "US Dollar",
    row: "Valute",
};

const CBU: Stand = Stand {
    feed: FeedKey::Cbu,
    day: date(2026, 4, 1),
    at: "2026-04-01T09:00:00Z",
    payload: include_bytes!("../../../data/rates/cbu-2026-04-01.json"),
    pair: "USD/UZS",
    digits: "12194.21",
    dates: ("01.04.2026", "04.04.2026"),
    // An object in place of the list.
    root: ("[{\"id\"", "malformed"),
    name: "US Dollar",
    row: "\"Ccy\"",
};

impl Stand {
    fn text(&self) -> &'static str {
        str::from_utf8(self.payload).expect("the recorded tables are UTF-8")
    }

    /// The table with every `from` replaced.
    fn with(&self, from: &str, to: &str) -> String {
        let spoilt = self.text().replace(from, to);
        assert_ne!(spoilt, self.text(), "{from}");
        spoilt
    }

    fn is_xml(&self) -> bool {
        self.feed != FeedKey::Cbu
    }

    /// The table in windows-1251 with a Cyrillic name, declared as that or as before.
    fn cyrillic(&self, declared: bool) -> Vec<u8> {
        let text = self.with(self.name, "Курсы, доллар США");
        let start = text.find("encoding=\"").map(|at| at + "encoding=\"".len());
        let text = match start {
            Some(start) => {
                let end = start + text[start..].find('"').expect("an end");
                let encoding = if declared { "windows-1251" } else { "utf-8" };
                format!("{}{encoding}{}", &text[..start], &text[end..])
            }
            None => text,
        };
        encoding_rs::WINDOWS_1251.encode(&text).0.into_owned()
    }

    /// The answers of the connection, each with the code of its failure.
    fn breakdowns(&self) -> Vec<(&'static str, Behaviour, &'static str)> {
        let half = self.payload[..self.payload.len() / 2].to_vec();
        vec![
            ("a page", Behaviour::html(), "html"),
            ("a broken connection", Behaviour::Truncated(half.clone()), "truncated"),
            ("half of a table", Behaviour::ok(half), "malformed"),
            ("nothing", Behaviour::ok(""), "malformed"),
            ("more than announced is allowed", Behaviour::Oversize(60_001), "oversize"),
            ("more than is allowed, unannounced", Behaviour::Stream(60_001), "oversize"),
            ("another host", Behaviour::Redirect("https://www.nbkr.example/".to_owned()), "redirect"),
            ("too many requests", Behaviour::rate_limited(120), "rate-limited"),
            ("an internal error", Behaviour::status(500), "status"),
            ("a bad gateway", Behaviour::status(502), "status"),
            ("a pause", Behaviour::answer(503, &[("Retry-After", "60")], ""), "rate-limited"),
            ("no such page", Behaviour::status(404), "status"),
            ("a reset", Behaviour::Reset, "connection"),
            ("a hang-up", Behaviour::HangUp, "connection"),
            ("another protocol", Behaviour::Raw(b"220 mail\r\n\r\n".to_vec()), "protocol"),
        ]
    }

    /// Spoilt tables, each with the code of its failure.
    fn spoilt(&self) -> Vec<(String, Vec<u8>, &'static str)> {
        let mark = if self.digits.contains(',') { (',', '.') } else { ('.', ',') };
        let numbers = [
            self.digits.replace(mark.0, &mark.1.to_string()),
            format!("0{}0000", mark.0),
            "0".to_owned(),
            String::new(),
            "  ".to_owned(),
            "1_234".to_owned(),
            "8.2e-5".to_owned(),
            "NaN".to_owned(),
            "-1".to_owned(),
        ];
        let mut spoilt: Vec<(String, Vec<u8>, &str)> = numbers
            .iter()
            .map(|number| (format!("the number {number:?}"), self.with(self.digits, number).into_bytes(), "bad-row"))
            .collect();
        let (root, code) = self.root;
        let without_bracket = root.trim_start_matches('[');
        let other_root = if root == without_bracket { format!("x{root}") } else { without_bracket.to_owned() };
        spoilt.push(("another root".to_owned(), self.with(root, &other_root).into_bytes(), code));
        spoilt.push(("no date".to_owned(), self.with(self.dates.0, "").into_bytes(), "no-date"));
        spoilt.push(("undeclared Cyrillic".to_owned(), self.cyrillic(false), "encoding"));
        if self.is_xml() {
            let doctype = self.text().replacen("?>", "?><!DOCTYPE x [<!ENTITY e \"1\">]>", 1);
            spoilt.push(("a DOCTYPE".to_owned(), doctype.into_bytes(), "malformed"));
            let rows = self.with(&format!("<{}", self.row), &format!("<x{}", self.row));
            let rows = rows.replace(&format!("</{}>", self.row.trim()), &format!("</x{}>", self.row.trim()));
            spoilt.push(("no rows".to_owned(), rows.into_bytes(), "no-rows"));
        } else {
            spoilt.push(("no rows".to_owned(), b"[]".to_vec(), "no-rows"));
            spoilt.push(("no codes".to_owned(), self.with(self.row, "\"x\"").into_bytes(), "bad-row"));
        }
        if self.feed != FeedKey::NbkrWeekly {
            spoilt.push(("no dollar".to_owned(), self.text().replace("USD", "XTS").into_bytes(), "no-dollar"));
        }
        let ahead = if self.feed.feed().dated() { "wrong-date" } else { "future-date" };
        spoilt.push(("a later date".to_owned(), self.with(self.dates.0, self.dates.1).into_bytes(), ahead));
        spoilt
    }

    /// The table with the last digit of one number changed.
    fn mended(&self) -> (String, String) {
        let digits = format!("{}9", &self.digits[..self.digits.len() - 1]);
        (self.with(self.digits, &digits), digits.replace(',', "."))
    }
}

/// Everything that readers see, byte for byte.
fn answers(app: &TestApp, pair: &str) -> Vec<(u16, String)> {
    let of_pair = ["", "/history", "/sparkline.svg"].map(|rest| format!("/v1/rates/{pair}{rest}"));
    let others = ["/v1/rates", "/v1/rates/ticker", "/v1/rates?base=USD,EUR&quote=KZT"].map(str::to_owned);
    let answer = |path: String| {
        let answer = app.get(&path);
        (answer.status, String::from_utf8(answer.body).expect("text"))
    };
    let answers: Vec<(u16, String)> = of_pair.into_iter().map(answer).collect();
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    answers.into_iter().chain(others.map(answer)).collect()
}

/// Lets a minute pass, in which nothing happens by itself.
fn a_minute_later(app: &TestApp) -> String {
    let now = app.clock.now().plus_seconds(60);
    app.clock.set(now);
    now.to_string()
}

/// Fetches what a stand has to offer, and checks that it is refused for this reason and changes nothing.
fn refused(app: &TestApp, sites: &Sites, stand: &Stand, client: &Client, what: &str, code: &str) {
    let (shown, rows, before) = (answers(app, stand.pair), row_counts(&app.db), app.feed(stand.feed));
    let now = a_minute_later(app);
    sites.bank.forget();
    let failure = sites.fetch(app, client, stand.feed, stand.day).expect_err(what);
    assert_eq!(failure.code(), code, "{:?}, {what}: {failure}", stand.feed);
    assert_ne!(sites.bank.requests().len(), 0, "{:?}, {what}: nobody asked", stand.feed);
    assert_eq!(answers(app, stand.pair), shown, "{:?}, {what}", stand.feed);
    assert_eq!(row_counts(&app.db), rows, "{:?}, {what}", stand.feed);
    let after = app.feed(stand.feed);
    assert_eq!(after["last_error"]["code"], code, "{after}");
    assert_eq!((&after["last_error"]["at"], &after["last_checked_at"]), (&json!(now), &json!(now)), "{after}");
    assert_eq!(after["last_error"]["message"], json!(failure.to_string()), "{after}");
    for member in ["last_succeeded_at", "last_publication", "status", "held", "missed", "next_expected"] {
        assert_eq!(after[member], before[member], "{:?}, {what}: {member}", stand.feed);
    }
}

/// Fetches the mended table, which is stored, served, and the end of the error.
fn mended(app: &TestApp, sites: &Sites, stand: &Stand) {
    let (table, digits) = stand.mended();
    let rows = row_counts(&app.db);
    let now = a_minute_later(app);
    sites.says(stand.feed, stand.day, Behaviour::ok(table));
    let taken = sites.fetch(app, &client(), stand.feed, stand.day);
    let Ok(Taken::Stored { outcome, .. }) = taken else { panic!("{taken:?}") };
    assert_eq!((outcome.accepted, outcome.corrected, outcome.held.len()), (0, 1, 0), "{outcome:?}");
    assert_eq!(app.get(&format!("/v1/rates/{}", stand.pair)).json()["source"]["published"], digits);
    // The Uzbek table has a quote of the manat that was held, which the bank repeats here.
    let logged = 1 + outcome.released as i64;
    assert_eq!(row_counts(&app.db), [rows[0] + 1, rows[1] + 1, rows[2] + logged]);
    let feed = app.feed(stand.feed);
    assert_eq!(feed["last_succeeded_at"], json!(now), "{feed}");
    let failed_at = feed["last_error"]["at"].as_str().expect("the error stays for who asks when it was");
    assert!(failed_at < now.as_str(), "{feed}");
}

/// The whole list of failures at one stand.
fn everything_fails_at(app: &TestApp, stand: &Stand) {
    let sites = Sites::open();
    app.set_time(stand.at);
    sites.says(stand.feed, stand.day, Behaviour::ok(stand.payload));
    sites.fetch(app, &client(), stand.feed, stand.day).expect("the recorded table");
    assert_eq!(app.feed(stand.feed)["last_error"], Value::Null);
    for (what, behaviour, code) in stand.breakdowns() {
        sites.says(stand.feed, stand.day, behaviour);
        refused(app, &sites, stand, &client(), what, code);
    }
    for (what, payload, code) in stand.spoilt() {
        sites.says(stand.feed, stand.day, Behaviour::ok(payload));
        refused(app, &sites, stand, &client(), &what, code);
    }
    sites.says(stand.feed, stand.day, Behaviour::Slow(FOREVER, stand.payload.to_vec()));
    let hasty = Client::new(Options { timeout: Duration::from_millis(300), attempts: 1, ..Options::default() });
    refused(app, &sites, stand, &hasty, "silence", "timeout");
    mended(app, &sites, stand);
}

fn tagged(etag: &str, body: &[u8]) -> Behaviour {
    Behaviour::WithETag { etag: etag.to_owned(), body: body.to_vec() }
}

/// The entity tags that came with the requests.
fn tags_sent(sites: &Sites) -> Vec<Option<String>> {
    sites.bank.requests().iter().map(|request| request.header("If-None-Match").map(str::to_owned)).collect()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

on_both! {
    fn nothing_that_fails_at_the_kyrgyz_bank_s_daily_table_changes_anything(app: &TestApp) {
        everything_fails_at(app, &DAILY);
    }

    fn nothing_that_fails_at_the_kyrgyz_bank_s_weekly_table_changes_anything(app: &TestApp) {
        everything_fails_at(app, &WEEKLY);
    }

    fn nothing_that_fails_at_the_kazakh_bank_changes_anything(app: &TestApp) {
        everything_fails_at(app, &NBK);
    }

    fn nothing_that_fails_at_the_tajik_bank_changes_anything(app: &TestApp) {
        everything_fails_at(app, &NBT);
    }

    fn nothing_that_fails_at_the_uzbek_bank_changes_anything(app: &TestApp) {
        everything_fails_at(app, &CBU);
    }

    fn the_tajik_bank_s_today_is_no_answer_about_another_day(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-05-20T06:30:00Z");
        for (day, code) in [(date(2026, 5, 16), "wrong-date"), (date(2026, 5, 19), "wrong-date")] {
            sites.says(FeedKey::Nbt, day, Behaviour::ok(NBT.payload));
            let failure = sites.fetch(app, &client(), FeedKey::Nbt, day).expect_err("another day");
            assert_eq!(failure.code(), code, "{day}");
        }
        assert_eq!(row_counts(&app.db), [0, 0, 0]);
        assert_eq!(app.feed(FeedKey::Nbt)["last_error"]["code"], "wrong-date");
        assert_eq!(app.get("/v1/rates/TJS/USD").status, 404);
    }

    fn a_day_far_ahead_is_refused_even_when_it_was_asked_for(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-05-18T04:30:00Z");
        for (feed, code) in [(FeedKey::Nbk, "USD"), (FeedKey::Nbt, "USD"), (FeedKey::Cbu, "USD")] {
            let (ahead, next) = (date(2026, 5, 21), date(2026, 5, 20));
            sites.says(feed, ahead, Behaviour::ok(table(feed, ahead, &[(code, "9.5")])));
            let failure = sites.fetch(app, &client(), feed, ahead).expect_err("three days ahead");
            assert_eq!(failure.code(), "future-date", "{feed:?}");
            assert_eq!(sites.publish(app, feed, next, &[(code, "9.5")]).accepted, 1, "{feed:?}: two days ahead");
        }
        assert_eq!(row_counts(&app.db), [3, 3, 3]);
    }

    fn declared_windows_1251_is_read_with_the_right_digits(app: &TestApp) {
        for stand in [&DAILY, &WEEKLY, &NBK, &NBT] {
            let sites = Sites::open();
            app.set_time(stand.at);
            sites.says(stand.feed, stand.day, Behaviour::ok(stand.cyrillic(true)));
            sites.fetch(app, &client(), stand.feed, stand.day).expect("a declared encoding");
            let rate = app.get(&format!("/v1/rates/{}", stand.pair)).json();
            assert_eq!(rate["source"]["published"], stand.digits.replace(',', "."), "{:?}", stand.feed);
        }
    }

    fn the_market_s_key_is_shown_to_nobody(app: &TestApp) {
        let sites = Sites::with_market();
        app.set_time("2026-04-01T09:00:00Z");
        let good = market("2026-04-01T08:00:00Z", &[("KGS", "87.45"), ("KZT", "478.77")]);
        sites.says(FeedKey::Market, Date::ZERO, Behaviour::ok(good.clone()));
        let taken = sites.fetch(app, &client(), FeedKey::Market, Date::ZERO).expect("a good table");
        let mut shown = vec![format!("{taken:?}")];
        let echo = format!("{{\"error\":true,\"message\":\"no such key: /market.json?app_id={SECRET}\"}}");
        let late = market("2026-04-05T08:00:00Z", &[("KGS", "87.45")]);
        for (behaviour, code) in [
            (Behaviour::answer(401, &[], echo.clone()), "status"),
            (Behaviour::ok(echo), "bad-row"),
            (Behaviour::Redirect(format!("https://elsewhere.example/market.json?app_id={SECRET}")), "redirect"),
            (Behaviour::html(), "html"),
            (Behaviour::rate_limited(1), "rate-limited"),
            (Behaviour::status(500), "status"),
            (Behaviour::Reset, "connection"),
            (Behaviour::Truncated(good.clone()), "truncated"),
            (Behaviour::Oversize(60_001), "oversize"),
            (Behaviour::ok(late), "future-date"),
            (Behaviour::ok(market("2026-04-01T08:30:00Z", &[("KGS", "0")])), "bad-row"),
        ] {
            a_minute_later(app);
            sites.says(FeedKey::Market, Date::ZERO, behaviour);
            let failure = sites.fetch(app, &client(), FeedKey::Market, Date::ZERO).expect_err(code);
            assert_eq!(failure.code(), code);
            shown.push(format!("{failure} {failure:?} {}", app.feed(FeedKey::Market)));
        }
        for path in ["/v1/rates/sources", "/v1/rates?source=market", "/v1/rates/KGS/USD?source=market",
            "/v1/rates/ticker?source=market", "/v1/rates/convert?from=KGS&to=KZT&amount=1&source=market",
            "/v1/rates/KGS/USD/history?source=market", "/metrics"] {
            shown.push(String::from_utf8_lossy(&app.get(path).body).into_owned());
        }
        for text in &shown {
            let leaks = [SECRET, "app_id", "market.json", "127.0.0.1"].iter().any(|part| text.contains(part));
            assert!(!leaks, "{text}");
        }
        assert_eq!(app.get("/v1/rates/KGS/USD?source=market").json()["source"]["url"], Value::Null);
    }

    fn the_kyrgyz_bank_s_entity_tag_saves_the_table(app: &TestApp) {
        let sites = Sites::open();
        app.set_time(DAILY.at);
        for (stand, etag) in [(&DAILY, "\"daily\""), (&WEEKLY, "\"weekly\"")] {
            sites.bank.forget();
            sites.says(stand.feed, stand.day, tagged(etag, stand.payload));
            sites.fetch(app, &client(), stand.feed, stand.day).expect("the recorded table");
            let (shown, rows) = (answers(app, stand.pair), row_counts(&app.db));
            let now = a_minute_later(app);
            assert_eq!(sites.fetch(app, &client(), stand.feed, stand.day), Ok(Taken::NotModified));
            assert_eq!((answers(app, stand.pair), row_counts(&app.db)), (shown, rows));
            assert_eq!(app.feed(stand.feed)["last_succeeded_at"], json!(now));
            sites.says(stand.feed, stand.day, tagged("\"mended\"", stand.mended().0.as_bytes()));
            a_minute_later(app);
            sites.fetch(app, &client(), stand.feed, stand.day).expect("the mended table");
            assert_eq!(app.get(&format!("/v1/rates/{}", stand.pair)).json()["source"]["published"], stand.mended().1);
            assert_eq!(sites.fetch(app, &client(), stand.feed, stand.day), Ok(Taken::NotModified));
            assert_eq!(tags_sent(&sites), [None, Some(etag), Some(etag), Some("\"mended\"")].map(owned));
        }
    }

    fn the_tag_of_a_refused_table_is_not_kept(app: &TestApp) {
        let sites = Sites::open();
        app.set_time(DAILY.at);
        sites.says(DAILY.feed, DAILY.day, tagged("\"good\"", DAILY.payload));
        sites.fetch(app, &client(), DAILY.feed, DAILY.day).expect("the recorded table");
        sites.says(DAILY.feed, DAILY.day, tagged("\"bad\"", DAILY.with("87,4500", "").as_bytes()));
        for _ in 0..2 {
            let failure = sites.fetch(app, &client(), DAILY.feed, DAILY.day).expect_err("a blank");
            assert_eq!(failure.code(), "bad-row");
        }
        assert_eq!(tags_sent(&sites), [None, Some("\"good\""), Some("\"good\"")].map(owned));
    }

    fn only_the_kyrgyz_bank_is_sent_a_tag(app: &TestApp) {
        for stand in [&NBK, &NBT, &CBU] {
            let sites = Sites::open();
            app.set_time(stand.at);
            sites.says(stand.feed, stand.day, tagged("\"tag\"", stand.payload));
            for _ in 0..3 {
                let taken = sites.fetch(app, &client(), stand.feed, stand.day);
                assert!(matches!(taken, Ok(Taken::Stored { .. })), "{:?}: {taken:?}", stand.feed);
            }
            assert_eq!(tags_sent(&sites), [None, None, None], "{:?}", stand.feed);
        }
    }

    fn the_kyrgyz_bank_is_sent_no_tag_while_something_is_held(app: &TestApp) {
        let (sites, feed, day) = (Sites::open(), DAILY.feed, DAILY.day);
        app.set_time(DAILY.at);
        sites.publish(app, feed, day.yesterday().expect("a day"), &[("USD", "87.4500")]);
        let fallen = table(feed, day, &[("USD", "61.2150")]);
        sites.says(feed, day, tagged("\"fallen\"", &fallen));
        sites.bank.forget();
        for held in [1, 0] {
            let taken = sites.fetch(app, &client(), feed, day);
            assert!(matches!(taken, Ok(Taken::Stored { .. })), "{taken:?}");
            assert_eq!(app.feed(feed)["held"], held);
        }
        assert_eq!(sites.fetch(app, &client(), feed, day), Ok(Taken::NotModified));
        assert_eq!(tags_sent(&sites), [None, None, Some("\"fallen\"")].map(owned));
    }
}
