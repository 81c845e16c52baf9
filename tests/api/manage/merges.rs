//! `/v1/manage/tags/{slug}/merge`.

use serde_json::{Value, json};

use super::trail::{audit_rows, editor, entries, faults, outcome};
use crate::on_both;
use crate::support::{Answer, TestApp, article};

fn merge(app: &TestApp, key: &str, from: &str, into: &str) -> Answer {
    app.post(&format!("/v1/manage/tags/{from}/merge"), key, &json!({"into": into}))
}

fn tags_of(app: &TestApp, slug: &str) -> Vec<String> {
    let json = app.get(&format!("/v1/articles/{slug}")).json();
    json["tags"].as_array().expect("tags").iter().map(|tag| tag["slug"].as_str().expect("a slug").to_owned()).collect()
}

fn found(app: &TestApp, slug: &str) -> Vec<String> {
    app.get(&format!("/v1/articles?tag={slug}&sort=title")).slugs()
}

on_both! {
    fn articles_counts_aliases_and_filters_go_over(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "trains", "name": "Trains", "aliases": ["поезда"]}));
        app.store([
            article("a").tags(&["trains", "sea"]), article("b").tags(&["rail"]), article("c").tags(&["rail", "sea", "trains"]),
            article("d").tags(&["trains", "x", "rail"]), article("e").tags(&["trains"]).with("status", "draft"),
            article("f").tags(&["trains"]).with("kind", "page"),
        ]);

        let answer = merge(app, &key, "trains", "rail");

        let json = answer.json();
        assert_eq!((answer.status, &json["slug"], &json["article_count"]), (200, &json!("rail"), &json!(4)));
        assert_eq!(json["aliases"], json!(["trains", "поезда"]));
        assert_eq!(tags_of(app, "a"), ["rail", "sea"]);
        assert_eq!(tags_of(app, "c"), ["rail", "sea"], "an article that had both keeps the place of the first");
        assert_eq!(tags_of(app, "d"), ["rail", "x"]);
        for slug in ["rail", "trains", "%D0%BF%D0%BE%D0%B5%D0%B7%D0%B4%D0%B0"] {
            assert_eq!(found(app, slug), ["a", "b", "c", "d"], "{slug}");
            assert_eq!(app.get(&format!("/v1/articles?tags_any={slug}&lang=en")).slugs().len(), 4, "{slug}");
        }
        assert_eq!(app.get("/v1/articles?tags_none=trains").slugs(), Vec::<String>::new());
        for old in ["trains", "%D0%BF%D0%BE%D0%B5%D0%B7%D0%B4%D0%B0"] {
            let moved = app.get(&format!("/v1/tags/{old}"));
            assert_eq!((moved.status, moved.header("location")), (301, "/v1/tags/rail"));
        }
        assert_eq!(app.get("/v1/tags").slugs(), ["rail", "sea", "x"]);
        let redirects = app.get("/v1/redirects?type=tag");
        assert_eq!((redirects.each("from"), redirects.each("to")), (vec![json!("поезда"), json!("trains")], vec![json!("rail"); 2]));
        app.store([article("g").tags(&["trains", "rail"])]);
        assert_eq!((tags_of(app, "g"), found(app, "trains").len()), (vec!["rail".to_owned()], 5));
        assert_eq!(audit_rows(app), ["content:read content:write: merge_tag tag 1 trains"]);
    }

    fn the_log_tells_it_to_whoever_follows_tags_or_articles(app: &TestApp) {
        let key = editor(app);
        app.store([
            article("a").tags(&["trains"]), article("b").tags(&["rail"]), article("draft").tags(&["trains"]).with("status", "draft"),
            article("held").tags(&["trains"]).with("embargo_until", "2026-07-01T00:00:00Z"),
            article("killed").tags(&["trains"]),
        ]);
        app.store([article("killed").tags(&["trains"]).killed("Wrong.")]);
        let (known, before) = (app.log_length(), app.get("/v1/articles/a").json());

        merge(app, &key, "trains", "rail");

        assert_eq!(entries(app, known), [
            "upsert article a merged: Everyone of Everyone",
            "delete article held merged: Embargoed of Embargoed",
            "delete tag trains merged by rail: Nobody of Everyone",
            "upsert tag rail merged: Everyone of Everyone",
        ]);
        let after = app.get("/v1/articles/a").json();
        assert_eq!((&after["version"], &after["updated_at"]), (&before["version"], &before["updated_at"]));
    }

    fn a_tag_that_was_merged_into_is_merged_itself(app: &TestApp) {
        let key = editor(app);
        app.store([article("a").tags(&["a"]), article("b").tags(&["b"]), article("c").tags(&["c"])]);
        app.put(&json!({"type": "tag", "slug": "a", "name": "A", "aliases": ["aa"]}));

        assert_eq!(merge(app, &key, "a", "b").status, 200);
        assert_eq!(merge(app, &key, "b", "c").status, 200);

        for slug in ["a", "aa", "b", "c"] {
            assert_eq!(found(app, slug), ["a", "b", "c"], "{slug}");
            let tag = app.get(&format!("/v1/tags/{slug}"));
            assert_eq!(tag.header("location"), if slug == "c" { "" } else { "/v1/tags/c" }, "in one step: {slug}");
        }
        let merged = app.get_as("/v1/manage/tags", &key);
        assert_eq!(merged.each("merged_into"), [json!("c"), json!("c"), Value::Null]);
        assert_eq!(merged.each("article_count"), [0, 0, 3]);
    }

    fn what_makes_no_sense_is_a_conflict(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "a", "name": "A", "aliases": ["aa"]}));
        for slug in ["b", "c"] {
            app.put(&json!({"type": "tag", "slug": slug, "name": slug}));
        }
        for into in ["a", "aa"] {
            assert_eq!(outcome(&merge(app, &key, "a", into)), (409, "conflict".into()), "into itself: {into}");
        }
        assert_eq!(merge(app, &key, "a", "b").status, 200);
        let known = app.log_length();
        for (from, into) in [("a", "c"), ("aa", "c"), ("b", "a"), ("c", "a"), ("a", "b"), ("b", "aa")] {
            assert_eq!(outcome(&merge(app, &key, from, into)), (409, "conflict".into()), "{from} into {into}");
        }
        assert_eq!(faults(&merge(app, &key, "b", "nothing")), ["/into"]);
        assert_eq!(faults(&merge(app, &key, "b", "a b\u{0}")), ["/into"]);
        assert_eq!(app.log_length(), known);
        assert_eq!(merge(app, &key, "c", "aa").json()["slug"], "b", "an alias stands for its tag");
    }

    fn the_slug_of_a_merged_tag_stays_taken(app: &TestApp) {
        let key = editor(app);
        for slug in ["a", "b"] {
            app.put(&json!({"type": "tag", "slug": slug, "name": slug}));
        }
        merge(app, &key, "a", "b");
        assert_eq!(faults(&app.patch("/v1/manage/tags/b", &key, &json!({"slug": "a"}))), ["/slug"]);
        assert_eq!(faults(&app.post("/v1/manage/tags", &key, &json!({"slug": "a", "name": "A"}))), ["/slug"]);
        assert_eq!(app.post("/v1/manage/tags", &key, &json!({"name": "A"})).json()["slug"], "a-2");
        let delete = app.send(reqwest::Method::DELETE, "/v1/manage/tags/b/aliases/a", &key, &[("If-Match", "*")], &json!({}));
        assert_eq!(outcome(&delete), (409, "conflict".into()));
        let report = app.import(&json!({"type": "tag", "slug": "b", "name": "b", "aliases": ["a"]}).to_string());
        assert_eq!((report.unchanged, report.faults.len()), (1, 0), "what an export says of it is true already");
    }

    fn a_merged_tag_s_target_may_be_renamed(app: &TestApp) {
        let key = editor(app);
        app.store([article("one").tags(&["a"]), article("two").tags(&["b"])]);
        merge(app, &key, "a", "b");
        assert_eq!(app.patch("/v1/manage/tags/b", &key, &json!({"slug": "best"})).status, 200);
        for slug in ["a", "b", "best"] {
            assert_eq!(found(app, slug), ["one", "two"], "{slug}");
        }
        assert_eq!(app.get("/v1/tags/a").header("location"), "/v1/tags/best");
        assert_eq!(app.get_as("/v1/manage/tags/a", &key).json()["merged_into"], "best");
    }

    fn a_repeated_merge_is_answered_once(app: &TestApp) {
        let key = editor(app);
        app.store([article("one").tags(&["a"]), article("two").tags(&["b"])]);
        let send = |headers: &[(&str, &str)]| {
            app.send(reqwest::Method::POST, "/v1/manage/tags/a/merge", &key, headers, &json!({"into": "b"}))
        };
        let (first, second) = (send(&[("Idempotency-Key", "m")]), send(&[("Idempotency-Key", "m")]));
        assert_eq!((first.status, second.status, first.json()), (200, 200, second.json()));
        assert_eq!(outcome(&send(&[])), (409, "conflict".into()));
        assert_eq!(audit_rows(app).len(), 1);
    }
}
