//! Which articles are in a list.

use serde_json::json;

use crate::on_both;
use crate::support::{TestApp, article};

/// The slugs that a query selects, in alphabetical order; the total must agree.
fn found(app: &TestApp, query: &str) -> Vec<String> {
    let answer = app.get(&format!("/v1/articles?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.json());
    let mut slugs = answer.slugs();
    slugs.sort();
    assert_eq!(answer.header("x-total-count"), slugs.len().to_string(), "{query}");
    slugs
}

const NOTHING: [&str; 0] = [];

on_both! {
    fn a_tag_selects_its_articles(app: &TestApp) {
        app.store([article("a").tags(&["rail", "aze"]), article("b").tags(&["aze"]), article("c")]);

        assert_eq!(found(app, "tag=rail"), ["a"]);
        assert_eq!(found(app, "tag=aze"), ["a", "b"]);
        assert_eq!(found(app, "tag=unknown"), NOTHING);
        assert_eq!(found(app, "tag=AZE"), NOTHING);
    }

    fn tags_are_combined_by_all_any_and_none(app: &TestApp) {
        app.store([
            article("both").tags(&["rail", "aze"]),
            article("rail").tags(&["rail"]),
            article("aze").tags(&["aze"]),
            article("coal").tags(&["coal"]),
            article("plain"),
        ]);

        assert_eq!(found(app, "tags_all=rail,aze"), ["both"]);
        assert_eq!(found(app, "tag=rail&tags_all=aze"), ["both"]);
        assert_eq!(found(app, "tags_any=rail,coal"), ["both", "coal", "rail"]);
        assert_eq!(found(app, "tags_none=rail,coal"), ["aze", "plain"]);
        assert_eq!(found(app, "tags_any=rail,aze&tags_none=rail"), ["aze"]);
        assert_eq!(found(app, "tags_all=rail&tags_any=aze,coal&tags_none=coal"), ["both"]);
    }

    fn an_unknown_tag_is_in_no_article(app: &TestApp) {
        app.store([article("a").tags(&["rail"])]);

        assert_eq!(found(app, "tags_all=rail,unknown"), NOTHING);
        assert_eq!(found(app, "tags_any=unknown"), NOTHING);
        assert_eq!(found(app, "tags_any=unknown,rail"), ["a"]);
        assert_eq!(found(app, "tags_none=unknown"), ["a"]);
    }

    fn aliases_resolve_in_every_tag_parameter(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "aliases": ["aze", "azerbaycan"]}));
        app.store([article("a").tags(&["azerbaijan", "rail"]), article("b").tags(&["rail"])]);

        for query in [
            "tag=aze", "tags_all=azerbaycan", "tags_any=aze", "tag=aze&tags_all=azerbaijan", "tags_all=aze,rail",
        ] {
            assert_eq!(found(app, query), ["a"], "{query}");
        }
        assert_eq!(found(app, "tags_none=aze"), ["b"]);
    }

    fn a_tag_given_by_its_alias_is_the_tag(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "aliases": ["aze"]}));
        app.store([article("a").tags(&["aze", "azerbaijan"])]);

        assert_eq!(found(app, "tag=azerbaijan"), ["a"]);
        let tags = app.get("/v1/articles/a").json()["tags"].clone();
        assert_eq!(tags, json!([{"slug": "azerbaijan", "name": "Azerbaijan", "kind": "topic"}]));
    }

    fn an_author_selects_what_they_wrote(app: &TestApp) {
        app.store([article("a").author("dina").author("timur"), article("b").author("timur"), article("c")]);

        assert_eq!(found(app, "author=dina"), ["a"]);
        assert_eq!(found(app, "author=timur"), ["a", "b"]);
        assert_eq!(found(app, "author=unknown"), NOTHING);
        assert_eq!(found(app, "author=timur&lang=en"), ["a", "b"]);
    }

    fn a_kind_selects_its_own(app: &TestApp) {
        let kinds = ["news", "opinion", "analysis", "interview", "photo", "video", "page"];
        app.store(kinds.map(|kind| article(&format!("a-{kind}")).with("kind", kind).tags(&["rail"])));

        for kind in kinds {
            assert_eq!(found(app, &format!("kind={kind}")), [format!("a-{kind}")]);
            assert_eq!(found(app, &format!("kind={kind}&tag=rail")), [format!("a-{kind}")]);
        }
    }

    fn a_page_is_listed_only_when_asked_for(app: &TestApp) {
        let page = article("about").with("kind", "page").tags(&["rail"]).author("dina");
        app.store([page, article("a").tags(&["rail"]).author("dina")]);
        let id = app.get("/v1/articles/about").json()["id"].clone();

        for query in ["", "tag=rail", "author=dina", "tags_any=rail", "lang=en", "q=about", &format!("ids={id}")] {
            assert!(!found(app, query).contains(&"about".to_owned()), "{query}");
        }
        assert_eq!(found(app, "kind=page&tag=rail&author=dina&q=about"), ["about"]);
    }

    fn a_language_selects_its_own(app: &TestApp) {
        app.store([("a", "en"), ("b", "uz"), ("c", "uz-Cyrl")].map(|(slug, lang)| article(slug).with("lang", lang)));

        for (lang, slug) in [("en", "a"), ("uz", "b"), ("uz-Cyrl", "c")] {
            assert_eq!(found(app, &format!("lang={lang}")), [slug]);
            assert_eq!(found(app, &format!("lang={lang}&kind=news")), [slug]);
        }
        assert_eq!(found(app, "lang=kk"), NOTHING);
    }

    fn ids_select_what_is_public_of_them(app: &TestApp) {
        app.store(["a", "b", "c", "d"].map(article));
        let ids: Vec<i64> = ["a", "b", "c"]
            .map(|slug| app.get(&format!("/v1/articles/{slug}")).json()["id"].as_i64().expect("an id"))
            .to_vec();
        let [a, b, c] = [ids[0], ids[1], ids[2]];

        assert_eq!(found(app, &format!("ids={c},{a},999999,{a}")), ["a", "c"]);
        app.store([article("b").with("status", "withdrawn")]);
        assert_eq!(found(app, &format!("ids={a},{b}")), ["a"]);
        assert_eq!(found(app, "ids=0"), NOTHING);
    }

    fn a_hundred_ids_are_the_most(app: &TestApp) {
        let ids = |count: usize| (1..=count).map(|id| id.to_string()).collect::<Vec<_>>().join(",");

        assert_eq!(found(app, &format!("ids={}", ids(100))), NOTHING);
        assert_eq!(app.get(&format!("/v1/articles?ids={}", ids(101))).code(), "limit-too-large");
    }

    fn published_after_is_inclusive_and_published_before_exclusive(app: &TestApp) {
        app.store((1..=3).map(|n| article(&format!("a-{n}")).at(&format!("2026-05-0{n}T09:00:00Z"))));

        assert_eq!(found(app, "published_after=2026-05-02T09:00:00Z"), ["a-2", "a-3"]);
        assert_eq!(found(app, "published_after=2026-05-02T09:00:00.000001Z"), ["a-3"]);
        assert_eq!(found(app, "published_before=2026-05-02T09:00:00Z"), ["a-1"]);
        assert_eq!(found(app, "published_before=2026-05-02T09:00:00.000001Z"), ["a-1", "a-2"]);
        let day = "published_after=2026-05-02T09:00:00Z&published_before=2026-05-03T09:00:00Z";
        assert_eq!(found(app, day), ["a-2"]);
        assert_eq!(found(app, "published_after=2026-05-02T15:00:00%2B06:00"), ["a-2", "a-3"], "another offset");
    }

    fn updated_after_is_inclusive(app: &TestApp) {
        app.store((1..=3).map(|n| article(&format!("a-{n}")).with("updated_at", format!("2026-05-1{n}T09:00:00Z"))));

        assert_eq!(found(app, "updated_after=2026-05-12T09:00:00Z"), ["a-2", "a-3"]);
        assert_eq!(found(app, "updated_after=2026-05-12T09:00:01Z"), ["a-3"]);
    }

    fn all_filters_narrow_together(app: &TestApp) {
        let full = article("a").tags(&["rail", "aze"]).author("dina").with("lang", "ru").with("kind", "analysis");
        app.store([
            full.clone(),
            full.clone().with("slug", "b").with("kind", "news"),
            full.clone().with("slug", "c").with("lang", "en"),
            full.clone().with("slug", "d").at("2026-04-01T09:00:00Z"),
            full.with("slug", "e").with("authors", json!([])),
        ]);

        let query = "tag=rail&tags_any=aze&author=dina&lang=ru&kind=analysis&published_after=2026-05-01T00:00:00Z";
        assert_eq!(found(app, query), ["a"]);
    }

    fn a_malformed_filter_is_refused_by_name(app: &TestApp) {
        let slugs = ["a"; 21].join(",");
        let (many, long) = (format!("tags_any={slugs}"), format!("tag={}", "a".repeat(201)));
        for (query, code) in [
            ("kind=blog", "invalid-parameter"),
            ("kind=News", "invalid-parameter"),
            ("lang=english!", "invalid-parameter"),
            ("lang=e", "invalid-parameter"),
            ("ids=1,two", "invalid-parameter"),
            ("ids=", "invalid-parameter"),
            ("ids=-1", "invalid-parameter"),
            ("ids=99999999999999999999", "invalid-parameter"),
            ("tags_all=a,,b", "invalid-parameter"),
            ("tag=", "invalid-parameter"),
            (&long, "invalid-parameter"),
            (&many, "limit-too-large"),
            ("published_after=yesterday", "invalid-parameter"),
            ("published_before=2026-05-01", "invalid-parameter"),
            ("updated_after=2026-13-01T00:00:00Z", "invalid-parameter"),
            ("tag=a%00", "invalid-parameter"),
            ("tga=rail", "unknown-parameter"),
        ] {
            let answer = app.get(&format!("/v1/articles?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
            let name = query.split('=').next().unwrap_or_default();
            assert_eq!(answer.json()["errors"][0]["parameter"], name, "{query}");
        }
    }

    fn a_filter_given_twice_is_refused(app: &TestApp) {
        let answer = app.get("/v1/articles?tag=a&tag=b");

        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"));
        assert_eq!(answer.json()["errors"][0]["parameter"], "tag");
    }
}
