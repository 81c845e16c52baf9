//! Rotation, by a call and by the command; the other commands for keys.

use std::process::Output;

use serde_json::{Value, json};
use xabar::access::{Scope, Token};

use super::keys::stored;
use crate::on_both;
use crate::support::TestApp;

/// The id of the newest key.
fn newest(app: &TestApp, admin: &str) -> Value {
    app.get_as("/v1/manage/keys", admin).json()["data"][0]["id"].clone()
}

fn status(app: &TestApp, key: &str) -> u16 {
    app.get_as("/v1/articles", key).status
}

/// What a command printed, and on standard error.
fn run(app: &TestApp, words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = app.command().args(words).output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

on_both! {
    fn both_keys_are_valid_until_the_overlap_ends(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin, Scope::ContentRead]);
        let old = stored(app, Default::default(), &[Scope::ContentRead], Some("2026-09-01T00:00:00Z"));
        let id = newest(app, &admin);
        let made = app.post(&format!("/v1/manage/keys/{id}/rotate"), &admin, &json!({"overlap_seconds": 600}));
        assert_eq!(made.status, 201);
        let json = made.json();
        let new = json["key"].as_str().expect("the key").to_owned();
        assert_eq!((&json["replaces"], &json["name"], &json["scopes"]), (&id, &json!("a key"), &json!(["content:read"])));
        assert_eq!(json["expires_at"], json!("2026-09-01T00:00:00Z"), "as the old one's was");
        assert_eq!((status(app, &old), status(app, &new)), (200, 200));
        let again = app.post(&format!("/v1/manage/keys/{id}/rotate"), &admin, &json!({}));
        assert_eq!((again.status, again.code().as_str()), (409, "conflict"));
        app.set_time("2026-06-01T12:09:59.999999Z");
        assert_eq!((status(app, &old), status(app, &new)), (200, 200));
        app.set_time("2026-06-01T12:10:00Z");
        assert_eq!((status(app, &old), status(app, &new)), (401, 200));
        let shown = app.get_as(&format!("/v1/manage/keys/{id}"), &admin).json();
        assert_eq!((&shown["state"], &shown["expires_at"]), (&json!("expired"), &json!("2026-06-01T12:10:00Z")));
        app.set_time("2026-09-01T00:00:00Z");
        assert_eq!(status(app, &new), 401);
    }

    fn the_overlap_is_a_day_and_never_makes_a_key_live_longer(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin]);
        let rotate = |body: &Value| app.post(&format!("/v1/manage/keys/{}/rotate", newest(app, &admin)), &admin, body);
        let first = app.key(&[]);
        assert_eq!(rotate(&json!({})).status, 201);
        app.set_time("2026-06-02T11:59:59Z");
        assert_eq!(status(app, &first), 200);
        app.set_time("2026-06-02T12:00:00Z");
        assert_eq!(status(app, &first), 401);
        let short = stored(app, Default::default(), &[], Some("2026-06-02T12:00:10Z"));
        assert_eq!(rotate(&json!({})).status, 201);
        app.set_time("2026-06-02T12:00:10Z");
        assert_eq!(status(app, &short), 401, "its own end comes first");
        assert_eq!(rotate(&json!({})).code(), "conflict", "an expired key is not replaced");
        let now = app.key(&[]);
        assert_eq!(rotate(&json!({"overlap_seconds": 0})).status, 201);
        assert_eq!(status(app, &now), 401);
        for wrong in [json!({"overlap_seconds": -1}), json!({"overlap_seconds": 2_592_001}), json!({"overlap_seconds": "1"})] {
            let answer = rotate(&wrong);
            assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("/overlap_seconds")), "{wrong}");
        }
    }

    fn a_replacement_that_was_revoked_makes_room_for_another(app: &TestApp) {
        let admin = app.key(&[Scope::KeysAdmin]);
        let old = app.key(&[]);
        let id = newest(app, &admin);
        let rotate = || app.post(&format!("/v1/manage/keys/{id}/rotate"), &admin, &json!({}));
        let lost = rotate().json()["id"].clone();
        assert_eq!(rotate().status, 409);
        assert_eq!(app.post(&format!("/v1/manage/keys/{lost}/revoke"), &admin, &json!({})).status, 200);
        assert_eq!((rotate().status, status(app, &old)), (201, 200));
        assert_eq!(app.post(&format!("/v1/manage/keys/{lost}/rotate"), &admin, &json!({})).code(), "conflict");
    }

    fn commands_make_list_rotate_and_revoke(app: &TestApp) {
        let words = ["keys", "create", "--name", "Newsroom", "--scope", "keys:admin", "content:read", "--scope", "content:write"];
        let (code, out, err) = run(app, &words);
        assert_eq!(code, 0, "{err}");
        let key = out.trim_end().to_owned();
        assert_eq!(out, format!("{key}\n"), "the key and nothing else");
        let token = Token::parse(&key).expect("its form");
        assert!(err.contains("Key 1 (Newsroom) has the scopes content:read content:write keys:admin. It does not expire."), "{err}");
        assert!(!err.contains(&key[17..]), "{err}");
        assert_eq!(app.get_as("/v1/manage/keys", &key).status, 200);

        let (_, out, _) = run(app, &["keys", "list"]);
        assert_eq!(out, format!("1  {}…  Newsroom  [content:read content:write keys:admin]  active\n", token.hint()));
        let (code, out, err) = run(app, &["keys", "rotate", "1", "--overlap", "0"]);
        assert_eq!((code, Token::parse(out.trim_end()).is_ok()), (0, true), "{err}");
        assert_eq!((status(app, &key), status(app, out.trim_end())), (200, 200), "the test's clock stands in the past");
        let (code, out, _) = run(app, &["keys", "revoke", "1"]);
        assert!(code == 0 && out.starts_with("key 1 (Newsroom) is revoked since 20"), "{out}");
        let (_, out, _) = run(app, &["keys", "list"]);
        let states: Vec<bool> = out.lines().map(|line| line.contains("  active")).collect();
        assert_eq!(states, [true, false], "{out}");
        let (code, out, _) = run(app, &["keys", "create", "--name", "b", "--scope", "content:read", "--expires", "2999-01-01"]);
        assert!(code == 0 && Token::parse(out.trim_end()).is_ok());
        assert_eq!(app.get_as("/v1/manage/keys", &app.key(&[Scope::KeysAdmin])).json()["data"][1]["expires_at"], json!("2999-01-01T00:00:00Z"));
    }

    fn commands_refuse_what_they_cannot_do(app: &TestApp) {
        let create = ["keys", "create", "--name", "a"];
        for (more, code, word) in [
            (vec!["--scope", "content:everything"], 2, "`content:everything` is not one of content:read, content:write, "),
            (vec![], 2, "--scope"),
            (vec!["--scope", "content:read", "--expires", "2020-01-01"], 1, "--expires 2020-01-01T00:00:00Z is past"),
            (vec!["--scope", "content:read", "--expires", "soon"], 2, "neither a date"),
        ] {
            let (ended, out, err) = run(app, &[create.as_slice(), &more].concat());
            assert_eq!((ended, out.as_str(), err.contains(word)), (code, "", true), "{more:?}: {err}");
        }
        let (code, _, err) = run(app, &["keys", "rotate", "7"]);
        assert!(code == 1 && err.contains("There is no key 7."), "{err}");
        let (code, _, err) = run(app, &["keys", "revoke", "7"]);
        assert!(code == 1 && err.contains("there is no key 7"), "{err}");
        let key = app.key(&[]);
        for words in [vec!["keys", "rotate", &key], vec!["keys", "revoke", &key], vec!["keys", "create", "--name", &key]] {
            let (code, out, err) = run(app, &words);
            assert_eq!((code, out.as_str(), err.contains(&key[17..])), (2, "", false), "{words:?}: {err}");
        }
        assert_eq!(run(app, &["keys", "list"]).1.lines().count(), 1, "none was made");
    }
}
