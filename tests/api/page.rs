//! `/v1/page/tag/{slug}`: a whole tag page in one request.

use serde_json::json;
use xabar::access::Scope;

use crate::on_both;
use crate::support::{TestApp, article};

fn fill(app: &TestApp) {
    app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "kind": "country", "aliases": ["aze"]}));
    app.store((1..=8).map(|n| article(&format!("a-{n}")).tags(&["azerbaijan"]).at(&format!("2026-05-0{n}T09:00:00Z"))));
    app.store([article("other").tags(&["rail"])]);
}

on_both! {
    fn the_tag_and_a_page_of_its_articles_come_together(app: &TestApp) {
        fill(app);

        let answer = app.get("/v1/page/tag/azerbaijan?limit=3&page=2&excerpt_words=1");

        let page = answer.json();
        assert_eq!(page["tag"], app.get("/v1/tags/azerbaijan").json());
        let list = app.get("/v1/articles?tag=azerbaijan&limit=3&page=2&excerpt_words=1").json();
        assert_eq!((&page["articles"]["data"], &page["articles"]["page"]), (&list["data"], &list["page"]));
        assert_eq!(page["articles"]["data"][0]["slug"], "a-5");
        assert_eq!(page["articles"]["data"][0]["excerpt"], "Body...");
        let described = json!({"mode": "page", "number": 2, "limit": 3, "from": 4, "to": 6, "total": 8, "pages": 3});
        assert_eq!(page["articles"]["page"], described);
        assert_eq!(answer.header("x-total-count"), "8");
    }

    fn a_walk_goes_on_when_the_tag_is_given_another_slug(app: &TestApp) {
        fill(app);
        let next = app.get("/v1/page/tag/azerbaijan?limit=3&cursor=*").json()["articles"]["links"]["next"].clone();
        let next = next.as_str().expect("there is more");
        let before = app.get(next);
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        assert_eq!(app.patch("/v1/manage/tags/azerbaijan", &key, &json!({"slug": "azerbaycan"})).status, 200);
        let moved = app.get(next);
        let there = moved.header("location").to_owned();
        assert!(moved.status == 301 && there.starts_with("/v1/page/tag/azerbaycan?"), "{there}");
        let after = app.get(&there);
        assert_eq!((after.status, &after.json()["articles"]["data"][0]["slug"]), (200, &before.json()["articles"]["data"][0]["slug"]));
    }

    fn its_links_stay_under_its_own_path(app: &TestApp) {
        fill(app);

        let answer = app.get("/v1/page/tag/azerbaijan?limit=3&page=2");

        let to = |number: i64| format!("/v1/page/tag/azerbaijan?limit=3&page={number}");
        let links = answer.json()["articles"]["links"].clone();
        assert_eq!(links, json!({"self": to(2), "first": to(1), "prev": to(1), "next": to(3), "last": to(3)}));
        assert!(answer.header("link").starts_with(&format!("<{}>; rel=\"self\"", to(2))), "{}", answer.header("link"));
        let last = app.get(&to(3)).json();
        assert_eq!(last["articles"]["data"].as_array().map(Vec::len), Some(2));
    }

    fn it_walks_by_cursor_under_its_own_path(app: &TestApp) {
        fill(app);

        let first = app.get("/v1/page/tag/azerbaijan?limit=5&cursor=*").json();
        let next = first["articles"]["links"]["next"].as_str().expect("there is more");
        assert!(next.starts_with("/v1/page/tag/azerbaijan?limit=5&cursor="), "{next}");
        let second = app.get(next).json();
        let data = second["articles"]["data"].as_array().expect("a list");
        let slugs: Vec<_> = data.iter().map(|one| &one["slug"]).collect();
        assert_eq!(slugs, ["a-3", "a-2", "a-1"]);

        let cursor = next.split_once("cursor=").expect("a cursor").1;
        assert_eq!(app.get(&format!("/v1/page/tag/rail?cursor={cursor}")).code(), "cursor-mismatch");
    }

    fn it_takes_the_parameters_of_the_list(app: &TestApp) {
        fill(app);
        app.store([article("both").tags(&["rail", "azerbaijan"]).with("lang", "ru").at("2026-05-20T09:00:00Z")]);

        let page = app.get("/v1/page/tag/azerbaijan?tag=rail&lang=ru&fields=slug&facets=lang").json();

        assert_eq!(page["articles"]["data"], json!([{"slug": "both"}]));
        assert_eq!(page["articles"]["page"]["total"], 1);
        assert_eq!(page["articles"]["facets"], json!({"lang": [{"value": "ru", "label": "ru", "count": 1}]}));
        assert_eq!(page["tag"]["article_count"], 9);
        let oldest = app.get("/v1/page/tag/azerbaijan?sort=published_at&limit=1&q=body").json();
        assert_eq!(oldest["articles"]["data"][0]["slug"], "a-1");
    }

    fn an_alias_leads_to_the_tag_s_own_page_with_its_query(app: &TestApp) {
        fill(app);

        let answer = app.get("/v1/page/tag/aze?page=2&limit=6");

        assert_eq!((answer.status, answer.header("location")), (301, "/v1/page/tag/azerbaijan?limit=6&page=2"));
    }

    fn a_tag_without_articles_has_an_empty_page(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "empty", "name": "Empty"}));

        let page = app.get("/v1/page/tag/empty").json();

        assert_eq!((&page["tag"]["slug"], &page["articles"]["data"]), (&json!("empty"), &json!([])));
        let described = json!({"mode": "page", "number": 1, "limit": 20, "from": 0, "to": 0, "total": 0, "pages": 0});
        assert_eq!(page["articles"]["page"], described);
    }

    fn an_unknown_tag_is_not_found(app: &TestApp) {
        let answer = app.get("/v1/page/tag/unknown");

        assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"));
    }

    fn a_malformed_parameter_is_refused(app: &TestApp) {
        fill(app);

        for (query, code) in [
            ("limit=101", "limit-too-large"),
            ("pgae=2", "unknown-parameter"),
            ("page=1&cursor=*", "invalid-parameter"),
        ] {
            let answer = app.get(&format!("/v1/page/tag/azerbaijan?{query}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
        }
    }
}
