//! Inserting many rows at once.

use diesel::{RunQueryDsl, SqliteConnection};

use super::DbError;

/// Rows, or values of one column, a statement: PostgreSQL takes 65,535 values.
pub const ROWS: usize = 1000;

/// So many rows are copied: fewer cost less as one statement, which is one round trip less.
pub const MANY: usize = 32;

/// Inserts rows of one table: on PostgreSQL, where many rows in one statement take longer to parse than to write, by `COPY` or in one
/// statement, and one after the other on SQLite, which keeps the statement for one row prepared. The second form returns the ids of the rows
/// in their order: PostgreSQL's by their guids, many a statement, since it promises no order; SQLite's are asked for after the first and the
/// last one, since it journals what a statement that returns rows touches.
///
/// A macro, because batches don't compile on the enum of both connections.
#[macro_export]
#[doc(hidden)]
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        use diesel::RunQueryDsl as _;
        let rows = $rows;
        match $conn {
            $crate::db::DbConnection::Postgres(conn) if rows.len() < $crate::db::MANY => {
                diesel::insert_into($table).values(rows).execute(conn).map(drop)
            }
            $crate::db::DbConnection::Postgres(conn) => {
                use diesel::ExecuteCopyFromDsl as _;
                diesel::copy_from($table).from_insertable(rows).execute(conn).map(drop)
            }
            $crate::db::DbConnection::Sqlite(conn) => {
                rows.iter().try_for_each(|row| $crate::db::Insert(row).execute(conn).map(drop))
            }
        }
        .map_err($crate::db::DbError::from)
    }};
    ($conn:expr, $table:expr, $rows:expr, returning $columns:expr, by $guid:expr) => {{
        use diesel::RunQueryDsl as _;
        let rows = $rows;
        match $conn {
            $crate::db::DbConnection::Postgres(conn) => {
                let mut ids = std::collections::HashMap::<String, i64>::with_capacity(rows.len());
                let inserted = rows.chunks($crate::db::ROWS).try_for_each(|rows| {
                    let rows = diesel::insert_into($table).values(rows).returning($columns);
                    ids.extend(rows.get_results::<(String, i64)>(conn)?);
                    Ok::<_, $crate::db::DbError>(())
                });
                let id = |row| ids.get($guid(row)).copied().ok_or_else(|| $crate::db::without_id($guid(row)));
                inserted.and_then(|()| rows.iter().map(id).collect::<Result<Vec<i64>, _>>())
            }
            $crate::db::DbConnection::Sqlite(conn) => {
                let mut first = None;
                let inserted = rows.iter().try_for_each(|row| {
                    $crate::db::Insert(row).execute(conn)?;
                    if first.is_none() {
                        first = Some($crate::db::last_id(conn)?);
                    }
                    Ok::<_, $crate::db::DbError>(())
                });
                inserted.and_then(|()| $crate::db::ids_from(first, rows.len(), conn))
            }
        }
    }};
}

diesel::define_sql_function! {
    /// Of SQLite: the id of the row that this connection inserted last.
    fn last_insert_rowid() -> diesel::sql_types::BigInt
}

/// The id of the row that was inserted last.
pub fn last_id(conn: &mut SqliteConnection) -> Result<i64, DbError> {
    Ok(diesel::select(last_insert_rowid()).get_result(conn)?)
}

/// The ids of so many rows that were inserted into one table, up to the last one. `AUTOINCREMENT` gives ids that grow, so that all of
/// them are known where the last one is as far from the first as there are rows.
pub fn ids_from(first: Option<i64>, rows: usize, conn: &mut SqliteConnection) -> Result<Vec<i64>, DbError> {
    let Some(first) = first else { return Ok(Vec::new()) };
    let last = last_id(conn)?;
    if usize::try_from(last - first).ok() != rows.checked_sub(1) {
        return Err(DbError::Corrupt(format!("{rows} new rows have the ids {first} to {last}")));
    }
    Ok((first..=last).collect())
}

/// A row that was inserted is not there.
pub fn without_id(guid: &str) -> DbError {
    DbError::Corrupt(format!("what was inserted as {guid} has no id"))
}
