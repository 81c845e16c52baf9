//! Requests as they come off the wire: a plain one is answered before the server sees it, and nobody can tell.

use std::collections::BTreeMap;

use super::count;
use crate::on_both;
use crate::support::{TestApp, article};

/// An answer's status line and fields, but for those that differ from answer to answer, and its body.
type Seen = (String, BTreeMap<String, String>, Vec<u8>);

/// The answers that came over a connection, one after the other; `heads` tells which are answers to HEAD.
fn answers(mut bytes: &[u8], heads: &[bool]) -> Vec<Seen> {
    let mut all = Vec::new();
    for only_head in heads {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
        let head = std::str::from_utf8(&bytes[..end]).expect("text");
        let mut lines = head.trim_end().lines();
        let status = lines.next().expect("a status line").to_owned();
        let fields = lines.map(|line| line.split_once(": ").expect("a field"));
        let mut fields: BTreeMap<String, String> =
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert!(fields.remove("date").is_some_and(|date| date.ends_with(" GMT")), "{head}");
        assert!(fields.remove("x-request-id").is_some(), "{head}");
        let length = fields.get("content-length").map_or(0, |length| length.parse().expect("a number"));
        let body = if *only_head { 0 } else { length };
        all.push((status, fields, bytes[end..end + body].to_vec()));
        bytes = &bytes[end + body..];
    }
    assert!(bytes.is_empty(), "more came: {}", String::from_utf8_lossy(bytes));
    all
}

const PATH: &str = "/v1/articles?limit=2";

fn content(app: &TestApp) {
    app.store([article("a").tags(&["t"]), article("b").tags(&["t"])]);
    app.get(PATH);
}

/// A request without `Connection: close` and one with it: the second is no plain one.
fn both(line: &str, fields: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}\r\n{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n")
}

on_both! {
    fn a_plain_request_gets_what_any_other_gets(app: &TestApp) {
        content(app);
        let tag = app.get(PATH).header("etag").to_owned();
        app.get_with(PATH, &[("Accept-Encoding", "br")]);
        let same = format!("If-None-Match: {tag}\r\n");
        for fields in ["", &same, "If-None-Match: \"x\", *\r\n", "Accept-Encoding: gzip;q=0.5, br\r\n", "Accept-Encoding: deflate\r\n"] {
            let kept = count(app, "memory");
            let seen = answers(&app.raw(both(&format!("GET {PATH}"), fields).as_bytes()), &[false, false]);
            assert_eq!(count(app, "memory"), kept + 2, "{fields}");
            let (first, mut second) = (seen[0].clone(), seen[1].clone());
            assert_eq!(second.1.remove("connection").as_deref(), Some("close"), "{fields}");
            assert_eq!(first, second, "{fields}");
        }
        let id = app.get_with(PATH, &[("X-Request-Id", "mine-1")]);
        assert_eq!(id.header("x-request-id"), "mine-1");
    }

    fn requests_in_one_go_are_answered_in_their_order(app: &TestApp) {
        content(app);
        let get = |path: &str, fields: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let tag = format!("If-None-Match: {}\r\n", app.get(PATH).header("etag"));
        let all = [
            get(PATH, ""),
            get(PATH, &tag),
            get("/v1/articles/a", ""),
            get("/health/live", ""),
            format!("HEAD {PATH} HTTP/1.1\r\nHost: a\r\n\r\n"),
            get(PATH, ""),
            get("/v1/articles/none", ""),
            get(PATH, &tag),
            get(PATH, "Connection: close\r\n"),
            get(PATH, ""),
        ];
        let heads = [false, false, false, false, true, false, false, false, false];
        let seen = answers(&app.raw(all.concat().as_bytes()), &heads);
        let statuses: Vec<&str> = seen.iter().map(|(status, ..)| &status[9..12]).collect();
        assert_eq!(statuses, ["200", "304", "200", "200", "200", "200", "404", "304", "200"]);
        let full = &seen[0];
        assert_eq!((&full.1, &full.2), (&seen[5].1, &seen[5].2));
        assert_eq!((&seen[4].1, &seen[8].2), (&full.1, &full.2));
    }

    fn a_large_answer_comes_whole_and_in_its_turn(app: &TestApp) {
        let text = "A sentence of many. ".repeat(5_000);
        app.store([article("a").with("body", format!("<p>{text}</p>"))]);
        let path = "/v1/articles?body=html";
        let length = app.get(path).body.len();
        assert!(length > 100_000, "{length}");
        let kept = count(app, "memory");
        let seen = answers(&app.raw((both(&format!("GET {path}"), "")).as_bytes()), &[false, false]);
        assert_eq!(count(app, "memory"), kept + 2);
        assert_eq!((&seen[0].0, &seen[0].2), (&seen[1].0, &seen[1].2));
        assert_eq!(seen[0].2.len(), length);
    }

    fn what_the_server_refuses_is_refused_where_the_answer_is_kept(app: &TestApp) {
        content(app);
        for fields in ["", "Host: a\r\nHost: b\r\n"] {
            let answer = app.raw(format!("GET {PATH} HTTP/1.1\r\n{fields}\r\n").as_bytes());
            assert!(answer.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&answer));
        }
        // What follows a CONNECT is its body.
        let connect = format!("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = String::from_utf8(app.raw(connect.as_bytes())).expect("text");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }

    fn a_body_that_looks_like_a_request_is_none(app: &TestApp) {
        content(app);
        let hidden = format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n");
        let last = "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let kept = count(app, "memory");
        for method in ["POST", "GET"] {
            let length = hidden.len();
            let request = format!("{method} /v1/tags HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{hidden}{last}");
            let answer = String::from_utf8(app.raw(request.as_bytes())).expect("text");
            assert!(!answer.contains("\"slug\":\"b\""), "{answer}");
        }
        assert_eq!(count(app, "memory"), kept, "neither was answered from memory");
    }
}
