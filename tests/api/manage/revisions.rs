//! Revisions: who changed what, and the way back.

use serde_json::json;
use xabar::access::Scope;

use crate::on_both;
use crate::support::article;

const EDITOR: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish];

on_both! {
    fn every_change_leaves_one_with_a_readable_diff(app: &TestApp) {
        app.store([article("a").with("body", "<p>One.</p><p>Two.</p>")]);
        let key = app.key(EDITOR);
        let path = "/v1/manage/articles/1";
        app.set_time("2026-06-01T13:00:00Z");
        app.patch(path, &key, &json!({"body": "<p>One.</p><p>Three.</p>", "title": "B"}));
        app.post(&format!("{path}/unpublish"), &key, &json!({}));
        let list = app.get_as(&format!("{path}/revisions"), &key).json();
        let short = |i: usize| (list["data"][i]["version"].clone(), list["data"][i]["action"].clone(), list["data"][i]["by"].is_null());
        assert_eq!(short(0), (json!(3), json!("unpublish_article"), false));
        assert_eq!(short(1), (json!(2), json!("update_article"), false));
        assert_eq!(short(2), (json!(1), json!("import"), true));
        let second = app.get_as(&format!("{path}/revisions/2"), &key).json();
        assert_eq!(second["at"], "2026-06-01T13:00:00Z");
        assert_eq!(second["article"]["title"], "B");
        let changes = second["changes"].as_array().expect("changes");
        let named: Vec<&str> = changes.iter().map(|change| change["field"].as_str().expect("a name")).collect();
        assert_eq!(named, ["body", "title"]);
        assert_eq!(changes[0]["diff"], "@@ -1,2 +1,2 @@\n <p>One.</p>\n-<p>Two.</p>\n+<p>Three.</p>\n");
        assert_eq!((&changes[1]["before"], &changes[1]["after"]), (&json!("Title of a"), &json!("B")));
        let third = app.get_as(&format!("{path}/revisions/3"), &key).json();
        assert_eq!((third["changes"].as_array().map(Vec::len), &third["changes"][0]["field"]), (Some(1), &json!("status")));
        assert_eq!(app.get_as(&format!("{path}/revisions/9"), &key).status, 404);
    }

    fn words_come_back_and_nothing_else(app: &TestApp) {
        app.store([article("a").tags(&["t"])]);
        let key = app.key(EDITOR);
        let path = "/v1/manage/articles/1";
        app.patch(path, &key, &json!({"title": "B", "tags": [], "slug": "b"}));
        app.post(&format!("{path}/correct"), &key, &json!({"text": "It was B."}));
        let restored = app.post(&format!("{path}/revisions/1/restore"), &key, &json!({}));
        assert_eq!(restored.status, 200, "{}", restored.json());
        let now = restored.json();
        assert_eq!((&now["title"], &now["slug"], &now["version"]), (&json!("Title of a"), &json!("b"), &json!(4)));
        assert_eq!((now["tags"][0]["slug"].clone(), now["corrections"].as_array().map(Vec::len)), (json!("t"), Some(1)));
        assert_eq!(app.get("/v1/articles/b").json()["title"], "Title of a");
        assert_eq!(app.get_as(&format!("{path}/revisions/4"), &key).json()["action"], "restore_revision");
    }

    fn a_writer_may_not_restore_what_is_public(app: &TestApp) {
        app.store([article("a")]);
        let path = "/v1/manage/articles/1";
        app.patch(path, &app.key(EDITOR), &json!({"title": "B"}));
        let writer = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        assert_eq!(app.post(&format!("{path}/revisions/1/restore"), &writer, &json!({})).status, 403);
    }
}
