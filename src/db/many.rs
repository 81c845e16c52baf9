//! Inserting many rows at once.

/// Rows, or values of one column, a statement: PostgreSQL takes 65,535 values.
pub const ROWS: usize = 1000;

/// So many rows are copied: fewer cost less as one statement, which is one round trip less.
pub const MANY: usize = 32;

/// Inserts rows of one table: on PostgreSQL, where many rows in one statement take longer to parse than to write, by `COPY` or in one
/// statement, and one after the other on SQLite, which keeps the statement for one row prepared. The second form returns the id of each row
/// by its guid, many a statement on PostgreSQL; SQLite journals what a statement that returns rows touches, so it is asked after each.
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
                rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(conn).map(drop))
            }
        }
        .map_err($crate::db::DbError::from)
    }};
    ($conn:expr, $table:expr, $rows:expr, returning $columns:expr, by $guid:expr) => {{
        use diesel::RunQueryDsl as _;
        let rows = $rows;
        let mut ids = std::collections::HashMap::<String, i64>::with_capacity(rows.len());
        match $conn {
            $crate::db::DbConnection::Postgres(conn) => rows.chunks($crate::db::ROWS).try_for_each(|rows| {
                ids.extend(
                    diesel::insert_into($table).values(rows).returning($columns).get_results::<(String, i64)>(conn)?,
                );
                Ok(())
            }),
            $crate::db::DbConnection::Sqlite(conn) => rows.iter().try_for_each(|row| {
                diesel::insert_into($table).values(row).execute(conn)?;
                ids.insert($guid(row), diesel::select($crate::db::last_insert_rowid()).get_result(conn)?);
                Ok(())
            }),
        }
        .map(|()| ids)
        .map_err(|error: diesel::result::Error| $crate::db::DbError::from(error))
    }};
}

diesel::define_sql_function! {
    /// Of SQLite: the id of the row that this connection inserted last.
    fn last_insert_rowid() -> diesel::sql_types::BigInt
}
