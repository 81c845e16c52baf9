//! What comes: each thing once, in its present state, in the order of the log.

use reqwest::Method;
use serde_json::json;
use xabar::access::Scope;

use super::reader::{Reader, get, line, now};
use crate::on_both;
use crate::support::article;

on_both! {
    fn an_entry_is_complete(app: &TestApp) {
        app.store([article("a")]);
        app.set_time("2026-06-01T13:00:00Z");
        let kill = json!({"at": "2026-06-01T12:30:00Z", "reason": "Wrong.", "replaced_by": "b"});
        app.store([article("b"), article("a").with("status", "killed").with("kill", kill)]);
        let answer = app.get("/v1/changes");
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""));
        let json = answer.json();
        assert_eq!(json["data"], json!([
            {"seq": 2, "op": "upsert", "type": "article", "id": 2, "slug": "b", "version": 1,
                "modified_at": "2026-06-01T13:00:00Z", "reason": "published"},
            {"seq": 3, "op": "delete", "type": "article", "id": 1, "slug": "a", "version": 2,
                "modified_at": "2026-06-01T13:00:00Z", "reason": "killed", "replaced_by": "b"},
        ]));
        assert_eq!(json["has_more"], false);
    }

    fn each_thing_comes_once_and_last(app: &TestApp) {
        app.store([article("a").tags(&["t"]).author("w"), article("b")]);
        app.store([article("a").tags(&["t"]).author("w").with("title", "Another")]);
        app.put(&json!({"type": "tag", "slug": "t", "name": "Renamed"}));
        assert_eq!(Reader::new(app, "", "").lines(), [
            "upsert author w v1 updated", "upsert article b v1 published", "upsert tag t v1 updated", "upsert article a v2 updated",
        ]);
    }

    fn pages_join_up_whatever_their_size(app: &TestApp) {
        app.store((0..25).map(|i| article(&format!("a{i}"))));
        app.store((0..10).map(|i| article(&format!("a{i}")).with("title", "Another")));
        let whole = Reader::new(app, "", "").lines();
        assert_eq!(whole.len(), 25);
        for limit in [1, 7, 25, 26] {
            let mut reader = Reader::new(app, "", &format!("limit={limit}"));
            let mut seen = Vec::new();
            loop {
                let (entries, more) = reader.page();
                assert!(entries.len() <= limit);
                seen.extend(entries.iter().map(line));
                if !more {
                    break;
                }
            }
            assert_eq!(seen, whole, "{limit}");
            assert_eq!(reader.page(), (vec![], false), "{limit}");
        }
    }

    fn what_changes_during_a_walk_comes_at_its_end(app: &TestApp) {
        app.store((0..6).map(|i| article(&format!("a{i}"))));
        let mut reader = Reader::new(app, "", "limit=3");
        assert_eq!(reader.page().0.iter().map(line).next_back().as_deref(), Some("upsert article a2 v1 published"));
        app.store([article("a1").with("title", "Another"), article("a4").with("status", "withdrawn")]);
        assert_eq!(reader.lines(), [
            "upsert article a3 v1 published", "upsert article a5 v1 published", "upsert article a1 v2 updated",
            "delete article a4 v2 unpublished",
        ]);
    }

    fn types_are_told_apart(app: &TestApp) {
        app.store([article("a").tags(&["t"]).author("w").with("hero", json!({"url": "/x.jpg"}))]);
        let of = |types: &str| -> Vec<String> {
            let answer = get(app, "", &format!("types={types}"), None);
            answer.each("type").iter().map(|it| it.as_str().expect("a type").to_owned()).collect()
        };
        assert_eq!(of("article"), ["article"]);
        assert_eq!(of("tag,media"), ["tag", "media"]);
        assert_eq!(of("rate"), Vec::<String>::new());
        let token = get(app, "", "types=rate", None).json()["token"].as_str().expect("a token").to_owned();
        app.store([article("b").tags(&["u"])]);
        assert_eq!(Reader::new(app, "", "types=article").at(&token).lines(), ["upsert article b v1 published"]);
    }

    fn a_long_stretch_of_no_concern_is_passed_over_in_steps(app: &TestApp) {
        let token = now(app, "");
        app.store((0..5_200).map(|i| article(&format!("d{i}")).with("status", "draft").with("body", "")));
        app.store([article("a")]);
        let mut reader = Reader::new(app, "", "").at(&token);
        assert_eq!(reader.page(), (vec![], true), "no read is without bounds");
        assert_eq!(reader.lines(), ["upsert article a v1 published"]);
    }

    fn nobody_writes_to_it(app: &TestApp) {
        let key = app.key(&[Scope::ContentWrite, Scope::ContentPublish]);
        for path in ["/v1/changes", "/v1/changes/stream", "/v1/export/articles.ndjson"] {
            for answer in [app.post(path, &key, &json!({})), app.send(Method::DELETE, path, &key, &[], &json!({}))] {
                assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"), "{path}");
            }
        }
        assert_eq!(app.patch("/v1/changes", &key, &json!({})).status, 405);
    }

    fn parameters_are_strict(app: &TestApp) {
        for (query, code) in [
            ("limit=1001", "limit-too-large"), ("limit=0", "invalid-parameter"), ("wait=26", "limit-too-large"),
            ("types=page", "invalid-parameter"), ("types=", "invalid-parameter"), ("mode=all", "invalid-parameter"),
            ("since=", "sync-token-invalid"), ("after=1", "unknown-parameter"), ("fields=id", "invalid-parameter"),
            ("mode=full&fields=seq", "invalid-parameter"), ("mode=ids&body=html", "invalid-parameter"),
        ] {
            let answer = get(app, "", query, None);
            assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
        }
        assert_eq!(get(app, "", "limit=1000&wait=0&types=rate,media&mode=full&fields=id&body=text", None).status, 200);
    }
}
