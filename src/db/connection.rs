//! One connection type for both databases, and how each variant is opened.

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

use super::sqlite::{self, Access};
use super::url::DatabaseUrl;

/// A connection to either database. SQLite comes last, because the derive's `establish` takes any string for a path;
/// that `establish` is not used, since it also hides the cause of a failure.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Which database a connection speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Postgres,
    Sqlite,
}

impl DbConnection {
    /// Opens a connection and prepares it.
    pub(super) fn open(url: &DatabaseUrl, access: Access) -> Result<Self, ConnectionError> {
        match url {
            DatabaseUrl::Sqlite(path) => sqlite::open(path, access).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => open_postgres(url).map(Self::Postgres),
        }
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Postgres(_) => Backend::Postgres,
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }
}

/// How long PostgreSQL works at one statement.
pub(super) const STATEMENT_TIMEOUT: &str = "30s";

/// For a command that writes much. PostgreSQL's planner takes a table for empty until it has looked at it, which it comes to after a
/// minute, and goes through all of it meanwhile for each row that it looks for.
pub(super) const EXPECT_BULK: &str = "SET enable_seqscan = off";

/// Generic plans: PostgreSQL otherwise plans the same few statements anew each time, at more than their cost. The time
/// limits keep one bad statement from holding a connection for ever.
fn open_postgres(url: &str) -> Result<PgConnection, ConnectionError> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute(&format!(
        "SET plan_cache_mode = force_generic_plan; SET statement_timeout = '{STATEMENT_TIMEOUT}'; SET lock_timeout = '10s'; \
         SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; SET TIME ZONE 'UTC'; SET jit = off;",
    ))
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}
