//! Writing much at once, as an import does.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::error::DbError;

/// How often what was committed is worked into the database.
const ROUND: Duration = Duration::from_millis(250);

/// By how much a thread that works for the writer stands behind it, in steps of `nice`: of a core that both want it gets a tenth.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// When what is written is safe from a power cut on SQLite. On PostgreSQL each commit is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Syncs {
    #[default]
    EachCommit,
    AtEnd,
}

/// Leaves the core to the writer from now on, where there are not enough of them: what this thread does for it is ahead of it anyway. On
/// Linux alone, where each thread has a nice value.
pub fn stand_behind_writer() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(BEHIND) {
        tracing::debug!(%error, "a thread beside the writer is as urgent as the writer: {error}");
    }
}

/// Held while much is written. A thread beside SQLite's writer works its log into the database, which would take the writer a
/// quarter of its time; PostgreSQL does so by itself.
#[must_use = "what is done beside the writer ends with this"]
#[derive(Debug, Default)]
pub struct Bulk {
    /// What ends the thread when it is dropped, and the thread.
    beside: Option<(Sender<()>, JoinHandle<()>)>,
    /// When SQLite's writer syncs.
    pub(super) syncs: Syncs,
}

impl Bulk {
    /// Has `checkpoint` done in rounds.
    pub(super) fn beside(
        syncs: Syncs,
        checkpoint: impl Fn() -> Result<(), DbError> + Send + 'static,
    ) -> Result<Self, DbError> {
        let (end, ended) = channel();
        let thread = Builder::new().name("database-checkpoints".to_owned());
        let thread = thread.spawn(move || {
            stand_behind_writer();
            while ended.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
                // The writer does then itself what was not done here.
                if let Err(error) = checkpoint() {
                    tracing::warn!(%error, "the log was not worked into the database: {error}");
                }
            }
        });
        let thread = thread.map_err(|error| DbError::Unreachable(format!("no thread for it: {error}")))?;
        Ok(Self { beside: Some((end, thread)), syncs })
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
    use std::path::Path;
    use std::thread::sleep;

    use diesel::RunQueryDsl;
    use diesel::sql_types::Integer;

    use super::*;
    use crate::db::{DatabaseUrl, Db, PoolOptions, migrate, remember, setting};

    fn open(path: &Path) -> Db {
        Db::open(&DatabaseUrl::Sqlite(path.to_owned()), PoolOptions { readers: 1 }).expect("a database")
    }

    /// How the writer syncs what it commits.
    fn synchronous(db: &Db) -> i32 {
        let pragma = diesel::dsl::sql::<Integer>("synchronous FROM pragma_synchronous");
        db.with_writer(|conn| Ok::<_, DbError>(diesel::select(pragma).get_result(conn)?)).expect("a setting")
    }

    /// Whether the database has the setting without its log.
    fn alone_has(path: &Path, name: &str) -> bool {
        let copies = tempfile::tempdir().expect("a folder");
        let copy = copies.path().join("copy.db");
        std::fs::copy(path, &copy).expect("a copy");
        // What is copied while it is written may be no database.
        open(&copy).read_here(|conn| setting(conn, name)).is_ok_and(|found| found.is_some())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_alone_stands_behind_the_writer() {
        let niceness = || rustix::process::getpriority_process(None).expect("a nice value");
        let own = niceness();
        let behind = std::thread::spawn(move || {
            stand_behind_writer();
            niceness()
        });
        assert_eq!((behind.join().expect("a thread"), niceness()), ((own + BEHIND).min(19), own));
    }

    #[test]
    fn what_is_committed_comes_into_the_database_without_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bulk.db");
        let db = open(&path);
        migrate(&db).expect("a schema");
        drop(db.expect_bulk(Syncs::AtEnd).expect("a writer that was told"));
        db.write_here(|conn| remember(conn, "long", &"x".repeat(8 << 20))).expect("it is stored");
        assert!(!alone_has(&path, "long"), "the writer did it by itself");
        let bulk = db.expect_bulk(Syncs::AtEnd).expect("somebody beside the writer");
        let waited = (0..200).take_while(|_| !alone_has(&path, "long")).inspect(|_| sleep(ROUND / 10)).count();
        assert!(waited < 200, "nobody did it");
        assert_eq!(synchronous(&db), 1, "NORMAL");
        db.end_bulk(bulk).expect("an end");
        assert_eq!(synchronous(&db), 2, "FULL");
    }
}
