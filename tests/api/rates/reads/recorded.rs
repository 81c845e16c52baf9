//! The recorded answers of the four banks: every digit as it was published, and each pair from its own bank.

use serde_json::{Value, json};
use xabar::rates::queries::Outcome;
use xabar::rates::sources::Source;

use super::published::{
    CBU_1_APRIL, CBU_2_APRIL, NBK_1_APRIL, NBKR_DAILY, NBT_18_MAY, RECORDED, asked, members, publish, publish_recorded,
    why_not,
};
use crate::on_both;
use crate::support::TestApp;
use crate::support::rates::row_counts;

/// A payload with one text replaced, once.
fn replaced(payload: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = str::from_utf8(payload).expect("the recorded answers are UTF-8");
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

/// A table of CBU's without the row of a currency.
fn without(payload: &[u8], code: &str) -> Vec<u8> {
    let mut rows: Vec<Value> = serde_json::from_slice(payload).expect("a list");
    let all = rows.len();
    rows.retain(|row| row["Ccy"] != code);
    assert_eq!(rows.len(), all - 1, "{code}");
    json!(rows).to_string().into_bytes()
}

on_both! {
    fn the_dollar_reads_as_each_bank_published_it(app: &TestApp) {
        publish_recorded(app);

        for (pair, date, digits, bank) in [
            ("USD/KGS", "2026-05-24", "87.4500", "nbkr"),
            ("USD/KZT", "2026-04-01", "478.77", "nbk"),
            ("USD/TJS", "2026-05-18", "9.3450", "nbt"),
            ("USD/UZS", "2026-04-01", "12194.21", "cbu"),
            ("USD/KZT", "2026-04-02", "475.09", "nbk"),
            ("USD/TJS", "2026-05-19", "9.3371", "nbt"),
            ("USD/UZS", "2026-04-02", "12142.10", "cbu"),
        ] {
            let rate = asked(app, &format!("/{pair}?date={date}"));
            let found = members(&rate, ["rate", "effective_date", "status", "precision/derived", "per"]);
            let per = json!({"units": 1, "rate": digits});
            assert_eq!(found, [json!(digits), json!(date), json!("fresh"), json!(false), per], "{pair}");
            let source = members(&rate["source"], ["key", "kind", "published", "nominal", "published_pair"]);
            assert_eq!(source, [json!(bank), json!("official"), json!(digits), json!(1), json!(pair)]);
        }
    }

    fn a_quote_for_many_units_keeps_its_digits_and_prices_one(app: &TestApp) {
        publish_recorded(app);

        for (pair, date, units, published, rate) in [
            ("JPY/KGS", "2026-05-24", 10, "5.4969", "0.54969"),
            ("IDR/KGS", "2026-05-24", 10, "0.0494", "0.00494"),
            ("BYR/KGS", "2026-05-24", 100, "0.3402", "0.003402"),
            ("AMD/KZT", "2026-04-01", 10, "12.72", "1.272"),
            ("KRW/KZT", "2026-04-01", 100, "31.29", "0.3129"),
            ("IRR/KZT", "2026-04-01", 1000, "0.4", "0.0004"),
            ("AFN/TJS", "2026-05-18", 10, "1.4654", "0.14654"),
            ("AMD/TJS", "2026-05-18", 100, "2.5340", "0.025340"),
            ("IRR/TJS", "2026-05-18", 1000, "0.0071", "0.0000071"),
            ("VND/UZS", "2026-04-01", 10, "4.63", "0.463"),
        ] {
            let found = asked(app, &format!("/{pair}?date={date}"));
            assert_eq!(found["per"], json!({"units": units, "rate": published}), "{pair}");
            let one = members(&found, ["rate", "source/published", "source/nominal", "precision/derived"]);
            assert_eq!(one, [json!(rate), json!(published), json!(units), json!(false)], "{pair}");
        }
        assert_eq!(asked(app, "/KZT/IRR?date=2026-04-01")["rate"], "2500.00", "the nominal counts in the inverse too");
        assert_eq!(asked(app, "/KGS/JPY?date=2026-05-24")["rate"], "1.81921");
    }

    fn a_pair_with_one_of_the_five_is_its_own_banks(app: &TestApp) {
        publish_recorded(app);

        for (pair, date, rate, bank) in [
            ("EUR/KZT", "2026-04-01", "548.62", "nbk"),
            ("EUR/UZS", "2026-04-01", "13984.32", "cbu"),
            ("EUR/TJS", "2026-05-18", "10.8757", "nbt"),
            ("EUR/KGS", "2026-05-24", "101.5076", "nbkr"),
            ("RUB/TJS", "2026-05-18", "0.1277", "nbt"),
            ("KGS/USD", "2026-05-24", "0.0114351", "nbkr"),
            ("KZT/USD", "2026-04-01", "0.00208869", "nbk"),
            ("TJS/USD", "2026-05-18", "0.107009", "nbt"),
            ("UZS/USD", "2026-04-02", "0.0000823581", "cbu"),
        ] {
            let found = asked(app, &format!("/{pair}?date={date}"));
            assert_eq!(
                members(&found, ["rate", "source/key", "legs"]),
                [json!(rate), json!(bank), json!([])],
                "{pair}"
            );
        }
    }

    fn two_of_the_five_meet_at_the_dollar_of_their_own_banks(app: &TestApp) {
        publish_recorded(app);

        // 12142.10 / 9.3450. NBT's own cross would be 1282.05, and CBU's 1266.78.
        let rate = asked(app, "/TJS/UZS?date=2026-05-18");
        let found = members(&rate, ["rate", "source", "effective_date", "precision/derived"]);
        assert_eq!(found, [json!("1299.32"), json!(null), json!("2026-05-18"), json!(true)]);
        let leg = |at: &str| {
            members(
                &rate,
                [
                    &format!("legs/{at}/source/key"),
                    &format!("legs/{at}/source/published"),
                    &format!("legs/{at}/source/published_pair"),
                    &format!("legs/{at}/effective_date"),
                ],
            )
        };
        assert_eq!(leg("0"), ["nbt", "9.3450", "USD/TJS", "2026-05-18"].map(Value::from));
        assert_eq!(leg("1"), ["cbu", "12142.10", "USD/UZS", "2026-04-02"].map(Value::from));
        assert_eq!(rate["legs"].as_array().map(Vec::len), Some(2));
        // The other crosses that banks publish: NBT's 0.00078, NBK's 0.0393 and 5.43, NBKR's 0.1859.
        assert_eq!(asked(app, "/UZS/TJS?date=2026-05-18")["rate"], "0.000769636");
        assert_eq!(asked(app, "/UZS/KZT?date=2026-04-01")["rate"], "0.0392621");
        assert_eq!(asked(app, "/KGS/KZT?date=2026-05-24")["rate"], "5.43270");
        assert_eq!(asked(app, "/KZT/KGS?date=2026-05-24")["rate"], "0.184070");
    }

    fn a_pair_without_a_path_says_why(app: &TestApp) {
        publish_recorded(app);

        for (pair, why) in [
            ("EUR/USD", "EUR/USD has no official rate here: a central bank quotes its own currency"),
            ("USD/EUR", "USD/EUR has no official rate here: a central bank quotes its own currency"),
            ("EUR/TMT", "EUR/TMT has no official rate: the manat's is a peg to USD"),
            ("TMT/EUR", "TMT/EUR has no official rate: the manat's is a peg to USD"),
            ("KGS/KGS", "KGS has no rate against itself"),
            ("USD/USD", "USD has no rate against itself"),
        ] {
            let found = why_not(app, &format!("/{pair}"));
            assert!(found.starts_with(why), "{pair}: {found}");
            assert_eq!(why_not(app, &format!("/{pair}/history")), found);
            assert_eq!(why_not(app, &format!("/{pair}/sparkline.svg")), found);
        }
    }

    fn the_manat_is_its_peg(app: &TestApp) {
        publish_recorded(app);

        let flat =
            |rate: &str| json!({"percent": "0", "direction": "flat", "from_date": "2026-03-31", "from_rate": rate});
        for (pair, digits) in [("USD/TMT", "3.5"), ("TMT/USD", "0.285714")] {
            let rate = asked(app, &format!("/{pair}?date=2026-04-01"));
            let found = members(&rate, ["rate", "status", "change", "next"]);
            assert_eq!(found, [json!(digits), json!("pegged"), flat(digits), json!(null)], "{pair}");
            let source = members(&rate["source"], ["key", "kind", "published", "nominal", "published_pair"]);
            assert_eq!(source, [json!("peg"), json!("peg"), json!("3.5"), json!(1), json!("USD/TMT")]);
        }
        assert_eq!(asked(app, "/TMT/KGS?date=2026-05-24")["rate"], "24.9857");
        assert_eq!(asked(app, "/TMT/UZS?date=2026-04-01")["rate"], "3484.06");
    }

    fn what_a_bank_says_of_the_manat_changes_nothing(app: &TestApp) {
        for (source, payload) in RECORDED.into_iter().filter(|(_, payload)| *payload != CBU_1_APRIL) {
            publish(app, source, payload);
        }
        publish(app, Source::Cbu, &without(CBU_1_APRIL, "TMT"));
        let manats = |app: &TestApp| -> Vec<Value> {
            let pairs = ["TMT/USD", "USD/TMT", "TMT/KGS", "TMT/KZT", "TMT/TJS", "TMT/UZS", "UZS/TMT"];
            let moments = ["?date=2026-04-01", "?date=2026-04-02", "", "/history?from=2026-03-31&to=2026-04-05"];
            let paths = pairs.iter().flat_map(|pair| moments.iter().map(move |moment| format!("/{pair}{moment}")));
            paths
                .map(|path| app.get(&format!("/v1/rates{path}")).json())
                .map(|mut answer| {
                    answer.as_object_mut().expect("an object").remove("request_id");
                    answer
                })
                .collect()
        };
        let before = manats(app);

        let outcome = publish(app, Source::Cbu, CBU_1_APRIL);

        assert_eq!((outcome.accepted, outcome.corrected, outcome.unchanged, outcome.held.len()), (0, 0, 74, 1));
        assert_eq!(outcome.held[0].0.to_string(), "TMT/UZS", "3.02 a dollar is no rate of the manat");
        assert_eq!(manats(app), before);
    }

    fn a_second_import_changes_nothing(app: &TestApp) {
        publish_recorded(app);
        let paths =
            ["", "?date=2026-04-01", "/TJS/UZS", "/USD/UZS?date=2026-04-01", "/USD/KZT/history?from=2026-03-30"];
        let answers = || paths.map(|path| asked(app, path));
        let before = (row_counts(&app.db), app.log_length(), answers());
        app.set_time("2026-06-01T12:30:00Z");

        let again = publish_recorded(app);

        let rows = [5, 40, 39, 39, 36, 36, 75, 75];
        let expected: Vec<Outcome> =
            rows.iter().map(|rows| Outcome { unchanged: *rows, ..Outcome::default() }).collect();
        assert_eq!(again, expected);
        assert_eq!((row_counts(&app.db), app.log_length(), answers()), before);
    }

    fn every_quote_is_an_entry_of_the_log(app: &TestApp) {
        let outcome = publish(app, Source::Nbkr, NBKR_DAILY);
        assert_eq!(outcome, Outcome { accepted: 5, ..Outcome::default() });
        let lines = ["USD", "EUR", "CNY", "KZT", "RUB"].map(|code| format!("upsert rate {code}/KGS v1 published"));
        assert_eq!(app.log_after(0), lines);

        let outcomes = publish_recorded(app);

        let accepted: usize = outcomes.iter().map(|outcome| outcome.accepted).sum();
        let log = app.log_after(5);
        assert_eq!((accepted, log.len()), (339, 340), "one is held");
        assert_eq!(log.iter().filter(|line| line.ends_with(" published")).count(), accepted);
        let held: Vec<&String> = log.iter().filter(|line| !line.ends_with(" published")).collect();
        assert_eq!(held, ["upsert rate TMT/UZS v1 updated"]);
    }

    fn a_correction_is_one_more_row_and_what_was_served_stays_known(app: &TestApp) {
        for (source, payload, from, to, pair, old, new) in [
            (Source::Nbkr, NBKR_DAILY, "87,4500", "87,4600", "USD/KGS?date=2026-05-24", "87.4500", "87.4600"),
            (Source::Nbk, NBK_1_APRIL, "478.77", "478.17", "USD/KZT?date=2026-04-01", "478.77", "478.17"),
            (Source::Nbt, NBT_18_MAY, "9.3450", "9.3451", "USD/TJS?date=2026-05-18", "9.3450", "9.3451"),
            (Source::Cbu, CBU_2_APRIL, "12142.10", "12142.1", "USD/UZS?date=2026-04-02", "12142.10", "12142.1"),
        ] {
            app.set_time("2026-06-01T12:00:00Z");
            let first = publish(app, source, payload);
            let (known, rows) = (app.log_length(), row_counts(&app.db));
            app.set_time("2026-06-01T13:00:00Z");

            let outcome = publish(app, source, &replaced(payload, from, to));

            let rest = first.accepted - 1;
            assert_eq!(outcome, Outcome { corrected: 1, unchanged: rest, ..Outcome::default() }, "{pair}");
            let [quotes, tables, changes] = rows;
            assert_eq!(row_counts(&app.db), [quotes + 1, tables + 1, changes + 1]);
            let code = &pair[..7];
            assert_eq!(app.log_after(known), [format!("upsert rate {code} v1 corrected")]);
            let rate = |more: &str| asked(app, &format!("/{pair}{more}"))["rate"].clone();
            assert_eq!(rate(""), new);
            assert_eq!(rate("&as_of=2026-06-01T12:59:59.999999Z"), old);
            assert_eq!(rate("&as_of=2026-06-01T12:00:00Z"), old);
            assert_eq!(rate("&as_of=2026-06-01T13:00:00Z"), new);
            let early = why_not(app, &format!("/{pair}&as_of=2026-06-01T11:59:59.999999Z"));
            assert!(early.contains("has no quote"), "nothing was known before: {early}");
        }
    }

    fn a_correction_back_is_a_correction_too(app: &TestApp) {
        publish(app, Source::Nbkr, NBKR_DAILY);
        publish(app, Source::Nbkr, &replaced(NBKR_DAILY, "87,4500", "87,4600"));
        app.set_time("2026-06-01T13:00:00Z");

        let outcome = publish(app, Source::Nbkr, NBKR_DAILY);

        assert_eq!((outcome.corrected, outcome.unchanged), (1, 4));
        assert_eq!(asked(app, "/USD/KGS?date=2026-05-24")["rate"], "87.4500");
        assert_eq!(asked(app, "/USD/KGS?date=2026-05-24&as_of=2026-06-01T12:30:00Z")["rate"], "87.4600");
    }
}
