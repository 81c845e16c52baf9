//! Rate limits: whom a call counts against, what its answer says, and how long a refused caller has to wait.

use std::thread::sleep;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use xabar::access::Scope;

use crate::support::{Answer, Backend, TestApp};

fn app(variables: &[(&str, &str)]) -> TestApp {
    TestApp::start_with(Backend::Sqlite, variables)
}

fn from(app: &TestApp, forwarded: &str) -> Answer {
    app.get_with("/v1/currencies", &[("X-Forwarded-For", forwarded)])
}

/// Asserts that a call was refused for being one too many, and gives the seconds to wait.
fn refused(answer: &Answer) -> u64 {
    assert_eq!((answer.status, answer.code().as_str()), (429, "rate-limited"));
    assert_eq!(
        (answer.header("content-type"), answer.header("cache-control")),
        ("application/problem+json", "no-store")
    );
    let wait: u64 = answer.header("retry-after").parse().expect("whole seconds");
    assert!(wait >= 1 && answer.header("ratelimit").ends_with(&format!(";r=0;t={wait}")), "{:?}", answer.headers);
    wait
}

#[test]
fn without_a_limit_nothing_is_said_of_one() {
    let app = app(&[]);
    for _ in 0..50 {
        let answer = from(&app, "198.51.100.1");
        assert_eq!((answer.status, answer.header("ratelimit"), answer.header("ratelimit-policy")), (200, "", ""));
    }
}

#[test]
fn answers_count_down_whatever_they_are_and_then_there_is_a_429() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "4/3600")]);
    let tag = app.get("/v1/articles").header("etag").to_owned();
    let calls = [
        (app.get_with("/v1/articles", &[("If-None-Match", &tag)]), 304, "r=2"),
        (app.get("/v1/articles/nothing"), 404, "r=1"),
        (app.get("/v1/articles?limit=x"), 400, "r=0"),
    ];
    for (answer, status, left) in calls {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=4;w=3600");
        assert_eq!(answer.header("ratelimit"), format!("\"address\";{left};t=900"));
    }
    assert!((895..=900).contains(&refused(&app.get("/v1/articles"))));
    let head = app.request(Method::HEAD, "/v1/articles", &[]);
    assert_eq!((head.status, head.body.len()), (429, 0));
    let exposed = head.header("access-control-expose-headers");
    assert!(["RateLimit", "RateLimit-Policy", "Retry-After"].iter().all(|name| exposed.contains(name)), "{exposed}");
}

#[test]
fn retry_after_is_true() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "2/4")]);
    let began = Instant::now();
    assert_eq!((app.get("/v1/tags").status, app.get("/v1/tags").status), (200, 200));
    let wait = refused(&app.get("/v1/tags"));
    assert!(wait <= 2, "{wait}");
    sleep(Duration::from_secs(wait));
    assert_eq!(app.get("/v1/tags").status, 200, "after {:?}", began.elapsed());
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "half a minute's share is there after half of it, and not before"
    );
    refused(&app.get("/v1/tags"));
}

#[test]
fn probes_and_operators_are_not_counted() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "1/3600")]);
    app.get("/v1/tags");
    for path in ["/health/live", "/health/ready", "/metrics", "/v1/openapi.json"] {
        for _ in 0..3 {
            let answer = app.get(path);
            assert_eq!((answer.status, answer.header("ratelimit")), (200, ""), "{path}");
        }
    }
    for path in ["/v1/tags", "/v1/tags/x", "/docs/errors", "/docs/"] {
        refused(&app.get(path));
    }
    // What has the look of a probe is none.
    for path in ["/v1/tags/health", "/v1/articles/metrics", "/v1/tags?x=/health/live"] {
        refused(&app.get(path));
    }
}

#[test]
fn x_forwarded_for_is_not_believed_unless_a_trusted_proxy_sends_it() {
    for trusted in ["", "10.0.0.0/8", "127.0.0.2"] {
        let app = app(&[("RATE_LIMIT_ADDRESS", "2/3600"), ("TRUSTED_PROXIES", trusted)]);
        assert_eq!((from(&app, "198.51.100.1").status, from(&app, "198.51.100.2").status), (200, 200));
        refused(&from(&app, "198.51.100.3"));
        for header in ["Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"] {
            refused(&app.get_with("/v1/tags", &[(header, "198.51.100.4")]));
        }
    }
}

#[test]
fn behind_a_trusted_proxy_each_client_has_its_own_count() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "1/3600"), ("TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8")]);
    for client in ["198.51.100.1", "198.51.100.2", "203.0.113.9:4711"] {
        assert_eq!(from(&app, client).status, 200, "{client}");
        refused(&from(&app, client));
    }
    // What the client wrote itself stands to the left of what the proxy added.
    for spoofed in ["8.8.8.8, 198.51.100.1", "198.51.100.1, 10.1.1.1", "8.8.8.8, 10.9.9.9, 198.51.100.1, 10.1.1.1"] {
        refused(&from(&app, spoofed));
    }
    let lines = [("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", "198.51.100.1")];
    refused(&app.get_with("/v1/tags", &lines));
    // Nonsense counts against who sent it on: here the proxy, once.
    assert_eq!(from(&app, "198.51.100.77, nonsense").status, 200);
    refused(&from(&app, "198.51.100.78, other nonsense"));
    refused(&from(&app, ""));
}

#[test]
fn an_ipv6_client_is_counted_by_its_64() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "1/3600"), ("TRUSTED_PROXIES", "127.0.0.1")]);
    assert_eq!(from(&app, "2001:db8:1:1::1").status, 200);
    refused(&from(&app, "2001:db8:1:1:ffff::2"));
    refused(&from(&app, "[2001:db8:1:1::3]:443"));
    assert_eq!(from(&app, "2001:db8:1:2::1").status, 200);
    assert_eq!(from(&app, "::ffff:198.51.100.1").status, 200);
    refused(&from(&app, "198.51.100.1"));
}

#[test]
fn keys_have_counts_of_their_own_and_bad_ones_count_against_the_address() {
    let app = app(&[("RATE_LIMIT_ADDRESS", "3/3600"), ("RATE_LIMIT_KEY", "2/3600")]);
    let [one, two] = [app.key(&[Scope::ContentRead]), app.key(&[Scope::ContentRead])];
    let first = app.get_as("/v1/tags", &one);
    assert_eq!(
        (first.header("ratelimit-policy"), first.header("ratelimit")),
        ("\"key\";q=2;w=3600", "\"key\";r=1;t=1800")
    );
    assert_eq!(app.get_as("/v1/manage/keys", &one).status, 403, "a refused call counts too");
    refused(&app.get_as("/v1/tags", &one));
    assert_eq!(app.get_as("/v1/tags", &two).status, 200);
    // Each of these is a new bad key, and none has a count of its own.
    for (i, left) in ["r=2", "r=1", "r=0"].iter().enumerate() {
        let bad = app.get_as("/v1/tags", &format!("xabar_live_{i}"));
        assert_eq!((bad.status, bad.header("ratelimit")), (401, format!("\"address\";{left};t=1200").as_str()));
        assert!(!bad.header("www-authenticate").is_empty());
    }
    refused(&app.get_as("/v1/tags", "another"));
    refused(&app.get("/v1/tags"));
    assert_eq!(app.get_as("/v1/tags", &two).status, 200, "whoever has a good key is not in the same boat");
    let body = json!({"key": "another", "address": "198.51.100.1"});
    refused(&app.send(Method::POST, "/v1/manage/keys", &two, &[("X-Forwarded-For", "198.51.100.1")], &body));
}

#[test]
fn one_limit_does_without_the_other() {
    let app = app(&[("RATE_LIMIT_KEY", "1/3600")]);
    let key = app.key(&[]);
    assert_eq!(app.get_as("/v1/tags", &key).status, 200);
    refused(&app.get_as("/v1/tags", &key));
    let anyone = app.get("/v1/tags");
    assert_eq!((anyone.status, anyone.header("ratelimit")), (200, ""));
    assert_eq!(app.get_as("/v1/tags", "bad").header("ratelimit"), "");
}
