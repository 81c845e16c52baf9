//! `/v1/manage/keys`: who is let in, and how keys are made and revoked.

use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use strum::VariantArray;
use xabar::access::queries::{KeyInput, create};
use xabar::access::{Scope, Token};
use xabar::clock::Timestamp;
use xabar::config::Environment;
use xabar::db::DbError;
use xabar::db::schema::{audit, idempotent_answers, keys};

use crate::on_both;
use crate::support::{Answer, TestApp};

const ADMIN: &[Scope] = &[Scope::KeysAdmin, Scope::ContentRead, Scope::ContentWrite];

/// A stored key of an environment that expires at an instant.
pub fn stored(app: &TestApp, environment: Environment, scopes: &[Scope], expires_at: Option<&str>) -> String {
    let token = Token::generate(environment).expect("randomness");
    let expires_at = expires_at.map(|at| at.parse::<Timestamp>().expect("an instant"));
    let input = KeyInput { name: "a key".into(), scopes: scopes.iter().copied().collect(), expires_at };
    app.db.write_here(|conn| create(conn, app.clock.now(), &input, &token)).expect("stored");
    token.reveal().to_owned()
}

/// Asserts that an answer is a 401 that says how to come in.
fn refused(answer: &Answer, word: &str) {
    let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{detail}");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"xabar\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    assert!(detail.contains(word), "{word}: {detail}");
}

/// Rows of the three tables that a call that makes a key writes to.
fn rows(app: &TestApp) -> [i64; 3] {
    let counts = |conn: &mut xabar::db::DbConnection| {
        let keys = keys::table.count().get_result(conn)?;
        let audit = audit::table.count().get_result(conn)?;
        Ok::<_, DbError>([keys, audit, idempotent_answers::table.count().get_result(conn)?])
    };
    app.db.read_here(counts).expect("counts")
}

fn draft(scopes: &[&str]) -> Value {
    json!({"name": "Front end", "scopes": scopes})
}

on_both! {
    fn a_key_is_made_shown_once_and_works(app: &TestApp) {
        let admin = app.key(ADMIN);
        let body = json!({"name": " Front end ", "scopes": ["content:write", "content:read"], "expires_at": "2026-07-01T06:00:00+06:00"});
        let made = app.post("/v1/manage/keys", &admin, &body);
        assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
        let json = made.json();
        let key = json["key"].as_str().expect("the key").to_owned();
        let token = Token::parse(&key).expect("its form");
        assert_eq!(made.header("location"), format!("/v1/manage/keys/{}", json["id"]));
        let known = json!({
            "id": json["id"], "name": "Front end", "hint": token.hint(), "state": "active",
            "scopes": ["content:read", "content:write"], "created_at": "2026-06-01T12:00:00Z",
            "expires_at": "2026-07-01T00:00:00Z", "revoked_at": null, "last_used_at": null, "replaces": null,
        });
        assert_eq!(app.get_as(made.header("location"), &admin).json(), known);
        let listed = app.get_as("/v1/manage/keys", &admin);
        assert_eq!(listed.json()["data"][0], known);
        assert_eq!((listed.header("x-total-count"), listed.header("cache-control")), ("2", "no-store"));
        assert_eq!(app.get_as("/v1/manage/keys", &key).code(), "forbidden");
        assert_eq!(app.get_as("/v1/articles", &key).status, 200);
    }

    fn every_way_to_be_refused_is_a_401_that_says_why(app: &TestApp) {
        let good = app.key(&[Scope::KeysAdmin]);
        let with = |value: &str| app.get_with("/v1/manage/keys", &[("Authorization", value)]);
        assert_eq!(with(&format!("Bearer {good}")).status, 200);
        assert_eq!(with(&format!("bearer  {good} ")).status, 200, "the scheme has no case");
        refused(&app.get("/v1/manage/keys"), "needs a key");
        let unknown = Token::generate(Environment::Live).expect("randomness");
        refused(&with(&format!("Bearer {}", unknown.reveal())), "unknown, expired or revoked");
        let expiring = stored(app, Environment::Live, &[Scope::KeysAdmin], Some("2026-06-01T12:00:01Z"));
        assert_eq!(with(&format!("Bearer {expiring}")).status, 200);
        app.set_time("2026-06-01T12:00:01Z");
        refused(&with(&format!("Bearer {expiring}")), "unknown, expired or revoked");
        let foreign = stored(app, Environment::Test, &[Scope::KeysAdmin], None);
        refused(&with(&format!("Bearer {foreign}")), "This is a test key, and this is the live service.");
        let last = if good.ends_with('a') { 'b' } else { 'a' };
        refused(&with(&format!("Bearer {}{last}", &good[..good.len() - 1])), "checksum is wrong");
        for odd in ["Bearer", "Bearer ", "Bearer x", &good, &format!("Basic {good}"), &format!("Bearer {good} {good}"), ""] {
            refused(&with(odd), "");
        }
        let twice = [("Authorization", good.as_str()), ("Authorization", good.as_str())];
        refused(&app.get_with("/v1/manage/keys", &twice), "more than once");
        // Where no key is needed, a bad one is refused as well.
        for path in ["/v1/articles", "/health/live", "/metrics", "/docs/errors"] {
            refused(&app.get_with(path, &[("Authorization", "Bearer x")]), "form");
        }
        refused(&app.send(Method::POST, "/v1/manage/keys", "", &[], &json!("no object")), "needs a key");
    }

    fn each_operation_wants_its_scope_and_no_other(app: &TestApp) {
        let target = app.key(&[]);
        let admin = app.key(&[Scope::KeysAdmin]);
        let id = app.get_as("/v1/manage/keys", &admin).json()["data"][1]["id"].clone();
        drop(target);
        let calls: [(Method, String, Value); 6] = [
            (Method::GET, "/v1/manage/keys".into(), Value::Null),
            (Method::GET, format!("/v1/manage/keys/{id}"), Value::Null),
            (Method::GET, "/v1/manage/audit".into(), Value::Null),
            (Method::POST, "/v1/manage/keys".into(), draft(&["keys:admin"])),
            (Method::POST, format!("/v1/manage/keys/{id}/rotate"), json!({})),
            (Method::POST, format!("/v1/manage/keys/{id}/revoke"), json!({})),
        ];
        for scope in Scope::VARIANTS {
            let key = app.key(&[*scope]);
            for (method, path, body) in &calls {
                let answer = app.send(method.clone(), path, &key, &[], body);
                let allowed = *scope == Scope::KeysAdmin;
                assert_eq!(answer.status < 300, allowed, "{scope} {method} {path}: {}", answer.status);
                if !allowed {
                    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{scope} {method} {path}");
                }
            }
        }
        assert_eq!(rows(app)[1], 3, "only what was allowed is in the audit trail");
    }

    fn a_key_cannot_give_what_it_has_not(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin, Scope::ContentRead]);
        for scope in Scope::VARIANTS {
            let answer = app.post("/v1/manage/keys", &admin, &draft(&["keys:admin", scope.as_ref()]));
            let has = matches!(scope, Scope::KeysAdmin | Scope::ContentRead);
            assert_eq!(answer.status, if has { 201 } else { 403 }, "{scope}");
            assert!(has || answer.json()["detail"].as_str().is_some_and(|text| text.contains(scope.as_ref())));
        }
        let strong = app.key(&[Scope::ContentPublish]);
        let id = app.get_as("/v1/manage/keys", &admin).json()["data"][0]["id"].clone();
        let before = rows(app);
        assert_eq!(app.post(&format!("/v1/manage/keys/{id}/rotate"), &admin, &json!({})).status, 403);
        assert_eq!(rows(app), before, "nothing of it is left");
        assert_eq!(app.get_as("/v1/articles", &strong).status, 200);
        assert_eq!(app.post(&format!("/v1/manage/keys/{id}/revoke"), &admin, &json!({})).status, 200);
        assert_eq!(app.get_as("/v1/articles", &strong).status, 401);
    }

    fn each_field_at_fault_is_named(app: &TestApp) {
        let admin = app.key(ADMIN);
        let before = rows(app);
        let body = json!({"name": " ", "scopes": ["content:read", "content:reed", "x"], "expires_at": "2026-06-01T12:00:00Z"});
        let answer = app.post("/v1/manage/keys", &admin, &body);
        assert_eq!((answer.status, answer.code().as_str()), (422, "validation-failed"));
        let errors = answer.json()["errors"].clone();
        let at: Vec<&str> = errors.as_array().expect("errors").iter().filter_map(|one| one["pointer"].as_str()).collect();
        assert_eq!(at, ["/name", "/scopes/1", "/scopes/2", "/expires_at"]);
        assert!(errors[1]["detail"].as_str().is_some_and(|text| text.contains("rates:write")), "{errors}");
        for (body, pointer) in [
            (json!({"scopes": ["content:read"]}), "/name"),
            (json!({"name": "a", "scopes": []}), "/scopes"),
            (json!({"name": "a", "scopes": "content:read"}), "/scopes"),
            (json!({"name": "a", "scopes": ["content:read"], "expires_at": "soon"}), "/expires_at"),
            (json!({"name": "a\u{0}", "scopes": ["content:read"]}), "/name"),
            (json!({"name": "a", "scopes": ["content:read"], "scope": 1}), "/scope"),
        ] {
            let answer = app.post("/v1/manage/keys", &admin, &body);
            assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{body}");
        }
        for path in ["/v1/manage/keys", "/v1/manage/keys/1/rotate", "/v1/manage/keys/1/revoke"] {
            let answer = app.post(&format!("{path}?scope=content:read"), &admin, &json!({}));
            assert_eq!((answer.status, answer.code().as_str()), (400, "unknown-parameter"), "{path}");
        }
        assert_eq!(rows(app), before);
    }

    fn a_repeated_call_makes_one_key_and_does_not_show_it_again(app: &TestApp) {
        let admin = app.key(ADMIN);
        let call = |body: &Value| app.send(Method::POST, "/v1/manage/keys", &admin, &[("Idempotency-Key", "a-1")], body);
        let body = draft(&["content:read"]);
        let first = call(&body);
        let key = first.json()["key"].as_str().expect("the key").to_owned();
        assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
        let again = call(&body);
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
        assert_eq!(again.header("location"), first.header("location"));
        let (mut shown, mut kept) = (first.json(), again.json());
        assert_eq!((kept["key"].clone(), shown["notice"].clone()), (Value::Null, Value::Null));
        assert!(kept["notice"].as_str().is_some_and(|text| text.contains("rotate or revoke")), "{kept}");
        for json in [&mut shown, &mut kept] {
            let members = json.as_object_mut().expect("an object");
            members.remove("key");
            members.remove("notice");
        }
        assert_eq!(shown, kept, "all the rest is the same");
        assert_eq!(rows(app), [2, 1, 1]);
        let other = call(&draft(&["content:write"]));
        assert_eq!((other.status, other.code().as_str()), (422, "validation-failed"));
        assert_eq!(rows(app), [2, 1, 1]);
        let stored: Vec<String> = app
            .db
            .read_here(|conn| Ok::<_, DbError>(idempotent_answers::table.select(idempotent_answers::answer).load(conn)?))
            .expect("answers");
        assert!(!stored[0].contains(&key[17..]), "the key is kept nowhere");
        app.set_time("2026-06-02T12:00:00Z");
        assert_eq!(call(&body).header("idempotent-replayed"), "", "after a day the answer is forgotten");
    }

    fn calls_with_one_idempotency_key_at_once_make_one_key(app: &TestApp) {
        let admin = app.key(ADMIN);
        let other = app.beside(&[]);
        let call = |app: &TestApp| {
            let headers = [("Idempotency-Key", "at-once")];
            app.send(Method::POST, "/v1/manage/keys", &admin, &headers, &draft(&["content:read"]))
        };
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let servers = [app, &other];
            let calls: Vec<_> = (0..12).map(|i| scope.spawn(move || call(servers[i % 2]))).collect();
            calls.into_iter().map(|call| call.join().expect("an answer")).collect()
        });
        let made = answers.iter().filter(|answer| answer.status == 201);
        let shown = made.clone().filter(|answer| answer.json()["key"].is_string()).count();
        assert_eq!((shown, rows(app)), (1, [2, 1, 1]));
        let ids: std::collections::BTreeSet<String> = made.map(|answer| answer.json()["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        for answer in &answers {
            assert!(matches!(answer.status, 201 | 409 | 503), "{}", answer.status);
        }
    }

    fn a_revoked_key_is_refused_at_once_by_every_server(app: &TestApp) {
        let other = app.beside(&[]);
        let admin = app.key(&[Scope::KeysAdmin]);
        let key = app.key(&[Scope::KeysAdmin]);
        let id = app.get_as("/v1/manage/keys", &admin).json()["data"][0]["id"].clone();
        assert_eq!((app.get_as("/v1/manage/keys", &key).status, other.get_as("/v1/manage/keys", &key).status), (200, 200));
        let path = format!("/v1/manage/keys/{id}/revoke");
        let revoked = app.post(&path, &admin, &json!({}));
        assert_eq!((revoked.status, revoked.json()["state"].clone()), (200, json!("revoked")));
        refused(&other.get_as("/v1/manage/keys", &key), "revoked");
        refused(&app.get_as("/v1/articles", &key), "revoked");
        app.set_time("2026-06-01T13:00:00Z");
        let again = app.post(&path, &admin, &json!({}));
        assert_eq!((again.status, again.json()["revoked_at"].clone()), (200, json!("2026-06-01T12:00:00Z")));
        for path in ["/v1/manage/keys/999", "/v1/manage/keys/x", "/v1/manage/keys/01"] {
            assert_eq!(app.get_as(path, &admin).code(), "not-found", "{path}");
            assert_eq!(app.post(&format!("{path}/revoke"), &admin, &json!({})).code(), "not-found", "{path}");
            assert_eq!(app.post(&format!("{path}/rotate"), &admin, &json!({})).code(), "not-found", "{path}");
        }
    }

    fn a_key_is_never_changed(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin]);
        let answer = app.patch("/v1/manage/keys/1", &admin, &draft(&["content:read"]));
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
        assert_eq!(rows(app), [1, 0, 0]);
    }

    fn keys_are_listed_by_page_and_by_cursor(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin]);
        (0..6).for_each(|_| drop(app.key(&[])));
        let second = app.get_as("/v1/manage/keys?limit=3&page=2", &admin);
        assert_eq!(second.each("id"), [4, 3, 2].map(Value::from));
        assert!(second.header("link").contains("rel=\"next\""), "{}", second.header("link"));
        let (mut path, mut seen) = ("/v1/manage/keys?limit=3&cursor=*".to_owned(), Vec::new());
        loop {
            let page = app.get_as(&path, &admin);
            seen.extend(page.each("id").iter().filter_map(Value::as_i64));
            let Some(next) = page.json()["links"]["next"].as_str().map(str::to_owned) else { break };
            path = next;
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(app.get_as("/v1/manage/keys?state=active", &admin).code(), "unknown-parameter");
    }

    fn the_last_use_is_written_down_when_a_server_stops(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin]);
        let key = app.key(&[]);
        let seen = || app.get_as("/v1/manage/keys", &admin).json()["data"][0]["last_used_at"].clone();
        let other = app.beside(&[]);
        assert_eq!(other.get_as("/v1/articles", &key).status, 200);
        app.set_time("2026-06-01T12:30:00Z");
        assert_eq!(other.get_as("/v1/articles", &key).status, 200);
        assert_eq!(seen(), Value::Null, "it is not written for every call");
        drop(other);
        assert_eq!(seen(), json!("2026-06-01T12:30:00Z"));
    }
}
