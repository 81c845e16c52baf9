//! One editor who writes as fast as the server lets, notes what was acknowledged, and tries again what was not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::support::Random;

/// What an acknowledgement said of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub version: i64,
    pub title: String,
    pub state: String,
}

pub struct Writer<'a> {
    number: usize,
    address: &'a str,
    key: &'a str,
    client: Client,
    random: Random,
    count: usize,
    /// What was acknowledged last, by id.
    pub known: HashMap<i64, Known>,
    /// Guids of the articles that were created, with how often an answer said so.
    pub created: HashMap<String, i64>,
    pub acknowledged: usize,
}

impl<'a> Writer<'a> {
    pub fn new(number: usize, address: &'a str, key: &'a str) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
        let (random, known, created) = (Random::seeded(number as u64 + 1), HashMap::new(), HashMap::new());
        Self { number, address, key, client, random, count: 0, known, created, acknowledged: 0 }
    }

    /// Writes until it is told to stop.
    pub fn run(mut self, stop: &AtomicBool) -> Self {
        while !stop.load(Ordering::Relaxed) {
            self.write();
        }
        self
    }

    /// One write, seen through to its acknowledgement.
    fn write(&mut self) {
        self.count += 1;
        let ids: Vec<i64> = self.known.iter().filter(|(_, it)| it.state != "killed").map(|(id, _)| *id).collect();
        if ids.len() < 3 || self.random.one_in(4) {
            let guid = format!("writer-{}-{}", self.number, self.count);
            let body = json!({"guid": guid, "title": format!("{} of {}", self.count, self.number), "lang": "en",
                "tags": [{"slug": "all", "name": "All"}], "body": "<p>Words.</p>"});
            let made = self.post("/v1/manage/articles", &body);
            self.created.insert(guid, made["id"].as_i64().expect("an id"));
            return self.note(&made);
        }
        let mut ids = ids;
        ids.sort_unstable();
        let id = *self.random.choose(&ids);
        let path = format!("/v1/manage/articles/{id}");
        let made = match (self.known[&id].state.as_str(), self.random.below(8)) {
            ("published", 0..=1) => self.post(&format!("{path}/unpublish"), &json!({})),
            ("published", 2) => self.post(&format!("{path}/kill"), &json!({"reason": "Wrong."})),
            ("published", 3) => self.post(&format!("{path}/correct"), &json!({"text": "It was so."})),
            ("draft" | "unpublished", 0..=3) => self.post(&format!("{path}/publish"), &json!({})),
            _ => self.patch(&path, &json!({"title": format!("{} of {}", self.count, self.number)})),
        };
        self.note(&made);
    }

    fn note(&mut self, made: &Value) {
        self.acknowledged += 1;
        let id = made["id"].as_i64().unwrap_or_else(|| panic!("no id: {made}"));
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        let version = made["version"].as_i64().expect("a version");
        let before = self.known.insert(id, Known { version, title: text("title"), state: text("state") });
        if let Some(before) = before {
            assert_eq!(version, before.version + 1, "article {id}: a write was lost or doubled");
        }
    }

    /// POSTs until there is an answer; the key makes a repetition harmless.
    fn post(&mut self, path: &str, body: &Value) -> Value {
        let idempotency_key = format!("{}-{}", self.number, self.count);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(made) = self.attempt(Method::POST, path, &[("Idempotency-Key", &idempotency_key)], body) {
                return made;
            }
            assert!(Instant::now() < deadline, "{path}: no answer for a minute");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// PATCHes until there is an answer, or what it wanted is there: only this writer writes this article.
    fn patch(&mut self, path: &str, body: &Value) -> Value {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            assert!(Instant::now() < deadline, "{path}: no answer for a minute");
            let Some(read) = self.get(path) else { continue };
            let (tag, present) = read;
            if present["title"] == body["title"] {
                return present;
            }
            if let Some(made) = self.attempt(Method::PATCH, path, &[("If-Match", &tag)], body) {
                return made;
            }
        }
    }

    fn get(&self, path: &str) -> Option<(String, Value)> {
        let request = self.client.get(format!("{}{path}", self.address)).bearer_auth(self.key);
        let answer = request.send().ok().filter(|answer| answer.status() == 200);
        let answer = match answer {
            Some(answer) => answer,
            None => {
                std::thread::sleep(Duration::from_millis(20));
                return None;
            }
        };
        let tag = answer.headers()["etag"].to_str().expect("text").to_owned();
        Some((tag, answer.json().ok()?))
    }

    /// `None` when there was no answer, or one that says to try again.
    fn attempt(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Value> {
        let request = self.client.request(method, format!("{}{path}", self.address)).bearer_auth(self.key).json(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().ok()?;
        let status = answer.status().as_u16();
        let json: Value = answer.json().ok()?;
        match status {
            200 | 201 => Some(json),
            503 => None,
            409 if json["detail"].as_str().is_some_and(|text| text.contains("being answered")) => None,
            other => panic!("{path}: {other} {json}"),
        }
    }
}
