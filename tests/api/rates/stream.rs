//! `/v1/rates/stream`: what a listener hears, and when.

use reqwest::Method;
use serde_json::Value;
use xabar::rates::sources::FeedKey;

use super::tables::{publish, row, table};
use crate::on_both;
use crate::support::{Events, TestApp};

/// A connection that hears about rates.
struct Listener(Events);

impl Listener {
    fn start(app: &TestApp, query: &str) -> Self {
        Self(Events::open(app, &format!("/v1/rates/stream{query}"), &[]))
    }

    /// The id and the data of the next event.
    fn next(&mut self) -> (i64, Value) {
        let event = self.0.next().expect("the stream goes on");
        assert_eq!(event.name, "rate");
        (event.id.expect("an id").parse().expect("a number"), event.data)
    }

    /// The pair and rate of the next event.
    fn hear(&mut self) -> String {
        let (_, rate) = self.next();
        format!("{} {}", rate["pair"].as_str().expect("a pair"), rate["rate"].as_str().expect("a rate"))
    }
}

fn dollar(app: &TestApp, feed: FeedKey, home: &str, day: &str, digits: &str) {
    let rows = vec![row(&format!("USD/{home}"), digits, 1)];
    publish(app, feed, &table(day, rows));
}

on_both! {
    fn a_listener_hears_each_pair_at_first_and_then_what_changes(app: &TestApp) {
        dollar(app, FeedKey::NbkrDaily, "KGS", "2026-06-01", "87.4500");
        dollar(app, FeedKey::Nbk, "KZT", "2026-06-01", "478.77");
        let mut listener = Listener::start(app, "?base=USD&quote=KGS");
        assert_eq!(listener.hear(), "USD/KGS 87.4500");
        // Of no concern to this listener.
        dollar(app, FeedKey::Nbt, "TJS", "2026-06-01", "9.3450");
        dollar(app, FeedKey::NbkrDaily, "KGS", "2026-06-01", "87.4600");
        let (id, rate) = listener.next();
        assert_eq!((rate["rate"].as_str(), rate["status"].as_str()), (Some("87.4600"), Some("fresh")));
        assert!(id >= i64::try_from(app.log_length()).expect("few entries"), "{id}: as far as the log has come");
        assert_eq!(rate, app.get("/v1/rates/USD/KGS").json(), "the same as when asked for");
    }

    fn tomorrow_s_rate_is_told_when_it_is_published(app: &TestApp) {
        dollar(app, FeedKey::NbkrDaily, "KGS", "2026-06-01", "87.4500");
        let mut listener = Listener::start(app, "?base=KGS");
        assert_eq!(listener.hear(), "KGS/USD 0.0114351");
        dollar(app, FeedKey::NbkrDaily, "KGS", "2026-06-02", "87.5000");
        let (_, rate) = listener.next();
        assert_eq!((rate["rate"].as_str(), rate["next"]["effective_date"].as_str()), (Some("0.0114351"), Some("2026-06-02")));
    }

    fn without_pairs_it_is_the_five(app: &TestApp) {
        dollar(app, FeedKey::Nbk, "KZT", "2026-06-01", "500");
        let mut listener = Listener::start(app, "");
        assert_eq!([listener.hear(), listener.hear()], ["KZT/USD 0.00200000", "TMT/USD 0.285714"]);
    }

    fn what_can_t_be_heard_is_refused_at_once(app: &TestApp) {
        let foreign = app.get("/v1/rates/stream?base=EUR");
        assert_eq!((foreign.status, foreign.code()), (404, "not-found".to_owned()));
        let unknown = app.get("/v1/rates/stream?bases=KGS");
        assert_eq!((unknown.status, unknown.code()), (400, "unknown-parameter".to_owned()));
        let head = app.request(Method::HEAD, "/v1/rates/stream", &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(app.get("/health/live").status, 200, "the connection is free again");
    }
}
