//! HEAD, OPTIONS, and methods that a path doesn't take.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Backend, TestApp, article};

fn app_with_content() -> TestApp {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a").tags(&["t"]).author("w").with("former_slugs", serde_json::json!(["old"]))]);
    app
}

/// Every path of the contract, its parameters filled in, with the methods that it takes.
fn allows(app: &TestApp) -> Vec<(String, String)> {
    let document = app.get("/v1/openapi.json").json();
    let named = [("get", "GET, HEAD"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];
    let each = |(path, item): (&String, &Value)| {
        let path = path.replace("{key}", "a").replace("{slug}", "t").replace("{id}", "1");
        let there = named.iter().filter(|(name, _)| item.get(name).is_some()).map(|(_, methods)| *methods);
        (path, there.chain(["OPTIONS"]).collect::<Vec<&str>>().join(", "))
    };
    let pages = ["/docs", "/docs/", "/docs/errors"].map(|path| (path.to_owned(), "GET, HEAD, OPTIONS".to_owned()));
    document["paths"].as_object().expect("paths").iter().map(each).chain(pages).collect()
}

/// Every path of the contract.
fn paths(app: &TestApp) -> Vec<String> {
    allows(app).into_iter().map(|(path, _)| path).filter(|path| !path.starts_with("/docs")).collect()
}

#[test]
fn a_method_that_a_path_does_not_take_is_a_405_with_allow() {
    let app = app_with_content();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "OTHER"];
    for (path, allow) in allows(&app) {
        for method in methods.iter().filter(|method| !allow.split(", ").any(|allowed| allowed == **method)) {
            let answer = app.request(Method::from_bytes(method.as_bytes()).expect("a method"), &path, &[]);
            assert_eq!((answer.status, answer.header("allow")), (405, allow.as_str()), "{method} {path}");
            let json = answer.json();
            assert_eq!(json["code"], "method-not-allowed", "{method} {path}");
            let detail = format!("`{method}` is not for this path; it takes {allow}.");
            assert_eq!(json["detail"], detail.as_str(), "{method} {path}");
        }
    }
}

#[test]
fn an_unknown_path_is_a_404_whatever_the_method() {
    let app = app_with_content();
    for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE, Method::OPTIONS] {
        assert_eq!(app.request(method.clone(), "/v1/nothing", &[]).status, 404, "{method}");
    }
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let app = app_with_content();
    let missing = ["/v1/articles/nothing", "/v1/articles?limit=0", "/v1/articles/old", "/v1/nothing", "/docs/errors"];
    for path in paths(&app).iter().map(String::as_str).chain(missing) {
        if path == "/metrics" || path.ends_with("/stream") {
            continue; // The one counts the requests themselves, the other has no end.
        }
        for coding in ["identity", "br"] {
            let headers = [("X-Request-Id", "same"), ("Accept-Encoding", coding)];
            let get = app.get_with(path, &headers);
            let head = app.request(Method::HEAD, path, &headers);
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
            let (mut expected, mut found) = (get.headers.clone(), head.headers.clone());
            expected.remove("date");
            found.remove("date");
            assert_eq!(found, expected, "{path} {coding}");
            let length = if path.ends_with(".ndjson") { String::new() } else { get.body.len().to_string() };
            assert_eq!(head.header("content-length"), length, "{path} {coding}");
        }
    }
}

#[test]
fn head_sends_no_byte_after_its_headers() {
    let app = app_with_content();
    let export = "/v1/export/articles.ndjson";
    for path in ["/v1/articles", "/v1/articles/nothing", "/metrics", "/v1/changes/stream", export] {
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = app.raw(request.as_bytes());
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an end of the headers");
        assert_eq!(answer.len(), end + 4, "{path}: {}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn head_is_conditional_too() {
    let app = app_with_content();
    let tag = app.request(Method::HEAD, "/v1/articles", &[]).header("etag").to_owned();
    assert_eq!(app.request(Method::HEAD, "/v1/articles", &[("If-None-Match", &tag)]).status, 304);
}

#[test]
fn options_says_what_a_path_takes() {
    let app = app_with_content();
    for (path, allow) in allows(&app) {
        let answer = app.request(Method::OPTIONS, &path, &[]);
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}
