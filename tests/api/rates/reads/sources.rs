//! `/v1/rates/sources`: how each feed stands.

use jiff::civil::date;
use serde_json::{Value, json};
use xabar::rates::sources::{FeedKey, Source};

use super::published::{CBU_1_APRIL, NBKR_DAILY, NBKR_WEEKLY, members, publish, publish_classic_market};
use crate::on_both;
use crate::support::TestApp;
use crate::support::rates::table;

/// What was missed and what is expected next of a feed.
fn outlook(app: &TestApp, feed: FeedKey) -> [Value; 3] {
    members(&app.feed(feed), ["status", "missed", "next_expected/effective_date"])
}

on_both! {
    fn every_feed_is_listed_before_anything_came(app: &TestApp) {
        let answer = app.get("/v1/rates/sources");

        assert_eq!(answer.each("key"), ["nbkr-daily", "nbkr-weekly", "nbk", "nbt", "cbu", "market"]);
        assert_eq!(answer.each("source"), ["nbkr", "nbkr", "nbk", "nbt", "cbu", "market"]);
        let zones = ["Asia/Bishkek", "Asia/Bishkek", "Asia/Almaty", "Asia/Dushanbe", "Asia/Tashkent", "UTC"];
        assert_eq!(answer.each("zone"), zones);
        let names = answer.each("name");
        assert_eq!(names[3], "National Bank of Tajikistan");
        for entry in answer.json()["data"].as_array().expect("feeds") {
            let found = members(entry, ["status", "polled", "last_publication", "missed", "held", "sample"]);
            assert_eq!(found, [json!("empty"), json!(false), json!(null), json!(0), json!(0), json!(false)], "{entry}");
            let polls = members(entry, ["last_checked_at", "last_succeeded_at", "last_error"]);
            assert_eq!(polls, [json!(null), json!(null), json!(null)], "nothing was ever fetched");
        }
        // It is Monday noon in UTC: the sessions are over, and Tuesday's are next.
        let next = |at: usize| answer.each("next_expected")[at].clone();
        let expected = |date: &str, from: &str, by: &str| {
            json!({"effective_date": date,
            "from": format!("2026-06-02T{from}:00:00Z"), "by": format!("2026-06-02T{by}:00:00Z")})
        };
        assert_eq!(next(0), expected("2026-06-03", "08", "10"));
        assert_eq!(next(2), expected("2026-06-03", "09", "11"));
        assert_eq!(next(3), expected("2026-06-02", "04", "06"));
        assert_eq!(next(4), expected("2026-06-03", "08", "10"));
        assert_eq!(
            next(1),
            json!({"effective_date": "2026-06-06", "from": "2026-06-05T08:00:00Z", "by": "2026-06-05T10:00:00Z"})
        );
        assert_eq!(next(5), json!(null), "nobody asks a market that has no address");
    }

    fn an_import_is_the_last_publication(app: &TestApp) {
        publish(app, Source::Nbkr, NBKR_DAILY);
        app.set_time("2026-06-01T12:30:00Z");
        publish(app, Source::Nbkr, NBKR_WEEKLY);

        let last = |feed| members(&app.feed(feed)["last_publication"], ["effective_date", "fetched_at", "quotes"]);
        assert_eq!(last(FeedKey::NbkrDaily), [json!("2026-05-24"), json!("2026-06-01T12:00:00Z"), json!(5)]);
        assert_eq!(last(FeedKey::NbkrWeekly), [json!("2026-05-23"), json!("2026-06-01T12:30:00Z"), json!(40)]);
        assert_eq!(app.feed(FeedKey::Nbk)["last_publication"], json!(null));
        assert_eq!(app.feed(FeedKey::NbkrDaily)["last_checked_at"], json!(null), "an import is no poll");
    }

    fn a_correction_is_no_further_quote(app: &TestApp) {
        publish(app, Source::Nbkr, NBKR_DAILY);
        let corrected = str::from_utf8(NBKR_DAILY).expect("UTF-8").replace("87,4500", "87,4600");
        app.set_time("2026-06-01T12:30:00Z");
        publish(app, Source::Nbkr, corrected.as_bytes());

        let last = members(&app.feed(FeedKey::NbkrDaily)["last_publication"], ["fetched_at", "quotes"]);
        assert_eq!(last, [json!("2026-06-01T12:30:00Z"), json!(5)], "five pairs are quoted");
    }

    fn an_older_table_is_not_the_last(app: &TestApp) {
        for day in [28, 20] {
            publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 5, day), &[("USD", "9.3450")]));
        }

        assert_eq!(app.feed(FeedKey::Nbt)["last_publication"]["effective_date"], "2026-05-28");
    }

    fn what_did_not_come_in_time_is_missed(app: &TestApp) {
        publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 5, 15), &[("USD", "9.3450")]));
        for (now, status, missed, next) in [
            ("2026-05-15T06:00:00Z", "current", 0, "2026-05-18"),
            ("2026-05-17T12:00:00Z", "current", 0, "2026-05-18"),
            ("2026-05-18T05:59:59Z", "current", 0, "2026-05-18"),
            ("2026-05-18T06:00:00Z", "stale", 1, "2026-05-19"),
            ("2026-05-19T06:00:00Z", "stale", 2, "2026-05-20"),
            ("2026-05-23T12:00:00Z", "stale", 5, "2026-05-25"),
        ] {
            app.set_time(now);
            assert_eq!(outlook(app, FeedKey::Nbt), [json!(status), json!(missed), json!(next)], "{now}");
        }
        publish(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 5, 22), &[("USD", "9.3450")]));
        assert_eq!(outlook(app, FeedKey::Nbt), [json!("current"), json!(0), json!("2026-05-25")], "it caught up");
    }

    fn tomorrow_s_table_is_missed_as_soon_as_the_session_is_over(app: &TestApp) {
        app.set_time("2026-04-01T09:59:59Z");
        publish(app, Source::Cbu, CBU_1_APRIL);
        assert_eq!(outlook(app, FeedKey::Cbu), [json!("current"), json!(0), json!("2026-04-02")]);

        app.set_time("2026-04-01T10:00:00Z");
        assert_eq!(outlook(app, FeedKey::Cbu), [json!("stale"), json!(1), json!("2026-04-03")]);
    }

    fn what_is_held_is_counted(app: &TestApp) {
        publish(app, Source::Cbu, CBU_1_APRIL);

        let found = members(&app.feed(FeedKey::Cbu), ["held", "last_publication/quotes"]);
        assert_eq!(found, [json!(1), json!(74)], "its manat");
        assert_eq!(app.feed(FeedKey::Nbk)["held"], 0);
    }

    fn a_market_that_nobody_asks_misses_nothing(app: &TestApp) {
        publish_classic_market(app);
        app.set_time("2026-06-05T12:00:00Z");

        let found = members(&app.feed(FeedKey::Market), ["status", "missed", "next_expected"]);
        assert_eq!(found, [json!("current"), json!(0), json!(null)], "nothing is expected of it");
    }

    fn it_is_kept_ten_seconds_and_takes_no_parameters(app: &TestApp) {
        let answer = app.get("/v1/rates/sources");
        let expected = "public, max-age=10, s-maxage=10, stale-while-revalidate=10, stale-if-error=10";
        assert_eq!((answer.header("cache-control"), answer.header("surrogate-key")), (expected, "rates"));
        let refused = app.get("/v1/rates/sources?source=nbk");
        assert_eq!((refused.status, refused.code().as_str()), (400, "unknown-parameter"));
    }
}
