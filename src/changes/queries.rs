//! Appending to the log. Call it inside the write transaction that makes the change: `seq` is then in commit order.

use diesel::prelude::*;

use super::rows::NewChange;
use super::{Audience, Subject};
use crate::db::schema::changes;
use crate::db::{DbConnection, DbError};

/// Appends one entry, and notes with it who has ever been able to see the thing.
pub fn append(conn: &mut DbConnection, change: &NewChange<'_>) -> Result<(), DbError> {
    let before = known_to(conn, change.type_, change.entity_id)?;
    let row = (change, changes::known_to.eq(before.max(change.audience)));
    diesel::insert_into(changes::table).values(row).execute(conn)?;
    Ok(())
}

/// Who has ever been able to see something.
pub fn known_to(conn: &mut DbConnection, type_: Subject, entity_id: i64) -> Result<Audience, DbError> {
    let newest = changes::table
        .filter(changes::type_.eq(type_))
        .filter(changes::entity_id.eq(entity_id))
        .order(changes::seq.desc())
        .select(changes::known_to)
        .first(conn)
        .optional()?;
    Ok(newest.unwrap_or(Audience::Nobody))
}

/// The `seq` of the newest entry; 0 when there is none.
pub fn latest(conn: &mut DbConnection) -> Result<i64, DbError> {
    Ok(changes::table.select(diesel::dsl::max(changes::seq)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// Whether an entry after `seq` is about something of this type.
pub fn any_since(conn: &mut DbConnection, seq: i64, type_: Subject) -> Result<bool, DbError> {
    let found = changes::table.filter(changes::seq.gt(seq)).filter(changes::type_.eq(type_));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(conn)?)
}
