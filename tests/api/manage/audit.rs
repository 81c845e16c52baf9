//! `/v1/manage/audit`: a row for each call that wrote, in the transaction of the write.

use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::db::schema::keys;
use xabar::db::{DbConnection, DbError};

use crate::on_both;
use crate::support::TestApp;

/// A key for keys, and its id.
fn admin(app: &TestApp) -> (String, Value) {
    let key = app.key(&[Scope::KeysAdmin]);
    let id = app.get_as("/v1/manage/keys", &key).json()["data"][0]["id"].clone();
    (key, id)
}

/// Makes a key by a call with a request id, and gives its id.
fn make(app: &TestApp, admin: &str, name: &str, request_id: &str) -> Value {
    let body = json!({"name": name, "scopes": ["keys:admin"]});
    let made = app.send(Method::POST, "/v1/manage/keys", admin, &[("X-Request-Id", request_id)], &body);
    assert_eq!(made.status, 201);
    made.json()["id"].clone()
}

on_both! {
    fn a_row_says_who_did_what_when_and_in_which_request(app: &TestApp) {
        let (key, key_id) = admin(app);
        let id = make(app, &key, "Desk", "r-1");
        let page = app.get_as("/v1/manage/audit", &key);
        assert_eq!((page.status, page.header("cache-control"), page.header("x-total-count")), (200, "no-store", "1"));
        let expected = json!({
            "seq": 1, "at": "2026-06-01T12:00:00Z", "key": {"id": key_id, "name": "keys:admin"}, "action": "create_key",
            "type": "key", "id": id, "slug": "Desk", "version": null, "request_id": "r-1",
        });
        assert_eq!(page.json()["data"], json!([expected]));
    }

    fn a_command_has_a_row_without_a_key(app: &TestApp) {
        let (key, _) = admin(app);
        let words = ["keys", "create", "--name", "By hand", "--scope", "content:read"];
        for words in [words.as_slice(), &["keys", "revoke", "2"]] {
            assert!(app.command().args(words).output().expect("the command runs").status.success(), "{words:?}");
        }
        let rows = app.get_as("/v1/manage/audit", &key).json()["data"].clone();
        assert_eq!(rows.as_array().map(Vec::len), Some(2));
        assert_eq!((&rows[0]["action"], &rows[1]["action"]), (&json!("revoke_key"), &json!("create_key")));
        for row in rows.as_array().expect("rows") {
            assert_eq!((&row["key"], &row["request_id"], &row["slug"]), (&Value::Null, &Value::Null, &json!("By hand")));
        }
    }

    fn what_fails_leaves_no_row_and_what_leaves_no_row_is_not_written(app: &TestApp) {
        let (key, _) = admin(app);
        for (path, body) in [
            ("/v1/manage/keys", json!({"name": "", "scopes": ["keys:admin"]})),
            ("/v1/manage/keys", json!({"name": "a", "scopes": ["content:read"]})),
            ("/v1/manage/keys/99/revoke", json!({})),
            ("/v1/manage/keys/99/rotate", json!({})),
        ] {
            assert!(app.post(path, &key, &body).status >= 400, "{path}");
        }
        assert_eq!(app.get_as("/v1/manage/audit", &key).json()["data"], json!([]));
        let count = |conn: &mut DbConnection| Ok::<i64, DbError>(keys::table.count().get_result(conn)?);
        let before = app.db.read_here(count).expect("a count");
        // A trail that can't be written to takes the write back with it.
        app.db.write_here(|conn| Ok::<_, DbError>(diesel::sql_query("ALTER TABLE audit RENAME TO elsewhere").execute(conn)?)).expect("renamed");
        let answer = app.post("/v1/manage/keys", &key, &json!({"name": "a", "scopes": ["keys:admin"]}));
        assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
        assert_eq!(app.db.read_here(count).expect("a count"), before);
    }

    fn rows_are_filtered_and_paged(app: &TestApp) {
        let (key, key_id) = admin(app);
        let first = make(app, &key, "First", "r-1");
        app.set_time("2026-06-02T12:00:00Z");
        let second = make(app, &key, "Second", "r-2");
        app.set_time("2026-06-03T12:00:00Z");
        let by_second = app.post(&format!("/v1/manage/keys/{second}/rotate"), &key, &json!({})).json()["key"].as_str().expect("a key").to_owned();
        assert_eq!(app.post(&format!("/v1/manage/keys/{first}/revoke"), &by_second, &json!({})).status, 200);
        let seqs = |query: &str| app.get_as(&format!("/v1/manage/audit?{query}"), &key).each("seq").iter().filter_map(Value::as_i64).collect::<Vec<_>>();
        for (query, expected) in [
            (String::new(), vec![4, 3, 2, 1]),
            (format!("key={key_id}"), vec![3, 2, 1]),
            ("action=create_key".into(), vec![2, 1]),
            ("type=key".into(), vec![4, 3, 2, 1]),
            ("type=article".into(), vec![]),
            (format!("type=key&id={first}"), vec![4, 1]),
            (format!("id={second}"), vec![3, 2]),
            ("after=2026-06-02T12:00:00Z".into(), vec![4, 3, 2]),
            ("before=2026-06-02T12:00:00Z".into(), vec![1]),
            ("after=2026-06-02T00:00:00Z&before=2026-06-03T00:00:00Z".into(), vec![2]),
            ("limit=3&page=2".into(), vec![1]),
        ] {
            assert_eq!(seqs(&query), expected, "{query}");
        }
        let refused = app.get_as("/v1/manage/audit?type=poem", &key);
        assert_eq!((refused.status, &refused.json()["errors"][0]["allowed"][0]), (400, &json!("article")));
        let start = app.get_as("/v1/manage/audit?limit=3&cursor=*&count=exact", &key).json();
        assert_eq!((&start["page"]["has_more"], &start["page"]["total"]), (&json!(true), &json!(4)));
        make(app, &key, "Later", "r-9");
        let next = start["links"]["next"].as_str().expect("a next page").to_owned();
        let next = app.get_as(&next, &key);
        assert_eq!((next.each("seq"), next.json()["links"]["next"].clone()), (vec![json!(1)], Value::Null));
        let back = next.json()["links"]["prev"].as_str().expect("a page before").to_owned();
        assert_eq!(app.get_as(&back, &key).each("seq"), [4, 3, 2].map(Value::from));
        for (query, parameter) in [("key=0", "key"), ("after=soon", "after"), ("who=me", "who"), ("limit=101", "limit")] {
            let answer = app.get_as(&format!("/v1/manage/audit?{query}"), &key);
            assert_eq!((answer.status, &answer.json()["errors"][0]["parameter"]), (400, &json!(parameter)), "{query}");
        }
    }
}
