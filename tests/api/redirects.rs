//! `/v1/redirects`.

use serde_json::{Value, json};

use xabar::access::Scope;

use crate::on_both;
use crate::support::{TestApp, article};

fn redirects(app: &TestApp, query: &str) -> Vec<String> {
    let json = app.get(&format!("/v1/redirects{query}")).json();
    let data = json["data"].as_array().unwrap_or_else(|| panic!("no data: {json}"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    data.iter().map(|one| format!("{} {} {}", text(&one["type"]), text(&one["from"]), text(&one["to"]))).collect()
}

fn fill(app: &TestApp) {
    app.put(&json!({"type": "tag", "slug": "azerbaijan", "name": "Azerbaijan", "aliases": ["aze"]}));
    app.store([article("old").with("guid", "g")]);
    app.store([article("new").with("guid", "g").with("former_slugs", json!(["older"]))]);
}

on_both! {
    fn former_slugs_and_aliases_are_listed_as_they_were_made(app: &TestApp) {
        fill(app);

        let list = app.get("/v1/redirects").json();

        assert_eq!(list["data"], json!([
            {"type": "tag", "from": "aze", "to": "azerbaijan", "status": 301},
            {"type": "article", "from": "old", "to": "new", "status": 301},
            {"type": "article", "from": "older", "to": "new", "status": 301}
        ]));
        let described = json!({"mode": "page", "number": 1, "limit": 20, "from": 1, "to": 3, "total": 3, "pages": 1});
        assert_eq!(list["page"], described);
    }

    fn each_kind_can_be_asked_for_alone(app: &TestApp) {
        fill(app);

        assert_eq!(redirects(app, "?type=tag"), ["tag aze azerbaijan"]);
        assert_eq!(redirects(app, "?type=article"), ["article old new", "article older new"]);
        assert_eq!(app.get("/v1/redirects?type=article").header("x-total-count"), "2");
        assert_eq!(redirects(app, "?type=author"), Vec::<String>::new());
        let answer = app.get("/v1/redirects?type=media");
        let allowed = json!(["article", "tag", "author"]);
        assert_eq!((answer.status, answer.json()["errors"][0]["allowed"].clone()), (400, allowed));
    }

    fn a_redirect_leads_straight_to_the_present_slug(app: &TestApp) {
        for slug in ["a", "b", "c", "a"] {
            app.store([article(slug).with("guid", "g")]);
        }

        assert_eq!(redirects(app, ""), ["article b a", "article c a"]);
    }

    fn what_something_was_called_before_anyone_saw_it_is_told_nobody(app: &TestApp) {
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish]);
        let draft = app.post("/v1/manage/articles", &key, &json!({"title": "A", "lang": "en", "slug": "working-title", "body": "b"})).json();
        let path = format!("/v1/manage/articles/{}", draft["id"]);
        assert_eq!(app.patch(&path, &key, &json!({"slug": "printed"})).status, 200);
        app.store([article("b").with("status", "draft").tags(&["secret"]).author("ghost")]);
        assert_eq!(app.patch("/v1/manage/tags/secret", &key, &json!({"slug": "open"})).status, 200);
        assert_eq!(app.patch("/v1/manage/authors/ghost", &key, &json!({"slug": "named"})).status, 200);
        app.store([article("c").tags(&["open"]).author("named")]);
        assert_eq!(app.post(&format!("{path}/publish"), &key, &json!({})).status, 200);
        assert_eq!(redirects(app, ""), Vec::<String>::new());
        for gone in ["/v1/articles/working-title", "/v1/tags/secret", "/v1/authors/ghost"] {
            assert_eq!(app.get(gone).status, 404, "{gone}");
        }
        assert_eq!(app.get("/v1/tags/open").json()["aliases"], json!([]));
        assert_eq!(app.patch(&path, &key, &json!({"slug": "reprinted"})).status, 200);
        assert_eq!(redirects(app, ""), ["article printed reprinted"]);
        app.post(&format!("{path}/unpublish"), &key, &json!({}));
        for slug in ["second-thoughts", "last"] {
            assert_eq!(app.patch(&path, &key, &json!({"slug": slug})).status, 200);
        }
        app.post(&format!("{path}/publish"), &key, &json!({}));
        assert_eq!(redirects(app, ""), ["article printed last", "article reprinted last"]);
    }

    fn what_is_not_public_is_not_listed(app: &TestApp) {
        fill(app);

        for state in ["draft", "withdrawn"] {
            app.store([article("new").with("guid", "g").with("status", state)]);
            assert_eq!(redirects(app, ""), ["tag aze azerbaijan"], "{state}");
            assert_eq!(app.get("/v1/redirects").header("x-total-count"), "1", "{state}");
            assert_eq!(app.get("/v1/articles/old").status, 404, "{state}");
        }
        app.store([article("new").with("guid", "g")]);
        assert_eq!(redirects(app, "?type=article"), ["article old new", "article older new"]);
        app.store([article("new").with("guid", "g").killed("Wrong.")]);
        assert_eq!(redirects(app, ""), ["tag aze azerbaijan"], "killed");
    }

    fn a_former_slug_that_another_article_has_is_left_to_it(app: &TestApp) {
        app.store([article("a"), article("b").with("former_slugs", json!(["a", "b", "c"]))]);

        assert_eq!(redirects(app, ""), ["article c b"]);
        assert_eq!(app.get("/v1/articles/a").json()["slug"], "a");
    }

    fn pages_by_number_and_by_cursor_agree(app: &TestApp) {
        app.store([article("a").with("former_slugs", json!(["f-1", "f-2", "f-3", "f-4", "f-5"]))]);
        let expected: Vec<String> = (1..=5).map(|n| format!("article f-{n} a")).collect();

        let by_number: Vec<String> = (1..=3).flat_map(|n| redirects(app, &format!("?limit=2&page={n}"))).collect();
        assert_eq!(by_number, expected);
        let mut link = "/v1/redirects?limit=2&cursor=*".to_owned();
        let mut pages = Vec::new();
        loop {
            pages.push(redirects(app, link.trim_start_matches("/v1/redirects")));
            let links = app.get(&link).json()["links"].clone();
            let Some(next) = links["next"].as_str() else {
                let prev = links["prev"].as_str().expect("a link");
                assert_eq!(redirects(app, prev.trim_start_matches("/v1/redirects")), pages[1]);
                break;
            };
            link = next.to_owned();
        }
        assert_eq!(pages.concat(), expected);
    }
}
