//! JSON columns: TEXT on both databases.

use super::error::DbError;

/// Reads a JSON column.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Corrupt(format!("a JSON column: {error}")))
}

/// Writes a JSON column.
pub fn to_json(value: &impl serde::Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt(format!("a JSON column: {error}")))
}
