//! Asks the replicas how far they are, so that what is public is read from those that are up to date.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::changes::queries::latest;
use crate::db::{Db, Replica};

/// For so long after a change it is read from the primary, and from the replicas again then.
const EVERY: Duration = Duration::from_millis(20);

/// Runs for as long as it is polled.
pub async fn run(db: Db) {
    join_all(db.replicas().map(follow)).await;
}

async fn follow(replica: Arc<Replica>) {
    loop {
        replica.ask(latest).await;
        tokio::time::sleep(EVERY).await;
    }
}
