//! Who calls.

use super::scope::{Scope, Scopes};

/// A key that was found valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub id: i64,
    pub name: String,
    pub scopes: Scopes,
}

/// Anyone, or the holder of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller(pub Option<Key>);

impl Caller {
    /// Whether the caller has a key with this scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.0.as_ref().is_some_and(|key| key.scopes.has(scope))
    }

    /// Whether answers depend on who asks, so that no shared cache may keep them.
    pub fn has_key(&self) -> bool {
        self.0.is_some()
    }
}
