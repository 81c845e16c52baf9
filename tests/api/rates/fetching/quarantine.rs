//! A quote that moved too far is held and not served, until something confirms it; and every answer of that time can be had
//! again.

use jiff::civil::{Date, date};
use serde_json::json;
use xabar::rates::money::Pair;
use xabar::rates::queries::{self, Held, NotHeld, Outcome};
use xabar::rates::sources::{FeedKey, Source};

use crate::on_both;
use crate::support::rates::{Sites, client, import_of, market, row_counts, table};
use crate::support::{Behaviour, TestApp};

const TUESDAY: Date = date(2026, 3, 31);
const WEDNESDAY: Date = date(2026, 4, 1);
const THURSDAY: Date = date(2026, 4, 2);

/// Wednesday's tenge, published on Tuesday.
const STEADY: [(&str, &str); 2] = [("USD", "478.77"), ("EUR", "549.20")];
/// Thursday's: the dollar costs 30 % less, by which the tenge rises.
const FALLEN: [(&str, &str); 2] = [("USD", "335.14"), ("EUR", "550.10")];

/// Has published [`STEADY`] on Tuesday and [`FALLEN`] on Wednesday; it is Thursday.
fn a_fall(app: &TestApp, sites: &Sites) -> Outcome {
    app.set_time("2026-03-31T10:00:00Z");
    assert_eq!(sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY).accepted, 2);
    app.set_time("2026-04-01T10:00:00Z");
    let outcome = sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN);
    app.set_time("2026-04-02T06:00:00Z");
    outcome
}

fn pair(text: &str) -> Pair {
    let (base, quote) = text.split_once('/').expect("a pair");
    Pair::new(base.parse().expect(base), quote.parse().expect(quote))
}

/// Rate, status and effective date of a pair.
fn served(app: &TestApp, pair: &str) -> (String, String, String) {
    let answer = app.get(&format!("/v1/rates/{pair}"));
    let rate = answer.json();
    let text = |member: &str| rate[member].as_str().unwrap_or_else(|| panic!("{pair}: {rate}")).to_owned();
    (text("rate"), text("status"), text("effective_date"))
}

fn expected(rate: &str, status: &str, date: &str) -> (String, String, String) {
    (rate.to_owned(), status.to_owned(), date.to_owned())
}

fn held(app: &TestApp) -> Vec<Held> {
    app.db.read_here(queries::held).expect("the held quotes")
}

fn release(app: &TestApp, id: i64) -> Result<Pair, NotHeld> {
    let now = app.clock.now();
    app.db.write_here(|conn| queries::release(conn, now, id)).expect("the database works")
}

/// What was held, in short.
fn held_pairs(outcome: &Outcome) -> Vec<String> {
    outcome.held.iter().map(|(pair, _)| pair.to_string()).collect()
}

on_both! {
    fn a_fall_by_30_percent_is_held_and_the_last_good_quote_served(app: &TestApp) {
        let sites = Sites::open();
        let outcome = a_fall(app, &sites);
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (1, vec!["USD/KZT".to_owned()]));
        let reason = &outcome.held[0].1;
        assert!(reason.starts_with("moved -30.0 % from") && reason.contains("478.77 of 2026-04-01"), "{reason}");
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "quarantined", "2026-04-01"));
        assert_eq!(served(app, "KZT/USD"), expected("0.00208869", "quarantined", "2026-04-01"));
        assert_eq!(served(app, "EUR/KZT"), expected("550.10", "fresh", "2026-04-02"));
        assert_eq!(app.feed(FeedKey::Nbk)["held"], 1);
        assert_eq!(app.feed(FeedKey::Nbk)["last_publication"]["quotes"], 1);
    }

    fn before_its_day_a_held_quote_is_neither_served_nor_announced(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        app.set_time("2026-04-01T18:59:59Z");
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "fresh", "2026-04-01"));
        assert_eq!(app.get("/v1/rates/USD/KZT").json()["next"], json!(null));
        assert_eq!(app.get("/v1/rates/EUR/KZT").json()["next"]["rate"], "550.10");
        app.set_time("2026-04-01T19:00:00Z");
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "quarantined", "2026-04-01"));
    }

    fn what_is_made_of_a_held_quote_says_so(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-04-01T05:00:00Z");
        sites.publish(app, FeedKey::Nbt, WEDNESDAY, &[("USD", "9.3450")]);
        a_fall(app, &sites);
        assert_eq!(sites.publish(app, FeedKey::Nbt, THURSDAY, &[("USD", "9.3400")]).accepted, 1);
        for pair in ["TJS/KZT", "KZT/TJS", "KZT/TMT"] {
            assert_eq!(served(app, pair).1, "quarantined", "{pair}");
        }
        assert_eq!(served(app, "TJS/KZT").0, "51.2602", "478.77 : 9.3400");
        assert_eq!(served(app, "TJS/USD").1, "fresh");
        let ticker = app.get("/v1/rates/ticker");
        assert_eq!(ticker.each("pair"), ["KZT/USD", "TJS/USD", "TMT/USD"]);
        assert_eq!(ticker.each("status"), ["quarantined", "fresh", "pegged"]);
        assert_eq!(ticker.each("rate")[0], "0.00209");
        let history = app.get("/v1/rates/USD/KZT/history?from=2026-04-01").each("rate");
        assert_eq!(history, ["478.77", "478.77"]);
    }

    fn the_same_word_again_releases_it_and_each_step_is_logged(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let outcome = sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN);
        assert_eq!((outcome.released, outcome.unchanged, outcome.accepted, outcome.held.len()), (1, 1, 0, 0));
        assert_eq!(served(app, "USD/KZT"), expected("335.14", "fresh", "2026-04-02"));
        let change = &app.get("/v1/rates/USD/KZT").json()["change"];
        assert_eq!((&change["percent"], &change["from_date"]), (&json!("-29.9998"), &json!("2026-04-01")), "{change}");
        assert_eq!(app.feed(FeedKey::Nbk)["held"], 0);
        let log = [
            "upsert rate USD/KZT v1 published",
            "upsert rate EUR/KZT v1 published",
            "upsert rate USD/KZT v1 updated",
            "upsert rate EUR/KZT v1 published",
            "upsert rate USD/KZT v1 published",
        ];
        assert_eq!(app.log_after(0), log);
        let rows = row_counts(&app.db);
        sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN);
        assert_eq!(row_counts(&app.db), rows, "a third time says nothing new");
    }

    fn the_next_day_s_table_releases_what_it_agrees_with(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let outcome = sites.publish(app, FeedKey::Nbk, date(2026, 4, 3), &[("USD", "337.00")]);
        assert_eq!((outcome.accepted, outcome.released, outcome.held.len()), (1, 1, 0));
        assert_eq!(served(app, "USD/KZT"), expected("335.14", "fresh", "2026-04-02"));
        app.set_time("2026-04-02T19:00:00Z");
        assert_eq!(served(app, "USD/KZT"), expected("337.00", "fresh", "2026-04-03"));
        assert_eq!(app.get("/v1/rates/USD/KZT").json()["change"]["from_rate"], "335.14");
        assert_eq!(app.log_after(4), ["upsert rate USD/KZT v1 published"; 2]);
    }

    fn the_next_day_s_table_that_is_as_before_leaves_it_held(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let outcome = sites.publish(app, FeedKey::Nbk, date(2026, 4, 3), &[("USD", "480.00")]);
        assert_eq!((outcome.accepted, outcome.released, outcome.held.len()), (1, 0, 0));
        assert_eq!(app.feed(FeedKey::Nbk)["held"], 0, "it waits for nobody");
        assert_eq!(served(app, "USD/KZT?date=2026-04-02"), expected("478.77", "quarantined", "2026-04-01"));
        assert_eq!(served(app, "USD/KZT?date=2026-04-03"), expected("480.00", "fresh", "2026-04-03"));
    }

    fn the_next_day_s_table_that_differs_from_both_is_held_too(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let outcome = sites.publish(app, FeedKey::Nbk, date(2026, 4, 3), &[("USD", "240.00")]);
        assert_eq!((outcome.accepted, outcome.released, held_pairs(&outcome).len()), (0, 0, 1));
        assert_eq!(app.feed(FeedKey::Nbk)["held"], 2);
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "quarantined", "2026-04-01"));
    }

    fn an_editor_releases_it_once(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let (one, known) = (held(app).remove(0), app.log_length());
        assert_eq!((one.source, one.pair, one.digits.as_str()), (Source::Nbk, pair("USD/KZT"), "335.14"));
        assert_eq!((one.nominal, one.date.as_str(), one.fetched_at), (1, "2026-04-02", "2026-04-01T10:00:00Z".parse().expect("an instant")));
        assert_eq!(release(app, one.id), Ok(pair("USD/KZT")));
        assert_eq!(served(app, "USD/KZT"), expected("335.14", "fresh", "2026-04-02"));
        assert_eq!((held(app), app.log_after(known)), (vec![], vec!["upsert rate USD/KZT v1 published".to_owned()]));
        assert_eq!(release(app, one.id), Err(NotHeld::Accepted(one.id)));
        assert_eq!(release(app, 9_999), Err(NotHeld::Unknown(9_999)));
        assert_eq!(app.log_length(), known + 1);
    }

    fn a_mended_table_of_the_same_day_takes_the_place_of_a_held_quote(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let id = held(app)[0].id;
        app.set_time("2026-04-02T06:10:00Z");
        let outcome = sites.publish(app, FeedKey::Nbk, THURSDAY, &[("USD", "475.14"), ("EUR", "550.10")]);
        assert_eq!((outcome.accepted + outcome.corrected, outcome.released, outcome.unchanged), (1, 0, 1));
        assert_eq!(served(app, "USD/KZT"), expected("475.14", "fresh", "2026-04-02"));
        assert_eq!((held(app), app.feed(FeedKey::Nbk)["held"].clone()), (vec![], json!(0)));
        let known = app.log_length();
        assert_eq!(release(app, id), Err(NotHeld::Replaced(id)));
        assert_eq!((app.log_length(), served(app, "USD/KZT").0.as_str()), (known, "475.14"));
        app.set_time("2026-04-03T06:00:00Z");
        assert_ne!(served(app, "USD/KZT").1, "quarantined");
    }

    fn a_word_that_was_taken_back_confirms_nothing(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        app.set_time("2026-04-02T06:10:00Z");
        sites.publish(app, FeedKey::Nbk, THURSDAY, &[("USD", "475.14"), ("EUR", "550.10")]);
        app.set_time("2026-04-02T06:20:00Z");
        sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN);
        assert_eq!(served(app, "USD/KZT").0, "475.14", "the bank said otherwise since");
        app.set_time("2026-04-02T06:30:00Z");
        sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN);
        assert_eq!(served(app, "USD/KZT").0, "335.14", "and now it has said it twice");
    }

    fn exactly_ten_percent_passes_and_a_hundredth_more_does_not(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-03-31T10:00:00Z");
        let before = [("USD", "400.00"), ("EUR", "400.00"), ("GBP", "400.00"), ("RUB", "400.00")];
        assert_eq!(sites.publish(app, FeedKey::Nbk, WEDNESDAY, &before).accepted, 4, "first observations");
        let after = [("USD", "440.00"), ("EUR", "440.01"), ("GBP", "360.00"), ("RUB", "359.99")];
        let outcome = sites.publish(app, FeedKey::Nbk, THURSDAY, &after);
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (2, vec!["EUR/KZT".to_owned(), "RUB/KZT".to_owned()]));
    }

    fn a_market_is_measured_by_the_bank(app: &TestApp) {
        app.set_time("2026-04-01T08:00:00Z");
        assert_eq!(import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &STEADY)).accepted, 2);
        let quotes = [("KZT", "493.20"), ("EUR", "0.87"), ("KGS", "87.45")];
        let outcome = import_of(app, Source::Market, &market("2026-04-01T07:00:00Z", &quotes));
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (2, vec!["USD/KZT".to_owned()]), "3.01 % off");
        assert_eq!(app.get("/v1/rates/KZT/USD?source=market").status, 404);
        assert_eq!(served(app, "USD/KZT").1, "fresh", "the bank's is as good as before");
        let near = import_of(app, Source::Market, &market("2026-04-01T07:30:00Z", &[("KZT", "493.10")]));
        assert_eq!((near.accepted, near.held.len()), (1, 0), "2.99 % off");
    }

    fn a_bank_is_measured_by_the_market(app: &TestApp) {
        app.set_time("2026-04-01T08:00:00Z");
        let quotes = [("KZT", "464.00"), ("KGS", "87.45")];
        assert_eq!(import_of(app, Source::Market, &market("2026-04-01T07:00:00Z", &quotes)).accepted, 2);
        let outcome = import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &STEADY));
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (1, vec!["USD/KZT".to_owned()]), "3.18 % off");
        assert_eq!(app.get("/v1/rates/KZT/USD").status, 404);
        assert_eq!(app.get("/v1/rates/KZT/USD?source=market").status, 200);
        app.set_time("2026-04-01T10:00:00Z");
        let sites = Sites::open();
        assert_eq!(sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY).released, 1);
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "fresh", "2026-04-01"));
    }

    fn a_bank_s_table_for_tomorrow_is_measured_by_the_market_of_today(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-03-31T10:00:00Z");
        import_of(app, Source::Market, &market("2026-03-31T09:00:00Z", &[("KZT", "464.00")]));
        let outcome = sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY);
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (1, vec!["USD/KZT".to_owned()]), "3.18 % off");
    }

    fn an_editor_releases_what_a_later_day_followed(app: &TestApp) {
        let sites = Sites::open();
        a_fall(app, &sites);
        let id = held(app)[0].id;
        sites.publish(app, FeedKey::Nbk, date(2026, 4, 3), &[("USD", "480.00")]);
        assert_eq!(held(app).iter().map(|held| (held.id, held.awaited)).collect::<Vec<_>>(), [(id, false)]);
        assert_eq!(release(app, id), Ok(pair("USD/KZT")));
        assert_eq!(held(app), []);
        assert_eq!(served(app, "USD/KZT?date=2026-04-02"), expected("335.14", "fresh", "2026-04-02"));
        assert_eq!(served(app, "USD/KZT?date=2026-04-03"), expected("480.00", "fresh", "2026-04-03"));
    }

    fn a_bank_takes_back_a_correction_that_was_held(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-03-31T10:00:00Z");
        sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY);
        app.set_time("2026-04-01T06:00:00Z");
        assert_eq!(sites.publish(app, FeedKey::Nbk, WEDNESDAY, &[("USD", "535.00")]).held.len(), 1);
        assert_eq!(served(app, "USD/KZT").1, "quarantined");
        app.set_time("2026-04-01T06:10:00Z");
        sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY);
        assert_eq!(served(app, "USD/KZT"), expected("478.77", "fresh", "2026-04-01"));
        let rows = row_counts(&app.db);
        sites.publish(app, FeedKey::Nbk, WEDNESDAY, &STEADY);
        assert_eq!(row_counts(&app.db), rows, "once more says nothing new");
    }

    fn the_same_files_again_leave_held_what_is_held(app: &TestApp) {
        app.set_time("2026-04-01T06:00:00Z");
        let files = [&STEADY[..], &[("USD", "535.00")]].map(|rows| table(FeedKey::Nbk, WEDNESDAY, rows));
        for _ in 0..2 {
            files.iter().for_each(|file| _ = import_of(app, Source::Nbk, file));
            assert_eq!((held(app).len(), served(app, "USD/KZT").0.as_str()), (1, "478.77"));
        }
    }

    fn a_table_with_last_year_s_date_is_refused(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2027-01-05T10:00:00Z");
        sites.publish(app, FeedKey::NbkrDaily, date(2027, 1, 5), &[("USD", "87.45")]);
        let old = date(2026, 1, 6);
        sites.says(FeedKey::NbkrDaily, old, Behaviour::ok(table(FeedKey::NbkrDaily, old, &[("USD", "87.51")])));
        let refused = sites.fetch(app, &client(), FeedKey::NbkrDaily, old).expect_err("a wrong date");
        assert_eq!((refused.code(), app.get("/v1/rates/KGS/USD?date=2026-01-06").status), ("past-date", 404));
    }

    fn an_old_market_measures_nobody(app: &TestApp) {
        app.set_time("2026-04-01T08:00:00Z");
        import_of(app, Source::Market, &market("2026-03-20T07:00:00Z", &[("KZT", "464.00")]));
        assert_eq!(import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &STEADY)).accepted, 2);
    }

    fn the_uzbek_bank_s_manat_is_measured_by_the_peg(app: &TestApp) {
        app.set_time("2026-04-01T08:00:00Z");
        let recorded = include_bytes!("../../../data/rates/cbu-2026-04-01.json");
        let before = app.get("/v1/rates/TMT/USD").body;
        let outcome = import_of(app, Source::Cbu, recorded);
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (74, vec!["TMT/UZS".to_owned()]), "{outcome:?}");
        assert_eq!(app.get("/v1/rates/TMT/USD").body, before);
        // 12194.21 : 3.5, by the peg; the file's own 4037.68 is for nobody.
        assert_eq!(served(app, "TMT/UZS").0, "3484.06");
    }

    fn a_manat_is_measured_wherever_in_the_table_it_stands(app: &TestApp) {
        app.set_time("2026-04-01T08:00:00Z");
        let rows = [("TMT", "4037.68"), ("USD", "12194.21")];
        let outcome = import_of(app, Source::Cbu, &table(FeedKey::Cbu, WEDNESDAY, &rows));
        assert_eq!((outcome.accepted, held_pairs(&outcome)), (1, vec!["TMT/UZS".to_owned()]), "{outcome:?}");
    }

    fn a_file_confirms_nothing_by_being_imported_twice(app: &TestApp) {
        app.set_time("2026-04-02T06:00:00Z");
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &STEADY));
        let fallen = table(FeedKey::Nbk, THURSDAY, &FALLEN);
        assert_eq!(import_of(app, Source::Nbk, &fallen).held.len(), 1);
        let rows = row_counts(&app.db);
        for _ in 0..2 {
            let again = import_of(app, Source::Nbk, &fallen);
            assert_eq!((again.released, again.unchanged, again.held.len()), (0, 2, 0), "{again:?}");
        }
        assert_eq!((row_counts(&app.db), held(app).len()), (rows, 1));
        let other = [fallen.as_slice(), b"\n"].concat();
        assert_eq!(import_of(app, Source::Nbk, &other).released, 1, "another payload has the same word");
        assert_eq!(served(app, "USD/KZT"), expected("335.14", "fresh", "2026-04-02"));
    }

    fn a_bank_s_own_word_confirms_a_file_s(app: &TestApp) {
        let sites = Sites::open();
        app.set_time("2026-04-02T06:00:00Z");
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &STEADY));
        assert_eq!(import_of(app, Source::Nbk, &table(FeedKey::Nbk, THURSDAY, &FALLEN)).held.len(), 1);
        assert_eq!(sites.publish(app, FeedKey::Nbk, THURSDAY, &FALLEN).released, 1);
    }

    fn a_past_table_is_measured_by_the_past(app: &TestApp) {
        app.set_time("2026-04-02T06:00:00Z");
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, TUESDAY, &[("USD", "470.00")]));
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, THURSDAY, &[("USD", "510.00")]));
        let between = import_of(app, Source::Nbk, &table(FeedKey::Nbk, WEDNESDAY, &[("USD", "420.00")]));
        assert_eq!((between.held.len(), between.accepted), (1, 0), "10.6 % below Tuesday's");
        assert_eq!(served(app, "USD/KZT"), expected("510.00", "fresh", "2026-04-02"));
        assert_eq!(served(app, "USD/KZT?date=2026-04-01"), expected("470.00", "quarantined", "2026-03-31"));
    }
}
