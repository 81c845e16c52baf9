//! The order of a list.

use serde_json::json;

use crate::on_both;
use crate::support::article;

on_both! {
    fn the_newest_come_first_and_ties_by_id(app: &TestApp) {
        app.store([("a", 2), ("b", 3), ("c", 2), ("d", 1)].map(|(slug, day)| {
            article(slug).tags(&["rail"]).author("dina").at(&format!("2026-05-0{day}T09:00:00Z"))
        }));

        for query in ["", "sort=-published_at", "tag=rail", "author=dina", "lang=en", "tags_any=rail"] {
            assert_eq!(app.get(&format!("/v1/articles?{query}")).slugs(), ["b", "c", "a", "d"], "{query}");
        }
    }

    fn published_at_is_the_reverse(app: &TestApp) {
        app.store([("a", 2), ("b", 3), ("c", 2), ("d", 1)].map(|(slug, day)| {
            article(slug).tags(&["rail"]).author("dina").at(&format!("2026-05-0{day}T09:00:00Z"))
        }));

        for query in ["", "&tag=rail", "&author=dina", "&lang=en", "&tags_any=rail"] {
            let list = app.get(&format!("/v1/articles?sort=published_at{query}"));
            assert_eq!(list.slugs(), ["d", "a", "c", "b"], "{query}");
        }
    }

    fn the_last_updated_come_first_and_ties_by_id(app: &TestApp) {
        app.store([("a", 12), ("b", 11), ("c", 12), ("d", 13)].map(|(slug, day)| {
            article(slug).tags(&["rail"]).with("updated_at", format!("2026-05-{day}T09:00:00Z"))
        }));

        assert_eq!(app.get("/v1/articles?sort=-updated_at").slugs(), ["d", "c", "a", "b"]);
        assert_eq!(app.get("/v1/articles?sort=-updated_at&tag=rail").slugs(), ["d", "c", "a", "b"]);
    }

    fn titles_sort_by_their_words_and_ties_by_id(app: &TestApp) {
        app.store(
            [("a", "Zinc"), ("b", "«Ёлка»"), ("c", "Ўзбекистон"), ("d", "abacus"), ("e", "Әлем"), ("f", "ZINC!")]
                .map(|(slug, title)| article(slug).with("title", title)),
        );

        // Ў and Ё fold to у and е; Ә is a letter of its own, after the Russian ones.
        assert_eq!(app.get("/v1/articles?sort=title").slugs(), ["d", "a", "f", "b", "c", "e"]);
    }

    fn relevance_needs_a_query(app: &TestApp) {
        let answer = app.get("/v1/articles?sort=relevance");

        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"));
        assert_eq!(answer.json()["errors"][0]["parameter"], "sort");
    }

    fn an_unknown_order_is_refused_with_the_known_ones(app: &TestApp) {
        let answer = app.get("/v1/articles?sort=-title");

        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"));
        let allowed = json!(["-published_at", "published_at", "-updated_at", "title", "relevance"]);
        assert_eq!(answer.json()["errors"][0]["allowed"], allowed);
    }
}
