//! Statements that are asked for most, without what the enum of both connections costs.

/// Does something with whichever of the two connections it is, under the same name. Diesel finds a prepared statement by the type of
/// its query then; by way of the enum it writes the SQL anew for each call, and looks for that.
///
/// A macro, because what is done has other types for each connection.
#[macro_export]
#[doc(hidden)]
macro_rules! typed {
    ($conn:ident, $work:expr) => {
        match $conn {
            $crate::db::DbConnection::Postgres($conn) => $work,
            $crate::db::DbConnection::Sqlite($conn) => $work,
        }
    };
}
