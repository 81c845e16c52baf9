//! Rows of the `changes` table.

use diesel::prelude::*;

use super::{Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::changes;

crate::text_column!(Op, Reason, Subject);

/// An entry before it has its `seq`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = changes)]
pub struct NewChange<'a> {
    pub op: Op,
    pub type_: Subject,
    pub entity_id: i64,
    pub slug: &'a str,
    pub version: i64,
    pub modified_at: Timestamp,
    pub reason: Reason,
    pub replaced_by: Option<&'a str>,
}

impl<'a> NewChange<'a> {
    /// Something that has no versions of its own is there, and changed.
    pub fn upsert(type_: Subject, entity_id: i64, slug: &'a str, modified_at: Timestamp, reason: Reason) -> Self {
        Self { op: Op::Upsert, type_, entity_id, slug, version: 1, modified_at, reason, replaced_by: None }
    }
}
