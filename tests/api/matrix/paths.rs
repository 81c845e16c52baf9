//! Every operation for every caller under every spelling of its path: a spelling either is the path, and then the same scope
//! is asked for, or it is nothing.

use serde_json::Value;
use xabar::access::Scope;

use super::callers;
use crate::on_both;
use crate::support::{TestApp, article};

/// Other ways to write a path. What a server may take for the path itself must be as closed as the path.
fn spellings(path: &str) -> Vec<String> {
    let inner = &path[1..];
    let encoded: String =
        path.bytes().map(|b| if b == b'm' { "%6d".to_owned() } else { char::from(b).to_string() }).collect();
    let upper = |text: &str| text.to_uppercase();
    vec![
        path.to_owned(),
        format!("{path}/"),
        format!("{path}//"),
        format!("//{inner}"),
        path.replacen("/manage", "//manage", 1),
        path.replacen("/manage/", "/manage//", 1),
        path.replacen("/v1/manage", "/v1/./manage", 1),
        path.replacen("/v1/manage", "/v1/x/../manage", 1),
        path.replacen("/v1/manage", "/v1%2Fmanage", 1),
        path.replacen("/v1/manage", "/V1/Manage", 1),
        path.replacen("manage", &upper("manage"), 1),
        encoded,
        format!("{path}%2F"),
        format!("{path}%00"),
        format!("{path};a=b"),
        format!("{path}.json"),
        format!("{path}?"),
        path.replacen("/v1/manage", "/v1/articles/../manage", 1),
        path.replacen("/v1/", "/v1/%2e/", 1),
        path.replacen("/v1", "/%76%31", 1),
    ]
}

/// Every operation of the newsroom: method, path with its parameters filled in, and the scope that it names.
fn operations(app: &TestApp) -> Vec<(String, String, Scope)> {
    let contract = app.get("/v1/openapi.json").json();
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let Some(scope) = operation["security"][0]["key"][0].as_str() else { continue };
            let filled =
                path.replace("{id}", "1").replace("{version}", "1").replace("{slug}", "t").replace("{alias}", "u");
            assert!(!filled.contains('{'), "{filled}");
            found.push((method.to_uppercase(), filled, scope.parse().expect("a scope")));
        }
    }
    found
}

on_both! {
    fn no_spelling_opens_what_a_key_may_not_see(app: &TestApp) {
        app.store([article("secret-draft").with("status", "draft").tags(&["t"])]);
        let keys: Vec<(Option<Scope>, String)> =
            callers().into_iter().map(|caller| (caller, caller.map(|scope| app.key(&[scope])).unwrap_or_default())).collect();
        let operations = operations(app);
        assert!(operations.len() >= 15, "{}", operations.len());
        let mut cells = 0;
        for (method, path, scope) in &operations {
            for (caller, key) in keys.iter().filter(|(caller, _)| caller != &Some(*scope)) {
                for spelling in spellings(path) {
                    cells += 1;
                    let header = if key.is_empty() { String::new() } else { format!("Authorization: Bearer {key}\r\n") };
                    let request = format!("{method} {spelling} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}Content-Type: application/json\r\nIf-Match: *\r\nContent-Length: 2\r\n\r\n{{}}");
                    let answer = String::from_utf8_lossy(&app.raw(request.as_bytes())).into_owned();
                    let status: u16 = answer[9..12].parse().expect("a status");
                    let at = format!("{method} {spelling} for {caller:?}");
                    assert!(matches!(status, 400 | 401 | 403 | 404 | 405), "{at}: {status}");
                    if spelling == *path {
                        assert_eq!(status, if caller.is_some() { 403 } else { 401 }, "{at}");
                    }
                    assert!(!answer.contains("secret-draft"), "{at}: {answer}");
                }
            }
        }
        assert!(cells > 2_000, "{cells} cells");
        let untouched = app.get_as("/v1/manage/articles/1", &app.key(&[Scope::ContentRead])).json();
        assert_eq!((&untouched["state"], &untouched["version"]), (&Value::from("draft"), &Value::from(1)));
    }
}
