//! `/v1/rates/ticker`: lines that are printed as they are, and their parts.

use serde_json::{Value, json};
use xabar::rates::sources::Source;

use super::published::{asked, members, pairs, publish, publish_classic_market, publish_recorded};
use crate::on_both;
use crate::support::TestApp;
use crate::support::rates::market;

const CLASSIC: [&str; 5] = [
    "KGS/USD = 0.01153 -0%",
    "KZT/USD = 0.00201 0%",
    "TJS/USD = 0.09243 0.43%",
    "UZS/USD = 0.00008 0%",
    "TMT/USD = 0.28573 -0.14%",
];

const LANGS: [&str; 8] = ["en", "ru", "kk", "ky", "tg", "uz", "uz-Cyrl", "tk"];

/// The market's ticker; `more` are parameters.
fn ticker(app: &TestApp, more: &str) -> Value {
    asked(app, &format!("/ticker?source=market{more}"))
}

/// A member of each entry, as text.
fn each(ticker: &Value, member: &str) -> Vec<String> {
    let entries = ticker["data"].as_array().expect("entries").iter();
    entries.map(|entry| entry[member].as_str().unwrap_or("null").to_owned()).collect()
}

/// Every text in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn is_negative_zero(text: &str) -> bool {
    text.strip_prefix(['-', '\u{2212}'])
        .is_some_and(|rest| rest.contains('0') && rest.chars().all(|one| matches!(one, '0' | '.' | ',')))
}

on_both! {
    fn the_five_lines_that_readers_know(app: &TestApp) {
        publish_classic_market(app);

        let ticker = ticker(app, "");

        assert_eq!(each(&ticker, "text"), CLASSIC);
        assert_eq!(pairs(&ticker["data"]), ["KGS/USD", "KZT/USD", "TJS/USD", "UZS/USD", "TMT/USD"]);
        let shape = members(&ticker, ["quote", "lang", "style", "missing"]);
        assert_eq!(shape, [json!("USD"), json!("en"), json!("classic"), json!([])]);
    }

    fn an_entry_has_its_parts(app: &TestApp) {
        publish_classic_market(app);

        let ticker = ticker(app, "");

        assert_eq!(each(&ticker, "rate"), ["0.01153", "0.00201", "0.09243", "0.00008", "0.28573"]);
        assert_eq!(each(&ticker, "change"), ["0", "0", "0.43", "0", "-0.14"], "a number has no negative zero");
        assert_eq!(each(&ticker, "direction"), ["down", "up", "up", "flat", "down"], "of the true change");
        assert_eq!(each(&ticker, "arrow"), ["▼", "▲", "▲", "▬", "▼"]);
        assert_eq!(
            each(&ticker, "base_name"),
            ["Kyrgyz Som", "Kazakhstani Tenge", "Tajikistani Somoni", "Uzbekistani Som", "Turkmenistani Manat"]
                .map(String::from)
        );
        let sentences = [
            "Kyrgyz Som to US Dollar: 0.01153, down less than 0.01 percent",
            "Kazakhstani Tenge to US Dollar: 0.00201, up less than 0.01 percent",
            "Tajikistani Somoni to US Dollar: 0.09243, up 0.43 percent",
            "Uzbekistani Som to US Dollar: 0.00008, unchanged",
            "Turkmenistani Manat to US Dollar: 0.28573, down 0.14 percent",
        ];
        assert_eq!(each(&ticker, "sentence"), sentences);
        let entry = members(&ticker["data"][0], ["base", "quote", "quote_name", "status", "effective_date"]);
        assert_eq!(entry, ["KGS", "USD", "US Dollar", "fresh", "2026-06-01"].map(Value::from));
    }

    fn plain_lines_have_no_negative_zero_in_any_language(app: &TestApp) {
        publish_classic_market(app);

        assert_eq!(
            each(&ticker(app, "&style=plain"), "text"),
            [
                "KGS/USD = 0.01153 0%",
                "KZT/USD = 0.00201 0%",
                "TJS/USD = 0.09243 0.43%",
                "UZS/USD = 0.00008 0%",
                "TMT/USD = 0.28573 -0.14%",
            ]
        );
        for lang in LANGS {
            let lines = each(&ticker(app, &format!("&style=plain&lang={lang}")), "text");
            let point = if lang == "en" { "." } else { "," };
            let percent = if ["ru", "tk"].contains(&lang) { "\u{a0}%" } else { "%" };
            let written = |line: &str| line.replace('.', point).replace('%', percent);
            assert_eq!(lines, CLASSIC.map(|line| written(&line.replace("-0%", "0%"))), "{lang}");
        }
    }

    fn classic_lines_are_the_same_in_every_language(app: &TestApp) {
        publish_classic_market(app);

        for lang in LANGS {
            let ticker = ticker(app, &format!("&lang={lang}"));
            assert_eq!((each(&ticker, "text"), &ticker["lang"]), (CLASSIC.map(String::from).to_vec(), &json!(lang)));
        }
    }

    fn names_and_sentences_are_in_the_language(app: &TestApp) {
        publish_classic_market(app);

        for (lang, name, quote, sentence) in [
            ("en", "Tajikistani Somoni", "US Dollar", "Tajikistani Somoni to US Dollar: 0.09243, up 0.43 percent"),
            ("ru", "таджикский сомони", "доллар США", "Таджикский сомони — доллар США: 0,09243, рост на 0,43\u{a0}%"),
            (
                "kk",
                "Тәжікстан сомониі",
                "АҚШ доллары",
                "Тәжікстан сомониі — АҚШ доллары: 0,09243, бағам 0,43 пайызға өсті",
            ),
            (
                "ky",
                "Тажикстан сомониси",
                "АКШ доллары",
                "Тажикстан сомониси — АКШ доллары: 0,09243, курс 0,43 пайызга өстү",
            ),
            (
                "tg",
                "Сомонии Тоҷикистон",
                "Доллари ИМА",
                "Сомонии Тоҷикистон — Доллари ИМА: 0,09243, қурб 0,43 фоиз афзоиш ёфт",
            ),
            (
                "uz",
                "Tojikiston somoniysi",
                "AQSH dollari",
                "Tojikiston somoniysi — AQSH dollari: 0,09243, kurs 0,43 foizga oshdi",
            ),
            (
                "uz-Cyrl",
                "Тожикистон сомониси",
                "АҚШ доллари",
                "Тожикистон сомониси — АҚШ доллари: 0,09243, курс 0,43 фоизга ошди",
            ),
            (
                "tk",
                "Täjik somonisi",
                "ABŞ dollary",
                "Täjik somonisi — ABŞ dollary: 0,09243, kurs 0,43 göterim ýokarlandy",
            ),
        ] {
            let entry = ticker(app, &format!("&lang={lang}"))["data"][2].clone();
            let found = members(&entry, ["base_name", "quote_name", "sentence"]);
            assert_eq!(found, [name, quote, sentence].map(Value::from), "{lang}");
            assert_eq!(
                members(&entry, ["rate", "change"]),
                ["0.09243", "0.43"].map(Value::from),
                "numbers have a point"
            );
        }
    }

    fn no_number_is_a_negative_zero(app: &TestApp) {
        publish_classic_market(app);
        publish_recorded(app);

        let paths = [
            "/ticker?source=market",
            "/ticker?source=market&style=plain&lang=ru",
            "/ticker?source=market&decimals=0",
            "/ticker",
            "?source=market",
            "/KGS/USD?source=market",
            "/USD/KZT?source=market",
            "/KZT/KGS?source=market",
            "",
            "/convert?from=KGS&to=USD&amount=0&source=market",
        ];
        for path in paths {
            let answer = asked(app, path);
            let found = texts(&answer);
            assert!(found.len() > 10, "{path}");
            let wrong: Vec<&str> = found.into_iter().filter(|text| is_negative_zero(text)).collect();
            assert_eq!(wrong, [""; 0], "{path}");
        }
        // The list's four decimals still show what the ticker's two don't.
        assert_eq!(asked(app, "/KGS/USD?source=market")["change"]["percent"], "-0.0003");
        assert!(
            is_negative_zero("-0.00") && is_negative_zero("-0") && !is_negative_zero("-0.01") && !is_negative_zero("-")
        );
    }

    fn a_change_too_small_for_four_decimals_keeps_its_direction(app: &TestApp) {
        publish(app, Source::Market, &market("2026-05-31T06:00:00Z", &[("UZS", "12932.31")]));
        publish(app, Source::Market, &market("2026-06-01T06:00:00Z", &[("UZS", "12932.310000000000001")]));

        let change =
            |pair: &str| members(&asked(app, &format!("/{pair}?source=market"))["change"], ["percent", "direction"]);
        assert_eq!(change("UZS/USD"), ["0", "down"].map(Value::from));
        assert_eq!(change("USD/UZS"), ["0", "up"].map(Value::from));
        let entry = ticker(app, "")["data"][0].clone();
        assert_eq!(
            members(&entry, ["text", "change", "direction"]),
            ["UZS/USD = 0.00008 -0%", "0", "down"].map(Value::from)
        );
    }

    fn decimals_are_the_rate_s(app: &TestApp) {
        publish_classic_market(app);

        // 1 / 86.7303 = 0.01152999586073...
        for (decimals, rate) in [
            (0, "0"),
            (1, "0.0"),
            (2, "0.01"),
            (3, "0.012"),
            (4, "0.0115"),
            (5, "0.01153"),
            (6, "0.011530"),
            (7, "0.0115300"),
            (8, "0.01153000"),
            (9, "0.011529996"),
            (10, "0.0115299959"),
        ] {
            let entry = ticker(app, &format!("&decimals={decimals}"))["data"][0].clone();
            let text = format!("KGS/USD = {rate} -0%");
            assert_eq!(members(&entry, ["rate", "text", "change"]), [rate, &text, "0"].map(Value::from), "{decimals}");
        }
        for (decimals, code) in [
            ("11", "limit-too-large"),
            ("-1", "invalid-parameter"),
            ("", "invalid-parameter"),
            ("5.0", "invalid-parameter"),
        ] {
            let answer = app.get(&format!("/v1/rates/ticker?decimals={decimals}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{decimals}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "decimals");
        }
    }

    fn a_first_observation_has_no_percent(app: &TestApp) {
        publish(app, Source::Market, &market("2026-06-01T06:00:00Z", &[("KGS", "86.7303"), ("TJS", "10.819")]));

        for style in ["classic", "plain"] {
            let ticker = ticker(app, &format!("&style={style}"));
            assert_eq!(each(&ticker, "text"), ["KGS/USD = 0.01153", "TJS/USD = 0.09243"]);
            let entry = members(&ticker["data"][0], ["change", "direction", "arrow", "sentence"]);
            assert_eq!(entry, [json!(null), json!(null), json!(null), json!("Kyrgyz Som to US Dollar: 0.01153")]);
            assert_eq!(pairs(&ticker["missing"]), ["KZT/USD", "UZS/USD", "TMT/USD"]);
        }
    }

    fn a_currency_is_left_out_against_itself(app: &TestApp) {
        publish_classic_market(app);

        let ticker = ticker(app, "&quote=KZT&decimals=2");
        assert_eq!(ticker["quote"], "KZT");
        // 497.5 / 86.7303, 10.819, 12932.31 and 3.4998, and what they were with 497.51 a day before.
        assert_eq!(
            each(&ticker, "text"),
            ["KGS/KZT = 5.74 -0%", "TJS/KZT = 45.98 0.43%", "UZS/KZT = 0.04 -0%", "TMT/KZT = 142.15 -0.14%",]
        );
        assert_eq!(ticker["missing"], json!([]));
    }

    fn the_official_ticker_is_the_banks_and_the_peg(app: &TestApp) {
        let empty = asked(app, "/ticker");
        assert_eq!(each(&empty, "text"), ["TMT/USD = 0.28571 0%"], "an empty database knows the manat alone");
        assert_eq!(pairs(&empty["missing"]), ["KGS/USD", "KZT/USD", "TJS/USD", "UZS/USD"]);
        publish_classic_market(app);
        publish_recorded(app);

        let ticker = asked(app, "/ticker");
        let lines = [
            "KGS/USD = 0.01144",
            "KZT/USD = 0.00210 0.77%",
            "TJS/USD = 0.10710 0.08%",
            "UZS/USD = 0.00008 0.43%",
            "TMT/USD = 0.28571 0%",
        ];
        assert_eq!(each(&ticker, "text"), lines);
        assert_eq!(ticker["data"][4]["status"], "pegged");
        let then = asked(app, "/ticker?date=2026-05-18");
        assert_eq!(each(&then, "text")[1..3], ["TJS/USD = 0.10701", "UZS/USD = 0.00008 0.43%"].map(String::from));
    }

    fn what_is_wrong_is_named(app: &TestApp) {
        for (query, parameter, code) in [
            ("base=KGS", "base", "unknown-parameter"),
            ("lang=fr", "lang", "invalid-parameter"),
            ("lang=EN", "lang", "invalid-parameter"),
            ("style=fancy", "style", "invalid-parameter"),
            ("style=plain&style=plain", "style", "invalid-parameter"),
            ("quote=kzt", "quote", "invalid-parameter"),
            ("as_of=2026-06-01T12:00:01Z", "as_of", "invalid-parameter"),
        ] {
            let answer = app.get(&format!("/v1/rates/ticker?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{query}");
        }
    }
}
