//! Writing much at once, as an import does.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use super::error::DbError;

/// How often what was committed is worked into the database.
const ROUND: Duration = Duration::from_secs(1);

/// Held while much is written. A thread beside SQLite's writer works its log into the database, which would take the writer a
/// quarter of its time; PostgreSQL does so by itself.
#[must_use = "what is done beside the writer ends with this"]
#[derive(Debug, Default)]
pub struct Bulk {
    /// What ends the thread when it is dropped, and the thread.
    beside: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Bulk {
    /// Has `checkpoint` done in rounds.
    pub(super) fn beside(checkpoint: impl Fn() -> Result<(), DbError> + Send + 'static) -> Self {
        let (end, ended) = channel();
        let thread = spawn(move || {
            while ended.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
                // The writer does then itself what was not done here.
                if let Err(error) = checkpoint() {
                    tracing::warn!(%error, "the log was not worked into the database: {error}");
                }
            }
        });
        Self { beside: Some((end, thread)) }
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        let Some((end, thread)) = self.beside.take() else { return };
        drop(end);
        if thread.join().is_err() {
            tracing::error!("the thread that works the log into the database panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;
    use crate::db::{DatabaseUrl, Db, PoolOptions, migrate, remember};

    #[test]
    fn what_is_committed_comes_into_the_database_without_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bulk.db");
        let db = Db::open(&DatabaseUrl::Sqlite(path.clone()), PoolOptions { readers: 1 }).expect("a database");
        migrate(&db).expect("a schema");
        let size = || std::fs::metadata(&path).expect("the database").len();
        let bulk = db.expect_bulk().expect("a writer");
        db.write_here(|conn| remember(conn, "long", &"x".repeat(8 << 20))).expect("it is stored");
        // The writer itself would only do it after thirty times as much.
        let waited = (0..200).take_while(|_| size() < 8 << 20).inspect(|_| sleep(ROUND / 10)).count();
        assert!(waited < 200, "{}", size());
        drop(bulk);
    }
}
