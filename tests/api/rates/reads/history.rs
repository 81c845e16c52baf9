//! `/v1/rates/{base}/{quote}/history`: ranges of days, as JSON and as CSV.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use xabar::db::DbError;
use xabar::rates::queries::{Arrival, Channel, store};
use xabar::rates::sources::{FeedKey, Source};

use super::published::{asked, members, publish};
use crate::on_both;
use crate::rates::tables;
use crate::support::TestApp;
use crate::support::rates::{market, table};

/// Two weeks in April: NBT's same-day tables, and CBU's for the next working day. It is the evening of the last.
fn publish_two_weeks(app: &TestApp) {
    app.set_time("2026-04-14T13:00:00Z");
    let somoni =
        [(2, "9.5000"), (3, "9.5100"), (6, "9.4900"), (7, "9.4900"), (9, "9.5200"), (13, "9.6000"), (14, "9.6100")];
    for (day, digits) in somoni {
        publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 4, day), &[("USD", digits), ("EUR", "10.9000")]));
    }
    for (day, digits) in
        [(3, "12100.00"), (6, "12200.50"), (8, "12150.10"), (10, "12175.00"), (14, "12180.00"), (15, "12190.00")]
    {
        publish(app, Source::Cbu, &table(FeedKey::Cbu, date(2026, 4, day), &[("USD", digits)]));
    }
}

fn days(from: Date, to: Date) -> Vec<Date> {
    from.series(1.day()).take_while(|day| *day <= to).collect()
}

/// A day asked for alone, as a history has it; `None` where it has no rate.
fn alone(app: &TestApp, pair: &str, day: Date) -> Option<Value> {
    let answer = app.get(&format!("/v1/rates/{pair}?date={day}"));
    assert!([200, 404].contains(&answer.status), "{pair} {day}");
    let rate = answer.json();
    (answer.status == 200)
        .then(|| json!({"date": day.to_string(), "rate": rate["rate"], "effective_date": rate["effective_date"]}))
}

fn history(app: &TestApp, pair: &str, query: &str) -> Vec<Value> {
    asked(app, &format!("/{pair}/history?{query}"))["data"].as_array().expect("days").clone()
}

/// Days, rates and effective dates of a history, on a line each.
fn lines(app: &TestApp, pair: &str, query: &str) -> Vec<String> {
    let line = |day: &Value| {
        members(day, ["date", "rate", "effective_date"]).map(|one| one.as_str().expect("text").to_owned()).join(" ")
    };
    history(app, pair, query).iter().map(line).collect()
}

const PAIRS: [&str; 8] = ["TJS/USD", "USD/TJS", "EUR/TJS", "USD/UZS", "TJS/UZS", "UZS/TJS", "TMT/UZS", "TMT/USD"];

on_both! {
    fn a_range_says_what_each_day_says_alone(app: &TestApp) {
        publish_two_weeks(app);
        let (from, to) = (date(2026, 3, 31), date(2026, 4, 18));

        for pair in PAIRS {
            let each: Vec<Value> = days(from, to).into_iter().filter_map(|day| alone(app, pair, day)).collect();
            assert!(each.len() > 11, "{pair}: {}", each.len());
            assert_eq!(history(app, pair, &format!("from={from}&to={to}&gaps=carry")), each, "{pair}");
            assert_eq!(history(app, pair, &format!("from={from}&to={to}")), each, "{pair}: carry is the default");
            let fresh: Vec<Value> = each.into_iter().filter(|day| day["date"] == day["effective_date"]).collect();
            assert_eq!(history(app, pair, &format!("from={from}&to={to}&gaps=omit")), fresh, "{pair}");
        }
    }

    fn a_range_that_begins_in_a_gap_carries_what_was_in_force(app: &TestApp) {
        publish_two_weeks(app);

        for pair in PAIRS {
            for day in days(date(2026, 4, 2), date(2026, 4, 15)) {
                let one = history(app, pair, &format!("from={day}&to={day}"));
                assert_eq!(one, alone(app, pair, day).into_iter().collect::<Vec<_>>(), "{pair} {day}");
            }
        }
        let weekend = lines(app, "USD/TJS", "from=2026-04-04&to=2026-04-05");
        assert_eq!(weekend, ["2026-04-04 9.5100 2026-04-03", "2026-04-05 9.5100 2026-04-03"]);
        assert_eq!(lines(app, "USD/TJS", "from=2026-04-04&to=2026-04-05&gaps=omit"), [""; 0]);
    }

    fn a_weekend_is_carried_or_left_out(app: &TestApp) {
        publish_two_weeks(app);

        assert_eq!(
            lines(app, "USD/TJS", "from=2026-04-02&to=2026-04-08"),
            [
                "2026-04-02 9.5000 2026-04-02",
                "2026-04-03 9.5100 2026-04-03",
                "2026-04-04 9.5100 2026-04-03",
                "2026-04-05 9.5100 2026-04-03",
                "2026-04-06 9.4900 2026-04-06",
                "2026-04-07 9.4900 2026-04-07",
                "2026-04-08 9.4900 2026-04-07",
            ]
        );
        assert_eq!(
            lines(app, "USD/TJS", "from=2026-04-02&to=2026-04-08&gaps=omit"),
            [
                "2026-04-02 9.5000 2026-04-02",
                "2026-04-03 9.5100 2026-04-03",
                "2026-04-06 9.4900 2026-04-06",
                "2026-04-07 9.4900 2026-04-07",
            ]
        );
    }

    fn a_cross_pair_moves_with_either_leg(app: &TestApp) {
        publish_two_weeks(app);

        // 12200.50 / 9.4900, and then 12150.10 of the eighth by the same 9.4900, and by 9.5200 of the ninth.
        let (head, found) = (
            asked(app, "/TJS/UZS/history?from=2026-04-07&to=2026-04-09"),
            ["from", "to", "pair", "base", "quote", "gaps"],
        );
        assert_eq!(
            members(&head, found),
            ["2026-04-07", "2026-04-09", "TJS/UZS", "TJS", "UZS", "carry"].map(Value::from)
        );
        assert_eq!(
            lines(app, "TJS/UZS", "from=2026-04-07&to=2026-04-09"),
            ["2026-04-07 1285.62 2026-04-07", "2026-04-08 1280.31 2026-04-08", "2026-04-09 1276.27 2026-04-09",]
        );
        assert_eq!(
            lines(app, "TJS/UZS", "from=2026-04-02&to=2026-04-03"),
            ["2026-04-03 1272.34 2026-04-03"],
            "CBU said nothing before"
        );
    }

    fn a_range_ends_where_nothing_is_published_yet(app: &TestApp) {
        publish_two_weeks(app);

        let last = |pair: &str| lines(app, pair, "from=2026-04-13&to=2026-05-31").pop();
        assert_eq!(last("USD/UZS").as_deref(), Some("2026-04-15 12190.00 2026-04-15"), "tomorrow's is out");
        assert_eq!(last("USD/TJS").as_deref(), Some("2026-04-14 9.6100 2026-04-14"), "tomorrow's is not");
        assert_eq!(last("UZS/TJS").as_deref(), Some("2026-04-14 0.000788998 2026-04-14"), "one leg is not out");
        assert_eq!(lines(app, "USD/TJS", "from=2026-05-01&to=2026-05-31"), [""; 0]);
        assert_eq!(lines(app, "USD/TJS", "from=2026-03-01&to=2026-03-31"), [""; 0], "nor before the first one");
        app.set_time("2026-04-17T19:30:00Z");
        assert_eq!(last("USD/TJS").as_deref(), Some("2026-04-18 9.6100 2026-04-14"), "it is the 18th in Dushanbe");
    }

    fn the_last_month_is_the_usual_range(app: &TestApp) {
        publish_two_weeks(app);

        let range = |query: &str| members(&asked(app, &format!("/USD/TJS/history{query}")), ["from", "to"]);
        assert_eq!(range(""), ["2026-03-15", "2026-04-14"].map(Value::from));
        assert_eq!(range("?to=2026-04-08"), ["2026-03-09", "2026-04-08"].map(Value::from));
        assert_eq!(range("?from=2026-04-08"), ["2026-04-08", "2026-04-14"].map(Value::from));
        app.set_time("2026-04-14T18:30:00Z");
        assert_eq!(asked(app, "/USD/KGS/history")["to"], "2026-04-15", "Bishkek is a day ahead then");
        assert_eq!(asked(app, "/USD/TJS/history")["to"], "2026-04-14", "Dushanbe is not");
        app.set_time("2026-04-14T20:00:00Z");
        assert_eq!(asked(app, "/TMT/USD/history")["to"], "2026-04-15", "the manat's day is Tashkent's");
        assert_eq!(asked(app, "/USD/KGS/history?source=market")["to"], "2026-04-14", "the market's is not");
    }

    fn a_history_is_as_it_was_known(app: &TestApp) {
        publish_two_weeks(app);
        app.set_time("2026-04-14T15:00:00Z");
        publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 4, 3), &[("USD", "9.5150")]));

        let at = |as_of: &str| lines(app, "USD/TJS", &format!("from=2026-04-03&to=2026-04-04{as_of}"));
        assert_eq!(at(""), ["2026-04-03 9.5150 2026-04-03", "2026-04-04 9.5150 2026-04-03"]);
        assert_eq!(at("&as_of=2026-04-14T14:00:00Z"), ["2026-04-03 9.5100 2026-04-03", "2026-04-04 9.5100 2026-04-03"]);
        assert_eq!(at("&as_of=2026-04-14T12:00:00Z"), [""; 0]);
        let future = app.get("/v1/rates/USD/TJS/history?as_of=2026-04-14T15:00:01Z");
        assert_eq!((future.status, future.json()["errors"][0]["parameter"].clone()), (400, json!("as_of")));
    }

    fn a_day_of_the_market_ends_with_its_last_price(app: &TestApp) {
        publish(app, Source::Market, &market("2026-05-31T06:00:00Z", &[("KGS", "86.10")]));
        publish(app, Source::Market, &market("2026-05-31T18:00:00Z", &[("KGS", "86.20")]));
        publish(app, Source::Market, &market("2026-06-01T11:00:00Z", &[("KGS", "86.30")]));

        let range = lines(app, "USD/KGS", "source=market&from=2026-05-31");
        assert_eq!(range, ["2026-05-31 86.20 2026-05-31", "2026-06-01 86.30 2026-06-01"]);
        assert_eq!(asked(app, "/USD/KGS?source=market&date=2026-05-31")["rate"], "86.20");
        assert_eq!(asked(app, "/USD/KGS?source=market&date=2026-06-01")["change"]["from_rate"], "86.20");
    }
}

on_both! {
    fn today_has_what_is_in_force_and_not_what_will_be(app: &TestApp) {
        publish(app, Source::Market, &market("2026-06-01T11:00:00Z", &[("KGS", "86.30")]));
        publish(app, Source::Market, &market("2026-06-01T13:00:00Z", &[("KGS", "86.40")]));

        assert_eq!(asked(app, "/USD/KGS?source=market&date=2026-06-01")["rate"], "86.30");
        let today = "source=market&from=2026-06-01&to=2026-06-01";
        assert_eq!(lines(app, "USD/KGS", today), ["2026-06-01 86.30 2026-06-01"], "in a range as alone");
        app.set_time("2026-06-01T13:00:00Z");
        assert_eq!(lines(app, "USD/KGS", today), ["2026-06-01 86.40 2026-06-01"]);
    }
}

on_both! {
    fn what_was_made_up_counts_nowhere_once_a_bank_is_known(app: &TestApp) {
        let sample = |app: &TestApp, day: &str, digits: &str| {
            let table = tables::table(day, vec![tables::row("USD/TJS", digits, 1)]);
            let arrival = Arrival {
                feed: FeedKey::Nbt,
                table: &table,
                payload_hash: day,
                url: None,
                channel: Channel::Imported,
                redistributable: true,
                sample: true,
            };
            app.db.write_here(|conn| store(conn, &tables::settings(), app.clock.now(), &arrival)).map_err(|error: DbError| error).expect("it is stored");
        };
        app.set_time("2026-04-01T06:00:00Z");
        let april: Vec<String> = (1..=20).map(|day| format!("2026-04-{day:02}")).collect();
        for day in &april {
            app.set_time(&format!("{day}T06:00:00Z"));
            sample(app, day, "9.4000");
        }
        assert_eq!(asked(app, "/USD/TJS")["rate"], "9.4000");
        // It came into force before all that was made up.
        tables::publish(app, FeedKey::Nbt, &tables::table("2026-03-02", vec![tables::row("USD/TJS", "9.5000", 1)]));
        assert_eq!((&asked(app, "/USD/TJS")["rate"], &asked(app, "/USD/TJS?date=2026-04-03")["rate"]), (&"9.5000".into(), &"9.5000".into()));
        let ranges = ["from=2026-04-02&to=2026-04-03", "from=2026-02-28&to=2026-04-03"].map(|range| lines(app, "USD/TJS", range).pop());
        assert_eq!(ranges, [Some("2026-04-03 9.5000 2026-03-02".to_owned()), Some("2026-04-03 9.5000 2026-03-02".to_owned())]);
    }
}

const RANGE: &str = "/v1/rates/USD/TJS/history?from=2026-04-03&to=2026-04-04";
const CSV: &str = "date,rate,effective_date\r\n2026-04-03,9.5100,2026-04-03\r\n2026-04-04,9.5100,2026-04-03\r\n";

on_both! {
    fn csv_says_the_same_as_json(app: &TestApp) {
        publish_two_weeks(app);

        let csv = app.get(&format!("{RANGE}&format=csv"));
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
        assert_eq!(str::from_utf8(&csv.body), Ok(CSV));
        let long = "/TJS/UZS/history?from=2026-03-20&to=2026-04-20";
        let rows = app.get(&format!("/v1/rates{long}&format=csv")).body;
        let json = asked(app, long);
        let row = |day: &Value| {
            members(day, ["date", "rate", "effective_date"]).map(|one| one.as_str().expect("text").to_owned()).join(",")
        };
        let expected: Vec<String> = json["data"].as_array().expect("days").iter().map(row).collect();
        let found = String::from_utf8(rows).expect("UTF-8");
        assert_eq!(found.split_terminator("\r\n").skip(1).collect::<Vec<_>>(), expected);
        assert!(expected.len() > 10);
        let none = app.get("/v1/rates/USD/TJS/history?from=2025-01-01&to=2025-01-02&format=csv");
        assert_eq!(str::from_utf8(&none.body), Ok("date,rate,effective_date\r\n"));
    }

    fn the_form_is_what_accept_prefers(app: &TestApp) {
        publish_two_weeks(app);
        let (json, csv) = ("application/json", "text/csv; charset=utf-8; header=present");

        for (accept, expected) in [
            ("*/*", json),
            ("application/json", json),
            ("application/*", json),
            ("text/csv", csv),
            ("text/*", csv),
            ("TEXT/CSV", csv),
            ("text/csv;q=0.5, application/json", json),
            ("text/csv, application/json;q=0.5", csv),
            ("text/html, text/csv;q=0.1", csv),
            ("text/html, */*;q=0.1", json),
            ("text/csv;header=present", csv),
        ] {
            let answer = app.get_with(RANGE, &[("Accept", accept)]);
            assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{accept}");
            assert_eq!(answer.header("vary"), "Accept, Accept-Encoding", "{accept}");
        }
        for accept in ["text/html", "image/*", "application/xml, text/plain"] {
            let answer = app.get_with(RANGE, &[("Accept", accept)]);
            assert_eq!((answer.status, answer.code().as_str()), (406, "not-acceptable"), "{accept}");
            assert_eq!(answer.header("cache-control"), "no-store", "{accept}");
        }
    }

    fn a_form_of_weight_zero_is_not_wanted(app: &TestApp) {
        publish_two_weeks(app);

        let chosen: Vec<(&str, u16, String)> = [
            "text/csv;q=0, */*",
            "application/json;q=0, text/csv",
            "application/json;q=0, */*",
            "application/json;q=0, text/csv;q=0, */*",
            "text/csv;q=0",
            "*/*;q=0",
        ]
        .into_iter()
        .map(|accept| (accept, app.get_with(RANGE, &[("Accept", accept)])))
        .map(|(accept, answer)| (accept, answer.status, answer.header("content-type").chars().take(16).collect()))
        .collect();
        let (json, csv, neither) = ((200, "application/json"), (200, "text/csv; charse"), (406, "application/prob"));
        let expected = [json, csv, csv, neither, neither, neither];
        let found: Vec<(u16, &str)> = chosen.iter().map(|(_, status, form)| (*status, form.as_str())).collect();
        assert_eq!(found, expected, "{chosen:#?}");
    }

    fn a_named_form_beats_accept(app: &TestApp) {
        publish_two_weeks(app);

        for (format, accept, content_type) in [
            ("csv", "application/json", "text/csv; charset=utf-8; header=present"),
            ("json", "text/csv", "application/json"),
            ("json", "text/html", "application/json"),
        ] {
            let answer = app.get_with(&format!("{RANGE}&format={format}"), &[("Accept", accept)]);
            assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{format} {accept}");
            assert_eq!(answer.header("vary"), "Accept-Encoding", "`Accept` chose nothing");
        }
    }

    fn each_form_has_its_own_tag(app: &TestApp) {
        publish_two_weeks(app);

        let (json, csv) = (app.get(RANGE), app.get_with(RANGE, &[("Accept", "text/csv")]));
        assert_ne!(json.header("etag"), csv.header("etag"));
        let ask = |accept| app.get_with(RANGE, &[("Accept", accept), ("If-None-Match", csv.header("etag"))]);
        assert_eq!((ask("text/csv").status, ask("application/json").status), (304, 200));
        assert_eq!(ask("text/csv").header("vary"), "Accept, Accept-Encoding");
    }

    fn what_is_wrong_is_named(app: &TestApp) {
        publish_two_weeks(app);

        for (query, parameter, code) in [
            ("from=2026-04-05&to=2026-04-04", "from", "invalid-parameter"),
            ("from=2026-04-15", "from", "invalid-parameter"),
            ("from=2016-04-05&to=2026-04-14", "from", "limit-too-large"),
            ("from=0001-01-01&to=9999-12-31", "from", "limit-too-large"),
            ("from=2026-04-31", "from", "invalid-parameter"),
            ("to=tomorrow", "to", "invalid-parameter"),
            ("from=2026-04-03T00:00:00Z", "from", "invalid-parameter"),
            ("gaps=fill", "gaps", "invalid-parameter"),
            ("format=xml", "format", "invalid-parameter"),
            ("date=2026-04-03", "date", "unknown-parameter"),
            ("limit=5", "limit", "unknown-parameter"),
            ("to=2026-04-03&to=2026-04-03", "to", "invalid-parameter"),
        ] {
            let answer = app.get(&format!("/v1/rates/USD/TJS/history?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
        }
        assert_eq!(history(app, "USD/TJS", "from=2016-04-06&to=2026-04-13").len(), 12, "3660 days are allowed");
        assert_eq!(app.get("/v1/rates/usd/TJS/history").status, 400);
    }
}
