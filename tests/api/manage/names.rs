//! Tags and authors that an article names before anyone may see it.

use serde_json::{Value, json};
use xabar::access::Scope;

use crate::on_both;
use crate::support::{TestApp, article};

const ARTICLES: &str = "/v1/manage/articles";

fn editor(app: &TestApp) -> String {
    app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish])
}

/// A draft that names a tag and an author whom nobody has heard of; its path.
fn draft(app: &TestApp, key: &str) -> String {
    let body = json!({
        "title": "Quiet work", "lang": "en", "body": "<p>Words.</p>",
        "tags": [{"slug": "secret-merger", "name": "Secret merger", "kind": "topic"}],
        "authors": [{"slug": "under-cover", "name": "Under Cover"}],
    });
    let answer = app.post(ARTICLES, key, &body);
    assert_eq!(answer.status, 201, "{}", answer.json());
    format!("{ARTICLES}/{}", answer.json()["id"])
}

fn statuses(app: &TestApp, key: &str) -> [u16; 3] {
    ["/v1/tags/secret-merger", "/v1/authors/under-cover", "/v1/page/tag/secret-merger"]
        .map(|path| if key.is_empty() { app.get(path).status } else { app.get_as(path, key).status })
}

/// What the log says of tags and authors after a token: type, op and slug of each entry.
fn told(app: &TestApp, since: &str) -> Vec<String> {
    let entries = app.get(&format!("/v1/changes?types=tag,author&since={since}")).json();
    let words =
        |entry: &Value| ["type", "op", "slug"].map(|name| entry[name].as_str().expect("text").to_owned()).join(" ");
    entries["data"].as_array().expect("entries").iter().map(words).collect()
}

fn now(app: &TestApp) -> String {
    app.get("/v1/changes?since=now").json()["token"].as_str().expect("a token").to_owned()
}

on_both! {
    fn a_draft_tells_nobody_its_new_names_and_a_public_article_tells_all(app: &TestApp) {
        app.store([article("other").tags(&["open"]).author("known")]);
        let (key, since) = (editor(app), now(app));
        let path = draft(app, &key);
        assert_eq!(statuses(app, ""), [404; 3]);
        assert_eq!(app.get("/v1/tags").each("slug"), ["open"]);
        assert_eq!(app.get("/v1/authors").each("slug"), ["known"]);
        assert_eq!(app.get("/v1/tags").json()["page"]["total"], 1);
        assert_eq!(told(app, &since), Vec::<String>::new());
        // The newsroom works with them all the same.
        let managed = app.get_as("/v1/manage/tags/secret-merger", &key).json();
        assert_eq!((&managed["name"], &managed["public"]), (&json!("Secret merger"), &json!(false)));
        assert_eq!(app.get_as("/v1/manage/tags", &key).each("public"), [true, false]);
        assert_eq!(app.get_as("/v1/manage/authors/under-cover", &key).json()["public"], false);

        assert_eq!(app.post(&format!("{path}/publish"), &key, &json!({})).status, 200);
        assert_eq!(statuses(app, ""), [200; 3]);
        assert_eq!(told(app, &since), ["author upsert under-cover", "tag upsert secret-merger"]);
        assert_eq!(app.get_as("/v1/manage/tags/secret-merger", &key).json()["public"], true);

        // What was told can't be taken back, and a second story has nothing to add.
        assert_eq!(app.post(&format!("{path}/unpublish"), &key, &json!({})).status, 200);
        assert_eq!(statuses(app, ""), [200; 3]);
        let since = now(app);
        draft(app, &key);
        assert_eq!(told(app, &since), Vec::<String>::new());
    }

    fn names_are_shown_when_the_clock_shows_the_article(app: &TestApp) {
        app.set_time("2026-06-01T12:00:00Z");
        let (key, early, since) = (editor(app), app.key(&[Scope::ContentEmbargoed]), now(app));
        let path = draft(app, &key);
        assert_eq!(app.post(&format!("{path}/embargo"), &key, &json!({"until": "2026-06-01T14:00:00Z"})).status, 200);
        let body = json!({"published_at": "2026-06-01T13:00:00Z"});
        assert_eq!(app.post(&format!("{path}/schedule"), &key, &body).status, 200);
        for (at, public, embargoed) in [("12:59:59", 404, 404), ("13:00:00", 404, 200), ("14:00:00", 200, 200)] {
            app.set_time(&format!("2026-06-01T{at}Z"));
            app.let_the_clock_work();
            assert_eq!(statuses(app, ""), [public; 3], "{at}");
            assert_eq!(statuses(app, &early), [embargoed; 3], "{at}");
        }
        assert_eq!(told(app, &since), ["author upsert under-cover", "tag upsert secret-merger"]);
    }

    fn work_on_a_hidden_tag_stays_hidden(app: &TestApp) {
        app.store([article("other").tags(&["open"])]);
        let (key, since) = (editor(app), now(app));
        draft(app, &key);
        let tag = "/v1/manage/tags/secret-merger";
        assert_eq!(app.patch(tag, &key, &json!({"slug": "secret-deal", "name": "Secret deal"})).status, 200);
        assert_eq!(app.post("/v1/manage/tags/secret-deal/aliases", &key, &json!({"slug": "the-deal"})).status, 200);
        let author = "/v1/manage/authors/under-cover";
        assert_eq!(app.patch(author, &key, &json!({"slug": "deep-cover"})).status, 200);
        for path in ["/v1/tags/secret-deal", "/v1/tags/secret-merger", "/v1/tags/the-deal", "/v1/page/tag/the-deal"] {
            assert_eq!(app.get(path).status, 404, "{path}");
        }
        assert_eq!((app.get("/v1/authors/deep-cover").status, app.get("/v1/authors/under-cover").status), (404, 404));
        assert_eq!(app.get("/v1/redirects").json()["page"]["total"], 0);
        assert_eq!(app.get("/v1/articles?tag=the-deal").json()["page"]["total"], 0);
        assert_eq!(told(app, &since), Vec::<String>::new());

        // A merge with what is public shows what is left.
        assert_eq!(app.post("/v1/manage/tags/open/merge", &key, &json!({"into": "the-deal"})).status, 200);
        assert_eq!(app.get("/v1/tags/secret-deal").json()["article_count"], 1);
        assert_eq!(app.get("/v1/tags/open").status, 301);
        assert_eq!(told(app, &since), ["tag delete open", "tag upsert secret-deal"]);
    }

    fn a_merge_tells_nobody_a_name_that_was_hidden(app: &TestApp) {
        app.store([article("other").tags(&["open"])]);
        let key = editor(app);
        draft(app, &key);
        let alias = app.post("/v1/manage/tags/secret-merger/aliases", &key, &json!({"slug": "the-deal"}));
        assert_eq!(alias.status, 200);
        assert_eq!(app.post("/v1/manage/tags/secret-merger/merge", &key, &json!({"into": "open"})).status, 200);
        for path in ["/v1/tags/secret-merger", "/v1/tags/the-deal", "/v1/page/tag/secret-merger"] {
            assert_eq!(app.get(path).status, 404, "{path}");
        }
        assert_eq!(app.get("/v1/tags/open").json()["aliases"], json!([]));
        assert_eq!(app.get("/v1/redirects").json()["page"]["total"], 0);
        assert_eq!(app.get("/v1/articles?tag=secret-merger").json()["page"]["total"], 0);
        // The newsroom still comes by it.
        let body = json!({"title": "More", "lang": "en", "tags": [{"slug": "secret-merger"}]});
        assert_eq!(app.post(ARTICLES, &key, &body).json()["tags"][0]["slug"], "open");
    }

    fn what_is_made_for_its_own_sake_is_public(app: &TestApp) {
        let (key, since) = (editor(app), now(app));
        draft(app, &key);
        assert_eq!(app.post("/v1/manage/tags", &key, &json!({"name": "Ports"})).status, 201);
        assert_eq!(app.get("/v1/tags/ports").status, 200);
        // The same tag as a record of its own.
        let tag = r#"{"type":"tag","slug":"secret-merger","name":"Secret merger"}"#;
        let author = r#"{"type":"author","slug":"under-cover","name":"Under Cover"}"#;
        let lines = format!("{tag}\n{author}\n");
        let report = app.import(&lines);
        assert_eq!((report.updated, report.unchanged), (2, 0));
        assert_eq!(statuses(app, ""), [200; 3]);
        assert_eq!(told(app, &since), ["tag upsert ports", "tag upsert secret-merger", "author upsert under-cover"]);
        let report = app.import(&lines);
        assert_eq!((report.updated, report.unchanged), (0, 2));
    }
}
