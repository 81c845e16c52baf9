//! `/v1/rates/convert` and `/v1/currencies`: amounts, and the small change in which they are written.

use serde_json::{Value, json};

use super::published::{asked, members, publish_classic_market, publish_recorded, why_not};
use crate::on_both;
use crate::support::TestApp;

/// The result of a conversion on the day on which the recorded tables of NBKR are in force.
fn converted(app: &TestApp, query: &str) -> String {
    let answer = asked(app, &format!("/convert?{query}&date=2026-05-24"));
    answer["result"].as_str().expect("a result").to_owned()
}

fn names(entry: &Value) -> Vec<(&str, &str)> {
    let names = entry["names"].as_object().expect("names").iter();
    names.map(|(lang, name)| (lang.as_str(), name.as_str().expect("a name"))).collect()
}

on_both! {
    fn a_conversion_says_how_it_was_made(app: &TestApp) {
        publish_recorded(app);

        let answer = asked(app, "/convert?from=USD&to=KGS&amount=100.50&date=2026-05-24");

        let rate = asked(app, "/USD/KGS?date=2026-05-24");
        let rounding = json!({"decimals": 2, "mode": "half-away-from-zero"});
        let expected = json!({"from": "USD", "to": "KGS", "amount": "100.50", "result": "8788.73",
            "rounding": rounding, "rate": rate});
        assert_eq!(answer, expected);
    }

    fn a_result_is_rounded_once_half_away_from_zero(app: &TestApp) {
        publish_recorded(app);

        for (query, result) in [
            ("from=USD&to=KGS&amount=0.1", "8.75"),
            ("from=USD&to=KGS&amount=0.3", "26.24"),
            ("from=USD&to=KGS&amount=0.1&decimals=1", "8.7"),
            ("from=USD&to=KGS&amount=0.1&decimals=0", "9"),
            ("from=USD&to=KGS&amount=10&decimals=0", "875"),
            ("from=USD&to=KGS&amount=1&decimals=12", "87.450000000000"),
            ("from=KGS&to=USD&amount=87.45", "1.00"),
            ("from=KGS&to=USD&amount=87450000000&decimals=6", "1000000000.000000"),
            ("from=UZS&to=USD&amount=1000000", "82.36"),
            ("from=TMT&to=USD&amount=3.5&decimals=10", "1.0000000000"),
            ("from=KZT&to=TMT&amount=47509&decimals=8", "350.00000000"),
        ] {
            assert_eq!(converted(app, query), result, "{query}");
        }
    }

    fn a_result_has_the_small_change_of_its_currency(app: &TestApp) {
        publish_recorded(app);

        for (query, result) in [
            ("from=KGS&to=JPY&amount=1000", "1819"),
            ("from=KGS&to=KWD&amount=1000", "3.508"),
            ("from=KGS&to=KRW&amount=1", "17"),
            ("from=KGS&to=USD&amount=1000", "11.44"),
            ("from=JPY&to=KGS&amount=1000", "549.69"),
            ("from=KGS&to=XDR&amount=119.5195", "1.00"),
            ("from=KGS&to=BYR&amount=1", "293.94"),
        ] {
            assert_eq!(converted(app, query), result, "{query}");
        }
        let rounding = asked(app, "/convert?from=KGS&to=JPY&amount=1")["rounding"].clone();
        assert_eq!(rounding, json!({"decimals": 0, "mode": "half-away-from-zero"}));
    }

    fn zero_and_the_largest_amount_convert(app: &TestApp) {
        publish_recorded(app);

        assert_eq!(converted(app, "from=USD&to=KGS&amount=0"), "0.00");
        assert_eq!(converted(app, "from=USD&to=KGS&amount=0.0000000000"), "0.00");
        assert_eq!(converted(app, "from=USD&to=KGS&amount=0.0000000001&decimals=12"), "0.000000008745");
        // 999999999999999.9999999999 x 87.45, and x 9.3371 x 10000.
        assert_eq!(
            converted(app, "from=USD&to=KGS&amount=999999999999999.9999999999&decimals=12"),
            "87449999999999999.999999991255"
        );
        assert_eq!(converted(app, "from=USD&to=KGS&amount=999999999999999.9999999999"), "87450000000000000.00");
        assert_eq!(converted(app, "from=USD&to=UZS&amount=999999999999999"), "12142099999999987857.90");
    }

    fn an_amount_stays_as_it_was_given(app: &TestApp) {
        for amount in ["1", "0", "100.50", "0.10", "1.0000000000"] {
            assert_eq!(asked(app, &format!("/convert?from=USD&to=TMT&amount={amount}"))["amount"], amount);
        }
    }

    fn a_malformed_amount_is_refused(app: &TestApp) {
        for amount in [
            "",
            "-1",
            "+1",
            "1,5",
            "1_000",
            "1%20000",
            "1e3",
            ".5",
            "5.",
            "007",
            "00",
            "1.2.3",
            "NaN",
            "inf",
            "0x10",
            "%D9%A1",
            "1000000000000000",
            "1.00000000000",
            "%201",
            "1%20",
            "%E2%88%921",
            "ten",
        ] {
            let answer = app.get(&format!("/v1/rates/convert?from=USD&to=TMT&amount={amount}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"), "{amount}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "amount", "{amount}");
        }
    }

    fn what_is_missing_or_wrong_is_named(app: &TestApp) {
        for (query, named) in [
            ("", vec!["from", "to", "amount"]),
            ("?from=USD&to=TMT", vec!["amount"]),
            ("?to=TMT&amount=1", vec!["from"]),
            ("?from=usd&to=TMT&amount=1", vec!["from"]),
            ("?from=USD&to=TM&amount=x", vec!["to", "amount"]),
            ("?from=USD&to=TMT&amount=1&decimals=13", vec!["decimals"]),
            ("?from=USD&to=TMT&amount=1&decimals=-1", vec!["decimals"]),
            ("?from=USD&to=TMT&amount=1&amount=2", vec!["amount"]),
            ("?from=USD&to=TMT&amount=1&currency=USD", vec!["currency"]),
            ("?base=USD&to=TMT&amount=1", vec!["base", "from"]),
            ("?from=USD&to=TMT&amount=1&as_of=2026-06-01T12:00:01Z", vec!["as_of"]),
        ] {
            let answer = app.get(&format!("/v1/rates/convert{query}"));
            assert_eq!(answer.status, 400, "{query}");
            let mut found: Vec<Value> = answer.json()["errors"]
                .as_array()
                .expect("errors")
                .iter()
                .map(|one| one["parameter"].clone())
                .collect();
            found.dedup();
            assert_eq!(found, named, "{query}");
        }
    }

    fn a_pair_without_a_rate_says_why(app: &TestApp) {
        publish_recorded(app);
        publish_classic_market(app);

        assert!(why_not(app, "/convert?from=EUR&to=USD&amount=1").starts_with("EUR/USD has no official rate"));
        assert!(why_not(app, "/convert?from=KGS&to=KGS&amount=1").starts_with("KGS has no rate against itself"));
        assert!(
            why_not(app, "/convert?from=USD&to=KGS&amount=1&date=2026-05-01")
                .contains("no quote of USD/KGS for 2026-05-01")
        );
        let market = asked(app, "/convert?from=EUR&to=USD&amount=1&source=market");
        assert_eq!(members(&market, ["result", "rate/rate"]), ["1.14", "1.13701"].map(Value::from));
    }
}

on_both! {
    fn currencies_are_sorted_and_complete(app: &TestApp) {
        let list = app.get("/v1/currencies");

        let codes: Vec<String> =
            list.each("code").iter().map(|code| code.as_str().expect("a code").to_owned()).collect();
        assert!(codes.len() > 170 && codes.is_sorted_by(|one, next| one < next), "{}", codes.len());
        for missing in ["BGN", "BYR", "TMM"] {
            assert!(!codes.iter().any(|code| code == missing), "{missing} is not in use any more");
        }
        let json = list.json();
        let data = json["data"].as_array().expect("a list");
        let regional: Vec<&Value> = data.iter().filter(|one| one["regional"] == true).map(|one| &one["code"]).collect();
        assert_eq!(regional, ["KGS", "KZT", "TJS", "TMT", "UZS"]);
        assert!(data.iter().all(|one| one["number"].as_str().is_some_and(|number| number.len() == 3)));
        assert!(data.iter().all(|one| !names(one).is_empty() && names(one).iter().all(|(_, name)| !name.is_empty())));
        let entry = |code: &str| data.iter().find(|one| one["code"] == code).expect(code);
        for (code, number, units) in [
            ("KGS", "417", json!(2)),
            ("JPY", "392", json!(0)),
            ("KWD", "414", json!(3)),
            ("ALL", "008", json!(2)),
            ("CLF", "990", json!(4)),
            ("XAU", "959", json!(null)),
        ] {
            assert_eq!(members(entry(code), ["number", "minor_units"]), [json!(number), units], "{code}");
        }
    }

    fn the_five_have_names_in_eight_languages(app: &TestApp) {
        let json = app.get("/v1/currencies").json();
        let data = json["data"].as_array().expect("a list");

        for (code, expected) in [
            (
                "KGS",
                [
                    "Kyrgyz Som",
                    "Қырғызстан сомы",
                    "Кыргызстан сому",
                    "киргизский сом",
                    "Соми Қирғизистон",
                    "Gyrgyz somy",
                    "Qirg‘iziston somi",
                    "Қирғизистон соми",
                ],
            ),
            (
                "TMT",
                [
                    "Turkmenistani Manat",
                    "Түрікменстан манаты",
                    "Түркмөнстан манаты",
                    "новый туркменский манат",
                    "манати Туркманистон",
                    "Türkmen manady",
                    "Turkmaniston manati",
                    "Туркманистон манати",
                ],
            ),
            (
                "UZS",
                [
                    "Uzbekistani Som",
                    "Өзбекстан сомы",
                    "Өзбекстан суму",
                    "узбекский сум",
                    "Сўми Ӯзбекистон",
                    "Özbek somy",
                    "O‘zbekiston so‘mi",
                    "Ўзбекистон сўм",
                ],
            ),
        ] {
            let entry = data.iter().find(|one| one["code"] == code).expect(code);
            let langs = ["en", "kk", "ky", "ru", "tg", "tk", "uz", "uz-Cyrl"];
            assert_eq!(names(entry), langs.into_iter().zip(expected).collect::<Vec<_>>(), "{code}");
        }
        for code in ["KZT", "TJS", "USD", "EUR", "RUB"] {
            let entry = data.iter().find(|one| one["code"] == code).expect(code);
            assert_eq!(names(entry).len(), 8, "{code}");
        }
        let emirates = data.iter().find(|one| one["code"] == "AED").expect("AED");
        assert!(!names(emirates).iter().any(|(lang, _)| *lang == "uz-Cyrl"), "CLDR has none, and none is made up");
        assert_eq!(app.get("/v1/currencies?lang=en").status, 400);
    }
}
