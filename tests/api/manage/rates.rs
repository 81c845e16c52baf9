//! `/v1/manage/rates`.

use jiff::civil::date;
use reqwest::Method;
use serde_json::json;
use xabar::access::Scope;
use xabar::rates::sources::FeedKey;

use super::trail::{audit_rows, outcome};
use crate::on_both;
use crate::support::TestApp;
use crate::support::rates::Sites;

const RATES: &str = "/v1/manage/rates";

/// The tenge rises by a third, which is held. The dollar's held quote.
fn a_fall(app: &TestApp, key: &str) -> i64 {
    let sites = Sites::open();
    app.set_time("2026-03-31T10:00:00Z");
    sites.publish(app, FeedKey::Nbk, date(2026, 4, 1), &[("USD", "478.77"), ("EUR", "549.20")]);
    app.set_time("2026-04-01T10:00:00Z");
    sites.publish(app, FeedKey::Nbk, date(2026, 4, 2), &[("USD", "335.14"), ("EUR", "550.10")]);
    app.set_time("2026-04-02T06:00:00Z");
    app.get_as(RATES, key).json()["data"][0]["id"].as_i64().expect("something is held")
}

on_both! {
    fn held_quotes_are_listed_with_their_reason(app: &TestApp) {
        let key = app.key(&[Scope::RatesWrite]);
        assert_eq!(app.get_as(RATES, &key).json(), json!({"data": []}));

        let id = a_fall(app, &key);

        let held = app.get_as(RATES, &key).json()["data"].clone();
        let reason = held[0]["reason"].as_str().expect("a reason").to_owned();
        assert_eq!(held, json!([{"id": id, "pair": "USD/KZT", "source": "nbk", "rate": "335.14", "nominal": 1,
            "effective_date": "2026-04-02", "fetched_at": "2026-04-01T10:00:00Z", "reason": reason}]));
        assert!(!reason.is_empty());
    }

    fn a_released_quote_is_served_once_and_audited(app: &TestApp) {
        let key = app.key(&[Scope::RatesWrite]);
        let id = a_fall(app, &key);
        assert_eq!(app.get("/v1/rates/USD/KZT").json()["rate"], "478.77");
        let path = format!("{RATES}/{id}/release");
        let send = |headers: &[(&str, &str)]| app.send(Method::POST, &path, &key, headers, &json!({}));

        let answer = send(&[("Idempotency-Key", "r")]);

        let released = json!({"id": id, "pair": "USD/KZT", "accepted_at": "2026-04-02T06:00:00Z"});
        assert_eq!((answer.status, answer.json()), (200, released.clone()));
        assert_eq!(app.get("/v1/rates/USD/KZT").json()["rate"], "335.14");
        assert_eq!(app.get_as(RATES, &key).json(), json!({"data": []}));
        assert_eq!(send(&[("Idempotency-Key", "r")]).json(), released, "a repeated call");
        assert_eq!(outcome(&send(&[])), (409, "conflict".into()), "it is not held any more");
        assert_eq!(audit_rows(app), [format!("rates:write: release_rate rate {id} USD/KZT")]);
        let newest = app.log_after(app.log_length() - 1);
        assert_eq!(newest, ["upsert rate USD/KZT v1 published"]);
    }

    fn what_is_not_there_is_not_found(app: &TestApp) {
        let key = app.key(&[Scope::RatesWrite]);
        for id in ["1", "0", "x", "99999999999999999999"] {
            let answer = app.post(&format!("{RATES}/{id}/release"), &key, &json!({}));
            assert_eq!(outcome(&answer), (404, "not-found".into()), "{id}");
        }
        assert_eq!(audit_rows(app), Vec::<String>::new());
    }
}
