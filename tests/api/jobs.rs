//! What the clock alone changes. The job looks twice a second; how soon it is done depends on the machine, and these tests
//! only say that it is.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::on_both;
use crate::support::{TestApp, article};

/// Waits until `holds`, and fails when it doesn't in fifteen seconds: batches can take longer than three beside other
/// tests.
fn soon(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within fifteen seconds");
        sleep(Duration::from_millis(25));
    }
}

/// Long enough for the job to have looked twice.
fn let_the_job_look() {
    sleep(Duration::from_millis(1200));
}

/// A tag and an author for the stories: by themselves, so that everyone sees them before any story is public.
fn names(app: &TestApp) {
    app.put(&json!({"type": "tag", "slug": "t", "name": "t"}));
    app.put(&json!({"type": "author", "slug": "w", "name": "w"}));
}

/// The tag's, the author's and the kept total.
fn counts(app: &TestApp) -> (i64, i64, i64) {
    let count = |path: &str| app.get(path).json()["article_count"].as_i64().expect("a count");
    let total = app.get("/v1/articles").json()["page"]["total"].as_i64().expect("a total");
    (count("/v1/tags/t"), count("/v1/authors/w"), total)
}

fn status(app: &TestApp, slug: &str) -> u16 {
    app.get(&format!("/v1/articles/{slug}")).status
}

on_both! {
    fn a_scheduled_article_goes_live_at_its_instant_and_not_before(app: &TestApp) {
        names(app);
        let scheduled = article("soon").at("2026-06-01T13:00:00Z").with("status", "scheduled").tags(&["t"]).author("w");
        app.store([scheduled]);
        let known = app.log_length();
        app.set_time("2026-06-01T12:59:59.999999Z");
        let_the_job_look();
        assert_eq!((status(app, "soon"), counts(app)), (404, (0, 0, 0)));
        assert_eq!(app.log_after(known), Vec::<String>::new());
        app.set_time("2026-06-01T13:00:00Z");
        soon("it is live", || status(app, "soon") == 200);
        assert_eq!(counts(app), (1, 1, 1));
        assert_eq!(app.get("/v1/page/tag/t").json()["articles"]["page"]["total"], json!(1));
        for query in ["q=soon", "tag=t", "author=w"] {
            assert_eq!(app.get(&format!("/v1/articles?{query}")).slugs(), ["soon"], "{query}");
        }
        let first = app.get("/v1/articles/soon").json()["first_published_at"].clone();
        assert_eq!(first, json!("2026-06-01T13:00:00Z"));
        let_the_job_look();
        assert_eq!(app.log_after(known), ["upsert article soon v1 published"], "one entry and no more");
    }

    fn an_expiry_removes_an_article(app: &TestApp) {
        app.store([
            article("brief").with("expires_at", "2026-06-01T13:00:00Z").tags(&["t"]).author("w"),
            article("lasting").tags(&["t"]).author("w"),
        ]);
        let known = app.log_length();
        app.set_time("2026-06-01T12:59:59.999999Z");
        let_the_job_look();
        assert_eq!((status(app, "brief"), counts(app)), (200, (2, 2, 2)));
        app.set_time("2026-06-01T13:00:00Z");
        soon("it is gone", || status(app, "brief") == 404);
        assert_eq!(counts(app), (1, 1, 1));
        assert_eq!(app.get("/v1/articles?tag=t").slugs(), ["lasting"]);
        let_the_job_look();
        assert_eq!(app.log_after(known), ["delete article brief v1 expired"]);
    }

    fn an_embargo_ends(app: &TestApp) {
        names(app);
        app.store([article("held").with("embargo_until", "2026-06-01T13:00:00Z").tags(&["t"]).author("w")]);
        let known = app.log_length();
        app.set_time("2026-06-01T12:59:59.999999Z");
        let_the_job_look();
        assert_eq!((status(app, "held"), counts(app)), (404, (0, 0, 0)));
        app.set_time("2026-06-01T13:00:00Z");
        soon("it is free", || status(app, "held") == 200);
        assert_eq!(counts(app), (1, 1, 1));
        let_the_job_look();
        assert_eq!(app.log_after(known), ["upsert article held v1 published"]);
    }

    fn a_whole_life_passes_by_the_clock(app: &TestApp) {
        names(app);
        app.store([article("life")
            .at("2026-06-02T00:00:00Z")
            .with("embargo_until", "2026-06-03T00:00:00Z")
            .with("expires_at", "2026-06-04T00:00:00Z")
            .tags(&["t"])
            .author("w")]);
        let known = app.log_length();
        app.set_time("2026-06-02T00:00:00Z");
        soon("its publication is logged", || app.log_length() == known + 1);
        assert_eq!((status(app, "life"), counts(app)), (404, (0, 0, 0)), "published and embargoed");
        app.set_time("2026-06-03T00:00:00Z");
        soon("it is free", || status(app, "life") == 200);
        assert_eq!(counts(app), (1, 1, 1));
        app.set_time("2026-06-04T00:00:00Z");
        soon("it has expired", || status(app, "life") == 404);
        assert_eq!(counts(app), (0, 0, 0));
        assert_eq!(app.log_after(known)[1..], ["upsert article life v1 published", "delete article life v1 expired"]);
    }

    fn what_fell_due_during_a_downtime_is_caught_up_in_batches(app: &TestApp) {
        names(app);
        app.store((0..450).map(|i| article(&format!("a{i}")).at("2026-06-01T13:00:00Z").tags(&["t"]).author("w")));
        let known = app.log_length();
        app.set_time("2026-06-10T00:00:00Z");
        soon("all are live", || counts(app) == (450, 450, 450));
        assert_eq!(app.log_length(), known + 450);
    }

    fn a_page_that_goes_live_is_in_no_list_and_no_count(app: &TestApp) {
        app.store([article("about").at("2026-06-01T13:00:00Z").with("kind", "page").tags(&["t"]).author("w")]);
        app.set_time("2026-06-01T13:00:00Z");
        soon("it is live", || status(app, "about") == 200);
        assert_eq!(counts(app), (0, 0, 0));
        assert_eq!(app.get("/v1/articles?kind=page").json()["page"]["total"], json!(1));
    }

    fn the_answers_grow_with_the_clock_in_their_etag_and_freshness(app: &TestApp) {
        app.store([article("soon").at("2026-06-01T12:00:10Z")]);
        let before = app.get("/v1/articles");
        assert_eq!(before.header("cache-control").split(',').nth(1), Some(" max-age=10"));
        app.set_time("2026-06-01T12:00:10Z");
        soon("it is live", || app.get("/v1/articles").slugs() == ["soon"]);
        let after = app.get("/v1/articles");
        assert_eq!(after.header("cache-control").split(',').nth(1), Some(" max-age=30"));
        assert_ne!(after.header("etag"), before.header("etag"));
    }
}
