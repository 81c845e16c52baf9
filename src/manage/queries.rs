//! The audit trail, and kept answers.

use diesel::prelude::*;

use super::rows::{AnswerRow, AuditRow, NewAudit};
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::{audit, idempotent_answers};
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position};

/// How long an answer is kept for a repeated call, in seconds.
pub const ANSWERS_KEPT: i64 = 24 * 60 * 60;
/// Who wrote, when it was a command on the server.
const COMMAND: &str = "command";

/// Appends to the audit trail. Call it in the transaction of the write.
pub fn record(conn: &mut DbConnection, row: &NewAudit<'_>) -> Result<(), DbError> {
    diesel::insert_into(audit::table).values(row).execute(conn)?;
    Ok(())
}

/// A row by a command on the server, which has no key.
pub fn record_command(
    conn: &mut DbConnection,
    at: Timestamp,
    action: &str,
    (type_, entity_id): (&str, i64),
    slug: &str,
) -> Result<(), DbError> {
    let (key_id, key_name, version, request_id) = (None, COMMAND, 0, "");
    record(conn, &NewAudit { at, key_id, key_name, action, type_, entity_id, slug, version, request_id })
}

/// Which rows of the audit trail.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    pub key: Option<i64>,
    pub action: Option<String>,
    pub type_: Option<String>,
    pub id: Option<i64>,
    /// Inclusive.
    pub after: Option<Timestamp>,
    /// Exclusive.
    pub before: Option<Timestamp>,
}

/// One page of the audit trail, the newest row first.
pub fn list(conn: &mut DbConnection, filter: &AuditFilter, cut: &Cut) -> Result<(Vec<AuditRow>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter).count().get_result(conn)?) } else { None };
    let query = matching(filter).select(AuditRow::as_select());
    let rows = cut_by!(query, audit::id, audit::id, Position::number, descending: true, cut).load(conn)?;
    Ok(Extent::of(rows, cut, total, |row: &AuditRow| (vec![Key::Number(row.id)], row.id)))
}

fn matching(filter: &AuditFilter) -> audit::BoxedQuery<'static, MultiBackend> {
    let AuditFilter { key, action, type_, id, after, before } = filter.clone();
    let mut query = audit::table.into_boxed();
    if let Some(key) = key {
        query = query.filter(audit::key_id.eq(key));
    }
    if let Some(action) = action {
        query = query.filter(audit::action.eq(action));
    }
    if let Some(type_) = type_ {
        query = query.filter(audit::type_.eq(type_));
    }
    if let Some(id) = id {
        query = query.filter(audit::entity_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(audit::at.ge(after));
    }
    if let Some(before) = before {
        query = query.filter(audit::at.lt(before));
    }
    query
}

/// The answer that was given to a call before; those that are too old are as good as gone.
pub fn answer(
    conn: &mut DbConnection,
    now: Timestamp,
    key_id: i64,
    idempotency_key: &str,
) -> Result<Option<AnswerRow>, DbError> {
    Ok(idempotent_answers::table
        .find((key_id, idempotency_key))
        .filter(idempotent_answers::created_at.gt(now.plus_seconds(-ANSWERS_KEPT)))
        .select(AnswerRow::as_select())
        .first(conn)
        .optional()?)
}

/// Keeps an answer, in the place of one that was too old.
pub fn keep_answer(conn: &mut DbConnection, row: &AnswerRow) -> Result<(), DbError> {
    diesel::delete(idempotent_answers::table.find((row.key_id, &row.idempotency_key))).execute(conn)?;
    diesel::insert_into(idempotent_answers::table).values(row).execute(conn)?;
    Ok(())
}

/// Drops the answers that nobody will be given again.
pub fn drop_old_answers(conn: &mut DbConnection, now: Timestamp) -> Result<usize, DbError> {
    let old = idempotent_answers::table.filter(idempotent_answers::created_at.le(now.plus_seconds(-ANSWERS_KEPT)));
    Ok(diesel::delete(old).execute(conn)?)
}
