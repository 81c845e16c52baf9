//! Rows of the tables `audit` and `idempotent_answers`.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{audit, idempotent_answers};

/// An audit row before it has an id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = audit)]
pub struct NewAudit<'a> {
    pub at: Timestamp,
    pub key_id: Option<i64>,
    pub key_name: &'a str,
    pub action: &'a str,
    pub type_: &'a str,
    pub entity_id: i64,
    pub slug: &'a str,
    pub version: i64,
    pub request_id: &'a str,
}

/// A stored audit row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct AuditRow {
    pub id: i64,
    pub at: Timestamp,
    pub key_id: Option<i64>,
    pub key_name: String,
    pub action: String,
    pub type_: String,
    pub entity_id: i64,
    pub slug: String,
    pub version: i64,
    pub request_id: String,
}

/// A kept answer.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotent_answers)]
pub struct AnswerRow {
    pub key_id: i64,
    pub idempotency_key: String,
    pub request_digest: String,
    pub answer: String,
    pub created_at: Timestamp,
}
