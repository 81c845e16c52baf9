//! Fetches rates when their sources publish, on a thread of its own: a fetch may wait long, and nothing waits for it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::clock::Clock;
use crate::db::Db;
use crate::rates::Rates;
use crate::rates::fetching::{Client, tick};

const EVERY: Duration = Duration::from_secs(10);

/// The running job; it ends when this is dropped, after the fetch that is under way.
#[derive(Debug)]
pub struct Running {
    _stop: Sender<()>,
}

/// Starts it.
pub fn start(db: Db, clock: Clock, rates: Rates) -> std::io::Result<Running> {
    let (stop, stopped) = channel();
    let client = Client::new(Default::default());
    std::thread::Builder::new().name("rates".into()).spawn(move || {
        while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = tick(&db, &clock, &client, &rates) {
                tracing::warn!(%error, "fetching rates waits: {error}");
            }
        }
    })?;
    Ok(Running { _stop: stop })
}
