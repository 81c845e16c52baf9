//! ETag and If-None-Match.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{Answer, Backend, TestApp, article};

fn app_with_content() -> TestApp {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a").tags(&["t"]).author("w"), article("b")]);
    app
}

const PATHS: [&str; 9] = [
    "/v1/articles",
    "/v1/articles/a",
    "/v1/articles/a/related",
    "/v1/articles/a/corrections",
    "/v1/tags",
    "/v1/tags/t",
    "/v1/authors/w",
    "/v1/page/tag/t",
    "/v1/openapi.json",
];

fn hash(body: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(twox_hash::XxHash3_128::oneshot(body).to_be_bytes()))
}

fn assert_not_modified(answer: &Answer, full: &Answer, what: &str) {
    assert_eq!((answer.status, answer.body.len()), (304, 0), "{what}");
    for name in ["etag", "cache-control", "vary", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), full.header(name), "{what}: {name}");
    }
    assert!(matches!(answer.header("content-length"), "" | "0"), "{what}: {}", answer.header("content-length"));
    assert_eq!(answer.header("content-encoding"), "", "{what}");
}

#[test]
fn the_tag_is_strong_and_the_hash_of_the_bytes_sent_in_every_coding() {
    let app = app_with_content();
    for path in PATHS {
        let mut tags = Vec::new();
        for coding in ["identity", "br", "gzip", "zstd"] {
            let answer = app.get_with(path, &[("Accept-Encoding", coding)]);
            assert_eq!((answer.status, answer.header("etag")), (200, hash(&answer.body).as_str()), "{path} {coding}");
            tags.push(answer.header("etag").to_owned());
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "{path}: one for each coding");
    }
}

#[test]
fn the_same_content_has_the_same_tag_and_other_content_another() {
    let app = app_with_content();
    let before = app.get("/v1/articles").header("etag").to_owned();
    assert_eq!(app.get("/v1/articles").header("etag"), before);
    app.set_time("2026-06-01T12:30:00Z");
    assert_eq!(app.get("/v1/articles").header("etag"), before, "the clock is not content");
    app.store([article("c")]);
    assert_ne!(app.get("/v1/articles").header("etag"), before);
}

#[test]
fn a_tag_that_matches_is_answered_with_304() {
    let app = app_with_content();
    for path in PATHS {
        let full = app.get(path);
        let tag = full.header("etag");
        for sent in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            format!("{tag}, \"other\""),
            format!("\"a\",\"b\",W/{tag},\"c\""),
            format!("  {tag}  "),
            "*".to_owned(),
        ] {
            assert_not_modified(&app.get_with(path, &[("If-None-Match", &sent)]), &full, &format!("{path} {sent}"));
        }
    }
}

#[test]
fn a_tag_in_the_second_of_two_headers_matches() {
    let app = app_with_content();
    let full = app.get("/v1/articles");
    let headers = [("If-None-Match", "\"other\""), ("If-None-Match", full.header("etag"))];
    assert_not_modified(&app.get_with("/v1/articles", &headers), &full, "two headers");
}

#[test]
fn a_tag_that_does_not_match_is_answered_in_full() {
    let app = app_with_content();
    let full = app.get("/v1/articles");
    let bare = full.header("etag").trim_matches('"').to_owned();
    for sent in ["\"other\"", "", "\"\"", &bare, "W/\"other\"", "\"*\"", "nonsense,,"] {
        let answer = app.get_with("/v1/articles", &[("If-None-Match", sent)]);
        assert_eq!((answer.status, &answer.body), (200, &full.body), "{sent:?}");
    }
}

#[test]
fn a_tag_of_another_coding_does_not_match() {
    let app = app_with_content();
    let tag = app.get_with("/v1/articles", &[("Accept-Encoding", "gzip")]).header("etag").to_owned();
    let ask = |coding| app.get_with("/v1/articles", &[("Accept-Encoding", coding), ("If-None-Match", &tag)]).status;
    assert_eq!((ask("gzip"), ask("br"), ask("identity")), (304, 200, 200));
}

#[test]
fn if_modified_since_decides_nothing() {
    let app = app_with_content();
    let future = ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT");
    let past = ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT");
    let full = app.get("/v1/articles");
    assert_eq!(full.header("last-modified"), "");
    assert_eq!(app.get_with("/v1/articles", &[future]).status, 200);
    assert_eq!(app.get_with("/v1/articles", &[future, ("If-None-Match", "\"other\"")]).status, 200);
    assert_eq!(app.get_with("/v1/articles", &[past, ("If-None-Match", full.header("etag"))]).status, 304);
}

#[test]
fn what_is_not_there_is_not_unmodified() {
    let app = app_with_content();
    assert_eq!(app.get_with("/v1/articles/nothing", &[("If-None-Match", "*")]).status, 404);
    assert_eq!(app.get_with("/v1/articles?limit=0", &[("If-None-Match", "*")]).status, 400);
    assert_eq!(app.get("/v1/articles/nothing").header("etag"), "");
}
