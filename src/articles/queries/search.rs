//! Bringing the search index to what a newer version keeps in it.

use crate::articles::search::complete;
use crate::db::{Db, DbError};

/// Articles a transaction.
const BATCH: i64 = 200;

/// Indexes anew what an older version indexed with less. Nothing is written where all of it is there.
pub fn complete_search(db: &Db) -> Result<(), DbError> {
    let mut count = 0;
    loop {
        match db.write_here(|conn| complete(conn, BATCH))? {
            0 if count == 0 => return Ok(()),
            0 => {
                tracing::info!(count, "{count} articles were indexed anew for the search");
                return Ok(());
            }
            some => count += some,
        }
    }
}
