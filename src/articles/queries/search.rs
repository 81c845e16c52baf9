//! Bringing the search index to what a newer version keeps in it.

use crate::articles::search::complete;
use crate::db::{Db, DbError, remember, setting};

/// Articles a transaction.
const BATCH: i64 = 200;
/// The setting that says that all of it is there, and in which form.
const NAME: &str = "search";
const FORM: &str = "1";

/// Indexes anew what an older version indexed with less. It is looked for once in the life of a database.
pub fn complete_search(db: &Db) -> Result<(), DbError> {
    if db.read_here(|conn| setting(conn, NAME))?.as_deref() == Some(FORM) {
        return Ok(());
    }
    let mut count = 0;
    loop {
        match db.write_here(|conn| complete(conn, BATCH))? {
            0 => break,
            some => count += some,
        }
    }
    db.write_here(|conn| remember(conn, NAME, FORM))?;
    if count > 0 {
        tracing::info!(count, "{count} articles were indexed anew for the search");
    }
    Ok(())
}
