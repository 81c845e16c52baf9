//! `/health/live`, `/health/ready`, `/metrics`.

use serde_json::json;

use crate::on_both;
use crate::support::{Backend, TestApp};

on_both! {
    fn a_process_with_its_database_is_alive_and_ready(app: &TestApp) {
        for path in ["/health/live", "/health/ready"] {
            let answer = app.get(path);
            assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})), "{path}");
            assert_eq!(answer.header("content-type"), "application/json", "{path}");
        }
    }
}

/// The value of a sample in the text format of Prometheus.
fn sample(text: &str, name_and_labels: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name_and_labels)?.strip_prefix(' '))?;
    Some(line.parse().expect("a number"))
}

#[test]
fn metrics_count_requests_by_endpoint_method_and_status() {
    let app = TestApp::start(Backend::Sqlite);
    app.get("/v1/articles");
    app.get("/v1/articles?limit=1");
    app.get("/v1/articles?limit=0");
    app.get("/v1/articles/one-slug");
    app.get("/v1/articles/another-slug");
    app.request(reqwest::Method::HEAD, "/v1/tags", &[]);
    app.get("/docs/");
    app.request(reqwest::Method::from_bytes(b"PROPFIND").expect("a method"), "/v1/articles", &[]);
    let answer = app.get("/metrics");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4"));
    let text = String::from_utf8(answer.body).expect("text");
    let count = |endpoint: &str, method: &str, status: &str| {
        let labels = format!("{{endpoint=\"{endpoint}\",method=\"{method}\",status=\"{status}\"}}");
        sample(&text, &format!("xabar_http_requests_total{labels}"))
    };
    assert_eq!(count("/v1/articles", "GET", "200"), Some(2.0), "{text}");
    assert_eq!(count("/v1/articles", "GET", "400"), Some(1.0), "{text}");
    assert_eq!(count("/v1/articles/{key}", "GET", "404"), Some(2.0), "{text}");
    assert_eq!(count("/v1/tags", "HEAD", "200"), Some(1.0), "{text}");
    assert_eq!(count("/docs", "GET", "200"), Some(1.0), "{text}");
    assert_eq!(count("/v1/articles", "OTHER", "405"), Some(1.0), "{text}");
    assert!(!text.contains("PROPFIND"), "{text}");
    let seconds = |of| {
        let labels = "{endpoint=\"/v1/articles\",method=\"GET\",status=\"200\"}";
        sample(&text, &format!("xabar_http_requests_duration_seconds_{of}{labels}"))
    };
    assert_eq!(seconds("count"), Some(2.0), "{text}");
    assert!(seconds("sum").is_some_and(|sum| sum > 0.0 && sum < 60.0), "{text}");
}

#[test]
fn unknown_paths_do_not_grow_the_metrics() {
    let app = TestApp::start(Backend::Sqlite);
    for i in 0..20 {
        app.get(&format!("/nothing/{i}"));
    }
    let text = String::from_utf8(app.get("/metrics").body).expect("text");
    assert!(!text.contains("/nothing/"), "{text}");
    assert!(text.contains("endpoint=\"unmatched\""), "{text}");
}
