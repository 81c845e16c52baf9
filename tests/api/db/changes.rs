//! The change log: every write appends to it, in its own transaction.

use serde_json::json;

use crate::on_both;
use crate::support::{Change, article};

on_both! {
    fn every_write_appends_and_the_numbers_grow(app: &TestApp) {
        assert_eq!(app.log_length(), 0);
        app.store([article("a").tags(&["t"]).author("w").with("hero", json!({"url": "https://m.example/1.jpg"}))]);
        assert_eq!(app.log_after(0), [
            "upsert author w v1 updated", "upsert tag t v1 updated", "upsert media 1 v1 updated", "upsert article a v1 published",
        ]);
        app.store([article("a").tags(&["t"]).author("w").with("title", "Another")]);
        assert_eq!(app.log_after(4), ["delete media 1 v1 updated", "upsert article a v2 updated"]);
        app.store([article("a").with("status", "withdrawn")]);
        assert_eq!(app.log_after(6), ["delete article a v3 unpublished"]);
        app.store([article("draft").with("status", "draft"), article("later").at("2026-07-01T00:00:00Z")]);
        assert_eq!(app.log_after(7), ["delete article draft v1 updated", "delete article later v1 updated"]);
        app.import(r#"{"type":"tag","slug":"t","name":"Renamed","aliases":["old-t"]}"#);
        app.import(r#"{"type":"author","slug":"w","name":"Renamed"}"#);
        assert_eq!(app.log_after(9), ["upsert tag t v1 updated", "upsert author w v1 updated"]);
        let numbers: Vec<i64> = Change::all(&app.db).iter().map(|change| change.seq).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    }

    fn a_kill_is_logged_as_one(app: &TestApp) {
        app.store([article("wrong")]);
        let kill = json!({"at": "2026-06-01T11:00:00Z", "reason": "Wrong."});
        app.store([article("wrong").with("status", "killed").with("kill", kill)]);
        assert_eq!(app.log_after(1), ["delete article wrong v2 killed"]);
    }

    fn media_are_logged_when_others_may_see_them_than_before(app: &TestApp) {
        let story = |slug: &str, status: &str| {
            let hero = json!({"guid": "hero", "url": "/hero.jpg"});
            let media = json!([{"guid": "hero", "url": "/hero.jpg"}, {"url": "/further.jpg"}]);
            article(slug).with("status", status).with("hero", hero).with("media", media)
        };
        app.store([story("a", "draft")]);
        assert_eq!(app.log_after(0), ["delete media 1 v1 updated", "delete media 2 v1 updated", "delete article a v1 updated"]);
        app.store([story("a", "published")]);
        assert_eq!(app.log_after(3), ["upsert media 1 v1 updated", "upsert media 2 v1 updated", "upsert article a v2 published"]);
        app.store([story("a", "published").with("title", "Another"), story("b", "published")]);
        assert_eq!(app.log_after(6), ["upsert article a v3 updated", "upsert article b v1 published"], "nothing new of the media");
        app.store([story("a", "withdrawn")]);
        assert_eq!(app.log_after(8), ["delete article a v4 unpublished"], "the other story shows them");
        app.store([story("b", "withdrawn")]);
        assert_eq!(app.log_after(9), ["delete media 1 v1 updated", "delete media 2 v1 updated", "delete article b v2 unpublished"]);
    }

    fn who_loses_sight_of_a_renamed_story_is_told_under_its_old_slug(app: &TestApp) {
        app.store([article("a").with("guid", "g")]);
        app.store([article("b").with("guid", "g").with("status", "draft")]);
        assert_eq!(app.log_after(1), ["delete article a v2 unpublished", "delete article b v2 unpublished"]);
        app.store([article("c").with("guid", "g").with("status", "draft")]);
        assert_eq!(app.log_after(3), ["delete article c v3 updated"]);
    }

    fn what_changes_nothing_is_not_logged(app: &TestApp) {
        let lines = [
            article("a").tags(&["t"]).author("w").with("media", json!([{"url": "/x.jpg"}])).line(),
            r#"{"type":"tag","slug":"t","name":"T","aliases":["u"]}"#.to_owned(),
            r#"{"type":"author","slug":"w","name":"W"}"#.to_owned(),
            r#"{"type":"media","guid":"m","url":"https://m.example/m.jpg"}"#.to_owned(),
        ].join("\n");
        app.import(&lines);
        let known = app.log_length();
        assert_eq!(app.import(&lines).unchanged, 4);
        assert_eq!(app.log_after(known), Vec::<String>::new());
    }

    fn a_refused_record_leaves_no_entry(app: &TestApp) {
        app.store([article("a").with("guid", "one")]);
        let known = app.log_length();
        let line = article("a").with("guid", "two").tags(&["new-tag"]).author("new-author").line();
        assert_eq!(app.import(&line).faults.len(), 1);
        assert_eq!(app.log_after(known), Vec::<String>::new());
    }
}
