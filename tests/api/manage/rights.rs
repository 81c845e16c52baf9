//! What one who may only write can't do to what others see, by whatever way round.

use reqwest::Method;
use serde_json::{Value, json};
use xabar::access::Scope;

use crate::on_both;
use crate::support::{TestApp, article};

const EDITOR: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish, Scope::ContentRestore];
const WRITER: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite];

fn made(app: &TestApp, key: &str, body: &Value) -> String {
    let answer = app.post("/v1/manage/articles", key, body);
    assert_eq!(answer.status, 201, "{}", answer.json());
    format!("/v1/manage/articles/{}", answer.json()["id"])
}

fn published(app: &TestApp, key: &str, body: &Value) -> String {
    let path = made(app, key, body);
    assert_eq!(app.post(&format!("{path}/publish"), key, &json!({})).status, 200);
    path
}

on_both! {
    fn a_writer_does_not_bring_a_story_back_by_taking_its_end_away(app: &TestApp) {
        let (editor, writer) = (app.key(EDITOR), app.key(WRITER));
        let path = published(app, &editor, &json!({"title": "A", "lang": "en", "expires_at": "2026-06-01T12:30:00Z"}));
        app.set_time("2026-06-01T13:00:00Z");
        app.let_the_clock_work();
        assert_eq!(app.get("/v1/articles/a").status, 404);
        for end in [Value::Null, json!("2026-07-01T00:00:00Z")] {
            assert_eq!(app.patch(&path, &writer, &json!({"title": "B", "expires_at": end})).status, 403, "{end}");
        }
        assert_eq!(app.patch(&path, &writer, &json!({"title": "B"})).status, 200, "what stays hidden may be edited");
        assert_eq!(app.get("/v1/articles/a").status, 404);
        assert_eq!(app.patch(&path, &editor, &json!({"expires_at": null})).json()["state"], "published");
    }

    fn a_draft_takes_no_public_address_away(app: &TestApp) {
        let (editor, writer) = (app.key(EDITOR), app.key(WRITER));
        for (title, kill) in [("Killed", true), ("Moved", false)] {
            let path = published(app, &editor, &json!({"title": title, "lang": "en"}));
            assert_eq!(app.patch(&path, &editor, &json!({"slug": format!("{title}-2").to_lowercase()})).status, 200);
            if kill {
                assert_eq!(app.post(&format!("{path}/kill"), &editor, &json!({"reason": "x"})).status, 200);
            }
        }
        let other = made(app, &writer, &json!({"title": "Other", "lang": "en"}));
        let old = || [app.get("/v1/articles/killed").status, app.get("/v1/articles/moved").status, app.get("/v1/redirects").json()["page"]["total"].as_u64().expect("a total") as u16];
        let before = old();
        assert_eq!(before[..2], [410, 301]);
        made(app, &writer, &json!({"title": "x", "lang": "en", "slug": "killed"}));
        assert_eq!(app.patch(&other, &writer, &json!({"slug": "moved"})).status, 200);
        assert_eq!(old(), before);
        // Who may publish decides what the address is from then on.
        assert_eq!(app.post(&format!("{other}/schedule"), &editor, &json!({"published_at": "2026-06-01T12:30:00Z"})).status, 200);
        assert_eq!(old(), before);
        app.set_time("2026-06-01T12:30:00Z");
        app.let_the_clock_work();
        assert_eq!(app.get("/v1/articles/moved").json()["title"], "Other");
        assert_eq!(app.get("/v1/articles/killed").status, 410);
    }

    fn a_draft_changes_no_medium_that_others_show(app: &TestApp) {
        let (editor, writer) = (app.key(EDITOR), app.key(WRITER));
        let hero = json!({"guid": "cms:1", "url": "/a.jpg", "alt": "Alt", "credit": "Ann"});
        published(app, &editor, &json!({"title": "A", "lang": "en", "hero": hero}));
        for other in [json!({"guid": "cms:1", "url": "/evil.jpg"}), json!({"guid": "cms:1", "url": "/a.jpg", "alt": "Other"})] {
            let answer = app.post("/v1/manage/articles", &writer, &json!({"title": "B", "lang": "en", "hero": other}));
            assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("/hero/guid")));
        }
        made(app, &writer, &json!({"title": "The same", "lang": "en", "hero": hero}));
        assert_eq!(app.get("/v1/articles/a").json()["hero"]["alt"], "Alt");
    }

    fn a_restored_revision_leaves_media_as_they_are(app: &TestApp) {
        let editor = app.key(EDITOR);
        let hero = json!({"guid": "cms:1", "url": "/a.jpg", "alt": "Old", "credit": "Old"});
        let one = published(app, &editor, &json!({"title": "One", "lang": "en", "hero": hero}));
        published(app, &editor, &json!({"title": "Two", "lang": "en", "hero": hero}));
        let medium = format!("/v1/manage/media/{}", app.get("/v1/articles/two").json()["hero"]["id"]);
        let change = json!({"alt": "New", "credit": "New", "rights": {"usage": "withdrawn"}});
        assert_eq!(app.patch(&medium, &editor, &change).status, 200);
        assert_eq!(app.patch(&one, &editor, &json!({"title": "Other words"})).status, 200);
        assert_eq!(app.send(Method::POST, &format!("{one}/revisions/1/restore"), &editor, &[("If-Match", "*")], &json!({})).status, 200);
        for slug in ["one", "two"] {
            let hero = app.get(&format!("/v1/articles/{slug}")).json()["hero"].clone();
            assert_eq!((&hero["alt"], &hero["credit"], &hero["rights"]["usage"]), (&json!("New"), &json!("New"), &json!("withdrawn")), "{slug}");
        }
        assert_eq!(app.get("/v1/articles/one").json()["title"], "One");
    }

    fn a_killed_story_has_no_preview(app: &TestApp) {
        let editor = app.key(EDITOR);
        let path = published(app, &editor, &json!({"title": "A", "lang": "en"}));
        let link = app.post(&format!("{path}/preview"), &editor, &json!({})).json()["url"].as_str().expect("a link").to_owned();
        assert_eq!(app.get(&link).status, 200);
        assert_eq!(app.post(&format!("{path}/kill"), &editor, &json!({"reason": "x"})).status, 200);
        assert_eq!(app.get(&link).status, 404);
        assert_eq!(app.post(&format!("{path}/preview"), &editor, &json!({})).status, 409);
    }

    fn what_replaces_a_killed_story_is_public(app: &TestApp) {
        let editor = app.key(EDITOR);
        let path = published(app, &editor, &json!({"title": "A", "lang": "en"}));
        made(app, &editor, &json!({"title": "Secret draft", "lang": "en"}));
        app.store([article("public")]);
        let kill = |by: &str| app.post(&format!("{path}/kill"), &editor, &json!({"reason": "x", "replaced_by": by}));
        let refused = kill("secret-draft");
        assert_eq!((refused.status, &refused.json()["errors"][0]["pointer"]), (422, &json!("/replaced_by")));
        assert_eq!(kill("public").status, 200);
    }

    fn an_edit_by_a_clock_that_lags_hides_nothing(app: &TestApp) {
        let editor = app.key(EDITOR);
        let path = made(app, &editor, &json!({"title": "A", "lang": "en"}));
        assert_eq!(app.post(&format!("{path}/schedule"), &editor, &json!({"published_at": "2026-06-01T12:30:00Z"})).status, 200);
        app.set_time("2026-06-01T12:30:00Z");
        app.let_the_clock_work();
        assert_eq!(app.get("/v1/articles/a").status, 200);
        let known = app.log_length();
        app.set_time("2026-06-01T12:29:59Z");
        assert_eq!(app.patch(&path, &editor, &json!({"title": "B"})).json()["state"], "published");
        assert_eq!((app.get("/v1/articles/a").status, app.log_after(known).len()), (200, 1));
    }
}
