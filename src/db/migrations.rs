//! Schema migrations: one tree a database, the same names in both.

use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::DbConnection;
use super::error::DbError;
use super::pool::Db;
use super::transactions::write_tx;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs what is pending and returns its versions. Processes that start together take turns: diesel_migrations has no
/// lock of its own, and here all of it runs in the one write transaction.
pub fn migrate(db: &Db) -> Result<Vec<String>, DbError> {
    db.with_writer(|conn| {
        write_tx(conn, |conn| {
            match conn {
                DbConnection::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(names),
                DbConnection::Postgres(conn) => {
                    // An index of a large table takes its time.
                    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
                    conn.run_pending_migrations(POSTGRES).map(names)
                }
            }
            .map_err(|error| DbError::Corrupt(format!("migration failed: {error}")))
        })
    })
}

/// Undoes every migration, the newest first.
pub fn revert_all(db: &Db) -> Result<Vec<String>, DbError> {
    db.with_writer(|conn| {
        write_tx(conn, |conn| {
            match conn {
                DbConnection::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(names),
                DbConnection::Postgres(conn) => conn.revert_all_migrations(POSTGRES).map(names),
            }
            .map_err(|error| DbError::Corrupt(format!("migration failed: {error}")))
        })
    })
}

/// The names of the migrations in each tree: SQLite's, then PostgreSQL's.
pub fn versions() -> Result<(Vec<String>, Vec<String>), DbError> {
    fn tree<DB: diesel::backend::Backend>(source: &impl MigrationSource<DB>) -> Result<Vec<String>, DbError> {
        let migrations = source.migrations().map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
    }
    Ok((tree::<diesel::sqlite::Sqlite>(&SQLITE)?, tree::<diesel::pg::Pg>(&POSTGRES)?))
}

fn names(versions: Vec<MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
