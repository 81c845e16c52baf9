//! How a key stands.

use serde::Serialize;
use strum::AsRefStr;
use utoipa::ToSchema;

/// Whether a key opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, AsRefStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum KeyState {
    Active,
    /// Its time is over.
    Expired,
    /// It was made worthless.
    Revoked,
}
