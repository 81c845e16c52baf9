//! How a SQLite connection is prepared.
#![allow(unsafe_code, reason = "SQLite offers the settings below through its C interface only")]

use std::cell::Cell;
use std::os::raw::{c_char, c_int, c_void};
use std::path::Path;
use std::sync::Once;
use std::thread::{LocalKey, sleep};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel::{Connection, ConnectionResult, QueryResult, SqliteConnection};
use libsqlite3_sys as ffi;

use super::bulk::Occupancy;

/// How long a connection waits for a lock that another one holds.
const BUSY: Duration = Duration::from_secs(5);
/// How long a command waits for it: longer than another one takes to make an index of millions of articles.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of the pages that one statement changes which are kept in memory, for the case that it fails; what is more goes to a
/// temporary file, and so does all of the transaction after it. SQLite's own 64 KB is soon passed by a bulk import, of which
/// every page is then written to that file too. With 128 KB or more such a statement would fail for want of a disk: SQLite writes
/// all of it at once, and a write takes no more.
const STATEMENT_JOURNAL: c_int = 120 << 10;

/// How often a writer asks for a lock that another one holds. SQLite's own handler asks ten times a second at last, and then rarely
/// comes upon the moment between two transactions of an import.
const ASKING: Duration = Duration::from_millis(2);

/// How long one who writes much leaves the lock to others between two transactions: they ask at least once in it.
pub const TURN: Duration = Duration::from_millis(5);

/// After so many steps of its machine a statement looks at the clock.
const STEPS: c_int = 4096;

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    static WAITS: Cell<Duration> = const { Cell::new(BUSY) };
}

/// Runs `work`, whose statements on this thread fail as interrupted once `deadline` has passed.
pub fn until<T>(deadline: Option<Instant>, work: impl FnOnce() -> T) -> T {
    with(&DEADLINE, deadline, work)
}

/// Runs `work`, which waits for locks on this thread for as long as a command does.
pub fn patiently<T>(work: impl FnOnce() -> T) -> T {
    with(&WAITS, PATIENCE, work)
}

fn with<V: Copy, T>(cell: &'static LocalKey<Cell<V>>, value: V, work: impl FnOnce() -> T) -> T {
    struct Reset<V: Copy + 'static>(&'static LocalKey<Cell<V>>, V);
    impl<V: Copy> Drop for Reset<V> {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }
    let _reset = Reset(cell, cell.replace(value));
    work()
}

/// Whether a connection may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Opens `path`, creating it when absent.
///
/// `synchronous=FULL`: NORMAL loses acknowledged writes at a power cut. A connection waits for locks as [`wait`] does, in the switch
/// to WAL too; readers do so as SQLite does from then on, since they wait for no turn. Readers refuse to write, so that a slip in a
/// query can't; they map the file into memory, and the writer doesn't, so that a long import stays small.
pub fn open(path: &Path, access: Access) -> ConnectionResult<SqliteConnection> {
    prepare_library();
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    use_wal(&mut conn)
        .and_then(|()| {
            conn.batch_execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384;")
        })
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    if access == Access::Read {
        let timeout = BUSY.as_millis();
        conn.batch_execute(&format!(
            "PRAGMA query_only = ON; PRAGMA mmap_size = 268435456; PRAGMA busy_timeout = {timeout};"
        ))
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
}

/// Gives a connection 128 MB of cache, and its write-ahead log six times as much before it works that into the database itself. Into an empty
/// one it syncs no commit, so that a power cut before [`end_bulk`] may take the last of its transactions, and nothing of those before them.
/// Nor does it check foreign keys there, which is a fourteenth of an import's time: every id that an import writes was given or read in
/// the same transaction, and it deletes nothing that anything refers to.
pub fn expect_bulk(conn: &mut SqliteConnection, occupancy: Occupancy) -> QueryResult<()> {
    conn.batch_execute("PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 196608;")?;
    match occupancy {
        Occupancy::Used => Ok(()),
        Occupancy::Empty => conn.batch_execute("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;"),
    }
}

/// Syncs what was committed since [`expect_bulk`]: a commit that is synced takes with it all that stands in the log before it, and
/// this one changes nothing else.
pub fn end_bulk(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA user_version = 0;")
}

/// Works into the database what of the write-ahead log no reader needs, beside whoever writes.
pub fn checkpoint(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE);")
}

/// Switches a new database to WAL. Of several connections that do it at once SQLite has all but one fail, without a wait.
fn use_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let deadline = Instant::now() + BUSY;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL;") {
            Err(Error::DatabaseError(_, info)) if info.message().contains("locked") && Instant::now() < deadline => {
                sleep(BUSY / 1000);
            }
            done => return done,
        }
    }
}

/// Turns on the query planner stability guarantee for every connection of this process, and has it look at the [`DEADLINE`].
///
/// Without it SQLite prepares a statement anew whenever a bound LIMIT or OFFSET changes, and diesel binds them always,
/// which doubles the cost of a page. Nor does SQLite count its memory
/// or lock its connections, for which it would take a lock at every step.
fn prepare_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: all are called before anything else of SQLite's; the first two options take an int, and the last one asks that
        // no two threads use one connection at the same time, which `&mut` sees to.
        let done = unsafe {
            [
                ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as c_int),
                ffi::sqlite3_config(ffi::SQLITE_CONFIG_STMTJRNL_SPILL, STATEMENT_JOURNAL),
                ffi::sqlite3_config(ffi::SQLITE_CONFIG_MULTITHREAD),
            ]
        };
        // SAFETY: the hook has the signature that SQLite documents for an entry point given to sqlite3_auto_extension,
        // lives as long as the process, and only sets up the connection that SQLite passes to it.
        let hooked = unsafe { ffi::sqlite3_auto_extension(Some(prepare)) };
        if done.iter().chain([&hooked]).any(|code| *code != ffi::SQLITE_OK) {
            tracing::warn!("SQLite takes its settings no more, and is slower without them: {done:?}, {hooked}");
        }
    });
}

unsafe extern "C" fn prepare(db: *mut ffi::sqlite3, _: *mut *mut c_char, _: *const ffi::sqlite3_api_routines) -> c_int {
    // SAFETY: `db` is the connection being opened; the handler takes no argument, and lives as long as the process.
    unsafe { ffi::sqlite3_progress_handler(db, STEPS, Some(is_late), std::ptr::null_mut()) };
    // SAFETY: as above.
    unsafe { ffi::sqlite3_busy_handler(db, Some(wait), std::ptr::null_mut()) };
    // SAFETY: the option takes an int and an optional out pointer.
    unsafe { ffi::sqlite3_db_config(db, ffi::SQLITE_DBCONFIG_ENABLE_QPSG, 1 as c_int, std::ptr::null_mut::<c_int>()) }
}

/// Waits a little for a lock, and says whether to ask for it once more after so many times.
unsafe extern "C" fn wait(_: *mut c_void, asked: c_int) -> c_int {
    let is_patient = ASKING * asked.unsigned_abs() < WAITS.get();
    if is_patient {
        sleep(ASKING);
    }
    c_int::from(is_patient)
}

unsafe extern "C" fn is_late(_: *mut c_void) -> c_int {
    c_int::from(DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline))
}

#[cfg(test)]
mod tests {
    use diesel::RunQueryDsl;

    use super::*;

    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }

    #[test]
    fn a_command_waits_for_longer_than_a_request() {
        let five_seconds = 2500;
        // SAFETY: it makes nothing of its first argument.
        let waits = || unsafe { wait(std::ptr::null_mut(), five_seconds) };
        assert_eq!((waits(), patiently(waits), waits()), (0, 1, 0));
    }

    #[test]
    fn a_statement_may_change_more_than_is_kept_for_its_failure() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut conn = open(&folder.path().join("large.db"), Access::Write).expect("a database");
        conn.batch_execute(
            "CREATE TABLE large (number INTEGER NOT NULL UNIQUE, text TEXT NOT NULL);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
               INSERT INTO large SELECT i, printf('%1000d', i) FROM n;",
        )
        .expect("four megabytes");

        // It may fail at any row of a transaction that goes on, so that SQLite keeps all pages that it changes.
        conn.batch_execute("BEGIN").expect("a transaction");
        let changed =
            diesel::sql_query("UPDATE large SET number = number + 4000, text = text || 'x'").execute(&mut conn);
        assert_eq!(changed, Ok(4000));
        let failed = diesel::sql_query("UPDATE large SET text = '', number = min(number, 7999)").execute(&mut conn);
        assert!(
            matches!(failed, Err(Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _))),
            "{failed:?}"
        );

        conn.batch_execute("COMMIT").expect("what did not fail is kept");
        let whole = "SELECT COUNT(*) AS count FROM large WHERE number > 4000 AND length(text) = 1001";
        let Count { count } = diesel::sql_query(whole).get_result(&mut conn).expect("a count");
        assert_eq!(count, 4000);
    }
}
