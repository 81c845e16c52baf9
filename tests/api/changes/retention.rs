//! What is taken out of the log after 180 days, and what that means for those who come back.

use std::time::{Duration, Instant};

use xabar::jobs::retention::sweep;

use super::reader::{Reader, get, now};
use crate::on_both;
use crate::support::{Change, Events, TestApp, article};

const LATER: &str = "2026-11-28T12:00:01Z";

/// Takes out what can go.
fn trim(app: &TestApp) -> usize {
    let runtime = actix_web::rt::System::new();
    // Not with the server's connections, so that neither waits for the other.
    runtime.block_on(sweep(&app.db, app.clock.now())).expect("the log can be trimmed")
}

fn lines(app: &TestApp) -> Vec<String> {
    Change::all(&app.db).iter().map(Change::line).collect()
}

on_both! {
    fn old_tombstones_and_what_was_superseded_go_and_the_rest_stays(app: &TestApp) {
        app.store([article("stays"), article("edited"), article("gone"), article("killed"), article("draft").with("status", "draft")]);
        app.store([article("edited").with("title", "Another"), article("gone").with("status", "withdrawn"),
            article("killed").killed("Wrong.")]);
        assert_eq!(trim(app), 0, "all of it is new");
        app.set_time("2026-11-28T12:00:00Z");
        assert_eq!(trim(app), 0, "it is 180 days old, and no older");
        app.set_time(LATER);
        app.store([article("fresh").with("status", "draft")]);
        trim(app);
        assert_eq!(lines(app), ["upsert article stays v1 published", "upsert article edited v2 updated",
            "delete article killed v2 killed", "delete article fresh v1 updated"]);
        assert_eq!(Reader::new(app, "", "").lines(), ["upsert article stays v1 published", "upsert article edited v2 updated",
            "delete article killed v2 killed"]);
        assert_eq!(trim(app), 0);
    }

    fn who_comes_back_after_a_tombstone_was_taken_out_is_sent_to_the_export(app: &TestApp) {
        app.store([article("a"), article("gone")]);
        let before = now(app, "");
        app.store([article("gone").with("status", "withdrawn")]);
        let after = now(app, "");
        app.set_time(LATER);
        app.store([article("new")]);
        trim(app);
        let answer = get(app, "", "", Some(&before));
        assert_eq!((answer.status, answer.code().as_str()), (410, "sync-token-expired"));
        assert_eq!(answer.json()["export"], "/v1/export/articles.ndjson");
        assert_eq!(answer.header("link"), "</v1/export/articles.ndjson>; rel=\"alternate\"");
        assert_eq!((answer.header("cache-control"), get(app, "", "wait=5", Some(&before)).status), ("no-store", 410));
        assert_eq!(Reader::new(app, "", "").at(&after).lines(), ["upsert article new v1 published"]);
        let mut events = Events::open(app, &format!("/v1/changes/stream?since={before}"), &[]);
        let event = events.next().expect("an event");
        assert_eq!((event.name.as_str(), event.id), ("expired", None));
        assert_eq!(event.data["export"], "/v1/export/articles.ndjson");
        assert_eq!(events.next(), None, "the stream is over");
    }

    fn who_begins_with_nothing_needs_no_old_tombstone(app: &TestApp) {
        app.store([article("a"), article("b"), article("gone")]);
        app.store([article("gone").with("status", "withdrawn")]);
        app.set_time(LATER);
        app.store([article("new")]);
        trim(app);
        assert_eq!(Reader::new(app, "", "limit=1").lines(), ["upsert article a v1 published", "upsert article b v1 published",
            "upsert article new v1 published"]);
    }

    fn the_newest_entry_stays_whatever_it_is(app: &TestApp) {
        app.store([article("a")]);
        app.store([article("a").with("status", "withdrawn")]);
        let token = now(app, "");
        app.set_time(LATER);
        trim(app);
        assert_eq!(lines(app), ["delete article a v2 unpublished"]);
        assert_eq!(get(app, "", "", Some(&token)).status, 200);
    }

    fn work_on_what_was_withdrawn_does_not_push_its_tombstone_out(app: &TestApp) {
        app.store([article("a")]);
        let token = now(app, "");
        app.set_time("2026-11-01T00:00:00Z");
        app.store([article("a").with("status", "withdrawn")]);
        app.store([article("a").with("status", "draft").with("title", "Another"), article("b")]);
        app.set_time("2026-12-01T00:00:00Z");
        trim(app);
        assert_eq!(Reader::new(app, "", "").at(&token).lines(), ["delete article a v2 unpublished", "upsert article b v1 published"]);
    }

    fn many_entries_are_taken_out_in_steps(app: &TestApp) {
        app.store((0..3000).map(|i| article(&format!("a{i}")).with("body", "")));
        app.store((0..3000).map(|i| article(&format!("a{i}")).with("body", "").with("status", "withdrawn")));
        app.set_time(LATER);
        app.store([article("new")]);
        let begun = Instant::now();
        assert_eq!(trim(app), 6000);
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert_eq!(lines(app), ["upsert article new v1 published"]);
    }
}
