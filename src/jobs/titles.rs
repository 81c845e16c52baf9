//! Makes the index of titles where an import left it out that came to no end.
//!
//! One that is under way does that itself; then the change log grows.

use std::time::Duration;

use crate::articles::queries::{has_titles, index_titles};
use crate::changes::queries::latest;
use crate::db::{Db, DbError};

const EVERY: Duration = Duration::from_secs(60);

/// Runs for as long as it is polled.
pub async fn run(db: Db) {
    let mut before = None;
    loop {
        tokio::time::sleep(EVERY).await;
        match look(&db, before).await {
            Ok(end) => before = end,
            Err(error) => tracing::warn!(%error, "titles are not indexed: {error}"),
        }
    }
}

/// Makes the index when the log ends where it did `before`; says where that is while the index is not there.
pub async fn look(db: &Db, before: Option<i64>) -> Result<Option<i64>, DbError> {
    let end = db.look(|conn| if has_titles(conn)? { Ok(None) } else { latest(conn).map(Some) }).await?;
    if end.is_none() || end != before {
        return Ok(end);
    }
    // It takes longer than a request may.
    let own = db.clone();
    tokio::task::spawn_blocking(move || index_titles(&own)).await.unwrap_or(Err(DbError::Panicked))?;
    tracing::info!("titles are indexed");
    Ok(None)
}
