//! Appending to the log. Call it inside the write transaction that makes the change: `seq` is then in commit order.

use diesel::prelude::*;

use super::Subject;
use super::rows::NewChange;
use crate::db::schema::changes;
use crate::db::{DbConnection, DbError};

/// Appends one entry.
pub fn append(conn: &mut DbConnection, change: &NewChange<'_>) -> Result<(), DbError> {
    diesel::insert_into(changes::table).values(change).execute(conn)?;
    Ok(())
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
