//! Server-sent events: the one way in which an answer goes on for as long as its reader listens.

use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt};

/// On a request that is a HEAD: what would be streamed is not begun.
#[derive(Debug, Clone, Copy)]
pub struct HeadOnly;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened.
    Message { name: &'static str, id: String, data: String },
    /// Nothing did; the connection is alive. Readers never see it.
    Heartbeat,
}

impl Event {
    fn bytes(&self) -> Bytes {
        let Self::Message { name, id, data } = self else { return Bytes::from_static(b":\n\n") };
        let mut text = format!("event: {name}\nid: {id}\n");
        for line in data.lines() {
            // Writing to a string can't fail.
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        Bytes::from(text)
    }
}

/// The answer that sends `events` until the reader goes away. Never cached, and no proxy may hold it back.
pub fn respond(req: &HttpRequest, events: impl Stream<Item = Event> + 'static) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream");
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header(("X-Accel-Buffering", "no"));
    if req.extensions().contains::<HeadOnly>() {
        return response.finish();
    }
    response.streaming(events.map(|event| Ok::<_, actix_web::Error>(event.bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_lines_and_a_blank_one() {
        let event = Event::Message { name: "rate", id: "7".into(), data: "{\n}".into() };
        assert_eq!(event.bytes(), "event: rate\nid: 7\ndata: {\ndata: }\n\n");
        assert_eq!(Event::Heartbeat.bytes(), ":\n\n");
    }
}
