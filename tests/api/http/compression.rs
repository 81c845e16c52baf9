//! Content codings, by q-values.

use std::io::Read;

use serde_json::Value;

use crate::support::{Answer, Backend, TestApp, article};

fn app_with_content() -> TestApp {
    let app = TestApp::start(Backend::Sqlite);
    app.store((0..20).map(|i| article(&format!("story-{i}")).tags(&["t"])));
    app
}

fn decoded(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        "" => plain.clone_from(&answer.body),
        "br" => {
            brotli::Decompressor::new(&answer.body[..], 4096).read_to_end(&mut plain).expect("brotli");
        }
        "gzip" => {
            flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut plain).expect("gzip");
        }
        "zstd" => plain = zstd::decode_all(&answer.body[..]).expect("zstd"),
        other => panic!("{other} is none of ours"),
    }
    plain
}

#[test]
fn the_coding_follows_the_q_values() {
    let app = app_with_content();
    let plain = app.get("/v1/articles");
    assert_eq!(plain.header("content-encoding"), "", "without Accept-Encoding");
    for (accept, expected) in [
        ("br", "br"),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("BR", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0.1, zstd;q=0.2, gzip;q=0.3", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, zstd;q=0, gzip;q=0", ""),
        ("identity", ""),
        ("identity;q=1, br;q=0.5", ""),
        ("deflate", ""),
        ("", ""),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0.5, *;q=0", ""),
        ("sdch, gzip;q=0.001", "gzip"),
        ("identity;q=0, *", "br"),
        ("*", "br"),
        ("*;q=0.5, gzip", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("gzip, identity", "gzip"),
        ("identity;q=0, br;q=0, *;q=0.5", "zstd"),
    ] {
        let answer = app.get_with("/v1/articles", &[("Accept-Encoding", accept)]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, expected), "{accept:?}");
        assert_eq!(answer.header("vary"), "Accept-Encoding", "{accept:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{accept:?}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{accept:?}");
        assert_eq!(decoded(&answer), plain.body, "{accept:?}");
        let json: Value = serde_json::from_slice(&decoded(&answer)).expect("JSON");
        assert_eq!(json["page"]["total"], Value::from(20), "{accept:?}");
    }
}

#[test]
fn every_coding_is_smaller_than_none() {
    let app = app_with_content();
    let plain = app.get("/v1/articles").body.len();
    for coding in ["br", "gzip", "zstd"] {
        let packed = app.get_with("/v1/articles", &[("Accept-Encoding", coding)]).body.len();
        assert!(packed * 3 < plain, "{coding}: {packed} of {plain}");
    }
}

#[test]
fn a_client_that_takes_nothing_of_ours_gets_a_406() {
    let app = app_with_content();
    for accept in ["identity;q=0", "*;q=0", "deflate, identity;q=0", "br;q=0, zstd;q=0, gzip;q=0, *;q=0"] {
        let answer = app.get_with("/v1/articles", &[("Accept-Encoding", accept)]);
        assert_eq!(answer.status, 406, "{accept}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{accept}");
        let json = answer.json();
        assert_eq!((&json["code"], &json["title"]), (&"not-acceptable".into(), &"Not acceptable".into()), "{accept}");
    }
}

#[test]
fn errors_are_sent_as_they_are() {
    let app = app_with_content();
    let answer = app.get_with("/v1/articles/nothing", &[("Accept-Encoding", "br, gzip")]);
    assert_eq!((answer.status, answer.header("content-encoding")), (404, ""));
    assert_eq!(answer.json()["code"], "not-found");
}
