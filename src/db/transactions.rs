//! The two transactions that exist: a read sees one snapshot, a write is alone.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{Connection, RunQueryDsl};

use super::connection::DbConnection;
use super::error::DbError;

/// The key of the advisory lock that makes PostgreSQL's writers take turns, as SQLite's do. Any constant will do.
const WRITER_LOCK: i64 = 0x0078_6162_6172;

/// Runs `work` in one read-only snapshot.
pub fn read_tx<T, E>(conn: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<DbError>,
{
    begin(conn, "BEGIN DEFERRED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    finish(conn, work)
}

/// Runs `work` as the only writer; all of it is kept, or on an error none.
///
/// On SQLite the lock is taken at once: a transaction that starts as a reader and then writes fails under contention
/// instead of waiting. On PostgreSQL an advisory lock does the same, so that `seq` of the change log is in commit order
/// and a select followed by an insert needs no upsert.
pub fn write_tx<T, E>(conn: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<DbError>,
{
    begin(conn, "BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED")?;
    finish(conn, |conn| {
        if let DbConnection::Postgres(pg) = conn {
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<diesel::sql_types::BigInt, _>(WRITER_LOCK)
                .execute(pg)
                .map_err(DbError::from)?;
        }
        work(conn)
    })
}

fn begin(conn: &mut DbConnection, sqlite: &str, postgres: &str) -> Result<(), DbError> {
    match conn {
        DbConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite)?,
        DbConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, postgres)?,
    }
    Ok(())
}

fn finish<T, E>(conn: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<DbError>,
{
    type Manager = <DbConnection as Connection>::TransactionManager;
    match work(conn) {
        Ok(value) => {
            Manager::commit_transaction(conn).map_err(DbError::from)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to report. A rollback that fails too leaves the connection marked as broken,
            // and the pool then drops it.
            if let Err(rollback) = Manager::rollback_transaction(conn) {
                tracing::warn!(error = %rollback, "a rollback failed: {rollback}");
            }
            Err(error)
        }
    }
}
