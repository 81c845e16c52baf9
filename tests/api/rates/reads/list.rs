//! `/v1/rates` and `/v1/rates/{base}/{quote}`: which pairs, for which moment, and for how long.

use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};
use xabar::rates::sources::{FeedKey, Source};

use super::published::{
    CBU_1_APRIL, CBU_2_APRIL, asked, members, pairs, publish, publish_classic_market, publish_recorded, why_not,
};
use crate::on_both;
use crate::support::rates::{market, table};
use crate::support::{Answer, TestApp};

const LONGEST: &str = "public, max-age=30, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600";

/// CBU's dollar on the last day of March and the first two of April, on the evening of the first.
fn publish_april(app: &TestApp) {
    app.set_time("2026-04-01T12:00:00Z");
    publish(app, Source::Cbu, &table(FeedKey::Cbu, date(2026, 3, 31), &[("USD", "12210.71")]));
    publish(app, Source::Cbu, CBU_1_APRIL);
    publish(app, Source::Cbu, CBU_2_APRIL);
}

/// CBU's dollar on a Thursday and a Friday, on that Friday before the next table.
fn publish_friday(app: &TestApp) {
    app.set_time("2026-05-22T07:00:00Z");
    publish(app, Source::Cbu, &table(FeedKey::Cbu, date(2026, 5, 21), &[("USD", "12000.00")]));
    publish(app, Source::Cbu, &table(FeedKey::Cbu, date(2026, 5, 22), &[("USD", "12012.00")]));
}

/// Sure that a request is refused for one parameter alone; its code.
fn refused_for(answer: &Answer, parameter: &str) -> String {
    let json = answer.json();
    assert_eq!(answer.status, 400, "{parameter}: {json}");
    let named: Vec<&Value> = json["errors"].as_array().expect("errors").iter().map(|one| &one["parameter"]).collect();
    assert_eq!(named, [parameter], "{json}");
    answer.code()
}

fn codes(count: usize) -> String {
    let letter = |index: usize| char::from(b'A' + (index % 26) as u8);
    let codes: Vec<String> = (0..count).map(|index| format!("Q{}{}", letter(index / 26), letter(index))).collect();
    codes.join(",")
}

on_both! {
    fn a_rate_is_complete(app: &TestApp) {
        publish_april(app);

        let rate = asked(app, "/UZS/USD");

        let source = json!({"key": "cbu", "name": "Central Bank of Uzbekistan", "kind": "official",
            "published": "12194.21", "nominal": 1, "published_pair": "USD/UZS", "url": null,
            "fetched_at": "2026-04-01T12:00:00Z", "redistributable": true, "sample": false});
        let change = json!({"percent": "0.1353", "direction": "up", "from_date": "2026-03-31",
            "from_rate": "0.0000818953"});
        let expected = json!({"pair": "UZS/USD", "base": "UZS", "quote": "USD", "rate": "0.0000820061",
            "precision": {"significant": 6, "derived": true}, "per": {"units": 1000, "rate": "0.08201"},
            "change": change, "status": "fresh", "effective_date": "2026-04-01",
            "next": {"effective_date": "2026-04-02", "rate": "0.0000823581"}, "source": source, "legs": []});
        assert_eq!(rate, expected);
        let list = asked(app, "?base=UZS");
        assert_eq!(list, json!({"data": [expected], "missing": []}));
    }

    fn the_change_goes_the_way_that_is_shown(app: &TestApp) {
        publish_april(app);

        let change = |pair: &str| members(&asked(app, &format!("/{pair}"))["change"], ["percent", "direction"]);
        assert_eq!(change("UZS/USD"), ["0.1353", "up"].map(Value::from));
        assert_eq!(change("USD/UZS"), ["-0.1351", "down"].map(Value::from));
        // Of the row that no bank changed.
        let change = asked(app, "/LBP/UZS?date=2026-04-02")["change"].clone();
        let flat = json!({"percent": "0", "direction": "flat", "from_date": "2026-04-01", "from_rate": "0.14"});
        assert_eq!(change, flat);
        assert_eq!(asked(app, "/UZS/USD?date=2026-03-31")["change"], json!(null), "the first observation");
    }

    fn the_five_come_first_and_in_order(app: &TestApp) {
        publish_recorded(app);

        let five = ["KGS/USD", "KZT/USD", "TJS/USD", "UZS/USD", "TMT/USD"];
        let list = asked(app, "");
        assert_eq!((pairs(&list["data"]), &list["missing"]), (five.to_vec(), &json!([])));
        let list = asked(app, "?quote=KZT");
        assert_eq!(pairs(&list["data"]), ["KGS/KZT", "TJS/KZT", "UZS/KZT", "TMT/KZT"], "none against itself");
        let list = asked(app, "?quote=EUR");
        assert_eq!(pairs(&list["data"]), ["KGS/EUR", "KZT/EUR", "TJS/EUR", "UZS/EUR"]);
        assert_eq!(pairs(&list["missing"]), ["TMT/EUR"]);
        let reason = list["missing"][0]["reason"].as_str().expect("a reason");
        assert!(reason.contains("peg to USD"), "{reason}");
    }

    fn the_bases_come_in_the_order_asked_for(app: &TestApp) {
        publish_recorded(app);

        let list = asked(app, "?base=UZS,EUR,KGS,USD&quote=KZT");
        assert_eq!(pairs(&list["data"]), ["UZS/KZT", "EUR/KZT", "KGS/KZT", "USD/KZT"]);
        assert_eq!(list["data"][1], asked(app, "/EUR/KZT"), "in a list as alone");
        let why = why_not(app, "?base=KGS,EUR");
        assert!(why.starts_with("EUR/USD has no official rate"), "{why}");
        let why = why_not(app, "?base=KGS,USD");
        assert!(why.starts_with("USD has no rate against itself"), "{why}");
    }

    fn an_empty_database_knows_the_manat_alone(app: &TestApp) {
        let list = asked(app, "");

        assert_eq!(pairs(&list["data"]), ["TMT/USD"]);
        let reason = |code: &str, bank: &str| format!("{code}/USD: {bank} has no quote of USD/{code}.");
        let missing = [
            ("KGS", "National Bank of the Kyrgyz Republic"),
            ("KZT", "National Bank of Kazakhstan"),
            ("TJS", "National Bank of Tajikistan"),
            ("UZS", "Central Bank of Uzbekistan"),
        ]
        .map(|(code, bank)| json!({"pair": format!("{code}/USD"), "reason": reason(code, bank)}));
        assert_eq!(list["missing"], json!(missing));
        assert_eq!(why_not(app, "/KGS/USD"), missing[0]["reason"].as_str().expect("a reason"));
        assert_eq!(asked(app, "?source=market")["data"], json!([]), "the peg is no market's");
        let named = asked(app, "?base=EUR&quote=KGS");
        assert_eq!((pairs(&named["data"]).len(), pairs(&named["missing"])), (0, vec!["EUR/KGS"]));
    }

    fn a_day_has_the_rate_that_was_in_force_on_it(app: &TestApp) {
        publish_friday(app);
        app.set_time("2026-05-27T12:00:00Z");

        let on =
            |day: &str| members(&asked(app, &format!("/USD/UZS?date={day}")), ["rate", "effective_date", "status"]);
        let (thursday, friday) = (("12000.00", "2026-05-21"), ("12012.00", "2026-05-22"));
        for (day, (rate, since), status) in [
            ("2026-05-21", thursday, "fresh"),
            ("2026-05-22", friday, "fresh"),
            ("2026-05-23", friday, "carried"),
            ("2026-05-24", friday, "carried"),
            ("2026-05-25", friday, "stale"),
            ("2026-05-27", friday, "stale"),
        ] {
            assert_eq!(on(day), [rate, since, status].map(Value::from), "{day}");
        }
        assert!(why_not(app, "/USD/UZS?date=2026-05-20").ends_with("has no quote of USD/UZS for 2026-05-20."));
        assert!(why_not(app, "/USD/UZS?date=2026-05-28").contains("2026-05-28 is not published yet"));
        assert_eq!(pairs(&asked(app, "?base=UZS&date=2026-05-28")["missing"]), ["UZS/USD"]);
    }

    fn tomorrow_can_be_asked_for_once_it_is_published(app: &TestApp) {
        publish_april(app);

        let tomorrow = asked(app, "/USD/UZS?date=2026-04-02");
        assert_eq!(members(&tomorrow, ["rate", "next"]), [json!("12142.10"), json!(null)]);
        assert!(why_not(app, "/USD/UZS?date=2026-04-03").contains("not published yet"));
        app.set_time("2026-04-01T18:59:59.999999Z");
        assert_eq!(asked(app, "/USD/UZS")["rate"], "12194.21", "until midnight in Tashkent");
        app.set_time("2026-04-01T19:00:00Z");
        let now = asked(app, "/USD/UZS");
        assert_eq!(
            members(&now, ["rate", "next", "change/from_rate"]),
            [json!("12142.10"), json!(null), json!("12194.21")]
        );
    }

    fn as_of_an_instant_it_is_answered_as_it_was_then(app: &TestApp) {
        publish_april(app);
        let then = asked(app, "/UZS/USD");
        app.set_time("2026-04-02T12:00:00Z");
        assert_ne!(asked(app, "/UZS/USD"), then);

        assert_eq!(asked(app, "/UZS/USD?as_of=2026-04-01T12:00:00Z"), then);
        assert_eq!(asked(app, "?base=UZS&as_of=2026-04-01T12:00:00Z")["data"], json!([then]));
        assert_eq!(asked(app, "/UZS/USD?as_of=2026-04-02T12:00:00Z"), asked(app, "/UZS/USD"), "now is no future");
        assert!(why_not(app, "/UZS/USD?as_of=2026-04-01T11:59:59Z").contains("has no quote"));
        let future = app.get("/v1/rates/UZS/USD?as_of=2026-04-02T12:00:00.000001Z");
        assert_eq!(refused_for(&future, "as_of"), "invalid-parameter");
        assert_eq!(refused_for(&app.get("/v1/rates?as_of=2026-04-02T12:00:01Z"), "as_of"), "invalid-parameter");
    }

    fn the_market_is_asked_for_by_name(app: &TestApp) {
        publish_classic_market(app);

        let rate = asked(app, "/EUR/KGS?source=market");
        // 86.7303 / 0.8795
        let found = members(&rate, ["rate", "legs/0/source/kind", "legs/1/source/published"]);
        assert_eq!(found, ["98.6132", "market", "86.7303"].map(Value::from));
        assert_eq!(asked(app, "/USD/TMT?source=market")["rate"], "3.4998");
        assert_eq!(asked(app, "/USD/TMT")["rate"], "3.5", "the peg is the official one");
        assert!(why_not(app, "/USD/KGS").contains("National Bank of the Kyrgyz Republic"), "the market is no bank");
    }
}

on_both! {
    fn what_is_wrong_is_named(app: &TestApp) {
        for (path, parameter, code) in [
            ("?bases=KGS", "bases", "unknown-parameter"),
            ("?lang=en", "lang", "unknown-parameter"),
            ("?base=KGS&base=KZT", "base", "invalid-parameter"),
            ("?date=2026-05-01&date=2026-05-01", "date", "invalid-parameter"),
            ("?base=", "base", "invalid-parameter"),
            ("?base=KGS,,KZT", "base", "invalid-parameter"),
            ("?base=KGS,kzt", "base", "invalid-parameter"),
            ("?base=KGS,%20KZT", "base", "invalid-parameter"),
            ("?base=KGSX", "base", "invalid-parameter"),
            ("?base=KGS,KZT,KGS", "base", "invalid-parameter"),
            ("?quote=usd", "quote", "invalid-parameter"),
            ("?quote=", "quote", "invalid-parameter"),
            ("?quote=USD,EUR", "quote", "invalid-parameter"),
            ("?date=2026-02-30", "date", "invalid-parameter"),
            ("?date=2026-6-1", "date", "invalid-parameter"),
            ("?date=20260601", "date", "invalid-parameter"),
            ("?date=today", "date", "invalid-parameter"),
            ("?date=", "date", "invalid-parameter"),
            ("?date=2026-06-01T00:00:00Z", "date", "invalid-parameter"),
            ("?as_of=2026-06-01", "as_of", "invalid-parameter"),
            ("?as_of=yesterday", "as_of", "invalid-parameter"),
            ("?source=bank", "source", "invalid-parameter"),
            ("/KGS/USD?base=KGS", "base", "unknown-parameter"),
            ("/kgs/USD", "base", "invalid-parameter"),
            ("/KGS/usd", "quote", "invalid-parameter"),
            ("/KGS/US", "quote", "invalid-parameter"),
            ("/K%D0%93S/USD", "base", "invalid-parameter"),
        ] {
            assert_eq!(refused_for(&app.get(&format!("/v1/rates{path}")), parameter), code, "{path}");
        }
    }

    fn fifty_bases_are_enough(app: &TestApp) {
        let most = asked(app, &format!("?quote=KGS&base={}", codes(50)));
        assert_eq!(pairs(&most["missing"]).len(), 50);

        let more = app.get(&format!("/v1/rates?quote=KGS&base={}", codes(51)));
        assert_eq!(refused_for(&more, "base"), "limit-too-large");
    }

    fn every_answer_is_conditional_and_has_a_head(app: &TestApp) {
        publish_recorded(app);

        for path in [
            "/v1/rates",
            "/v1/rates/KGS/USD",
            "/v1/rates/ticker",
            "/v1/rates/convert?from=USD&to=KGS&amount=1",
            "/v1/rates/KGS/USD/history",
            "/v1/rates/KGS/USD/history?format=csv",
            "/v1/rates/KGS/USD/sparkline.svg",
            "/v1/rates/sources",
            "/v1/currencies",
        ] {
            let full = app.get(path);
            let tag = full.header("etag");
            assert_eq!((full.status, tag.len()), (200, 24), "{path}");
            let same = app.get_with(path, &[("If-None-Match", tag)]);
            assert_eq!((same.status, same.body.len()), (304, 0), "{path}");
            assert_eq!(app.get_with(path, &[("If-None-Match", "\"other\"")]).status, 200, "{path}");
            let head = app.request(Method::HEAD, path, &[]);
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            for name in ["etag", "cache-control", "vary", "content-type", "surrogate-key"] {
                assert_eq!(head.header(name), full.header(name), "{path}: {name}");
                let kept = ["content-type", "surrogate-key"].contains(&name) || same.header(name) == full.header(name);
                assert!(kept, "{path}: {name} of a 304 is {}", same.header(name));
            }
            let expected = if path == "/v1/currencies" { "currencies" } else { "rates" };
            assert_eq!(full.header("surrogate-key"), expected, "{path}");
        }
    }
}

on_both! {
    fn an_answer_is_kept_until_a_bank_may_publish(app: &TestApp) {
        app.set_time("2026-04-01T07:00:00Z");
        publish(app, Source::Cbu, CBU_1_APRIL);
        let soon = "public, max-age=30, s-maxage=60, stale-while-revalidate=60, stale-if-error=60";
        for (now, expected) in [
            ("2026-04-01T07:00:00Z", LONGEST),
            ("2026-04-01T07:58:20Z", "public, max-age=30, s-maxage=100, stale-while-revalidate=60, stale-if-error=100"),
            ("2026-04-01T07:59:50Z", "public, max-age=10, s-maxage=10, stale-while-revalidate=10, stale-if-error=10"),
            ("2026-04-01T08:00:00Z", soon),
            ("2026-04-01T09:59:00Z", soon),
        ] {
            app.set_time(now);
            for path in ["/v1/rates/UZS/USD", "/v1/rates/USD/UZS?date=2026-04-01", "/v1/rates?base=UZS,TMT"] {
                assert_eq!(app.get(path).header("cache-control"), expected, "{path} at {now}");
            }
        }
    }

    fn once_the_next_table_is_there_no_other_is_expected_that_day(app: &TestApp) {
        app.set_time("2026-04-01T08:30:00Z");
        publish(app, Source::Cbu, CBU_1_APRIL);
        publish(app, Source::Cbu, CBU_2_APRIL);

        let answer = app.get("/v1/rates/USD/UZS");
        assert_eq!(
            (answer.json()["next"]["rate"].as_str(), answer.header("cache-control")),
            (Some("12142.10"), LONGEST)
        );
    }

    fn an_answer_is_kept_until_a_price_of_the_market_takes_effect(app: &TestApp) {
        publish(app, Source::Market, &market("2026-06-01T11:00:00Z", &[("KGS", "86.30")]));
        publish(app, Source::Market, &market("2026-06-01T12:00:20Z", &[("KGS", "86.40")]));

        let answer = app.get("/v1/rates/USD/KGS?source=market");
        assert_eq!(members(&answer.json(), ["rate", "next/rate"]), ["86.30", "86.40"].map(Value::from));
        let expected = "public, max-age=20, s-maxage=20, stale-while-revalidate=20, stale-if-error=20";
        assert_eq!(answer.header("cache-control"), expected);
    }

    fn an_answer_is_kept_until_midnight_in_the_bank_s_zone(app: &TestApp) {
        publish_april(app);
        for (now, left) in [
            ("2026-04-01T18:59:30Z", 30),
            ("2026-04-01T18:59:50Z", 10),
            ("2026-04-01T18:59:59Z", 1),
            ("2026-04-01T18:59:59.5Z", 0),
        ] {
            app.set_time(now);
            let expected = [0, 1, 2, 3].map(|_| left.to_string());
            let found = app.get("/v1/rates/USD/UZS");
            assert_eq!(found.json()["rate"], "12194.21");
            let seconds = found.header("cache-control").split(", ").filter_map(|part| part.split_once('='));
            assert_eq!(seconds.map(|(_, seconds)| seconds.to_owned()).collect::<Vec<_>>(), expected, "{now}");
        }
        app.set_time("2026-04-01T19:00:00Z");
        let next = app.get("/v1/rates/USD/UZS");
        assert_eq!((next.json()["rate"].as_str(), next.header("cache-control")), (Some("12142.10"), LONGEST));
    }

    fn a_gap_is_looked_at_again_soon_and_the_past_is_not(app: &TestApp) {
        let soon = "public, max-age=30, s-maxage=60, stale-while-revalidate=60, stale-if-error=60";
        assert_eq!(app.get("/v1/rates").header("cache-control"), soon, "four are missing");
        publish_recorded(app);

        let past = app.get("/v1/rates?as_of=2026-06-01T12:00:00Z");
        assert_eq!(past.header("cache-control"), LONGEST);
        app.set_time("2026-06-02T08:30:00Z");
        assert_eq!(app.get("/v1/rates").header("cache-control"), soon, "a session is on");
        assert_eq!(app.get("/v1/rates?as_of=2026-06-01T12:00:00Z").header("cache-control"), LONGEST);
        for refused in ["/v1/rates?base=usd", "/v1/rates/EUR/USD", "/v1/rates/ZZZ/KGS"] {
            assert_eq!(app.get(refused).header("cache-control"), "no-store", "{refused}");
        }
    }
}
