//! Strict parameters: nothing is ignored, nothing is clamped, and the answer says how to mend the request.

use serde_json::{Value, json};
use strum::VariantArray;
use xabar::access::Scope;

use crate::on_both;
use crate::support::{Answer, Backend, TestApp, article};

fn refused(answer: &Answer) -> (u16, Value, Value) {
    let json = answer.json();
    (answer.status, json["code"].clone(), json["errors"].clone())
}

/// The faults as `parameter: code: detail`.
fn faults(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    assert_eq!(answer.status, 400, "{json}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = json["errors"].as_array().expect("errors");
    errors.iter().map(|e| [&e["parameter"], &e["code"], &e["detail"]].map(text).join(": ")).collect()
}

const BAD_TEXT: &str = "is not UTF-8, or has control characters";

#[test]
fn an_unknown_parameter_is_refused_with_the_nearest_and_all_allowed() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/v1/articles?tagg=x");
    let allowed = [
        "q",
        "tag",
        "tags_all",
        "tags_any",
        "tags_none",
        "author",
        "kind",
        "lang",
        "ids",
        "published_after",
        "published_before",
        "updated_after",
        "sort",
        "facets",
        "highlight",
        "fields",
        "body",
        "excerpt_words",
        "limit",
        "page",
        "cursor",
        "count",
    ];
    let error = json!({
        "parameter": "tagg", "code": "unknown-parameter", "allowed": allowed,
        "detail": "there is no such parameter; did you mean `tag`?"
    });
    assert_eq!(refused(&answer), (400, json!("unknown-parameter"), json!([error])));
    assert_eq!(answer.json()["detail"], json!("tagg: there is no such parameter; did you mean `tag`?"));
    assert_eq!(answer.json()["type"], json!("/docs/errors#unknown-parameter"));
}

#[test]
fn the_nearest_name_is_the_one_meant() {
    let app = TestApp::start(Backend::Sqlite);
    for (typed, meant) in [
        ("Tag", "tag"),
        ("limt", "limit"),
        ("pages", "page"),
        ("publishd_after", "published_after"),
        ("tags-any", "tags_any"),
        ("lang%20", "lang"),
        ("curser", "cursor"),
        ("excerpt_word", "excerpt_words"),
    ] {
        let answer = app.get(&format!("/v1/articles?{typed}=1"));
        let detail = answer.json()["errors"][0]["detail"].as_str().expect("a detail").to_owned();
        assert_eq!(detail, format!("there is no such parameter; did you mean `{meant}`?"), "{typed}");
    }
}

#[test]
fn a_name_that_is_near_nothing_gets_no_suggestion() {
    let app = TestApp::start(Backend::Sqlite);
    for name in ["zzzzzzzz", "tagxyz", "%D1%82%D0%B5%D0%B3%D0%B8"] {
        let answer = app.get(&format!("/v1/articles?{name}=1"));
        assert_eq!(answer.json()["errors"][0]["detail"], json!("there is no such parameter"), "{name}");
    }
}

#[test]
fn a_parameter_without_a_name_is_unknown() {
    let app = TestApp::start(Backend::Sqlite);
    assert_eq!(app.get("/v1/articles?=1").json()["code"], json!("unknown-parameter"));
}

#[test]
fn an_operation_without_parameters_takes_none() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a").tags(&["t"]).author("w")]);
    for path in [
        "/health/live",
        "/health/ready",
        "/metrics",
        "/v1/openapi.json",
        "/v1/tags/t",
        "/v1/authors/w",
        "/v1/articles/a/corrections",
    ] {
        let error =
            json!({"parameter": "x", "code": "unknown-parameter", "detail": "this operation takes no parameters"});
        let answer = app.get(&format!("{path}?x=1"));
        assert_eq!(refused(&answer), (400, json!("unknown-parameter"), json!([error])), "{path}");
        assert_eq!(app.get(path).status, 200, "{path}");
    }
}

#[test]
fn every_documented_operation_refuses_an_unknown_parameter() {
    let app = TestApp::start(Backend::Sqlite);
    let document = app.get("/v1/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() >= 14, "{} paths", paths.len());
    let key = app.key(Scope::VARIANTS);
    for (pattern, _) in paths.iter().filter(|(_, item)| item.get("get").is_some()) {
        let path = pattern.replace("{key}", "1").replace("{slug}", "a").replace("{id}", "1");
        let answer = app.get_as(&format!("{path}?no_such_parameter=1"), &key);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("unknown-parameter")), "{pattern}");
    }
}

#[test]
fn a_repeated_parameter_is_refused_even_with_the_same_value() {
    let app = TestApp::start(Backend::Sqlite);
    for query in ["tag=a&tag=a", "tag=a&tag=b", "tag=&tag=", "ta%67=a&tag=a"] {
        let expected = ["tag: invalid-parameter: is given more than once"];
        let found = faults(&app.get(&format!("/v1/articles?{query}")));
        assert!(found.contains(&expected[0].to_owned()), "{query}: {found:?}");
    }
}

on_both! {
    fn text_that_is_not_utf_8_or_has_control_characters_is_refused(app: &TestApp) {
        for bad in ["%FF", "a%C3", "%ED%A0%80", "%00", "a%00b", "%0A", "%0D%0A", "%09", "%1F", "%7F", "%C2%85"] {
            for name in ["q", "tag", "tags_all", "author", "lang", "cursor", "limit", "fields", "sort"] {
                let found = faults(&app.get(&format!("/v1/articles?{name}={bad}")));
                assert_eq!(found, [format!("{name}: invalid-parameter: {BAD_TEXT}")], "{name}={bad}");
            }
        }
    }

    fn a_path_segment_that_is_not_utf_8_or_has_control_characters_is_refused(app: &TestApp) {
        for bad in ["%FF", "a%C3", "%00", "a%00b", "%0A", "%0D%0A", "%1F", "%7F", "%C2%85"] {
            for (start, end, name) in [
                ("/v1/articles/", "", "key"), ("/v1/articles/", "/related", "key"), ("/v1/articles/", "/corrections", "key"),
                ("/v1/tags/", "", "slug"), ("/v1/authors/", "", "slug"), ("/v1/page/tag/", "", "slug"),
                ("/v1/media/", "", "id"),
            ] {
                let path = format!("{start}{bad}{end}");
                let found = faults(&app.get(&path));
                assert_eq!(found, [format!("{name}: invalid-parameter: {BAD_TEXT}")], "{path}");
            }
        }
    }

    fn a_page_at_the_end_of_the_numbers_is_empty_and_true(app: &TestApp) {
        app.store([article("a"), article("b")]);
        for path in ["articles", "tags", "authors", "redirects"] {
            let answer = app.get(&format!("/v1/{path}?page=9223372036854775807&limit=100"));
            let json = answer.json();
            assert_eq!((answer.status, &json["data"]), (200, &json!([])), "{path}");
            let total = if path == "articles" { 2 } else { 0 };
            let page = json!({
                "mode": "page", "number": 9_223_372_036_854_775_807_i64, "limit": 100, "from": 0, "to": 0,
                "total": total, "pages": if total > 0 { 1 } else { 0 }
            });
            assert_eq!(json["page"], page, "{path}");
            assert_eq!((&json["links"]["next"], &json["links"]["prev"]), (&Value::Null, &json!(format!("/v1/{path}?limit=100&page=1"))));
        }
    }
}

#[test]
fn a_name_that_is_not_utf_8_or_has_control_characters_is_refused() {
    let app = TestApp::start(Backend::Sqlite);
    for name in ["%FF", "ta%00g", "tag%0A", "%7F"] {
        let answer = app.get(&format!("/v1/articles?{name}=1"));
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid-parameter")), "{name}");
    }
}

#[test]
fn bytes_that_no_url_has_are_refused() {
    let app = TestApp::start(Backend::Sqlite);
    for target in
        [&b"/v1/articles/\xff"[..], b"/v1/articles?tag=\xff", b"/v1/articles/a\x00b", b"/v1/articles?q=a\x01b"]
    {
        let request = [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"].concat();
        let answer = String::from_utf8_lossy(&app.raw(&request)).into_owned();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{}: {answer}", target.escape_ascii());
    }
}

#[test]
fn broken_percent_encoding_is_refused() {
    let app = TestApp::start(Backend::Sqlite);
    for query in ["tag=%", "tag=%4", "tag=%zz", "tag=100%", "q=%u0041", "ta%g=1"] {
        let answer = app.get(&format!("/v1/articles?{query}"));
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid-parameter")), "{query}");
    }
    for path in ["/v1/articles/%zz", "/v1/tags/a%", "/v1/authors/%4"] {
        let answer = app.get(path);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid-parameter")), "{path}");
    }
}

#[test]
fn a_whole_number_is_digits_within_its_limits() {
    let app = TestApp::start(Backend::Sqlite);
    let invalid = |name: &str, to: &str| {
        (
            json!("invalid-parameter"),
            format!("is not a whole number from 1 to {to}"),
            json!([format!("1 to {to}")]),
            name.to_owned(),
        )
    };
    let large = |name: &str, value: &str, to: &str| {
        (
            json!("limit-too-large"),
            format!("{value} is over the limit of {to}"),
            json!([format!("1 to {to}")]),
            name.to_owned(),
        )
    };
    const MAX: &str = "9223372036854775807";
    for (query, (code, detail, allowed, name)) in [
        ("limit=0", invalid("limit", "100")),
        ("limit=-1", invalid("limit", "100")),
        ("limit=", invalid("limit", "100")),
        ("limit=1.0", invalid("limit", "100")),
        ("limit=1e1", invalid("limit", "100")),
        ("limit=+1", invalid("limit", "100")),
        ("limit=%2B1", invalid("limit", "100")),
        ("limit=0x1", invalid("limit", "100")),
        ("limit=%D9%A3", invalid("limit", "100")),
        ("limit=101", large("limit", "101", "100")),
        ("limit=9223372036854775807", large("limit", MAX, "100")),
        ("page=0", invalid("page", MAX)),
        ("page=9223372036854775808", invalid("page", MAX)),
        ("page=99999999999999999999999999", invalid("page", MAX)),
        ("page=one", invalid("page", MAX)),
        ("excerpt_words=0", invalid("excerpt_words", "500")),
        ("excerpt_words=501", large("excerpt_words", "501", "500")),
    ] {
        let answer = app.get(&format!("/v1/articles?{query}"));
        let error = json!({"parameter": name, "code": code, "detail": detail, "allowed": allowed});
        assert_eq!(refused(&answer), (400, code, json!([error])), "{query}");
    }
    for query in ["limit=1", "limit=100", "limit=007", "page=1", "excerpt_words=1", "excerpt_words=500"] {
        assert_eq!(app.get(&format!("/v1/articles?{query}")).status, 200, "{query}");
    }
}

#[test]
fn a_misspelt_choice_lists_the_choices() {
    let app = TestApp::start(Backend::Sqlite);
    let error = json!({
        "parameter": "sort", "code": "invalid-parameter", "detail": "`titel` is not one of the values; did you mean `title`?",
        "allowed": ["-published_at", "published_at", "-updated_at", "title", "relevance"]
    });
    let answer = app.get("/v1/articles?sort=titel");
    assert_eq!(refused(&answer), (400, json!("invalid-parameter"), json!([error])));
}

#[test]
fn all_faults_come_at_once_and_the_first_gives_the_code() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/v1/articles?limit=101&sort=up&tagg=x&kind=rumour&page=0&lang=%FF");
    assert_eq!(
        faults(&answer),
        [
            "tagg: unknown-parameter: there is no such parameter; did you mean `tag`?",
            "lang: invalid-parameter: is not UTF-8, or has control characters",
            "sort: invalid-parameter: `up` is not one of the values",
            "kind: invalid-parameter: `rumour` is not one of the values",
            "limit: limit-too-large: 101 is over the limit of 100",
            "page: invalid-parameter: is not a whole number from 1 to 9223372036854775807",
        ]
    );
    assert_eq!(answer.json()["code"], json!("unknown-parameter"));
    assert_eq!(answer.json()["detail"], json!("6 parameters are at fault; see `errors`."));
}

#[test]
fn page_and_cursor_exclude_each_other() {
    let app = TestApp::start(Backend::Sqlite);
    let found = faults(&app.get("/v1/articles?page=1&cursor=*"));
    assert_eq!(found, ["cursor: invalid-parameter: can't be given together with `page`"]);
}

#[test]
fn an_altered_or_foreign_cursor_is_told_apart() {
    let app = TestApp::start(Backend::Sqlite);
    app.store((0..3).map(|i| article(&format!("a{i}")).tags(&["t"])));
    let next =
        app.get("/v1/articles?cursor=*&limit=1").json()["links"]["next"].as_str().expect("a next page").to_owned();
    assert_eq!(app.get(&next).status, 200);
    let answer = app.get(&format!("{next}&tag=t"));
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("cursor-mismatch")));
    for altered in
        [next.replace("cursor=", "cursor=x"), "/v1/articles?cursor=abc".into(), "/v1/articles?cursor=%D0%B0".into()]
    {
        let answer = app.get(&altered);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("cursor-invalid")), "{altered}");
    }
}

#[test]
fn empty_pairs_between_ampersands_are_nothing() {
    let app = TestApp::start(Backend::Sqlite);
    assert_eq!(app.get("/v1/articles?&&limit=1&").json()["page"]["limit"], json!(1));
    assert_eq!(app.get("/v1/articles?").status, 200);
}
