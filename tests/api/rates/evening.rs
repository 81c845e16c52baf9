//! An evening in Bishkek, when tomorrow's table comes out; and tables that don't come: from when on they are missed.

use serde_json::Value;
use xabar::rates::sources::FeedKey;

use super::tables::{publish, row, table};
use super::walk::{KGS, KZT, TJS, UZS, Walk, digits, press, said};
use crate::on_both;
use crate::support::TestApp;

/// A table for Tuesday 2 June 2026 and those before; the one after it has not come.
fn tuesday(app: &TestApp) -> Walk<'_> {
    let next_day = [
        ("2026-05-28T09:15:00Z", "2026-05-29"),
        ("2026-05-29T09:15:00Z", "2026-05-30"),
        ("2026-06-01T09:15:00Z", "2026-06-02"),
    ];
    let next_working_day = [
        ("2026-05-28T09:45:00Z", "2026-05-29"),
        ("2026-05-29T09:45:00Z", "2026-06-01"),
        ("2026-06-01T09:45:00Z", "2026-06-02"),
    ];
    let same_day = [("2026-05-29T05:00:00Z", "2026-05-29"), ("2026-06-01T05:00:00Z", "2026-06-01")];
    let tables = [
        press(FeedKey::NbkrDaily, &next_day),
        press(FeedKey::Nbk, &next_working_day),
        press(FeedKey::Cbu, &next_working_day),
        press(FeedKey::Nbt, &same_day),
    ];
    Walk::new(app, tables)
}

/// Stores a table later than the walk knows.
fn late(app: &TestApp, feed: FeedKey, pair: &str, date: &str) {
    let outcome = publish(app, feed, &table(date, vec![row(pair, &digits(feed, date), 1)]));
    assert_eq!(outcome.accepted, 1, "{outcome:?}");
}

/// Whether a feed counts as up to date, how many tables it missed, and the day of the one that is expected next.
fn standing(app: &TestApp, feed: FeedKey) -> String {
    let (list, key): (Value, &str) = (app.get("/v1/rates/sources").json(), feed.into());
    let found = list["data"].as_array().expect("a list").iter().find(|one| one["key"] == key).expect("every feed");
    let next = found["next_expected"]["effective_date"].as_str().expect("a day");
    format!("{}, {} missed, then {}", found["status"].as_str().expect("a word"), found["missed"], &next[5..])
}

on_both! {
    fn tomorrow_s_table_comes_out_in_the_evening_and_counts_from_midnight(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.at("2026-06-02T07:58:20Z", &[(KGS, "fresh of 06-02 after 05-30, for 100 s")]);
        walk.at("2026-06-02T08:00:00Z", &[(KGS, "fresh of 06-02 after 05-30, for 60 s")]);
        walk.at("2026-06-02T09:14:59Z", &[(KGS, "fresh of 06-02 after 05-30, for 60 s")]);
        assert_eq!(app.get("/v1/rates/USD/KGS?date=2026-06-03").status, 404, "it is not published yet");

        walk.go("2026-06-02T09:15:00Z");
        late(app, FeedKey::NbkrDaily, KGS, "2026-06-03");
        walk.at("2026-06-02T10:00:00Z", &[(KGS, "fresh of 06-02 after 05-30, then 06-03")]);
        let tomorrow = app.get("/v1/rates/USD/KGS?date=2026-06-03").json();
        assert_eq!((&tomorrow["rate"], &tomorrow["status"]), (&"87.0603".into(), &"fresh".into()));
        walk.at("2026-06-02T17:59:59Z", &[(KGS, "fresh of 06-02 after 05-30, then 06-03, for 1 s")]);
        walk.at("2026-06-02T18:00:00Z", &[(KGS, "fresh of 06-03 after 06-02")]);

        let before = app.get("/v1/rates/USD/KGS?as_of=2026-06-02T09:14:59Z").json();
        assert_eq!((&before["rate"], &before["next"]), (&"87.0602".into(), &Value::Null));
        let after = app.get("/v1/rates/USD/KGS?as_of=2026-06-02T09:15:00Z").json();
        assert_eq!((&after["rate"], &after["next"]["rate"]), (&"87.0602".into(), &"87.0603".into()));
    }

    fn a_correction_in_the_evening_is_tomorrow_s_alone(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.go("2026-06-02T09:15:00Z");
        late(app, FeedKey::NbkrDaily, KGS, "2026-06-03");
        walk.go("2026-06-02T09:40:00Z");
        let corrected = publish(app, FeedKey::NbkrDaily, &table("2026-06-03", vec![row(KGS, "87.9999", 1)]));
        assert_eq!((corrected.accepted, corrected.corrected), (0, 1));

        let said = |path: &str| {
            let json = app.get(&format!("/v1/rates/USD/KGS{path}")).json();
            [json["rate"].clone(), json["next"]["rate"].clone(), json["change"]["from_rate"].clone()]
        };
        assert_eq!(said(""), ["87.0602", "87.9999", "87.0530"]);
        assert_eq!(said("?as_of=2026-06-02T09:39:59Z"), ["87.0602", "87.0603", "87.0530"]);
        walk.go("2026-06-02T18:00:00Z");
        assert_eq!(said(""), ["87.9999".into(), Value::Null, "87.0602".into()]);
    }

    fn once_it_is_there_nothing_is_waited_for(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.at("2026-06-02T09:15:00Z", &[(KGS, "fresh of 06-02 after 05-30, for 60 s")]);
        late(app, FeedKey::NbkrDaily, KGS, "2026-06-03");
        walk.at("2026-06-02T09:15:00Z", &[(KGS, "fresh of 06-02 after 05-30, then 06-03")]);
    }

    fn a_day_ends_earlier_in_bishkek_than_in_almaty(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.go("2026-06-02T09:45:00Z");
        late(app, FeedKey::NbkrDaily, KGS, "2026-06-03");
        late(app, FeedKey::Nbk, KZT, "2026-06-03");
        walk.at("2026-06-02T18:30:00Z", &[
            (KGS, "fresh of 06-03 after 06-02"),
            (KZT, "fresh of 06-02 after 06-01, then 06-03, for 1800 s"),
        ]);
        let legs = app.get("/v1/rates/KGS/KZT").json()["legs"].clone();
        assert_eq!([&legs[0]["effective_date"], &legs[1]["effective_date"]], ["2026-06-03", "2026-06-02"]);
        walk.at("2026-06-02T19:00:00Z", &[("KGS/KZT", "fresh of 06-03 after 06-02")]);
    }

    fn a_table_of_the_same_day_is_missed_when_its_window_closes(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.at("2026-06-01T19:00:00Z", &[(TJS, "carried of 06-01 after 05-29")]);
        walk.at("2026-06-02T05:58:00Z", &[(TJS, "carried of 06-01 after 05-29, for 60 s")]);
        assert_eq!(standing(app, FeedKey::Nbt), "current, 0 missed, then 06-02");
        walk.go("2026-06-02T05:59:59Z");
        assert!(said(app, TJS).starts_with("carried of 06-01 after 05-29"));
        walk.at("2026-06-02T06:00:00Z", &[(TJS, "stale of 06-01 after 05-29")]);
        assert_eq!(standing(app, FeedKey::Nbt), "stale, 1 missed, then 06-03");
        walk.at("2026-06-03T07:00:00Z", &[(TJS, "stale of 06-01 after 05-29"), ("TJS/KGS", "stale of 06-02 after 06-01")]);
        assert_eq!(standing(app, FeedKey::Nbt), "stale, 2 missed, then 06-04");

        late(app, FeedKey::Nbt, TJS, "2026-06-03");
        walk.at("2026-06-03T07:00:00Z", &[(TJS, "fresh of 06-03 after 06-01")]);
        assert_eq!(standing(app, FeedKey::Nbt), "current, 0 missed, then 06-04");
    }

    fn a_cache_lets_go_of_an_answer_when_its_table_is_missed(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.at("2026-06-02T05:59:50Z", &[(TJS, "carried of 06-01 after 05-29, for 10 s")]);
    }

    fn today_s_rate_is_good_until_midnight_also_when_tomorrow_s_is_missed(app: &TestApp) {
        let mut walk = tuesday(app);
        walk.at("2026-06-02T12:00:00Z", &[
            (KGS, "fresh of 06-02 after 05-30"),
            (KZT, "fresh of 06-02 after 06-01"),
            (UZS, "fresh of 06-02 after 06-01"),
        ]);
        walk.at("2026-06-02T17:59:59Z", &[(KGS, "fresh of 06-02 after 05-30, for 1 s")]);
        walk.at("2026-06-02T18:00:00Z", &[(KGS, "stale of 06-02 after 05-30"), (KZT, "fresh of 06-02 after 06-01")]);
        walk.at("2026-06-02T18:59:59Z", &[
            (KZT, "fresh of 06-02 after 06-01, for 1 s"),
            (UZS, "fresh of 06-02 after 06-01, for 1 s"),
        ]);
        walk.at("2026-06-02T19:00:00Z", &[(KZT, "stale of 06-02 after 06-01"), (UZS, "stale of 06-02 after 06-01")]);

        late(app, FeedKey::NbkrDaily, KGS, "2026-06-03");
        walk.at("2026-06-02T19:00:00Z", &[(KGS, "fresh of 06-03 after 06-02"), ("KGS/KZT", "stale of 06-03 after 06-02")]);
    }

    fn what_friday_missed_is_stale_on_monday(app: &TestApp) {
        let mut walk = tuesday(app);
        for (at, dates) in [
            ("2026-06-02T09:50:00Z", ["2026-06-03", "2026-06-03"]),
            ("2026-06-03T09:50:00Z", ["2026-06-04", "2026-06-04"]),
            ("2026-06-04T09:50:00Z", ["2026-06-05", "2026-06-05"]),
        ] {
            walk.go(at);
            late(app, FeedKey::Nbk, KZT, dates[0]);
            late(app, FeedKey::NbkrDaily, KGS, dates[1]);
        }
        walk.at("2026-06-05T18:00:00Z", &[(KGS, "stale of 06-05 after 06-04")]);
        walk.at("2026-06-06T12:00:00Z", &[(KZT, "carried of 06-05 after 06-04"), (KGS, "stale of 06-05 after 06-04")]);
        walk.at("2026-06-07T18:59:59Z", &[(KZT, "carried of 06-05 after 06-04, for 1 s")]);
        walk.at("2026-06-07T19:00:00Z", &[(KZT, "stale of 06-05 after 06-04")]);
    }

    fn a_source_has_missed_a_table_when_its_window_closes_whenever_it_takes_effect(app: &TestApp) {
        let mut walk = tuesday(app);
        for (open, closed, feed) in [
            ("2026-06-02T09:59:59Z", "2026-06-02T10:00:00Z", FeedKey::NbkrDaily),
            ("2026-06-02T09:59:59Z", "2026-06-02T10:00:00Z", FeedKey::Cbu),
            ("2026-06-02T10:59:59Z", "2026-06-02T11:00:00Z", FeedKey::Nbk),
        ] {
            walk.go(open);
            assert_eq!(standing(app, feed), "current, 0 missed, then 06-03", "{feed:?}");
            walk.go(closed);
            assert_eq!(standing(app, feed), "stale, 1 missed, then 06-04", "{feed:?}");
        }
    }

    fn a_weekly_table_is_fresh_for_a_week(app: &TestApp) {
        const POUND: &str = "GBP/KGS";
        let tables = [("2026-05-29T09:20:00Z", "2026-05-30"), ("2026-06-05T09:20:00Z", "2026-06-06")];
        let mut walk = Walk::new(app, [press(FeedKey::NbkrWeekly, &tables)]);
        walk.at("2026-05-30T12:00:00Z", &[(POUND, "fresh of 05-30")]);
        walk.at("2026-06-03T12:00:00Z", &[(POUND, "fresh of 05-30")]);
        walk.at("2026-06-05T07:58:20Z", &[(POUND, "fresh of 05-30, for 100 s")]);
        walk.at("2026-06-05T12:00:00Z", &[(POUND, "fresh of 05-30, then 06-06")]);
        walk.at("2026-06-05T18:00:00Z", &[(POUND, "fresh of 06-06 after 05-30")]);
        walk.at("2026-06-12T12:00:00Z", &[(POUND, "fresh of 06-06 after 05-30")]);
        walk.at("2026-06-12T17:59:59Z", &[(POUND, "fresh of 06-06 after 05-30, for 1 s")]);
        walk.at("2026-06-12T18:00:00Z", &[(POUND, "stale of 06-06 after 05-30")]);
    }
}
