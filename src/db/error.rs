//! What can go wrong below the handlers. The cause is kept for the log; the wire sees only its kind.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failed read or write.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Its turn did not come, or would not have come, within as long as it may wait.
    #[error("the database is busy: no turn within {within_ms} ms")]
    Busy { within_ms: u64 },
    /// No connection could be had.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// A unique key is taken.
    #[error("a unique key is taken: {0}")]
    Conflict(String),
    /// Anything else that the database said.
    #[error(transparent)]
    Query(DieselError),
    /// A stored value that this version can't read.
    #[error("stored data is not readable: {0}")]
    Corrupt(String),
    /// The work asked for its transaction to be taken back.
    #[error("the transaction was taken back")]
    RolledBack,
    /// The work panicked; the log has the message.
    #[error("the database work panicked")]
    Panicked,
}

impl DbError {
    pub(super) fn late() -> Self {
        Self::Unreachable("the database did not answer in time".into())
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, ref details) => {
                Self::Conflict(details.message().to_owned())
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                ref details,
            ) => Self::Unreachable(details.message().to_owned()),
            DieselError::DatabaseError(_, ref details) if details.message() == "interrupted" => Self::late(),
            DieselError::BrokenTransactionManager => {
                Self::Unreachable("the connection was lost in a transaction".into())
            }
            DieselError::DatabaseError(_, ref details) if lost(details.message()) => {
                Self::Unreachable(details.message().to_owned())
            }
            other => Self::Query(other),
        }
    }
}

/// libpq reports a lost server as an unknown error, told apart by its text alone.
fn lost(message: &str) -> bool {
    ["server closed the connection", "terminating connection", "connection to server", "no connection to the server"]
        .iter()
        .any(|sign| message.contains(sign))
}
