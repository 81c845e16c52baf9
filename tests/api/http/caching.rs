//! Cache-Control, Vary, and the keys by which a cache in front is told to purge.

use serde_json::json;

use crate::support::{Backend, TestApp, article};

const LONGEST: &str = "public, max-age=30, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600";

fn cache_control_with_scheduled_at(at: &str) -> Vec<String> {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a").tags(&["t"]).author("w"), article("soon").at(at)]);
    let paths = ["/v1/articles", "/v1/articles/a", "/v1/tags", "/v1/tags/t", "/v1/authors/w", "/v1/page/tag/t"];
    let mut found: Vec<String> = paths.iter().map(|path| app.get(path).header("cache-control").to_owned()).collect();
    found.dedup();
    found
}

#[test]
fn an_answer_that_no_clock_changes_is_kept_the_longest() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a").tags(&["t"]).author("w")]);
    for path in ["/v1/articles", "/v1/articles/a", "/v1/tags/t", "/v1/page/tag/t", "/v1/redirects", "/v1/openapi.json"]
    {
        let answer = app.get(path);
        assert_eq!((answer.header("cache-control"), answer.header("vary")), (LONGEST, "Accept-Encoding"), "{path}");
    }
}

#[test]
fn every_time_is_clipped_to_the_next_scheduled_change() {
    for (at, expected) in [
        ("2026-06-01T12:00:10Z", "public, max-age=10, s-maxage=10, stale-while-revalidate=10, stale-if-error=10"),
        ("2026-06-01T12:00:00.9Z", "public, max-age=0, s-maxage=0, stale-while-revalidate=0, stale-if-error=0"),
        ("2026-06-01T12:01:40Z", "public, max-age=30, s-maxage=100, stale-while-revalidate=60, stale-if-error=100"),
        ("2026-06-01T13:00:00Z", LONGEST),
    ] {
        assert_eq!(cache_control_with_scheduled_at(at), [expected], "{at}");
    }
}

#[test]
fn an_expiry_and_an_embargo_clip_too() {
    for (member, published) in [("expires_at", "2026-05-01T00:00:00Z"), ("embargo_until", "2026-05-01T00:00:00Z")] {
        let app = TestApp::start(Backend::Sqlite);
        app.store([article("a").at(published).with(member, "2026-06-01T12:00:20Z")]);
        let expected = "public, max-age=20, s-maxage=20, stale-while-revalidate=20, stale-if-error=20";
        assert_eq!(app.get("/v1/articles").header("cache-control"), expected, "{member}");
    }
}

#[test]
fn a_304_repeats_the_clipped_time() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("soon").at("2026-06-01T12:00:10Z")]);
    let answer = app.get_with("/v1/articles", &[("If-None-Match", "*")]);
    let expected = "public, max-age=10, s-maxage=10, stale-while-revalidate=10, stale-if-error=10";
    assert_eq!((answer.status, answer.header("cache-control")), (304, expected));
}

#[test]
fn errors_are_not_stored() {
    let app = TestApp::start(Backend::Sqlite);
    for (path, status) in [("/v1/articles?limit=0", 400), ("/v1/articles/nothing", 404), ("/v1/nothing", 404)] {
        let answer = app.get(path);
        assert_eq!((answer.status, answer.header("cache-control")), (status, "no-store"), "{path}");
    }
    let answer = app.request(reqwest::Method::POST, "/v1/articles", &[]);
    assert_eq!((answer.status, answer.header("cache-control")), (405, "no-store"));
    let answer = app.get_with("/v1/articles", &[("Accept-Encoding", "identity;q=0")]);
    assert_eq!((answer.status, answer.header("cache-control")), (406, "no-store"));
}

#[test]
fn a_killed_story_may_never_be_served_stale() {
    let app = TestApp::start(Backend::Sqlite);
    let kill = json!({"at": "2026-05-02T00:00:00Z", "reason": "Wrong."});
    app.store([article("wrong").with("status", "killed").with("kill", kill)]);
    let answer = app.get("/v1/articles/wrong");
    assert_eq!((answer.status, answer.header("cache-control"), answer.header("etag")), (410, "no-cache", ""));
}

#[test]
fn what_operators_ask_is_not_stored() {
    let app = TestApp::start(Backend::Sqlite);
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(app.get(path).header("cache-control"), "no-store", "{path}");
    }
}

#[test]
fn a_redirect_is_kept_briefly() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("new").with("former_slugs", json!(["old"]))]);
    let answer = app.get("/v1/articles/old?body=none");
    assert_eq!((answer.status, answer.header("location")), (301, "/v1/articles/new?body=none"));
    assert_eq!(answer.header("cache-control"), "public, max-age=30, s-maxage=300");
}

#[test]
fn surrogate_keys_name_what_an_answer_shows() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([
        article("a").at("2026-05-01T00:00:00Z").tags(&["t"]).author("w"),
        article("b").at("2026-05-02T00:00:00Z"),
    ]);
    for (path, keys) in [
        ("/v1/articles", "list a-2 a-1 t-t w-w"),
        ("/v1/articles?tag=t", "list t-t a-1 w-w"),
        ("/v1/articles/a", "a-1 a-2 t-t w-w"),
        ("/v1/articles/a/corrections", "a-1"),
        ("/v1/articles/1", "a-1 a-2 t-t w-w"),
        ("/v1/tags", "list t-t"),
        ("/v1/tags/t", "t-t"),
        ("/v1/authors", "list w-w"),
        ("/v1/authors/w", "w-w"),
        ("/v1/page/tag/t", "list rates t-t a-1 w-w"),
    ] {
        let answer = app.get(path);
        let found = answer.header("surrogate-key");
        let sorted = |keys: &str| {
            let mut keys: Vec<String> = keys.split(' ').map(str::to_owned).collect();
            keys.sort();
            keys
        };
        assert_eq!(sorted(found), sorted(keys), "{path}: each once");
        assert_eq!(answer.header("cache-tag"), found.replace(' ', ","), "{path}");
    }
}

#[test]
fn a_hostile_slug_can_not_add_a_key() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/v1/articles?tag=x%20list,a-1");
    assert_eq!(answer.header("surrogate-key"), "list t-x%20list%2Ca-1");
    assert_eq!(answer.header("cache-tag"), "list,t-x%20list%2Ca-1");
}
