//! Which requests are answered from memory, and what of a request an answer depends on.

use reqwest::Method;

use super::{count, counted, is_kept};
use crate::on_both;
use crate::support::{Answer, Backend, TestApp, article};

/// Everything of an answer but what is each request's own.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let own = ["date", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut headers: Vec<(String, String)> = headers.collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

const PATHS: [&str; 12] = [
    "/v1/articles?limit=2",
    "/v1/articles?q=body&highlight=true&facets=tag,author",
    "/v1/articles/a",
    "/v1/articles/a/related",
    "/v1/articles/a/corrections",
    "/v1/page/tag/t?limit=6",
    "/v1/tags",
    "/v1/tags/t",
    "/v1/authors/w",
    "/v1/redirects",
    "/v1/rates/ticker",
    "/v1/currencies",
];

fn content(app: &TestApp) {
    app.store([
        article("a").tags(&["t"]).author("w"),
        article("b").tags(&["t", "u"]),
        article("soon").at("2026-06-01T12:10:00Z"),
    ]);
}

on_both! {
    fn the_second_answer_is_the_first_one_from_memory(app: &TestApp) {
        content(app);
        for path in PATHS {
            let first = app.get(path);
            let (second, kept) = counted(app, "memory", || app.get(path));
            assert!(kept, "{path}");
            assert_eq!(seen(&first), seen(&second), "{path}");
            assert_eq!(first.status, 200, "{path}");
            assert_ne!(first.header("x-request-id"), second.header("x-request-id"), "{path}");
        }
    }

    fn head_conditions_and_codings_are_met_from_memory(app: &TestApp) {
        content(app);
        for path in PATHS {
            let full = app.get(path);
            let (head, kept) = counted(app, "memory", || app.request(Method::HEAD, path, &[]));
            assert!(kept, "{path}");
            assert_eq!((seen(&head).0, seen(&head).1, head.body.len()), (200, seen(&full).1, 0), "{path}");
            let tag = full.header("etag").to_owned();
            let (unchanged, kept) = counted(app, "memory", || app.get_with(path, &[("If-None-Match", &tag)]));
            assert!(kept, "{path}");
            assert_eq!((unchanged.status, unchanged.body.len(), unchanged.header("etag")), (304, 0, tag.as_str()), "{path}");
            for coding in ["br", "gzip", "zstd"] {
                let coded = || app.get_with(path, &[("Accept-Encoding", coding)]);
                let ((first, kept), second) = (counted(app, "memory", coded), coded());
                assert!(kept, "{path}");
                assert_eq!(first.header("content-encoding"), coding, "{path}");
                assert_ne!(first.header("etag"), tag, "{path}");
                assert_eq!(seen(&first), seen(&second), "{path}");
            }
        }
    }

    fn no_header_outside_the_key_changes_a_kept_answer(app: &TestApp) {
        content(app);
        let evil = "evil.example";
        let odd = [
            ("Host", evil), ("X-Forwarded-Host", evil), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", evil),
            ("Forwarded", "host=evil.example;proto=http"), ("X-Original-URL", "/v1/tags"), ("X-Rewrite-URL", "/v1/tags"),
            ("X-HTTP-Method-Override", "POST"), ("X-Method-Override", "DELETE"), ("Origin", "https://evil.example"),
            ("Referer", "https://evil.example/"), ("User-Agent", evil), ("Cookie", "session=evil"), ("Accept", "text/html"),
            ("Accept-Language", "ru"), ("Accept-Charset", "koi8-r"), ("Cache-Control", "no-cache"), ("Pragma", "no-cache"),
            ("Range", "bytes=0-3"), ("If-Range", "\"x\""), ("If-Modified-Since", "Mon, 01 Jun 2036 12:00:00 GMT"),
            ("If-None-Match", "\"x\""), ("If-Unmodified-Since", "Mon, 01 Jan 2001 12:00:00 GMT"), ("TE", "trailers"),
            ("Content-Type", "application/json"), ("X-Request-Id", evil), ("Last-Event-ID", "7"), ("DNT", "1"),
            ("Idempotency-Key", "one"), ("Surrogate-Control", "max-age=9"), ("Cf-Connecting-Ip", "192.0.2.1"),
            ("True-Client-Ip", "192.0.2.1"), ("X-Accel-Redirect", "/etc"), ("X-Real-Ip", "192.0.2.1"), ("Via", evil),
            ("Prefer", "return=minimal"), ("Save-Data", "on"), ("Sec-Fetch-Site", "cross-site"), ("Upgrade-Insecure-Requests", "1"),
        ];
        for path in PATHS {
            let plain = seen(&app.get(path));
            for header in odd {
                // Asked with it: the same answer. Asked with it first, when nothing is kept: the same answer for others.
                assert_eq!(seen(&app.get_with(path, &[header])), plain, "{path} {header:?}");
                let joint = if path.contains('?') { '&' } else { '?' };
                let first = format!("{path}{joint}");
                app.get_with(&first, &[header]);
                assert_eq!(seen(&app.get(&first)).2, plain.2, "{path} {header:?}");
            }
        }
    }

    fn the_order_of_parameters_is_no_matter(app: &TestApp) {
        content(app);
        app.get("/v1/articles?tag=t&limit=2&page=1");
        for path in ["/v1/articles?limit=2&page=1&tag=t", "/v1/articles?page=1&tag=t&limit=2"] {
            assert!(is_kept(app, path), "{path}");
        }
        assert!(!is_kept(app, "/v1/articles?limit=2&page=2&tag=t"));
    }

    fn what_a_key_is_answered_is_not_kept_nor_is_it_answered_from_memory(app: &TestApp) {
        content(app);
        app.store([article("held").with("embargo_until", "2026-07-01T00:00:00Z")]);
        let key = app.key(&[xabar::access::Scope::ContentEmbargoed]);
        assert_eq!(app.get("/v1/articles").slugs().len(), 2);
        let (private, kept) = counted(app, "memory", || app.get_as("/v1/articles", &key));
        assert!(!kept);
        assert_eq!((private.slugs().len(), private.header("cache-control")), (3, "private, no-cache"));
        assert_eq!((private.header("vary"), private.header("surrogate-key")), ("Accept-Encoding", ""));
        app.store([article("dead").killed("Wrong.")]);
        let gone = app.get_as("/v1/articles/dead", &key);
        assert_eq!((gone.status, gone.header("cache-control"), gone.header("vary")), (410, "private, no-cache", "Authorization"));
        assert_eq!(app.get("/v1/articles").slugs().len(), 2);
        assert_eq!(app.get_with("/v1/articles", &[("Authorization", "Bearer nonsense")]).status, 401);
    }

    fn errors_redirects_and_what_goes_on_are_not_kept(app: &TestApp) {
        content(app);
        app.store([article("dead").killed("Wrong.")]);
        let made = count(app, "made");
        for path in ["/v1/articles/none", "/v1/articles?limit=101", "/v1/articles?nonsense=1", "/v1/articles/dead", "/v1/tags/none",
            "/v1/changes", "/v1/rates/sources", "/v1/rates/USD/KZT/history", "/health/ready"] {
            let (first, second) = (app.get(path), app.get(path));
            assert_eq!(first.status, second.status, "{path}");
            assert!(!is_kept(app, path), "{path}");
        }
        assert_eq!(count(app, "made"), made);
    }
}

#[test]
fn many_who_ask_at_once_wait_for_one() {
    let app = TestApp::start_with(Backend::Sqlite, &[("WORKERS", "4")]);
    content(&app);
    let made = count(&app, "made");
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(|| app.get("/v1/articles?limit=3"))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(answers.iter().all(|answer| seen(answer) == seen(&answers[0])));
    assert_eq!(count(&app, "made"), made + 1);
}

#[test]
fn with_limits_an_answer_from_memory_is_counted_too() {
    let app = TestApp::start_with(Backend::Sqlite, &[("RATE_LIMIT_ADDRESS", "3/60")]);
    content(&app);
    assert_eq!(app.get("/v1/tags").status, 200);
    let (second, kept) = (app.get("/v1/tags"), count(&app, "memory"));
    assert_eq!((second.status, kept), (200, 1));
    assert!(!second.header("ratelimit").is_empty() && !second.header("access-control-allow-origin").is_empty());
    assert_eq!([app.get("/v1/tags").status, app.get("/v1/tags").status], [200, 429]);
}

#[test]
fn nothing_is_kept_where_there_is_no_room() {
    let app = TestApp::start_with(Backend::Sqlite, &[("KEPT_ANSWERS_MB", "0")]);
    content(&app);
    for path in PATHS {
        assert_eq!(seen(&app.get(path)), seen(&app.get(path)), "{path}");
        assert!(!is_kept(&app, path), "{path}");
    }
}
