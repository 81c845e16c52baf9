//! The audit trail on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::rows::AuditRow;
use crate::clock::Timestamp;
use crate::http::{Links, PageInfo};

/// One call that wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its number; a later call has a higher one.
    #[schema(example = 4711)]
    pub seq: i64,
    pub at: Timestamp,
    /// Who wrote; null for a command on the server.
    pub key: Option<AuditKey>,
    /// The operation, by its name in this contract, or the same by a command.
    #[schema(example = "create_key")]
    pub action: String,
    /// What was written: `article`, `tag`, `author`, `media`, `key`, `rate`. The list may grow.
    #[serde(rename = "type")]
    #[schema(example = "key")]
    pub type_: String,
    /// The id of what was written.
    #[schema(example = 3)]
    pub id: i64,
    /// Its slug at that time, or its name.
    #[schema(example = "Front end")]
    pub slug: String,
    /// The version that was written; null for what has none.
    pub version: Option<i64>,
    /// `X-Request-Id` of the call; null for a command.
    #[schema(example = "0199f3f0-7f8e-7c3a-9d55-3f3c2f9f7a10")]
    pub request_id: Option<String>,
}

/// A key as it was called when it wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditKey {
    #[schema(example = 3)]
    pub id: i64,
    #[schema(example = "Front end")]
    pub name: String,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    pub data: Vec<AuditEntry>,
    pub page: PageInfo,
    pub links: Links,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let AuditRow { id, at, key_id, key_name, action, type_, entity_id, slug, version, request_id } = row;
        Self {
            seq: id,
            at,
            key: key_id.map(|id| AuditKey { id, name: key_name }),
            action,
            type_,
            id: entity_id,
            slug,
            version: (version > 0).then_some(version),
            request_id: Some(request_id).filter(|id| !id.is_empty()),
        }
    }
}
