//! Problems: their shape, their request id, and what is not there.

use serde_json::json;

use crate::support::{Backend, TestApp, article};

#[test]
fn a_problem_is_complete_and_nothing_else() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get_with("/v1/articles/nothing-here", &[("X-Request-Id", "req-1.A_b")]);
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("x-request-id"), "req-1.A_b");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(
        answer.json(),
        json!({
            "type": "/docs/errors#not-found", "title": "Not found", "status": 404,
            "detail": "There is no article `nothing-here`.", "code": "not-found", "request_id": "req-1.A_b"
        })
    );
}

#[test]
fn every_kind_of_missing_thing_says_what_is_missing() {
    let app = TestApp::start(Backend::Sqlite);
    for (path, detail) in [
        ("/v1/articles/12345", "There is no article `12345`."),
        ("/v1/articles/99999999999999999999999999", "There is no article `99999999999999999999999999`."),
        ("/v1/articles/a%2Fb", "There is no article `a/b`."),
        ("/v1/articles/nothing/related", "There is no article `nothing`."),
        ("/v1/tags/nothing", "There is no tag `nothing`."),
        ("/v1/authors/nothing", "There is no author `nothing`."),
        ("/v1/page/tag/nothing", "There is no tag `nothing`."),
    ] {
        let answer = app.get(path);
        assert_eq!((answer.status, &answer.json()["detail"]), (404, &json!(detail)), "{path}");
    }
}

#[test]
fn an_unknown_path_is_a_404_with_the_same_shape() {
    let app = TestApp::start(Backend::Sqlite);
    for path in
        ["/", "/v1", "/v1/", "/v1/nothing", "/v1/articles/", "/V1/articles", "/v1/tags/a/b", "/docsx", "/v2/articles"]
    {
        let answer = app.get(path);
        let json = answer.json();
        assert_eq!((answer.status, &json["code"], &json["status"]), (404, &json!("not-found"), &json!(404)), "{path}");
        assert_eq!(json["detail"], json!(format!("There is nothing at `{path}`.")), "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[test]
fn a_plain_request_id_is_honoured_on_good_answers_too() {
    let app = TestApp::start(Backend::Sqlite);
    for id in ["a", "0199f3f0-7f8e-7c3a-9d55-3f3c2f9f7a10", &"x".repeat(64)] {
        assert_eq!(app.get_with("/v1/articles", &[("X-Request-Id", id)]).header("x-request-id"), id);
    }
}

#[test]
fn a_request_id_that_is_not_plain_is_replaced() {
    let app = TestApp::start(Backend::Sqlite);
    for id in ["", "has space", "quote\"", "<script>", "a,b", "semi;colon", "a/b", &"x".repeat(65)] {
        let answer = app.get_with("/v1/articles/nothing", &[("X-Request-Id", id)]);
        let given = answer.header("x-request-id");
        assert_ne!(given, id);
        assert!(uuid::Uuid::parse_str(given).is_ok_and(|uuid| uuid.get_version_num() == 7), "{id:?} became {given:?}");
        assert_eq!(answer.json()["request_id"], json!(given), "{id:?}");
    }
}

#[test]
fn a_request_id_that_is_not_ascii_is_replaced() {
    let app = TestApp::start(Backend::Sqlite);
    let request = "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: \u{e4}\r\nConnection: close\r\n\r\n";
    let answer = String::from_utf8(app.raw(request.as_bytes())).expect("the answer is ASCII");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{answer}");
}

#[test]
fn two_requests_have_two_ids() {
    let app = TestApp::start(Backend::Sqlite);
    assert_ne!(app.get("/v1/articles").header("x-request-id"), app.get("/v1/articles").header("x-request-id"));
}

#[test]
fn a_killed_story_is_gone_with_reason_and_replacement() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([
        article("wrong").with("status", "killed").with(
            "kill",
            json!({"at": "2026-05-02T00:00:00Z", "reason": "The source was not who he said.", "replaced_by": "right"}),
        ),
        article("right"),
    ]);
    let answer = app.get_with("/v1/articles/wrong", &[("X-Request-Id", "r")]);
    assert_eq!(answer.status, 410);
    assert_eq!(
        answer.json(),
        json!({
            "type": "/docs/errors#gone", "title": "Gone", "status": 410, "detail": "This story was withdrawn by the newsroom.",
            "code": "gone", "reason": "The source was not who he said.", "replaced_by": "right", "request_id": "r"
        })
    );
}

#[test]
fn a_story_killed_before_it_was_ever_public_is_a_404() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("never")
        .at("2026-07-01T00:00:00Z")
        .with("status", "killed")
        .with("kill", json!({"at": "2026-05-02T00:00:00Z", "reason": "Not true."}))]);
    let answer = app.get("/v1/articles/never");
    assert_eq!((answer.status, answer.json()["reason"].is_null()), (404, true));
}

#[test]
fn a_request_that_is_no_http_does_not_leak_or_hang() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = String::from_utf8_lossy(&app.raw(b"\x16\x03\x01 nonsense\r\n\r\n")).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
