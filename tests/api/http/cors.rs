//! What a browser on another origin may do.

use reqwest::Method;

use crate::support::{Backend, TestApp, article};

const EXPOSED: &str =
    "Link, ETag, X-Total-Count, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, X-Request-Id";

#[test]
fn every_answer_may_be_read_from_anywhere() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("new").with("former_slugs", serde_json::json!(["old"]))]);
    let asked = [
        (Method::GET, "/v1/articles", "", 200),
        (Method::GET, "/v1/articles", "*", 304),
        (Method::GET, "/v1/articles/old", "", 301),
        (Method::GET, "/v1/articles?limit=0", "", 400),
        (Method::GET, "/v1/articles/nothing", "", 404),
        (Method::GET, "/nothing", "", 404),
        (Method::POST, "/v1/articles", "", 405),
        (Method::HEAD, "/v1/articles", "", 200),
        (Method::OPTIONS, "/v1/articles", "", 204),
        (Method::GET, "/health/live", "", 200),
        (Method::GET, "/docs/errors", "", 200),
    ];
    for (method, path, tag, status) in asked {
        let headers = [("Origin", "https://front.example"), ("If-None-Match", tag)];
        let answer = app.request(method.clone(), path, &headers[..if tag.is_empty() { 1 } else { 2 }]);
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
        assert_eq!(answer.header("access-control-expose-headers"), EXPOSED, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{method} {path}");
        assert!(!answer.header("vary").to_lowercase().contains("origin"), "{method} {path}: {}", answer.header("vary"));
    }
}

#[test]
fn the_origin_changes_nothing() {
    let app = TestApp::start(Backend::Sqlite);
    let with = app.get_with("/v1/articles", &[("Origin", "https://front.example"), ("X-Request-Id", "r")]);
    let mut without = app.get_with("/v1/articles", &[("X-Request-Id", "r")]);
    without.headers.insert("date", with.headers["date"].clone());
    assert_eq!((with.headers, with.body), (without.headers, without.body));
}

#[test]
fn a_preflight_answer_is_kept_for_a_day() {
    let app = TestApp::start(Backend::Sqlite);
    let headers = [
        ("Origin", "https://front.example"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "if-none-match"),
    ];
    let answer = app.request(Method::OPTIONS, "/v1/articles/any", &headers);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-max-age"), "86400");
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "Accept, Authorization, Consistency-Token, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id"
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
