//! The same requests to a server on SQLite and to one on PostgreSQL, with the same content and the same clock: every
//! answer is the same, to the byte.

mod content;
mod document;
mod rates;
mod requests;
mod values;

use std::collections::BTreeMap;

use self::content::Vocabulary;
use self::requests::{Request, Requests};
use self::values::Values;
use crate::support::{Answer, Backend, Random, TestApp};

const REQUESTS: usize = 4_500;
/// Requests that are made before the first of their answers is read.
const BATCH: usize = 60;
/// Differences that are shown.
const SHOWN: usize = 8;

#[test]
fn both_databases_answer_alike() {
    let servers = [Backend::Sqlite, Backend::Postgres].map(TestApp::start);
    servers.iter().for_each(content::fill);
    let words = Vocabulary::of(&servers[0]);
    let mut requests = Requests::new(Values::new(Random::seeded(3), &words));
    let mut tally = Tally::default();
    while tally.compared < REQUESTS {
        let batch: Vec<Request> = (0..BATCH).map(|_| requests.make()).collect();
        let [sqlite, postgres] = ask(&servers, &batch);
        for ((request, one), other) in batch.iter().zip(&sqlite).zip(&postgres) {
            tally.compare(request, one, other);
            requests.learn(request, one);
        }
    }
    tally.check(&requests);
}

/// Sends a batch to both servers at once.
fn ask(servers: &[TestApp; 2], batch: &[Request]) -> [Vec<Answer>; 2] {
    let send = |server: &TestApp| -> Vec<Answer> {
        let send = |request: &Request| {
            let headers: Vec<(&str, &str)> =
                request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            server.request(request.method.clone(), &request.target, &headers)
        };
        batch.iter().map(send).collect()
    };
    std::thread::scope(|scope| {
        let threads = servers.each_ref().map(|server| scope.spawn(move || send(server)));
        threads.map(|thread| thread.join().expect("every request is answered"))
    })
}

#[derive(Debug, Default)]
struct Tally {
    compared: usize,
    /// Answers of status 200 that have something to show.
    telling: usize,
    statuses: BTreeMap<u16, usize>,
    /// Answers of status 200 by operation.
    of_operation: BTreeMap<usize, usize>,
    differences: Vec<String>,
}

impl Tally {
    fn compare(&mut self, request: &Request, one: &Answer, other: &Answer) {
        self.compared += 1;
        *self.statuses.entry(one.status).or_default() += 1;
        if one.status == 200 {
            self.telling += usize::from(is_telling(one));
            request.operation.into_iter().for_each(|operation| *self.of_operation.entry(operation).or_default() += 1);
        }
        let (one, other) = (essence(request, one), essence(request, other));
        if one != other {
            let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let asked = format!("{} {} [{}]", request.method, request.target, headers.join(", "));
            self.differences.push(format!(
                "{asked}\n  SQLite     {}\n  PostgreSQL {}",
                apart(&one, &other),
                apart(&other, &one)
            ));
        }
    }

    fn check(&self, requests: &Requests<'_>) {
        let Self { compared, telling, statuses, of_operation, differences } = self;
        println!("{compared} requests, {telling} with something to show, by status {statuses:?}");
        let shown = &differences[..differences.len().min(SHOWN)];
        assert!(differences.is_empty(), "{} of {compared} answers differ:\n{}", differences.len(), shown.join("\n"));
        assert!(*compared >= 3_000 && telling * 3 >= *compared, "too little was compared");
        for status in [200, 204, 301, 304, 400, 404, 405, 406, 410] {
            assert!(statuses.contains_key(&status), "no answer had the status {status}: {statuses:?}");
        }
        assert!(statuses.keys().all(|status| *status < 500), "{statuses:?}");
        for (number, operation) in requests.operations.iter().enumerate() {
            let successes = of_operation.get(&number).copied().unwrap_or(0);
            assert!(successes >= 20, "only {successes} successes of {}", operation.path);
        }
    }
}

/// A list that is not empty, or anything else of some length. What is compressed is not opened, and so must be long.
fn is_telling(answer: &Answer) -> bool {
    let json = serde_json::from_slice::<serde_json::Value>(&answer.body).ok();
    match json.as_ref().map(|json| json["articles"].get("data").unwrap_or(&json["data"])) {
        Some(serde_json::Value::Array(data)) => !data.is_empty(),
        Some(_) => answer.body.len() > 100,
        None => answer.body.len() > 500,
    }
}

/// All that must be the same: the date is the machine's, and metrics count what each server did.
fn essence(request: &Request, answer: &Answer) -> String {
    let counted = request.target.starts_with("/metrics") && answer.status == 200;
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date" && !(counted && *name == "content-length"))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let body = if counted { "".into() } else { String::from_utf8_lossy(&answer.body) };
    // Bytes that are no text differ in their entity tag too.
    format!("{} [{}] {} {body}", answer.status, headers.join(", "), answer.body.len() * usize::from(!counted))
}

/// The part of `one` in which it differs from `other`.
fn apart(one: &str, other: &str) -> String {
    let start = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let skipped = start.saturating_sub(80);
    let status: String = one.chars().take(3).collect();
    format!("{status} … {}", one.chars().skip(skipped).take(320).collect::<String>())
}
