//! Answers that go on: server-sent events, for as long as their reader listens, and bodies too large to be held.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::stream::empty;
use futures_util::{Stream, StreamExt};

/// On a request that is a HEAD: what would be streamed is not begun.
#[derive(Debug, Clone, Copy)]
pub struct HeadOnly;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened.
    Message { name: &'static str, id: String, data: String },
    /// Something about the connection itself. Without an id, so that the reader's place stays what it was.
    Control { name: &'static str, data: String },
    /// The place from which a reader goes on that is connected anew before anything has happened.
    Place { id: String },
    /// Nothing did; the connection is alive. Readers never see it.
    Heartbeat,
}

impl Event {
    fn bytes(&self) -> Bytes {
        let (mut text, data) = match self {
            Self::Message { name, id, data } => (format!("event: {name}\nid: {id}\n"), data.as_str()),
            Self::Control { name, data } => (format!("event: {name}\n"), data.as_str()),
            Self::Place { id } => (format!("id: {id}\n"), ""),
            Self::Heartbeat => (":\n".to_owned(), ""),
        };
        for line in data.lines() {
            // Writing to a string can't fail.
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        Bytes::from(text)
    }
}

/// The answer that sends `events` until the reader goes away.
pub fn respond(req: &HttpRequest, events: impl Stream<Item = Event> + 'static) -> HttpResponse {
    stream(req, "text/event-stream", events.map(|event| Ok::<_, Infallible>(event.bytes())))
}

/// The answer that sends `parts` as they come. Never cached, and no proxy may hold it back. An error breaks the connection,
/// so that no reader takes what came until then for the whole.
pub fn stream<E: Into<Box<dyn Error>> + 'static>(
    req: &HttpRequest,
    content_type: &'static str,
    parts: impl Stream<Item = Result<Bytes, E>> + 'static,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(content_type);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.insert_header(("X-Accel-Buffering", "no"));
    // A connection that is kept open after a stream would hold up a server that is to stop.
    response.force_close();
    if req.extensions().contains::<HeadOnly>() {
        return response.streaming(empty::<Result<Bytes, Infallible>>());
    }
    response.streaming(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_lines_and_a_blank_one() {
        let event = Event::Message { name: "rate", id: "7".into(), data: "{\n}".into() };
        assert_eq!(event.bytes(), "event: rate\nid: 7\ndata: {\ndata: }\n\n");
        assert_eq!(Event::Heartbeat.bytes(), ":\n\n");
        assert_eq!(Event::Place { id: "7".into() }.bytes(), "id: 7\n\n");
        let control = Event::Control { name: "expired", data: "{}".into() };
        assert_eq!(control.bytes(), "event: expired\ndata: {}\n\n");
    }
}
