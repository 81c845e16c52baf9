//! A connection that reads server-sent events.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use serde_json::Value;

use super::TestApp;

/// What arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Empty when it has none.
    pub name: String,
    pub id: Option<String>,
    /// Null when it has none.
    pub data: Value,
}

/// An open stream.
pub struct Events(BufReader<Response>);

impl Events {
    /// Connects, and must be let in.
    pub fn open(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(30)).build().expect("a client");
        let request = client.get(format!("{}{path}", app.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self(BufReader::new(response))
    }

    /// The next event, comments passed over; `None` when the stream is over.
    pub fn next(&mut self) -> Option<Event> {
        let (mut event, mut any) = (Event { name: String::new(), id: None, data: Value::Null }, false);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).expect("the stream goes on") == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("id", id)) => event.id = Some(id.to_owned()),
                Some(("data", text)) => event.data = serde_json::from_str(text).expect("JSON"),
                _ if any => return Some(event),
                _ => continue,
            }
            any = true;
        }
    }
}
