//! `/v1/manage/authors`.

use reqwest::Method;
use serde_json::{Value, json};

use super::trail::{audit_rows, editor, entries, faults, outcome, told, without};
use crate::on_both;
use crate::support::article;

const AUTHORS: &str = "/v1/manage/authors";
const DINA: &str = "/v1/manage/authors/dina";

on_both! {
    fn a_new_author_is_complete_and_public(app: &TestApp) {
        let key = editor(app);

        let answer = app.post(AUTHORS, &key, &json!({"name": "Дина Ветрова", "bio": "Covers rail."}));

        let expected = json!({"id": 1, "slug": "dina-vetrova", "name": "Дина Ветрова", "bio": "Covers rail.",
            "article_count": 0, "public": true, "modified_at": "2026-06-01T12:00:00Z"});
        assert_eq!((answer.status, answer.json()), (201, expected.clone()));
        let read = app.get_as(answer.header("location"), &key);
        assert_eq!((read.json(), read.header("etag")), (expected.clone(), answer.header("etag")));
        assert_eq!(app.get("/v1/authors/dina-vetrova").json(), without(expected, &["public", "modified_at"]));
        assert_eq!(app.post(AUTHORS, &key, &json!({"name": "Dina Vetrova"})).json()["slug"], "dina-vetrova-2");
        assert_eq!(entries(app, 0)[0], "upsert author dina-vetrova updated: Everyone of Everyone");
        assert_eq!(audit_rows(app)[0], "content:read content:write: create_author author 1 dina-vetrova");
    }

    fn what_is_wrong_is_told_at_once_and_a_taken_slug_names_its_author(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "author", "slug": "dina", "name": "Dina"}));
        let bad = json!({"slug": "D V", "name": "", "bio": "\u{0}"});
        assert_eq!(faults(&app.post(AUTHORS, &key, &bad)), ["/slug", "/name", "/bio"]);
        assert_eq!(faults(&app.patch(DINA, &key, &json!({"name": null, "bio": "\u{1}"}))), ["/name", "/bio"]);
        assert_eq!(faults(&app.post(AUTHORS, &key, &json!({"name": "A", "email": "a@b"}))), ["/email"]);
        assert_eq!(app.patch(DINA, &key, &json!({"slug": "dina-v"})).status, 200);
        app.put(&json!({"type": "author", "slug": "timur", "name": "Timur"}));
        for slug in ["dina", "dina-v"] {
            let created = app.post(AUTHORS, &key, &json!({"name": "D", "slug": slug}));
            let renamed = app.patch("/v1/manage/authors/timur", &key, &json!({"slug": slug}));
            for answer in [created, renamed] {
                let reason = format!("`{slug}` leads to the author `dina-v` already");
                assert_eq!((faults(&answer), told(&answer)), (vec!["/slug".into()], reason));
            }
        }
    }

    fn a_patch_tells_absent_null_and_value_apart(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "author", "slug": "dina", "name": "Dina", "bio": "Rail."}));
        let shown = |body: Value| {
            let answer = app.patch(DINA, &key, &body);
            assert_eq!(answer.status, 200, "{}", answer.json());
            [answer.json()["name"].clone(), answer.json()["bio"].clone()]
        };
        assert_eq!(shown(json!({})), ["Dina", "Rail."]);
        assert_eq!(shown(json!({"name": "Dina V."})), ["Dina V.", "Rail."]);
        assert_eq!(shown(json!({"bio": "Ports."})), ["Dina V.", "Ports."]);
        assert_eq!(shown(json!({"bio": null})), ["Dina V.", ""]);
    }

    fn a_patch_names_the_version_that_it_changes(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "author", "slug": "dina", "name": "Dina"}));
        let send = |headers: &[(&str, &str)]| app.send(Method::PATCH, DINA, &key, headers, &json!({"bio": "New."}));
        assert_eq!(outcome(&send(&[])), (428, "precondition-required".into()));
        let first = app.get_as(DINA, &key).header("etag").to_owned();
        let second = send(&[("If-Match", &first)]);
        assert!(second.status == 200 && second.header("etag") != first);
        assert_eq!(outcome(&send(&[("If-Match", &first)])), (412, "precondition-failed".into()));
    }

    fn a_changed_slug_keeps_the_old_one_working(app: &TestApp) {
        let key = editor(app);
        app.store([article("a").author("dina"), article("b").author("timur")]);

        let answer = app.patch(DINA, &key, &json!({"slug": "dina-vetrova", "name": "Dina Vetrova"}));

        assert_eq!((answer.status, answer.json()["article_count"].clone()), (200, json!(1)));
        let moved = app.get("/v1/authors/dina");
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/authors/dina-vetrova"));
        let managed = app.get_as(DINA, &key);
        assert_eq!((managed.status, managed.header("location")), (301, "/v1/manage/authors/dina-vetrova"));
        for slug in ["dina", "dina-vetrova"] {
            let list = app.get(&format!("/v1/articles?author={slug}"));
            assert_eq!((list.slugs(), list.header("x-total-count")), (vec!["a".to_owned()], "1"), "{slug}");
        }
        assert_eq!(app.get("/v1/articles/a").json()["authors"], json!([{"slug": "dina-vetrova", "name": "Dina Vetrova"}]));
        let redirect = json!({"type": "author", "from": "dina", "to": "dina-vetrova", "status": 301});
        assert_eq!(app.get("/v1/redirects").json()["data"], json!([redirect]));
        assert_eq!(app.get("/v1/redirects?type=author").json()["data"], json!([redirect]));
        assert_eq!(app.get("/v1/redirects?type=tag").json()["data"], json!([]));
        assert_eq!(outcome(&app.send(Method::PATCH, DINA, &key, &[("If-Match", "*")], &json!({"bio": "x"}))).0, 409);

        app.store([article("c").author("dina")]);
        assert_eq!(app.get("/v1/authors/dina-vetrova").json()["article_count"], json!(2), "a byline under the old slug");
        let report = app.import(&json!({"type": "author", "slug": "dina", "name": "D"}).to_string());
        assert_eq!(report.faults[0].reason, "slug: is a former slug of the author `dina-vetrova`");
        assert_eq!(app.patch("/v1/manage/authors/dina-vetrova", &key, &json!({"slug": "dina"})).status, 200);
        assert_eq!(app.get("/v1/authors/dina-vetrova").header("location"), "/v1/authors/dina");
        assert_eq!(app.get("/v1/authors/dina").status, 200);
    }

    fn the_log_tells_a_rename_to_whoever_follows_articles(app: &TestApp) {
        let key = editor(app);
        app.store([article("a").author("dina"), article("b").author("dina").with("status", "draft")]);
        let known = app.log_length();
        app.patch(DINA, &key, &json!({"name": "Dina"}));
        assert_eq!(entries(app, known), [
            "upsert author dina updated: Everyone of Everyone", "upsert article a updated: Everyone of Everyone",
        ]);
        app.patch(DINA, &key, &json!({"bio": "Rail."}));
        assert_eq!(entries(app, known + 2), ["upsert author dina updated: Everyone of Everyone"], "no card shows it");
    }

    fn a_repeated_call_writes_once_and_the_list_has_pages(app: &TestApp) {
        let key = editor(app);
        for name in ["A", "B", "A", "C"] {
            let headers: &[(&str, &str)] = &[("Idempotency-Key", name)];
            assert_eq!(app.send(Method::POST, AUTHORS, &key, headers, &json!({"name": name})).status, 201);
        }
        let list = app.get_as(&format!("{AUTHORS}?limit=2&page=2"), &key);
        assert_eq!((list.slugs(), list.json()["page"]["total"].clone()), (vec!["c".to_owned()], json!(3)));
        assert_eq!(app.get_as(&format!("{AUTHORS}?q=b"), &key).slugs(), ["b"]);
        assert_eq!(audit_rows(app).len(), 3);
    }
}
