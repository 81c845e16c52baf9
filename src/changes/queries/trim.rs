//! Retention: what no reader needs any more is taken out of the log.
//!
//! What stays is enough to bring any reader to the present state whose token is as new as the newest tombstone that was
//! taken out; [`expired_until`] remembers that one. The newest entry of all always stays, so that `seq` never goes back.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::read::latest;
use crate::changes::{Audience, Reason};
use crate::clock::Timestamp;
use crate::db::schema::changes;
use crate::db::{DbConnection, DbError, MultiBackend, id_in, remember, setting};

const NAME: &str = "changes_expired_until";
/// Entries that are looked at in one read.
const BATCH: i64 = 5_000;

/// What can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Entries with a later one of the same thing for the same readers.
    Superseded,
    /// The last word on what nobody can see any more. Kills are kept for ever.
    Tombstones,
}

/// What a look at a part of the log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trimmable {
    kind: Kind,
    pub seqs: Vec<i64>,
    /// Where the next look begins; `None` when nothing older is left.
    pub next: Option<i64>,
}

/// Looks for entries of a kind from before `before`, beginning after `seq`.
pub fn trimmable(conn: &mut DbConnection, kind: Kind, seq: i64, before: Timestamp) -> Result<Trimmable, DbError> {
    let part: Vec<(i64, Timestamp)> = changes::table
        .filter(changes::seq.gt(seq))
        .order(changes::seq)
        .limit(BATCH)
        .select((changes::seq, changes::modified_at))
        .load(conn)?;
    let oldest = part.iter().map(|(_, at)| *at).min();
    let Some((until, _)) = part.last().copied().filter(|_| oldest.is_some_and(|oldest| oldest < before)) else {
        return Ok(Trimmable { kind, seqs: Vec::new(), next: None });
    };
    let old = changes::table
        .filter(changes::seq.gt(seq).and(changes::seq.le(until)).and(changes::seq.lt(latest(conn)?)))
        .filter(changes::modified_at.lt(before))
        .order(changes::seq)
        .select(changes::seq)
        .into_boxed();
    Ok(Trimmable { kind, seqs: of_kind(old, kind).load(conn)?, next: Some(until) })
}

type Seqs = changes::BoxedQuery<'static, MultiBackend, diesel::sql_types::BigInt>;

fn of_kind(old: Seqs, kind: Kind) -> Seqs {
    let other = diesel::alias!(changes as other);
    let same = other
        .filter(other.field(changes::type_).eq(changes::type_))
        .filter(other.field(changes::entity_id).eq(changes::entity_id));
    let later = same
        .filter(other.field(changes::seq).gt(changes::seq))
        .filter(other.field(changes::concerns).ge(changes::concerns));
    match kind {
        Kind::Superseded => old.filter(exists(later)),
        // An earlier entry would come back to life, so it must have gone before.
        Kind::Tombstones => old
            .filter(not(exists(later)))
            .filter(not(exists(same.filter(other.field(changes::seq).lt(changes::seq)))))
            .filter(changes::audience.eq(Audience::Nobody))
            .filter(changes::reason.ne(Reason::Killed)),
    }
}

/// Takes them out.
pub fn trim(conn: &mut DbConnection, found: &Trimmable) -> Result<(), DbError> {
    diesel::delete(changes::table.filter(id_in(changes::seq, &found.seqs))).execute(conn)?;
    if let (Kind::Tombstones, Some(newest)) = (found.kind, found.seqs.last()) {
        let until = expired_until(conn)?.max(*newest);
        remember(conn, NAME, &until.to_string())?;
    }
    Ok(())
}

/// The `seq` below which a token is too old; 0 when none is.
pub fn expired_until(conn: &mut DbConnection) -> Result<i64, DbError> {
    let Some(text) = setting(conn, NAME)? else { return Ok(0) };
    text.parse().map_err(|_| DbError::Corrupt(format!("setting {NAME}: {text:?} is no number")))
}
