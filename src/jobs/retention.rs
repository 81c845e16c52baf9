//! Trims the change log once an hour: what is older than 180 days and of no use to any reader goes.

use std::time::Duration;

use crate::changes::queries::{TrimKind, trim, trimmable};
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbConnection, DbError};

const EVERY: Duration = Duration::from_secs(3600);
/// For how long tombstones are kept, and with them everything that a reader may have missed.
const KEPT_SECONDS: i64 = 180 * 86_400;

/// Runs for as long as it is polled.
pub async fn run(db: Db, clock: Clock) {
    loop {
        match sweep(&db, clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "{count} old entries of the change log were taken out"),
            Err(error) => tracing::warn!(%error, "trimming the change log waits: {error}"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Takes out everything that can go at an instant, and says how much that was. In small steps, so that neither a reader
/// nor a writer is kept waiting.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<usize, DbError> {
    let before = now.plus_seconds(-KEPT_SECONDS);
    let mut count = 0;
    for kind in [TrimKind::Superseded, TrimKind::Tombstones] {
        let mut at = Some(0);
        while let Some(seq) = at {
            let found = db.read(move |conn: &mut DbConnection| trimmable(conn, kind, seq, before)).await?;
            (at, count) = (found.next, count + found.seqs.len());
            if !found.seqs.is_empty() {
                db.write(move |conn: &mut DbConnection| trim(conn, &found)).await?;
            }
        }
    }
    Ok(count)
}
