//! A reader that follows the change log by token and keeps what it is told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::Value;

/// Public articles by id: version and title.
pub type State = BTreeMap<i64, (i64, String)>;

pub struct Follower<'a> {
    address: &'a str,
    client: Client,
    token: String,
    newest: i64,
    pub state: State,
}

impl<'a> Follower<'a> {
    /// From the beginning of the log.
    pub fn new(address: &'a str) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(40)).build().expect("a client");
        Self { address, client, token: String::new(), newest: 0, state: State::new() }
    }

    /// Follows until `done` says so and nothing is left.
    pub fn run(mut self, done: impl Fn() -> bool) -> Self {
        loop {
            let last = done();
            if self.read(if last { 0 } else { 1 }) == 0 && last {
                return self;
            }
        }
    }

    /// Reads a page, waiting for as many seconds, and says how many entries there were.
    fn read(&mut self, wait: u32) -> usize {
        let since = if self.token.is_empty() { String::new() } else { format!("&since={}", self.token) };
        let url = format!("{}/v1/changes?types=article&mode=full&limit=200&wait={wait}{since}", self.address);
        let page = fetch(&self.client, &url);
        let entries = page["data"].as_array().unwrap_or_else(|| panic!("no data: {page}"));
        for entry in entries {
            self.take(entry);
        }
        self.token = page["token"].as_str().expect("a token").to_owned();
        entries.len()
    }

    fn take(&mut self, entry: &Value) {
        let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("no number: {entry}"));
        let (seq, id) = (number(&entry["seq"]), number(&entry["id"]));
        assert!(seq > self.newest, "entry {seq} came after {}", self.newest);
        self.newest = seq;
        match entry["op"].as_str() {
            Some("upsert") => {
                let title = entry["data"]["title"].as_str().unwrap_or_else(|| panic!("no data: {entry}")).to_owned();
                self.state.insert(id, (number(&entry["data"]["version"]), title));
            }
            Some("delete") => {
                self.state.remove(&id);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The state of an export, which must be complete.
pub fn exported(address: &str) -> State {
    let client = Client::builder().timeout(Duration::from_secs(40)).build().expect("a client");
    let text =
        client.get(format!("{address}/v1/export/articles.ndjson")).send().expect("an answer").text().expect("text");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (end, articles) = lines.split_last().expect("an end");
    assert_eq!(end["type"], "end");
    let state = articles.iter().map(|line| {
        let title = line["title"].as_str().expect("a title").to_owned();
        (line["id"].as_i64().expect("an id"), (line["version"].as_i64().expect("a version"), title))
    });
    state.collect()
}

/// An answer, asked for again while the server is away or busy.
fn fetch(client: &Client, url: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(json) = client.get(url).send().ok().filter(|it| it.status() == 200).and_then(|it| it.json().ok()) {
            return json;
        }
        assert!(Instant::now() < deadline, "{url}: no answer for a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}
