//! Writing much at once, as an import does.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::error::DbError;

/// How often what was committed is worked into the database: what several transactions write of one page is put in its place once. The
/// log grows meanwhile, since the writer begins it anew only where all of it is there between two transactions, or else when it is as long
/// as it may be: then it does the rest itself.
const ROUND: Duration = Duration::from_millis(1500);

/// By how much a thread that works for the writer stands behind it, in steps of `nice`: of a core that both want it gets a tenth.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// Whether there are articles in the database yet, which somebody may follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Occupancy {
    #[default]
    Used,
    /// None: SQLite's writer need wait for the disk at no commit, nor look up whether what its rows refer to is there. Until
    /// [`super::Db::end_bulk`] it does not.
    Empty,
}

/// Has this thread leave a core to the writer, for which all others work, from now on; and to whatever else is as urgent as that. On Linux
/// alone, where against POSIX each thread has a nice value of its own.
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
    /// What SQLite's writer was prepared for.
    pub(super) occupancy: Occupancy,
}

impl Bulk {
    /// Has `checkpoint` done in rounds.
    pub(super) fn beside(
        occupancy: Occupancy,
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
        Ok(Self { beside: Some((end, thread)), occupancy })
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

    /// How the writer syncs what it commits, and whether it looks up what is referred to.
    fn care(db: &Db) -> [i32; 2] {
        ["synchronous", "foreign_keys"].map(|name| {
            let pragma = diesel::dsl::sql::<Integer>(&format!("{name} FROM pragma_{name}"));
            db.with_writer(|conn| Ok::<_, DbError>(diesel::select(pragma).get_result(conn)?)).expect("a setting")
        })
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
        drop(db.expect_bulk(Occupancy::Empty).expect("a writer that was told"));
        db.write_here(|conn| remember(conn, "long", &"x".repeat(8 << 20))).expect("it is stored");
        assert!(!alone_has(&path, "long"), "the writer did it by itself");
        let bulk = db.expect_bulk(Occupancy::Empty).expect("somebody beside the writer");
        let waited = (0..200).take_while(|_| !alone_has(&path, "long")).inspect(|_| sleep(ROUND / 10)).count();
        assert!(waited < 200, "nobody did it");
        assert_eq!(care(&db), [1, 0], "NORMAL, and nothing is looked up");
        db.end_bulk(bulk).expect("an end");
        assert_eq!(care(&db), [2, 1], "FULL, and all is");
        let bulk = db.expect_bulk(Occupancy::Used).expect("somebody beside the writer");
        assert_eq!(care(&db), [2, 1]);
        db.end_bulk(bulk).expect("an end");
    }
}
