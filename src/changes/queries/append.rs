//! Appending to the log. Call it inside the write transaction that makes the change: `seq` is then in commit order.

use std::collections::HashMap;

use diesel::dsl::max;
use diesel::prelude::*;

use crate::changes::rows::{Before, Entry, NewChange};
use crate::changes::{Audience, Op, Reason, Subject};
use crate::db::schema::changes;
use crate::db::{DbConnection, DbError, ROWS, id_in};
use crate::insert_all;

/// Appends one entry, and notes with it whom it concerns and who has ever been able to see the thing.
pub fn append(conn: &mut DbConnection, change: &NewChange<'_>) -> Result<(), DbError> {
    let before = before(conn, change.type_, change.entity_id)?;
    // A kill is told under the slug that was told before, also when it got another one while it was hidden.
    let known_slug = match change.reason {
        Reason::Killed => known_slug(conn, change.type_, change.entity_id)?,
        _ => None,
    };
    let change = &NewChange { slug: known_slug.as_deref().unwrap_or(change.slug), ..change.clone() };
    let known_to = before.known_to.max(change.audience);
    let mut seen_by = before.audience;
    if change.audience < seen_by && change.slug != before.slug {
        // Those who lose sight of it are told so under the slug that they know, and never learn the new one.
        insert(conn, &NewChange { op: Op::Delete, slug: &before.slug, ..change.clone() }, known_to, seen_by)?;
        seen_by = change.audience;
    }
    // A kill is told to all who ever knew the story, also when it was hidden from them before.
    let told = if change.reason == Reason::Killed { known_to } else { Audience::Nobody };
    insert(conn, change, known_to, change.audience.max(seen_by).max(told))
}

/// [`append`] for things that were made in this transaction, of which the log knows nothing yet.
pub fn append_new(conn: &mut DbConnection, changes: Vec<NewChange<'_>>) -> Result<(), DbError> {
    let entries: Vec<Entry<'_>> = changes.into_iter().map(Entry::first).collect();
    insert_all!(conn, changes::table, &entries)
}

fn insert(
    conn: &mut DbConnection,
    change: &NewChange<'_>,
    known_to: Audience,
    concerns: Audience,
) -> Result<(), DbError> {
    let entry = Entry::new(change.clone(), known_to, concerns);
    diesel::insert_into(changes::table).values(&entry).execute(conn)?;
    Ok(())
}

/// Who can see something, as the log has it, and who ever could.
fn before(conn: &mut DbConnection, type_: Subject, entity_id: i64) -> Result<Before, DbError> {
    let newest = changes::table
        .filter(changes::type_.eq(type_))
        .filter(changes::entity_id.eq(entity_id))
        .order(changes::seq.desc())
        .select(Before::as_select())
        .first(conn)
        .optional()?;
    Ok(newest.unwrap_or_default())
}

/// The slug under which something was last told of; none when it never was.
pub fn known_slug(conn: &mut DbConnection, type_: Subject, entity_id: i64) -> Result<Option<String>, DbError> {
    Ok(changes::table
        .filter(changes::type_.eq(type_))
        .filter(changes::entity_id.eq(entity_id))
        .filter(changes::concerns.gt(Audience::Nobody))
        .order(changes::seq.desc())
        .select(changes::slug)
        .first(conn)
        .optional()?)
}

/// Who has ever been able to see something.
pub fn known_to(conn: &mut DbConnection, type_: Subject, entity_id: i64) -> Result<Audience, DbError> {
    Ok(before(conn, type_, entity_id)?.known_to)
}

/// Who can see some things of one kind, as readers of the log know it: by their ids, of which those are left out that it knows nothing of.
pub fn audiences(conn: &mut DbConnection, type_: Subject, ids: &[i64]) -> Result<HashMap<i64, Audience>, DbError> {
    let mut audiences = HashMap::with_capacity(ids.len());
    for some in ids.chunks(ROWS) {
        let newest = changes::table
            .filter(changes::type_.eq(type_))
            .filter(id_in(changes::entity_id, some))
            .group_by(changes::entity_id)
            .select(max(changes::seq));
        let newest: Vec<i64> = newest.load::<Option<i64>>(conn)?.into_iter().flatten().collect();
        let entries = changes::table.filter(id_in(changes::seq, &newest));
        audiences.extend(entries.select((changes::entity_id, changes::audience)).load::<(i64, Audience)>(conn)?);
    }
    Ok(audiences)
}
