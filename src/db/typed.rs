//! Statements that are asked for most, without what the enum of both connections costs.

/// Does something with whichever of the two connections it is, under the same name. Diesel walks a query once then, for what is
/// bound, if it knows the statement by the query's type; by way of the enum it writes all of the SQL at every walk, and reads every
/// column of every row in two steps.
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
