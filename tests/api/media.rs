//! `/v1/media`.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{ArticleBuilder, TestApp, article};

fn with_hero(slug: &str) -> ArticleBuilder {
    article(slug).with("hero", json!({"guid": "hero", "url": "/hero.jpg"}))
}

fn with_medium(slug: &str) -> ArticleBuilder {
    article(slug).with("media", json!([{"guid": "medium", "url": "/medium.jpg"}]))
}

fn status(app: &TestApp, id: &Value) -> u16 {
    app.get(&format!("/v1/media/{id}")).status
}

on_both! {
    fn a_medium_is_complete(app: &TestApp) {
        let hero = json!({"guid": "m", "url": "https://media.example.org/port.jpg", "alt": "A barge",
            "caption": "The <first> barge.", "credit": "Example Pictures", "width": 1600,
            "height": 900, "mime_type": "image/jpeg", "rights": {"holder": "Example", "licence": "CC BY 4.0"},
            "renditions": [{"url": "/port-800.webp", "width": 800, "height": 450, "mime_type": "image/webp"}]});
        app.store([article("a").with("hero", hero)]);
        let shown = app.get("/v1/articles/a").json()["hero"].clone();

        let answer = app.get(&format!("/v1/media/{}", shown["id"]));

        assert_eq!((answer.status, answer.json()), (200, json!({"id": shown["id"],
            "url": "https://media.example.org/port.jpg", "alt": "A barge", "caption": "The <first> barge.",
            "credit": "Example Pictures", "width": 1600, "height": 900, "mime_type": "image/jpeg",
            "rights": {"holder": "Example", "licence": "CC BY 4.0"},
            "renditions": [{"url": "/port-800.webp", "width": 800, "height": 450, "mime_type": "image/webp"}]})));
        assert_eq!(answer.json(), shown);
    }

    fn the_hero_of_a_draft_is_not_found(app: &TestApp) {
        app.store([with_hero("a")]);
        let id = app.get("/v1/articles/a").json()["hero"]["id"].clone();
        assert_eq!(status(app, &id), 200);

        for state in ["draft", "withdrawn"] {
            app.store([with_hero("a").with("status", state)]);
            let answer = app.get(&format!("/v1/media/{id}"));
            assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{state}");
        }
        app.store([with_hero("a").at("2026-07-01T09:00:00Z")]);
        assert_eq!(status(app, &id), 404, "scheduled");
        app.store([with_hero("a")]);
        assert_eq!(status(app, &id), 200);
        app.store([with_hero("a").killed("Wrong.")]);
        assert_eq!(status(app, &id), 404, "killed");
    }

    fn the_further_media_of_a_draft_are_not_found(app: &TestApp) {
        app.store([with_medium("a")]);
        let id = app.get("/v1/articles/a").json()["media"][0]["id"].clone();
        assert_eq!(status(app, &id), 200);

        app.store([with_medium("a").with("status", "draft")]);
        assert_eq!(status(app, &id), 404);
    }

    fn one_public_article_that_uses_it_is_enough(app: &TestApp) {
        app.store([with_hero("draft").with("status", "draft"), with_hero("public")]);
        let id = app.get("/v1/articles/public").json()["hero"]["id"].clone();
        assert_eq!(status(app, &id), 200);

        app.store([with_hero("public").with("hero", Value::Null)]);
        assert_eq!(status(app, &id), 404);
        app.store([article("public").with("media", json!([{"guid": "hero", "url": "/hero.jpg"}]))]);
        assert_eq!(status(app, &id), 200);
    }

    fn the_media_of_a_page_are_public(app: &TestApp) {
        app.store([with_hero("about").with("kind", "page")]);

        let id = app.get("/v1/articles/about").json()["hero"]["id"].clone();

        assert_eq!(status(app, &id), 200);
    }

    fn a_medium_of_no_article_is_public(app: &TestApp) {
        app.put(&json!({"type": "media", "guid": "free", "url": "/free.jpg"}));
        app.store([article("a").with("hero", json!({"guid": "free", "url": "/free.jpg"}))]);
        let id = app.get("/v1/articles/a").json()["hero"]["id"].clone();

        app.store([article("a")]);

        assert_eq!(app.get(&format!("/v1/media/{id}")).json()["url"], "/free.jpg");
    }

    fn an_unnamed_medium_goes_with_its_last_article(app: &TestApp) {
        app.store([article("a").with("hero", json!({"url": "/unnamed.jpg"}))]);
        let id = app.get("/v1/articles/a").json()["hero"]["id"].clone();

        app.store([article("a")]);

        assert_eq!(status(app, &id), 404);
    }

    fn a_change_of_a_medium_shows_wherever_it_is_used(app: &TestApp) {
        app.store([with_hero("a"), with_hero("b")]);

        app.put(&json!({"type": "media", "guid": "hero", "url": "/hero.jpg", "credit": "New credit"}));

        let heroes = app.get("/v1/articles").each("hero");
        assert_eq!((&heroes[0]["credit"], &heroes[1]["credit"]), (&json!("New credit"), &json!("New credit")));
    }

    fn what_is_no_id_is_not_found(app: &TestApp) {
        for key in ["1", "0", "hero", "-1", "1.0", "99999999999999999999"] {
            let answer = app.get(&format!("/v1/media/{key}"));
            assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{key}");
        }
    }
}
