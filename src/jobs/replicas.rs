//! Asks the replicas how far they are, so that what is public is read from those that are up to date.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::articles::queries::is_in_form;
use crate::changes::queries::latest;
use crate::db::{Db, DbConnection, DbError, Replica};

/// For so long after a change it is read from the primary, and from the replicas again then.
const EVERY: Duration = Duration::from_millis(20);

/// Runs for as long as it is polled.
pub async fn run(db: Db) {
    join_all(db.replicas().map(follow)).await;
}

async fn follow(replica: Arc<Replica>) {
    loop {
        replica.ask(newest).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// The newest entry of its log. What a search finds is brought to another form without one, and what was found before that would be
/// remembered.
fn newest(conn: &mut DbConnection) -> Result<i64, DbError> {
    match is_in_form(conn)? {
        true => latest(conn),
        false => Err(DbError::Corrupt("the search index is in another form than this version's".to_owned())),
    }
}
