//! Reading the log: of each thing its newest entry, in the order of the log.

use diesel::dsl::{exists, max, not};
use diesel::prelude::*;

use crate::changes::rows::{ChangeRow, Trace};
use crate::changes::{Audience, Subject};
use crate::db::schema::changes;
use crate::db::{DbConnection, DbError};

/// Entries that one read looks at, whatever it finds of use among them.
const SCAN: i64 = 5_000;

/// Which entries.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Whom they concern.
    pub audience: Audience,
    /// What they are about; all when empty.
    pub types: Vec<Subject>,
}

/// Entries after `since`, at most `limit` of them, and how far the log was looked through for them.
///
/// An entry after which the log has another one of the same thing for the same audience is left out: what comes is each
/// thing's present state, and who goes on from the returned `seq` misses nothing.
pub fn entries(
    conn: &mut DbConnection,
    scope: &Scope,
    since: i64,
    limit: i64,
) -> Result<(Vec<ChangeRow>, i64), DbError> {
    let until = horizon(conn, since)?;
    let later = diesel::alias!(changes as later);
    let newer = later
        .filter(later.field(changes::type_).eq(changes::type_))
        .filter(later.field(changes::entity_id).eq(changes::entity_id))
        .filter(later.field(changes::seq).gt(changes::seq))
        .filter(later.field(changes::concerns).ge(scope.audience));
    let mut query = changes::table
        .filter(changes::seq.gt(since).and(changes::seq.le(until)))
        .filter(changes::concerns.ge(scope.audience))
        .filter(not(exists(newer)))
        .order(changes::seq)
        .limit(limit)
        .select(ChangeRow::as_select())
        .into_boxed();
    if !scope.types.is_empty() {
        query = query.filter(changes::type_.eq_any(&scope.types));
    }
    let rows: Vec<ChangeRow> = query.load(conn)?;
    let full = rows.len() as i64 == limit;
    let read = rows.last().filter(|_| full).map_or(until, |row| row.seq);
    Ok((rows, read))
}

/// Where a read from `since` must end.
fn horizon(conn: &mut DbConnection, since: i64) -> Result<i64, DbError> {
    let far = changes::table
        .filter(changes::seq.gt(since))
        .order(changes::seq)
        .offset(SCAN - 1)
        .select(changes::seq)
        .first(conn)
        .optional()?;
    match far {
        Some(seq) => Ok(seq),
        None => latest(conn),
    }
}

/// The `seq` of the newest entry; 0 when there is none.
pub fn latest(conn: &mut DbConnection) -> Result<i64, DbError> {
    Ok(changes::table.select(max(changes::seq)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// At most `limit` entries after `seq`, the oldest first, whomever they concern.
pub fn traces(conn: &mut DbConnection, seq: i64, limit: i64) -> Result<Vec<Trace>, DbError> {
    let new = changes::table.filter(changes::seq.gt(seq)).order(changes::seq).limit(limit);
    Ok(new.select(Trace::as_select()).load(conn)?)
}
