//! Who looks at the log, or at an export: what they may see, and whether they still may.

use super::Audience;
use crate::access::{Caller, Scope, queries};
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};

/// What a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    pub audience: Audience,
    /// The key to which the caller owes the right to see more than everyone.
    key: Option<i64>,
}

impl Viewer {
    /// What this caller may see.
    pub fn of(caller: &Caller) -> Self {
        let early = caller.0.as_ref().filter(|key| key.scopes.has(Scope::ContentEmbargoed));
        match early {
            Some(key) => Self { audience: Audience::Embargoed, key: Some(key.id) },
            None => Self { audience: Audience::Everyone, key: None },
        }
    }

    /// Whether the right still holds. An answer that goes on has to ask again: the key may have been revoked meanwhile.
    pub fn is_valid(self, conn: &mut DbConnection, now: Timestamp) -> Result<bool, DbError> {
        let Some(key) = self.key else { return Ok(true) };
        Ok(queries::find(conn, key)?.is_some_and(|row| row.is_valid(now)))
    }
}
