//! Related stories.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::on_both;
use crate::support::article;

on_both! {
    fn a_rare_shared_tag_weighs_more_than_a_common_one(app: &TestApp) {
        app.store((1..=6).map(|n| article(&format!("filler-{n}")).tags(&["economy"]).at("2026-04-01T09:00:00Z")));
        app.store([
            article("story").tags(&["economy", "ferry"]),
            article("by-rare").tags(&["ferry"]).at("2026-01-01T09:00:00Z"),
            article("by-common").tags(&["economy"]).at("2026-05-30T09:00:00Z"),
            article("by-both").tags(&["ferry", "economy"]).at("2025-01-01T09:00:00Z"),
            article("by-none").tags(&["coal"]).at("2026-05-31T09:00:00Z"),
        ]);

        let related = app.get("/v1/articles/story/related?limit=3");

        assert_eq!(related.slugs(), ["by-both", "by-rare", "by-common"]);
    }

    fn equally_close_stories_come_the_newest_first_and_ties_by_id(app: &TestApp) {
        app.store([("a", 1), ("b", 3), ("c", 3), ("d", 2), ("story", 4)].map(|(slug, day)| {
            article(slug).tags(&["rail"]).at(&format!("2026-05-0{day}T09:00:00Z"))
        }));

        assert_eq!(app.get("/v1/articles/story/related").slugs(), ["c", "b", "d", "a"]);
    }

    fn neither_itself_nor_what_is_not_listed_is_related(app: &TestApp) {
        app.store([
            article("story").tags(&["rail"]),
            article("public").tags(&["rail"]),
            article("draft").tags(&["rail"]).with("status", "draft"),
            article("late").tags(&["rail"]).at("2026-07-01T09:00:00Z"),
            article("about").tags(&["rail"]).with("kind", "page"),
        ]);
        app.store([article("gone").tags(&["rail"])]);
        assert_eq!(app.get("/v1/articles/story/related").slugs(), ["gone", "public"]);

        app.store([article("gone").tags(&["rail"]).killed("Wrong.")]);
        assert_eq!(app.get("/v1/articles/story/related").slugs(), ["public"]);
        assert_eq!(app.get("/v1/articles/story").json()["related"][0]["slug"], "public");
    }

    fn another_process_offers_what_is_new_within_a_second_and_nothing_that_it_knows_to_be_gone(app: &TestApp) {
        let other = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        app.store(["story", "first"].map(|slug| article(slug).tags(&["rail"])));
        let until = |expected: &[&str]| {
            let since = Instant::now();
            while other.get("/v1/articles/story/related").slugs() != expected {
                assert!(since.elapsed() < Duration::from_secs(1), "{expected:?} is not offered");
            }
        };
        until(&["first"]);
        app.store([article("second").tags(&["rail"])]);
        until(&["second", "first"]);
        app.store([article("second").tags(&["rail"]).killed("Wrong.")]);
        let token = app.consistency_token();
        let get = |path: &str| other.get_with(path, &[("Consistency-Token", &token)]);
        assert_eq!(get("/v1/articles/story/related").slugs(), ["first"]);
        assert_eq!(get("/v1/articles/story").json()["related"].as_array().map(Vec::len), Some(1));
        assert!(!get("/v1/articles/first").json().to_string().contains("Title of second"));
    }

    fn another_process_shows_nothing_of_what_was_hidden_before_it_heard_of_that(app: &TestApp) {
        let other = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        app.store([article("story").tags(&["rail"])]);
        for n in 0..10 {
            app.store([article("second").tags(&["rail"])]);
            let token = app.consistency_token();
            let known = other.get_with("/v1/articles/story/related", &[("Consistency-Token", &token)]);
            assert_eq!(known.slugs(), ["second"]);
            other.get("/v1/articles/story");
            app.store([article("second").tags(&["rail"]).with("status", "draft").with("title", format!("Hidden {n}"))]);
            for path in ["/v1/articles/story/related", "/v1/articles/story"] {
                let answer = other.get(path).json().to_string();
                assert!(!answer.contains("Hidden"), "{n}: {answer}");
            }
        }
    }

    fn five_come_unless_told_and_fifty_at_most(app: &TestApp) {
        app.store((1..=8).map(|n| article(&format!("a-{n}")).tags(&["rail"])));

        assert_eq!(app.get("/v1/articles/a-1/related").slugs(), ["a-8", "a-7", "a-6", "a-5", "a-4"]);
        assert_eq!(app.get("/v1/articles/a-1/related?limit=1").slugs(), ["a-8"]);
        assert_eq!(app.get("/v1/articles/a-1/related?limit=50").slugs().len(), 7);
        assert_eq!(app.get("/v1/articles/a-1/related?limit=51").code(), "limit-too-large");
        assert_eq!(app.get("/v1/articles/a-1/related?limit=0").code(), "invalid-parameter");
    }

    fn the_detail_links_to_the_first_five(app: &TestApp) {
        app.store((1..=8).map(|n| article(&format!("a-{n}")).tags(&["rail"])));

        let related = app.get("/v1/articles/a-1").json()["related"].clone();

        assert_eq!(related.as_array().map(Vec::len), Some(5));
        assert_eq!(related[0], json!({"id": related[0]["id"], "slug": "a-8", "url": "/articles/a-8",
            "title": "Title of a-8", "published_at": "2026-05-01T09:00:00Z"}));
    }

    fn they_are_cards_in_the_shape_asked_for(app: &TestApp) {
        app.store([article("a").tags(&["rail"]), article("b").tags(&["rail"]).with("body", "<p>one two</p>")]);

        let related = app.get("/v1/articles/a/related?fields=slug,excerpt,body&body=text&excerpt_words=1").json();

        assert_eq!(related, json!({"data": [{"slug": "b", "excerpt": "one...", "body": "one two"}]}));
    }

    fn a_story_without_tags_has_none(app: &TestApp) {
        app.store([article("a"), article("b").tags(&["rail"])]);

        assert_eq!(app.get("/v1/articles/a/related").json(), json!({"data": []}));
        assert_eq!(app.get("/v1/articles/b/related").json(), json!({"data": []}));
    }
}
