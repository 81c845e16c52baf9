//! Preview links: one version, for some minutes.

use serde_json::json;
use xabar::access::Scope;

use crate::on_both;
use crate::support::article;

on_both! {
    fn a_link_shows_its_version_and_expires(app: &TestApp) {
        app.store([article("a").with("status", "draft").author("w").tags(&["t"]).with("hero", json!({"url": "https://m.example/1.jpg"}))]);
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        let path = "/v1/manage/articles/1";
        let first = app.post(&format!("{path}/preview"), &key, &json!({})).json();
        assert_eq!((&first["version"], &first["expires_at"]), (&json!(1), &json!("2026-06-01T12:15:00Z")));
        app.patch(path, &key, &json!({"title": "B"}));
        let second = app.post(&format!("{path}/preview"), &key, &json!({"minutes": 60})).json();
        let show = |link: &serde_json::Value| app.get(link["url"].as_str().expect("a path"));
        let shown = show(&first);
        assert_eq!((shown.status, shown.header("cache-control")), (200, "no-store"));
        let detail = shown.json();
        assert_eq!((&detail["title"], &detail["version"], &detail["body"]), (&json!("Title of a"), &json!(1), &json!("<p>Body of a.</p>")));
        assert_eq!((&detail["authors"][0]["name"], &detail["tags"][0]["slug"], &detail["hero"]["id"]), (&json!("w"), &json!("t"), &json!(1)));
        assert_eq!(show(&second).json()["title"], "B");
        app.set_time("2026-06-01T12:14:59Z");
        assert_eq!(show(&first).status, 200);
        app.set_time("2026-06-01T12:15:00Z");
        assert_eq!((show(&first).status, show(&second).status), (404, 200));
        let token = second["token"].as_str().expect("a token");
        let altered = format!("{}x", &token[..token.len() - 1]);
        assert_eq!(app.get(&format!("/v1/preview/{altered}")).status, 404);
        assert_eq!(app.get("/v1/preview/a").status, 404);
    }

    fn a_preview_has_the_shape_of_the_article_when_it_is_public(app: &TestApp) {
        app.store([article("a").author("w").tags(&["t"])]);
        let key = app.key(&[Scope::ContentRead]);
        let link = app.post("/v1/manage/articles/1/preview", &key, &json!({"version": 1})).json();
        let (preview, public) = (app.get(link["url"].as_str().expect("a path")).json(), app.get("/v1/articles/a").json());
        assert_eq!(preview, public);
        for wrong in [json!({"version": 2}), json!({"version": 0})] {
            assert_eq!(app.post("/v1/manage/articles/1/preview", &key, &wrong).status, 404, "{wrong}");
        }
        assert_eq!(app.post("/v1/manage/articles/1/preview", &key, &json!({"minutes": 61})).status, 422);
    }
}
