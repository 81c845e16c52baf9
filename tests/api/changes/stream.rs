//! `/v1/changes/stream`.

use reqwest::Method;
use serde_json::json;

use super::reader::{Reader, line, now};
use crate::on_both;
use crate::support::{Event, Events, article};

const STREAM: &str = "/v1/changes/stream";

/// The line of the next change, and its token.
fn hear(events: &mut Events) -> (String, String) {
    let Event { name, id, data } = events.next().expect("the stream goes on");
    assert_eq!(name, "change");
    (line(&data), id.expect("a token"))
}

on_both! {
    fn a_stream_begins_with_what_comes_next(app: &TestApp) {
        app.store([article("before")]);
        let mut events = Events::open(app, STREAM, &[]);
        let first = events.next().expect("a place");
        assert_eq!((first.name.as_str(), &first.data), ("", &json!(null)), "a place and no event");
        app.store([article("draft").with("status", "draft"), article("a"), article("b")]);
        let (heard, token) = hear(&mut events);
        assert_eq!(heard, "upsert article a v1 published");
        assert_eq!(hear(&mut events).0, "upsert article b v1 published");
        assert_eq!(Reader::new(app, "", "").at(&token).lines(), ["upsert article b v1 published"]);
        let place = first.id.expect("a token");
        assert_eq!(Reader::new(app, "", "").at(&place).lines().len(), 2);
    }

    fn an_event_is_the_entry_of_the_list(app: &TestApp) {
        app.store([article("a")]);
        let token = now(app, "");
        app.store([article("b").tags(&["t"])]);
        let mut events = Events::open(app, &format!("{STREAM}?since={token}&mode=full&types=article&fields=slug"), &[]);
        let event = events.next().expect("an event");
        let listed = app.get(&format!("/v1/changes?since={token}&mode=full&types=article&fields=slug")).json();
        assert_eq!(event.data, listed["data"][0]);
        assert_eq!(event.data["data"], json!({"slug": "b"}));
    }

    fn a_reader_goes_on_where_it_was(app: &TestApp) {
        let token = now(app, "");
        app.store((0..120).map(|i| article(&format!("a{i}"))));
        let mut events = Events::open(app, &format!("{STREAM}?since={token}"), &[]);
        let heard: Vec<(String, String)> = (0..70).map(|_| hear(&mut events)).collect();
        drop(events);
        app.store([article("a100").with("title", "Another")]);
        // A browser repeats the address that it began with.
        let headers = [("Last-Event-ID", heard[69].1.as_str())];
        let mut events = Events::open(app, &format!("{STREAM}?since={token}"), &headers);
        let rest: Vec<String> = (0..50).map(|_| hear(&mut events).0).collect();
        assert_eq!((rest[0].as_str(), rest[49].as_str()), ("upsert article a70 v1 published", "upsert article a100 v2 updated"));
    }

    fn what_can_t_be_heard_is_refused_at_once(app: &TestApp) {
        let answer = app.get(&format!("{STREAM}?since=1"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "sync-token-invalid"));
        let answer = app.get_with(STREAM, &[("Last-Event-ID", "1")]);
        assert_eq!((answer.status, answer.json()["errors"][0]["parameter"].clone()), (400, json!("Last-Event-ID")));
        assert_eq!(app.get(&format!("{STREAM}?limit=1")).code(), "unknown-parameter");
        let head = app.request(Method::HEAD, STREAM, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
    }
}
