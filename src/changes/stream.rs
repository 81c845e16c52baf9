//! The log as a stream: one connection, what it was told last, and what it is to be told.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::EXPORT;
use super::live::{HEARTBEAT, Listening, Wake};
use super::page::{Page, Read, Reader, Since};
use super::token::Tokens;
use crate::http::Code;
use crate::http::events::Event;

/// Entries that are read at once, and so held in memory for a reader who is slow.
const BATCH: i64 = 50;

/// One connection.
pub struct Listener {
    reader: Reader,
    tokens: Tokens,
    listening: Listening,
    since: Since,
    /// How far the log was read, when there was nothing more.
    caught_up: Option<i64>,
    waiting: VecDeque<Event>,
    ended: bool,
}

impl Listener {
    /// A connection that is to be told what comes after `since`.
    pub fn new(reader: Reader, tokens: Tokens, listening: Listening, since: Since) -> Self {
        Self { reader, tokens, listening, since, caught_up: None, waiting: VecDeque::new(), ended: false }
    }

    /// The next event; `None` when the stream is over.
    pub async fn next(mut self) -> Option<(Event, Self)> {
        // However often it is woken by what is not for this reader.
        let silent_until = Instant::now() + HEARTBEAT;
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some((event, self));
            }
            if self.ended {
                return None;
            }
            if let Some(seq) = self.caught_up {
                tokio::select! {
                    biased;
                    () = sleep_until(silent_until) => return Some((Event::Heartbeat, self)),
                    wake = self.listening.after(seq) => if wake == Wake::Stopping { return None },
                }
            }
            self.look().await;
        }
    }

    async fn look(&mut self) {
        match self.reader.read(self.since, BATCH).await {
            Ok(Read::Page(page)) => self.note(page),
            Ok(Read::Expired) => {
                let data = json!({ "code": Code::SyncTokenExpired, "export": EXPORT });
                self.waiting.push_back(Event::Control { name: "expired", data: data.to_string() });
                self.ended = true;
            }
            // The reader connects again, and is then told why not.
            Ok(Read::KeyLost) => self.ended = true,
            Err(error) => {
                tracing::debug!(%error, "a stream of changes waits: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    fn note(&mut self, page: Page) {
        let Page { changes, place, has_more } = page;
        let audience = self.reader.viewer.audience;
        if self.since == Since::Now {
            // Who loses the connection before anything is told goes on from here.
            self.waiting.push_back(Event::Place { id: self.tokens.seal(audience, place) });
        }
        let mut at = match self.since {
            Since::Place(at) => at,
            Since::Beginning | Since::Now => place,
        };
        for change in changes {
            let data = match serde_json::to_string(&change) {
                Ok(data) => data,
                Err(error) => {
                    tracing::error!(%error, "a change could not be written, and its stream ends: {error}");
                    self.ended = true;
                    return;
                }
            };
            at = at.moved_to(change.seq);
            self.waiting.push_back(Event::Message { name: "change", id: self.tokens.seal(audience, at), data });
        }
        self.since = Since::Place(place);
        self.caught_up = (!has_more).then_some(place.seq);
    }
}
