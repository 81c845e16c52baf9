//! Rates as they change: what a listener is told, and how this process learns that there is something to tell.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until};

use super::Rates;
use super::money::Pair;
use super::pricing::{Basis, Quote, When, next_change};
use super::queries::Reader;
use super::wire::Rate;
use crate::changes::Subject;
use crate::changes::queries as log;
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbConnection, DbError};
use crate::http::events::Event;

/// Listeners at once; past them the answer is 503.
const MOST_LISTENERS: usize = 1_000;
/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// How long a connection may be silent.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The newest entry of the change log that is about a rate, as this process knows it.
#[derive(Debug, Clone)]
pub struct Live {
    newest: watch::Sender<i64>,
    places: Arc<Semaphore>,
}

impl Default for Live {
    fn default() -> Self {
        Self { newest: watch::Sender::new(0), places: Arc::new(Semaphore::new(MOST_LISTENERS)) }
    }
}

impl Live {
    /// Follows the change log while anyone listens, for as long as it is polled.
    pub async fn follow(self, db: Db) {
        let mut seen = 0;
        loop {
            tokio::time::sleep(EVERY).await;
            if self.newest.receiver_count() == 0 {
                continue;
            }
            let read = move |conn: &mut DbConnection| {
                Ok::<_, DbError>((log::latest(conn)?, log::any_since(conn, seen, Subject::Rate)?))
            };
            match db.read(read).await {
                Ok((latest, any)) => {
                    seen = latest;
                    if any {
                        self.newest.send_replace(latest);
                    }
                }
                Err(error) => tracing::debug!(%error, "the log can't be followed now: {error}"),
            }
        }
    }

    /// A place to listen from; `None` when all are taken.
    pub fn listen(&self, db: Db, clock: Clock, rates: Arc<Rates>, pairs: Vec<Pair>, basis: Basis) -> Option<Listener> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let newest = self.newest.subscribe();
        Some(Listener {
            db,
            clock,
            rates,
            pairs,
            basis,
            newest,
            sent: HashMap::new(),
            waiting: Vec::new(),
            until: None,
            _place: place,
        })
    }
}

/// One connection: what it was told last, and what it is to be told.
pub struct Listener {
    db: Db,
    clock: Clock,
    rates: Arc<Rates>,
    pairs: Vec<Pair>,
    basis: Basis,
    newest: watch::Receiver<i64>,
    sent: HashMap<Pair, String>,
    waiting: Vec<Event>,
    /// When the clock may change something; `None` before the first look.
    until: Option<Instant>,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// The next event: at first each pair's rate, and then those that change.
    pub async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(event) = self.waiting.pop() {
                return Some((event, self));
            }
            if let Some(until) = self.until {
                tokio::select! {
                    // The process is stopping.
                    changed = self.newest.changed() => if changed.is_err() { return None },
                    () = sleep_until(until) => {}
                    () = tokio::time::sleep(HEARTBEAT) => return Some((Event::Heartbeat, self)),
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
            let Ok(data) = serde_json::to_string(&Rate::new(quote)) else { continue };
            if self.sent.get(&quote.pair) != Some(&data) {
                self.sent.insert(quote.pair, data.clone());
                self.waiting.push(Event::Message { name: "rate", id: seq.to_string(), data });
            }
        }
    }
}
