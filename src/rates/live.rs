//! Rates as they change: what a listener is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Rates;
use super::money::Pair;
use super::pricing::{Basis, Quote, When, next_change};
use super::queries::Reader;
use super::wire::Rate;
use crate::changes::live::{HEARTBEAT, Listening, Wake};
use crate::changes::queries as log;
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbConnection, DbError};
use crate::http::events::Event;

/// One connection: what it was told last, and what it is to be told.
pub struct Listener {
    db: Db,
    clock: Clock,
    rates: Arc<Rates>,
    pairs: Vec<Pair>,
    basis: Basis,
    listening: Listening,
    /// How far the log had come at the last look.
    seen: i64,
    sent: HashMap<Pair, String>,
    waiting: Vec<Event>,
    /// When the clock may change something; `None` before the first look.
    until: Option<Instant>,
}

impl Listener {
    /// A connection that is to be told about some pairs.
    pub fn new(
        db: Db,
        clock: Clock,
        rates: Arc<Rates>,
        (pairs, basis): (Vec<Pair>, Basis),
        listening: Listening,
    ) -> Self {
        let (sent, waiting) = (HashMap::new(), Vec::new());
        Self { db, clock, rates, pairs, basis, listening, seen: 0, sent, waiting, until: None }
    }

    /// The next event: at first each pair's rate, and then those that change.
    pub async fn next(mut self) -> Option<(Event, Self)> {
        // However often it looks anew and finds nothing to tell.
        let silent_until = Instant::now() + HEARTBEAT;
        loop {
            if let Some(event) = self.waiting.pop() {
                return Some((event, self));
            }
            if let Some(until) = self.until {
                tokio::select! {
                    biased;
                    () = sleep_until(silent_until) => return Some((Event::Heartbeat, self)),
                    wake = self.listening.rate_after(self.seen) => if wake == Wake::Stopping { return None },
                    () = sleep_until(until) => {}
                }
            }
            self.look().await;
        }
    }

    /// Prices the pairs anew and notes what differs from what was sent.
    async fn look(&mut self) {
        let now = self.clock.now();
        let quotes = match self.price(now).await {
            Ok((seq, quotes)) => {
                self.seen = seq;
                self.note(seq, &quotes);
                quotes
            }
            Err(error) => {
                tracing::debug!(%error, "rates wait: {error}");
                self.until = Some(Instant::now() + Duration::from_secs(1));
                return;
            }
        };
        let change = next_change(&quotes, quotes.len() == self.pairs.len(), &self.rates.calendar, now);
        let seconds = u64::try_from(now.seconds_until(change)).unwrap_or(0);
        self.until = Some(Instant::now() + Duration::from_secs(seconds.max(1)));
    }

    async fn price(&self, now: Timestamp) -> Result<(i64, Vec<Quote>), DbError> {
        let (rates, pairs, basis) = (self.rates.clone(), self.pairs.clone(), self.basis);
        let read = move |conn: &mut DbConnection| {
            let seq = log::latest(conn)?;
            let mut reader = Reader::new(conn, &rates, basis, When { now, date: None, as_of: None });
            let mut quotes = Vec::new();
            for pair in pairs {
                quotes.extend(reader.quote(pair)?);
            }
            Ok::<_, DbError>((seq, quotes))
        };
        self.db.read(read).await
    }

    fn note(&mut self, seq: i64, quotes: &[Quote]) {
        // The last one is popped first.
        for quote in quotes.iter().rev() {
            let data = match serde_json::to_string(&Rate::new(quote)) {
                Ok(data) => data,
                Err(error) => {
                    tracing::error!(%error, "{}: a rate could not be written: {error}", quote.pair);
                    continue;
                }
            };
            if self.sent.get(&quote.pair) != Some(&data) {
                self.sent.insert(quote.pair, data.clone());
                self.waiting.push(Event::Message { name: "rate", id: seq.to_string(), data });
            }
        }
    }
}
