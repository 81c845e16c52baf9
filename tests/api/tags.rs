//! `/v1/tags`.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, article};

fn tag(slug: &str, name: &str, kind: &str) -> Value {
    json!({"type": "tag", "slug": slug, "name": name, "kind": kind})
}

/// The kept count, which must agree with the list's total and with a count of the rows.
fn count(app: &TestApp, slug: &str) -> i64 {
    let kept = app.get(&format!("/v1/tags/{slug}")).json()["article_count"].as_i64().expect("a count");
    for query in [format!("tag={slug}"), format!("tags_any={slug}")] {
        let list = app.get(&format!("/v1/articles?{query}"));
        assert_eq!((list.header("x-total-count"), list.slugs().len() as i64), (&*kept.to_string(), kept), "{query}");
    }
    kept
}

on_both! {
    fn a_tag_is_complete(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "kind": "country",
            "description": "On the Caspian & <beyond>.", "aliases": ["azerbaycan", "aze"]}));
        app.store([article("a").tags(&["azerbaijan"])]);

        let answer = app.get("/v1/tags/azerbaijan");

        let id = answer.json()["id"].clone();
        let expected = json!({"id": id, "slug": "azerbaijan", "name": "Azerbaijan", "kind": "country",
            "description": "On the Caspian & <beyond>.", "aliases": ["aze", "azerbaycan"], "article_count": 1});
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
        assert_eq!(app.get("/v1/tags").json()["data"], json!([expected]));
    }

    fn an_alias_leads_to_its_tag(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "өзбекстан", "name": "Uzbekistan", "aliases": ["uzb"]}));

        let answer = app.get("/v1/tags/uzb");

        let location = "/v1/tags/%D3%A9%D0%B7%D0%B1%D0%B5%D0%BA%D1%81%D1%82%D0%B0%D0%BD";
        assert_eq!((answer.status, answer.header("location")), (301, location));
        assert_eq!(app.get(location).json()["aliases"], json!(["uzb"]));
    }

    fn an_unknown_tag_is_not_found(app: &TestApp) {
        for slug in ["unknown", "1", "%D1%8F"] {
            let answer = app.get(&format!("/v1/tags/{slug}"));
            assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{slug}");
        }
    }

    fn an_alias_of_another_tag_is_refused(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "a", "name": "A", "aliases": ["c"]}));

        for aliases in [["a"], ["c"]] {
            let report = app.import(&json!({"type": "tag", "slug": "b", "name": "B", "aliases": aliases}).to_string());
            assert_eq!((report.created, report.faults.len()), (0, 1), "{aliases:?}");
        }
        assert_eq!(app.get("/v1/tags/b").status, 404);
    }

    fn a_slug_that_is_an_alias_makes_no_tag(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "a", "name": "A", "aliases": ["c"]}));

        let report = app.import(&tag("c", "C", "topic").to_string());

        assert_eq!((report.created, report.faults.len()), (0, 1), "{report}");
        assert_eq!(app.get("/v1/tags/c").header("location"), "/v1/tags/a");
    }

    fn a_tag_s_own_slug_is_no_alias_of_it(app: &TestApp) {
        let record = json!({"type": "tag", "slug": "a", "name": "A", "aliases": ["b", "a"]}).to_string();
        assert_eq!(app.import(&record).faults.len(), 1, "a new tag");
        assert_eq!(app.get("/v1/tags/a").status, 404);

        app.put(&tag("a", "A", "topic"));
        assert_eq!(app.import(&record).faults.len(), 1, "a tag that is there");
        assert_eq!(app.get("/v1/tags/a").json()["aliases"], json!([]));
    }

    fn a_tag_named_by_an_article_keeps_its_first_name_until_renamed(app: &TestApp) {
        let named = |name: &str| json!([{"slug": "rail", "name": name, "kind": "section"}]);
        app.store([article("a").with("tags", named("Rail")), article("b").with("tags", named("Railways"))]);
        let on_card = |app: &TestApp| app.get("/v1/articles/b").json()["tags"][0].clone();
        assert_eq!(on_card(app), json!({"slug": "rail", "name": "Rail", "kind": "section"}));

        app.put(&tag("rail", "Trains", "topic"));
        assert_eq!(on_card(app), json!({"slug": "rail", "name": "Trains", "kind": "topic"}));
    }

    fn tags_are_listed_by_name(app: &TestApp) {
        for (n, name) in (1..).zip(["Zinc", "ёлка", "Abacus", "zinc", "Ўзбекистон"]) {
            app.put(&tag(&format!("t-{n}"), name, "topic"));
        }

        assert_eq!(app.get("/v1/tags").slugs(), ["t-3", "t-1", "t-4", "t-2", "t-5"]);
        assert_eq!(app.get("/v1/tags?sort=name").slugs(), ["t-3", "t-1", "t-4", "t-2", "t-5"]);
    }

    fn the_most_used_come_first_when_asked_for(app: &TestApp) {
        app.store([
            article("a").tags(&["coal", "rail", "aze"]),
            article("b").tags(&["rail", "aze"]),
            article("c").tags(&["rail"]),
        ]);
        app.put(&tag("unused", "Unused", "topic"));

        let list = app.get("/v1/tags?sort=-article_count");

        assert_eq!(list.slugs(), ["rail", "aze", "coal", "unused"]);
        assert_eq!(list.each("article_count"), [3, 2, 1, 0]);
    }

    fn they_are_found_by_kind_and_by_the_start_of_the_name(app: &TestApp) {
        app.put(&tag("azerbaijan", "Azerbaijan", "country"));
        app.put(&tag("azimov", "Azimov", "person"));
        app.put(&tag("kazakhstan", "Қазақстан", "country"));
        app.put(&tag("ozbekiston", "Oʻzbekiston", "country"));

        let found = |query: &[(&str, &str)]| app.get_query("/v1/tags", query).slugs();
        assert_eq!(found(&[("kind", "country")]), ["azerbaijan", "ozbekiston", "kazakhstan"]);
        assert_eq!(found(&[("q", "AZ")]), ["azerbaijan", "azimov"]);
        assert_eq!(found(&[("q", "az"), ("kind", "person")]), ["azimov"]);
        assert_eq!(found(&[("q", "Қаз")]), ["kazakhstan"]);
        assert_eq!(found(&[("q", "o'zbek")]), ["ozbekiston"]);
        for q in ["baijan", "%", "_", "a%", "a_i", "", "-"] {
            let expected: &[&str] = if q == "a%" { &["azerbaijan", "azimov"] } else { &[] };
            assert_eq!(found(&[("q", q)]), expected, "{q:?}");
        }
    }

    fn pages_by_number_and_by_cursor_agree(app: &TestApp) {
        for n in 1..=7 {
            app.put(&tag(&format!("t-{n}"), if n % 2 == 0 { "Even" } else { "Odd" }, "topic"));
        }
        app.store([article("a").tags(&["t-3", "t-6"]), article("b").tags(&["t-6"])]);

        for sort in ["name", "-article_count"] {
            let whole = app.get(&format!("/v1/tags?sort={sort}")).slugs();
            let by_number: Vec<_> =
                (1..=3).flat_map(|n| app.get(&format!("/v1/tags?sort={sort}&limit=3&page={n}")).slugs()).collect();
            let mut page = app.get(&format!("/v1/tags?sort={sort}&limit=3&cursor=*"));
            let mut pages = vec![page.slugs()];
            while let Some(next) = page.json()["links"]["next"].as_str() {
                page = app.get(next);
                pages.push(page.slugs());
            }
            assert_eq!((&by_number, &pages.concat()), (&whole, &whole), "{sort}");
            let back = app.get(page.json()["links"]["prev"].as_str().expect("a link"));
            assert_eq!(back.slugs(), pages[1], "{sort}");
        }
        let described = json!({"mode": "page", "number": 2, "limit": 3, "from": 4, "to": 6, "total": 7, "pages": 3});
        assert_eq!(app.get("/v1/tags?limit=3&page=2").json()["page"], described);
    }

    fn fields_keep_those_members_alone(app: &TestApp) {
        app.put(&tag("rail", "Rail", "topic"));

        assert_eq!(app.get("/v1/tags?fields=slug,name").json()["data"], json!([{"slug": "rail", "name": "Rail"}]));
        assert_eq!(app.get("/v1/tags?fields=title").code(), "invalid-parameter");
    }

    fn a_parameter_out_of_its_list_is_refused(app: &TestApp) {
        app.put(&tag("rail", "Rail", "topic"));
        for (path, code) in [
            ("/v1/tags?kind=planet", "invalid-parameter"),
            ("/v1/tags?sort=id", "invalid-parameter"),
            ("/v1/tags?limit=101", "limit-too-large"),
            ("/v1/tags?tag=rail", "unknown-parameter"),
            ("/v1/tags/rail?fields=slug", "unknown-parameter"),
        ] {
            let answer = app.get(path);
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{path}");
        }
    }

    fn the_count_follows_publication(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "rail", "name": "rail"}));
        let story = article("a").tags(&["rail"]);
        app.store([story.clone().with("status", "draft")]);
        assert_eq!(count(app, "rail"), 0);

        app.store([story.clone()]);
        assert_eq!(count(app, "rail"), 1);
        app.store([story.clone().with("title", "Edited")]);
        assert_eq!(count(app, "rail"), 1);
        app.store([story.clone().with("status", "withdrawn")]);
        assert_eq!(count(app, "rail"), 0);
        app.store([story]);
        assert_eq!(count(app, "rail"), 1);
    }

    fn the_count_follows_a_kill(app: &TestApp) {
        app.store([article("a").tags(&["rail"]), article("b").tags(&["rail"])]);

        app.store([article("a").tags(&["rail"]).killed("Wrong.")]);
        assert_eq!(count(app, "rail"), 1);
        app.store([article("a").tags(&["rail"]).killed("Wrong, again.")]);
        assert_eq!(count(app, "rail"), 1);
    }

    fn the_count_follows_the_tags(app: &TestApp) {
        app.store([article("a").tags(&["rail", "aze"])]);

        app.store([article("a").tags(&["coal", "aze"])]);
        assert_eq!(["rail", "aze", "coal"].map(|slug| count(app, slug)), [0, 1, 1]);
        app.store([article("a")]);
        assert_eq!(["rail", "aze", "coal"].map(|slug| count(app, slug)), [0, 0, 0]);
    }

    fn the_count_follows_the_kind(app: &TestApp) {
        app.store([article("a").tags(&["rail"])]);

        app.store([article("a").tags(&["rail"]).with("kind", "page")]);
        assert_eq!(count(app, "rail"), 0);
        app.store([article("a").tags(&["rail"]).with("kind", "photo")]);
        assert_eq!(count(app, "rail"), 1);
    }

    fn the_totals_of_kinds_and_languages_follow_too(app: &TestApp) {
        let totals = |app: &TestApp| {
            ["", "kind=news", "kind=photo", "kind=page", "lang=en", "lang=ru", "kind=news&lang=en"]
                .map(|query| app.get(&format!("/v1/articles?{query}")).header("x-total-count").to_owned())
        };
        app.store([article("a"), article("b")]);
        assert_eq!(totals(app), ["2", "2", "0", "0", "2", "0", "2"]);

        app.store([article("a").with("kind", "photo").with("lang", "ru")]);
        assert_eq!(totals(app), ["2", "1", "1", "0", "1", "1", "1"]);
        app.store([article("b").with("kind", "page")]);
        assert_eq!(totals(app), ["1", "0", "1", "1", "0", "1", "0"]);
        app.store([article("a").with("kind", "photo").with("lang", "ru").killed("Wrong.")]);
        assert_eq!(totals(app), ["0", "0", "0", "1", "0", "0", "0"]);
    }

    fn a_tag_and_its_alias_on_one_article_count_once(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "aliases": ["aze"]}));
        app.store([article("a").tags(&["azerbaijan", "aze", "azerbaijan"])]);

        assert_eq!(count(app, "azerbaijan"), 1);
    }
}
