//! Makes the changes that only the clock causes: a scheduled story goes live, an embargo ends, a story expires.
//!
//! Never early, since it looks for what is due by the same clock; at most a second late, since it looks twice a second.
//! Several processes may run it: each change is made in the one write transaction that finds it due.

use std::time::Duration;

use crate::articles::queries::{next_due, run_due};
use crate::clock::Clock;
use crate::db::{Db, DbError};

const EVERY: Duration = Duration::from_millis(500);

/// Runs for as long as it is polled.
pub async fn run(db: Db, clock: Clock) {
    loop {
        match catch_up(&db, &clock).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "{count} articles changed by the clock"),
            Err(error) => tracing::warn!(%error, "clock-driven changes wait: {error}"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Makes all changes that are due, and says how many.
pub async fn catch_up(db: &Db, clock: &Clock) -> Result<usize, DbError> {
    let mut total = 0;
    loop {
        let now = clock.now();
        // A read first: when nothing is due, as nearly always, no writer is kept waiting.
        if db.look(next_due).await?.is_none_or(|at| now < at) {
            return Ok(total);
        }
        total += db.write(move |conn| run_due(conn, now)).await?;
    }
}
