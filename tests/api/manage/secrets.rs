//! A key never appears in a log, an error or a metric, wherever it is sent: shown on a process of its own that logs
//! everything, with keys that are good, unknown, mistyped and cut.

use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::json;
use strum::VariantArray;
use xabar::access::{Scope, Token};
use xabar::config::Environment;

use crate::on_both;
use crate::support::{TestApp, article};

/// `xabar serve` on the database of a test, and what it has logged.
struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    address: String,
    client: Client,
    /// Every answer: status, headers and body.
    answers: Mutex<Vec<String>>,
}

impl Process {
    fn start(app: &TestApp, format: &str) -> Self {
        let mut command = app.command();
        command.arg("serve").env("LISTEN", "127.0.0.1:0").env("LOG_FORMAT", format).env("WORKERS", "1");
        command.env("RATE_LIMIT_ADDRESS", "100000/60").env("RATE_LIMIT_KEY", "100000/60");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command runs");
        let mut stderr = child.stderr.take().expect("its log");
        let log = Arc::new(Mutex::new(String::new()));
        let kept = log.clone();
        std::thread::spawn(move || {
            let mut piece = [0; 65_536];
            while let Ok(length @ 1..) = stderr.read(&mut piece) {
                kept.lock().expect("the log").push_str(&String::from_utf8_lossy(&piece[..length]));
            }
        });
        let deadline = Instant::now() + Duration::from_secs(30);
        let address = loop {
            let said = log.lock().expect("the log").clone();
            if let Some(rest) = said.split("serving on ").nth(1).filter(|rest| rest.contains(',')) {
                break rest.split(',').next().expect("an address").to_owned();
            }
            assert!(Instant::now() < deadline, "{said}");
            std::thread::sleep(Duration::from_millis(20));
        };
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { child, log, address, client, answers: Mutex::default() }
    }

    fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> u16 {
        let request = self.client.request(method, format!("{}{path}", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_owned()),
            None => request,
        };
        let answer = request.send().expect("an answer");
        let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        let body = answer.bytes().expect("a body");
        let text = format!("{path} {status} {headers} {}", String::from_utf8_lossy(&body));
        self.answers.lock().expect("answers").push(text.split_once(' ').expect("a path").1.to_owned());
        status
    }

    /// Stops it, and gives all that it has logged.
    fn stop(mut self) -> (String, Vec<String>) {
        // The last lines are on their way.
        std::thread::sleep(Duration::from_millis(300));
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        let answers = std::mem::take(&mut *self.answers.lock().expect("answers"));
        (self.log.lock().expect("the log").clone(), answers)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PATHS: &[&str] = &[
    "/v1/articles",
    "/v1/articles/{}",
    "/v1/articles/{}/related",
    "/v1/tags",
    "/v1/tags/{}",
    "/v1/authors/{}",
    "/v1/media/{}",
    "/v1/redirects",
    "/v1/rates",
    "/v1/rates/{}/USD",
    "/v1/rates/USD/{}/history",
    "/v1/page/tag/{}",
    "/v1/currencies",
    "/v1/openapi.json",
    "/v1/manage/keys",
    "/v1/manage/keys/{}",
    "/v1/manage/audit",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/docs/{}",
    "/docs",
    "/{}",
    "/v1/{}",
    "/{}/{}",
];

/// Sends a key in every place that a request has.
fn everywhere(process: &Process, key: &str, good: &str) {
    let bearer = format!("Bearer {key}");
    let spellings =
        [key.to_owned(), key.replace('_', "%5F"), key.replace('_', "%255f"), format!("{key}%00"), format!("a{key}b")];
    for path in PATHS {
        for spelling in &spellings {
            let path = path.replace("{}", spelling);
            process.send(Method::GET, &path, &[("Authorization", &bearer)], None);
            process.send(Method::GET, &path, &[], None);
            for parameter in ["q", "cursor", "tag", "fields", "token", "lang", "ids", "limit", "action", "type"] {
                process.send(Method::GET, &format!("{path}?{parameter}={spelling}"), &[("Authorization", good)], None);
            }
            process.send(Method::GET, &format!("{path}?{spelling}={spelling}"), &[], None);
        }
        let path = path.replace("{}", "x");
        for header in [
            "If-None-Match",
            "If-Match",
            "X-Request-Id",
            "Idempotency-Key",
            "Accept",
            "Accept-Encoding",
            "Origin",
            "Referer",
            "User-Agent",
            "Cookie",
            "X-Forwarded-For",
            "Last-Event-ID",
            "Content-Type",
        ] {
            process.send(Method::GET, &path, &[(header, key), ("Authorization", good)], None);
            process.send(Method::POST, &path, &[(header, key), ("Authorization", good)], Some("{}"));
        }
        for value in [
            key.to_owned(),
            format!("Basic {key}"),
            format!("{key} {key}"),
            format!("Bearer {key}x"),
            format!("Bearer {key} "),
        ] {
            process.send(Method::GET, &path, &[("Authorization", &value)], None);
        }
        let method = Method::from_bytes(key.as_bytes()).expect("a method");
        process.send(method, &path, &[("Authorization", good)], None);
    }
}

/// Sends a key in bodies, in the name of a key and in every place of a draft.
fn in_bodies(process: &Process, key: &str, good: &str) {
    for path in ["/v1/manage/keys", "/v1/manage/keys/2/rotate", "/v1/manage/keys/2/revoke", "/v1/articles"] {
        for body in [
            json!({"name": key, "scopes": ["content:read"]}),
            json!({"name": "a", "scopes": [key]}),
            json!({"name": "a", "scopes": ["content:read"], "expires_at": key}),
            json!({"name": "a", "scopes": ["content:read"], key: key}),
            json!({"overlap_seconds": key}),
            json!(key),
            json!([key]),
        ] {
            for text in [body.to_string(), format!("{body}{key}"), format!("{key}{body}"), key.to_owned()] {
                process.send(Method::POST, path, &[("Authorization", good)], Some(&text));
                process.send(Method::POST, path, &[], Some(&text));
            }
        }
    }
}

on_both! {
    fn no_log_holds_the_link_to_a_preview(app: &TestApp) {
        app.store([article("a").with("status", "draft")]);
        let key = app.key(&[Scope::ContentRead]);
        let process = Process::start(app, "json");
        let bearer = format!("Bearer {key}");
        assert_eq!(process.send(Method::POST, "/v1/manage/articles/1/preview", &[("Authorization", &bearer)], Some("{}")), 200);
        let answer = process.answers.lock().expect("answers")[0].clone();
        let token = answer.split("/v1/preview/").nth(1).and_then(|rest| rest.split('"').next()).expect("a link").to_owned();
        assert_eq!(process.send(Method::GET, &format!("/v1/preview/{token}"), &[], None), 200);
        for other in [format!("/v1/preview/{token}x"), format!("/v1/preview/{token}/"), format!("//v1/preview/{token}"), format!("/v1/%70review/{token}")] {
            assert_eq!(process.send(Method::GET, &other, &[], None), 404, "{other}");
        }
        let (log, _) = process.stop();
        assert!(log.contains("/v1/preview/{token}") && !log.contains(&token), "{log}");
    }

    fn no_log_answer_or_metric_holds_a_key(app: &TestApp) {
        let good = app.key(Scope::VARIANTS);
        let unknown = Token::generate(Environment::Live).expect("randomness").reveal().to_owned();
        let foreign = Token::generate(Environment::Test).expect("randomness").reveal().to_owned();
        let mistyped = format!("{}{}", &unknown[..59], if unknown.ends_with('a') { 'b' } else { 'a' });
        let (cut, other) = (unknown[..50].to_owned(), app.key(&[]));
        let format = if app.db.backend() == xabar::db::Backend::Sqlite { "json" } else { "text" };
        let process = Process::start(app, format);
        let bearer = format!("Bearer {good}");
        for key in [&good, &other, &unknown, &foreign, &mistyped, &cut] {
            everywhere(&process, key, &bearer);
            in_bodies(&process, key, &bearer);
        }
        assert_eq!(process.send(Method::GET, "/metrics", &[], None), 200);
        // The good key is good to the end: what it was sent to is read as well.
        assert_eq!(process.send(Method::GET, "/v1/manage/audit?limit=100", &[("Authorization", &bearer)], None), 200);
        assert_eq!(process.send(Method::GET, "/v1/manage/keys?limit=100", &[("Authorization", &bearer)], None), 200);
        let (log, answers) = process.stop();
        assert!(log.lines().count() > 5_000 && answers.len() > 5_000, "{} lines, {} answers", log.lines().count(), answers.len());
        for key in [&good, &other, &unknown, &foreign, &mistyped, &cut] {
            let secret = &key[17..key.len().min(40)];
            let around = |text: &String| {
                let at = text.find(secret)?;
                Some(text.chars().skip(at.saturating_sub(200)).take(400).collect::<String>())
            };
            assert_eq!(around(&log), None, "the log");
            assert_eq!(answers.iter().find_map(around), None, "an answer");
        }
        assert!(log.contains(&format!("{}(hidden)", &good[..17])), "what is hidden can be recognised");
    }

    fn a_new_key_is_in_its_answer_and_nowhere_else(app: &TestApp) {
        let process = Process::start(app, "json");
        let bearer = format!("Bearer {}", app.key(Scope::VARIANTS));
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", "once")];
        let body = json!({"name": "a", "scopes": ["content:read"]}).to_string();
        for _ in 0..2 {
            assert_eq!(process.send(Method::POST, "/v1/manage/keys", &headers, Some(&body)), 201);
        }
        assert_eq!(process.send(Method::POST, "/v1/manage/keys/2/rotate", &[("Authorization", &bearer)], Some("{}")), 201);
        for path in ["/v1/manage/keys", "/v1/manage/keys/2", "/v1/manage/audit", "/metrics"] {
            assert_eq!(process.send(Method::GET, path, &[("Authorization", &bearer)], None), 200);
        }
        let (log, answers) = process.stop();
        let secrets: Vec<String> = answers.iter().filter_map(|text| {
            let key = text.split("\"key\":\"").nth(1)?.split('"').next()?;
            Some(Token::parse(key).ok()?.reveal()[17..].to_owned())
        }).collect();
        assert_eq!(secrets.len(), 2, "{answers:?}");
        for secret in secrets {
            assert_eq!(answers.iter().filter(|text| text.contains(&secret)).count(), 1);
            assert!(!log.contains(&secret));
        }
    }
}
