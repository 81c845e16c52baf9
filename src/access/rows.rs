//! Rows of the `keys` table.

use diesel::prelude::*;

use super::scope::Scopes;
use super::state::KeyState;
use crate::clock::Timestamp;
use crate::db::schema::keys;

crate::text_column!(Scopes);

/// A stored key, all of it but the key.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = keys)]
pub struct KeyRow {
    pub id: i64,
    pub name: String,
    pub hint: String,
    pub digest: String,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub replaces: Option<i64>,
}

impl KeyRow {
    /// How it stands at an instant.
    pub fn state(&self, now: Timestamp) -> KeyState {
        let past = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        match (past(self.revoked_at), past(self.expires_at)) {
            (true, _) => KeyState::Revoked,
            (false, true) => KeyState::Expired,
            (false, false) => KeyState::Active,
        }
    }

    /// Whether it opens anything at an instant.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.state(now) == KeyState::Active
    }
}

/// A key before it has an id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = keys)]
pub struct NewKey<'a> {
    pub name: &'a str,
    pub hint: &'a str,
    pub digest: &'a str,
    pub scopes: &'a Scopes,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub replaces: Option<i64>,
}
