//! Pages by number.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::article;

on_both! {
    fn a_page_knows_where_it_stands(app: &TestApp) {
        app.store((1..=7).map(|n| article(&format!("a-{n}")).tags(&["rail"]).at(&format!("2026-05-0{n}T09:00:00Z"))));

        let page = app.get("/v1/articles?tag=rail&limit=3&page=2");

        assert_eq!(page.slugs(), ["a-4", "a-3", "a-2"]);
        let described = json!({"mode": "page", "number": 2, "limit": 3, "from": 4, "to": 6, "total": 7, "pages": 3});
        assert_eq!(page.json()["page"], described);
        assert_eq!(page.header("x-total-count"), "7");
    }

    fn past_the_end_it_is_empty_and_its_totals_are_true(app: &TestApp) {
        app.store((1..=21).map(|number| article(&format!("a-{number}")).tags(&["rail"])));

        for number in ["3", "9223372036854775807"] {
            let described = json!({"mode": "page", "number": number.parse::<i64>().expect("a number"), "limit": 20,
                "from": 0, "to": 0, "total": 21, "pages": 2});
            for list in ["/v1/articles?", "/v1/articles?tag=rail&", "/v1/articles?lang=en&tag=rail&"] {
                let page = app.get(&format!("{list}page={number}"));
                assert_eq!((page.status, page.json()["page"].clone()), (200, described.clone()), "{list}");
            }
            let page = app.get(&format!("/v1/page/tag/rail?page={number}"));
            assert_eq!((page.status, page.json()["articles"]["page"].clone()), (200, described));
        }
    }

    fn past_the_end_prev_leads_back_to_the_last_page(app: &TestApp) {
        app.store((1..=3).map(|n| article(&format!("a-{n}"))));

        let links = app.get("/v1/articles?limit=2&page=9").json()["links"].clone();

        assert_eq!((&links["prev"], &links["next"]), (&json!("/v1/articles?limit=2&page=2"), &Value::Null));
    }

    fn without_articles_there_is_an_empty_first_page(app: &TestApp) {
        let page = app.get("/v1/articles");

        let first = "/v1/articles?page=1";
        assert_eq!(page.json(), json!({
            "data": [],
            "page": {"mode": "page", "number": 1, "limit": 20, "from": 0, "to": 0, "total": 0, "pages": 0},
            "links": {"self": first, "first": first, "prev": null, "next": null, "last": first}
        }));
        assert_eq!((page.status, page.header("x-total-count")), (200, "0"));
    }

    fn the_last_page_holds_the_rest(app: &TestApp) {
        app.store((1..=7).map(|n| article(&format!("a-{n}"))));

        let page = app.get("/v1/articles?limit=3&page=3").json();

        let described = json!({"mode": "page", "number": 3, "limit": 3, "from": 7, "to": 7, "total": 7, "pages": 3});
        assert_eq!((&page["page"], page["data"].as_array().map(Vec::len)), (&described, Some(1)));
        assert_eq!(page["links"]["next"], Value::Null);
    }

    fn links_keep_the_parameters_and_are_in_the_header_too(app: &TestApp) {
        app.store((1..=7).map(|n| article(&format!("a-{n}")).tags(&["rail"])));

        let page = app.get("/v1/articles?tag=rail&page=2&limit=3");

        let to = |number: i64| format!("/v1/articles?limit=3&tag=rail&page={number}");
        let links = json!({"self": to(2), "first": to(1), "prev": to(1), "next": to(3), "last": to(3)});
        assert_eq!(page.json()["links"], links);
        let header = ["self", "first", "prev", "next", "last"]
            .map(|rel| format!("<{}>; rel=\"{rel}\"", links[rel].as_str().expect("a link")))
            .join(", ");
        assert_eq!(page.header("link"), header);
        assert_eq!(app.get(links["next"].as_str().expect("a link")).slugs(), ["a-1"]);
    }

    fn links_of_a_non_latin_query_are_encoded_and_work(app: &TestApp) {
        app.store((1..=2).map(|n| article(&format!("a-{n}")).with("title", "Қазақ & теңге")));

        let page = app.get_query("/v1/articles", &[("q", "қазақ & теңге"), ("limit", "1")]);

        let next = page.json()["links"]["next"].as_str().expect("a link").to_owned();
        assert!(next.is_ascii() && !next.contains(' '), "{next}");
        assert_eq!((page.slugs(), app.get(&next).slugs()), (vec!["a-2".to_owned()], vec!["a-1".to_owned()]));
    }

    fn a_page_has_twenty_unless_told(app: &TestApp) {
        app.store((1..=21).map(|n| article(&format!("a-{n}"))));

        assert_eq!(app.get("/v1/articles").slugs().len(), 20);
        assert_eq!(app.get("/v1/articles?limit=100").slugs().len(), 21);
    }

    fn one_timestamp_pages_without_a_repeat_or_a_gap(app: &TestApp) {
        app.store((1..=10).map(|n| article(&format!("a-{n}")).tags(&["rail"]).author("dina")));
        let expected: Vec<String> = (1..=10).rev().map(|n| format!("a-{n}")).collect();

        for filter in ["", "&tag=rail", "&author=dina", "&lang=en&tag=rail"] {
            let walked: Vec<String> =
                (1..=4).flat_map(|n| app.get(&format!("/v1/articles?limit=3&page={n}{filter}")).slugs()).collect();
            assert_eq!(walked, expected, "{filter}");
        }
    }

    fn a_size_or_number_out_of_range_is_refused(app: &TestApp) {
        for (query, code) in [
            ("limit=101", "limit-too-large"),
            ("limit=9223372036854775807", "limit-too-large"),
            ("limit=0", "invalid-parameter"),
            ("limit=-1", "invalid-parameter"),
            ("limit=%2B5", "invalid-parameter"),
            ("limit=", "invalid-parameter"),
            ("limit=ten", "invalid-parameter"),
            ("page=0", "invalid-parameter"),
            ("page=1.5", "invalid-parameter"),
            ("page=-1", "invalid-parameter"),
            ("count=estimate", "invalid-parameter"),
        ] {
            let answer = app.get(&format!("/v1/articles?{query}"));
            let name = query.split('=').next().unwrap_or_default();
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
            assert_eq!(answer.json()["errors"][0]["parameter"], name, "{query}");
        }
        assert_eq!(app.get("/v1/articles?limit=101").json()["errors"][0]["allowed"], json!(["1 to 100"]));
    }
}
