//! How a SQLite connection is prepared.
#![allow(unsafe_code, reason = "SQLite offers the planner setting below through its C interface only")]

use std::os::raw::{c_char, c_int};
use std::path::Path;
use std::sync::Once;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionResult, SqliteConnection};
use libsqlite3_sys as ffi;

/// Whether a connection may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Opens `path`, creating it when absent.
///
/// `synchronous=FULL`: NORMAL loses acknowledged writes at a power cut. `busy_timeout` comes first, since the switch to
/// WAL itself waits for a lock. Readers refuse to write, so that a slip in a query can't; they map the file into memory,
/// and the writer doesn't, so that a long import stays small.
pub fn open(path: &Path, access: Access) -> ConnectionResult<SqliteConnection> {
    keep_plans();
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA cache_size = -16384;",
    )
    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    if access == Access::Read {
        conn.batch_execute("PRAGMA query_only = ON; PRAGMA mmap_size = 268435456;")
            .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
}

/// Turns on the query planner stability guarantee for every connection of this process.
///
/// Without it SQLite prepares a statement anew whenever a bound LIMIT or OFFSET changes, and diesel binds them always,
/// which doubles the cost of a page.
fn keep_plans() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the hook has the signature that SQLite documents for an entry point given to sqlite3_auto_extension,
        // lives as long as the process, and only sets a flag on the connection that SQLite passes to it.
        unsafe {
            ffi::sqlite3_auto_extension(Some(enable_qpsg));
        }
    });
}

unsafe extern "C" fn enable_qpsg(
    db: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: `db` is the connection being opened; the option takes an int and an optional out pointer.
    unsafe { ffi::sqlite3_db_config(db, ffi::SQLITE_DBCONFIG_ENABLE_QPSG, 1 as c_int, std::ptr::null_mut::<c_int>()) }
}
