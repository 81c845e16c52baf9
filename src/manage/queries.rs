//! The audit trail, and kept answers.

use diesel::prelude::*;

use super::rows::{AnswerRow, NewAudit};
use crate::clock::Timestamp;
use crate::db::schema::{audit, idempotent_answers};
use crate::db::{DbConnection, DbError};

/// How long an answer is kept for a repeated call, in seconds.
pub const ANSWERS_KEPT: i64 = 24 * 60 * 60;

/// Appends to the audit trail. Call it in the transaction of the write.
pub fn record(conn: &mut DbConnection, row: &NewAudit<'_>) -> Result<(), DbError> {
    diesel::insert_into(audit::table).values(row).execute(conn)?;
    Ok(())
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
