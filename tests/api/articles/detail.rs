//! One article: keys, former slugs, corrections, and what stands around it.

use serde_json::{Value, json};
use xabar::articles::queries::{ArticleKey, stored_articles};
use xabar::articles::rows::stored::Opening;

use crate::on_both;
use crate::support::{TestApp, article};

/// The slug of a member that is an article or null.
fn slug_of(app: &TestApp, key: &str, member: &str) -> Value {
    app.get(&format!("/v1/articles/{key}")).json()[member]["slug"].clone()
}

on_both! {
    fn an_id_and_a_slug_give_the_same_bytes(app: &TestApp) {
        app.store([article("a"), article("b-2026")]);

        let by_slug = app.get("/v1/articles/b-2026");
        let by_id = app.get(&format!("/v1/articles/{}", by_slug.json()["id"]));

        assert_eq!((by_slug.status, by_slug.json()["slug"].clone()), (200, json!("b-2026")));
        assert_eq!(by_id.body, by_slug.body);
    }

    fn a_key_of_digits_is_an_id_and_never_a_slug(app: &TestApp) {
        let report = app.import(&article("2026").line());
        assert_eq!((report.created, report.faults.len()), (0, 1), "a slug of digits is refused");

        for key in ["2026", "0", "99999999999999999999999999"] {
            let answer = app.get(&format!("/v1/articles/{key}"));
            assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{key}");
        }
    }

    fn a_slug_may_be_of_any_script(app: &TestApp) {
        app.store([article("теңге-бағамы")]);

        assert_eq!(app.get("/v1/articles/теңге-бағамы").json()["slug"], "теңге-бағамы");
    }

    fn a_detail_adds_what_a_card_leaves_out(app: &TestApp) {
        let medium = |n: i64| json!({"url": format!("/m-{n}.jpg"), "alt": format!("Medium {n}")});
        app.store([article("a")
            .with("rights", json!({"holder": "Example", "licence": "CC BY 4.0", "usage": "Web only"}))
            .with("canonical_url", "https://example.org/a")
            .with("media", json!([medium(2), medium(1)]))]);

        let detail = app.get("/v1/articles/a").json();

        assert_eq!(detail["rights"], json!({"holder": "Example", "licence": "CC BY 4.0", "usage": "Web only"}));
        assert_eq!(detail["canonical_url"], "https://example.org/a");
        let urls: Vec<&Value> = detail["media"].as_array().expect("a list").iter().map(|one| &one["url"]).collect();
        assert_eq!(urls, ["/m-2.jpg", "/m-1.jpg"]);
        for (member, value) in [("corrections", json!([])), ("related", json!([])), ("previous", Value::Null)] {
            assert_eq!(detail[member], value, "{member}");
        }
    }

    fn a_former_slug_leads_to_the_present_one_with_its_query(app: &TestApp) {
        app.store([article("old").with("guid", "g")]);
        app.store([article("жаңа").with("guid", "g")]);

        for rest in ["", "?body=text&fields=slug,body", "/related?limit=3", "/corrections"] {
            let answer = app.get(&format!("/v1/articles/old{rest}"));
            let location = format!("/v1/articles/%D0%B6%D0%B0%D2%A3%D0%B0{rest}");
            assert_eq!((answer.status, answer.header("location")), (301, &*location));
            assert_eq!(app.get(&location).status, 200, "{location}");
        }
        assert_eq!(app.get("/v1/articles/old?body=xml").status, 400);
    }

    fn every_former_slug_leads_straight_to_the_present_one(app: &TestApp) {
        for slug in ["a", "b", "c"] {
            app.store([article(slug).with("guid", "g").with("former_slugs", json!(["older"]))]);
        }

        for slug in ["a", "b", "older"] {
            let answer = app.get(&format!("/v1/articles/{slug}"));
            assert_eq!((answer.status, answer.header("location")), (301, "/v1/articles/c"), "{slug}");
        }
    }

    fn a_slug_taken_up_again_is_no_longer_a_former_one(app: &TestApp) {
        for slug in ["a", "b", "a"] {
            app.store([article(slug).with("guid", "g")]);
        }
        assert_eq!(app.get("/v1/articles/a").status, 200);
        assert_eq!(app.get("/v1/articles/b").header("location"), "/v1/articles/a");

        app.store([article("b").with("guid", "another")]);
        assert_eq!(app.get("/v1/articles/b").json()["guid"], "another");
    }

    fn translations_are_the_public_others_of_the_group(app: &TestApp) {
        let of = |slug: &str, lang: &str| article(slug).with("lang", lang).with("translation_group", "port");
        app.store([of("a", "en"), of("a-uz", "uz-Cyrl"), of("a-ru", "ru"), of("a-kk", "kk").with("status", "draft")]);
        app.store([article("other").with("translation_group", "else").with("lang", "ky")]);

        let detail = app.get("/v1/articles/a").json();

        let expected: Vec<Value> = [("ru", "a-ru"), ("uz-Cyrl", "a-uz")]
            .map(|(lang, slug)| {
                let id = app.get(&format!("/v1/articles/{slug}")).json()["id"].clone();
                json!({"lang": lang, "id": id, "slug": slug, "url": format!("/articles/{slug}")})
            })
            .to_vec();
        assert_eq!(detail["translations"], json!(expected));
        assert_eq!(app.get("/v1/articles?lang=en").json()["data"][0]["translations"], json!(expected));
        assert_eq!(app.get("/v1/articles/other").json()["translations"], json!([]));
    }

    fn previous_and_next_are_the_neighbours_in_its_language(app: &TestApp) {
        let at = |slug: &str, day: u8| article(slug).at(&format!("2026-05-0{day}T09:00:00Z"));
        app.store([at("a", 1), at("b", 3), at("c", 5)]);
        app.store([at("russian", 2).with("lang", "ru"), at("draft", 4).with("status", "draft")]);
        app.store([at("about", 4).with("kind", "page")]);

        assert_eq!((slug_of(app, "b", "previous"), slug_of(app, "b", "next")), (json!("a"), json!("c")));
        assert_eq!((slug_of(app, "a", "previous"), slug_of(app, "c", "next")), (Value::Null, Value::Null));
        assert_eq!((slug_of(app, "russian", "previous"), slug_of(app, "russian", "next")), (Value::Null, Value::Null));
        assert_eq!((slug_of(app, "about", "previous"), slug_of(app, "about", "next")), (Value::Null, Value::Null));
        let next = app.get("/v1/articles/b").json()["next"].clone();
        assert_eq!(next, json!({"id": next["id"], "slug": "c", "url": "/articles/c", "title": "Title of c",
            "published_at": "2026-05-05T09:00:00Z"}));
    }

    fn neighbours_of_one_instant_follow_each_other_by_id(app: &TestApp) {
        app.store(["a", "b", "c"].map(article));

        assert_eq!((slug_of(app, "b", "previous"), slug_of(app, "b", "next")), (json!("a"), json!("c")));
        assert_eq!((slug_of(app, "a", "previous"), slug_of(app, "c", "next")), (Value::Null, Value::Null));
    }

    fn corrections_are_public_the_oldest_first(app: &TestApp) {
        let corrections = json!([
            {"at": "2026-05-03T09:00:00Z", "text": "Second <b>."},
            {"at": "2026-05-02T09:00:00Z", "text": "First."}
        ]);
        app.store([article("a").with("corrections", corrections)]);

        let expected = json!([
            {"corrected_at": "2026-05-02T09:00:00Z", "text": "First."},
            {"corrected_at": "2026-05-03T09:00:00Z", "text": "Second <b>."}
        ]);
        assert_eq!(app.get("/v1/articles/a").json()["corrections"], expected);
        let id = app.get("/v1/articles/a").json()["id"].clone();
        for key in [json!("a"), id] {
            let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            assert_eq!(app.get(&format!("/v1/articles/{key}/corrections")).json(), json!({"data": expected}));
        }
    }

    fn without_corrections_the_list_is_empty(app: &TestApp) {
        app.store([article("a")]);

        assert_eq!(app.get("/v1/articles/a/corrections").json(), json!({"data": []}));
    }

    fn a_detail_takes_no_list_parameters(app: &TestApp) {
        app.store([article("a")]);

        for path in ["/v1/articles/a?limit=1", "/v1/articles/a?tag=rail", "/v1/articles/a/corrections?limit=1"] {
            let answer = app.get(path);
            assert_eq!((answer.status, answer.code().as_str()), (400, "unknown-parameter"), "{path}");
        }
    }

    fn articles_are_found_together_as_each_is_alone(app: &TestApp) {
        let odd = "сўз-é-ñ";
        app.store([article("a"), article("b"), article(odd), article("draft").with("status", "draft"), article("1a")]);
        app.store([article("c").with("former_slugs", json!(["old"]))]);
        let slugs = ["a", "b", odd, "draft", "old", "none", "A", "1a", "a\"b", "a\\b", "%", ""];
        let keys = slugs.iter().map(|slug| ArticleKey::Slug((*slug).to_owned()));
        let keys: Vec<ArticleKey> = keys.chain([1, 2, 4, 0, -1, i64::MAX].map(ArticleKey::Id)).collect();
        let read = |keys: &[ArticleKey], opening| {
            let read = app.db.read_here(|conn| stored_articles(conn, keys, opening)).expect("a read");
            let mut read: Vec<_> = read.into_iter().map(|(key, one)| (key, one.slug, one.around.id)).collect();
            read.sort();
            read
        };
        for opening in [Opening::Lead, Opening::Whole] {
            let together = read(&keys, opening);
            let found: Vec<(&str, i64)> = together.iter().map(|(_, slug, id)| (slug.as_str(), *id)).collect();
            assert_eq!(found, [("a", 1), ("b", 2), ("1a", 5), ("a", 1), ("b", 2), (odd, 3)]);
            let alone: Vec<_> = together.iter().flat_map(|(key, ..)| read(std::slice::from_ref(key), opening)).collect();
            assert_eq!(together, alone);
            assert_eq!(keys.iter().map(|key| read(std::slice::from_ref(key), opening).len()).sum::<usize>(), 6);
        }
        assert_eq!(read(&[], Opening::Lead), []);
    }
}
