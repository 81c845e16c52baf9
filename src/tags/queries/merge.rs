//! Merging one tag into another: its articles, aliases and slug go over, and it stays as a name that leads there.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::store::log_change;
use crate::articles::queries::{Of, recount_tag, set_cards, touch};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_tags, tags};
use crate::db::{DbConnection, DbError};
use crate::redirects::{RedirectKind, queries as redirect};
use crate::tags::rows::TagRow;

/// Merges `from` into `into`. Neither may be merged away already, and they are two.
///
/// All that led to `from` leads to `into` afterwards, in one step: tags that were merged into it before, and its aliases.
pub fn merge(conn: &mut DbConnection, now: Timestamp, from: &TagRow, into: &TagRow) -> Result<(), DbError> {
    let moved = touch(conn, now, Of::Tag(from.id), Reason::Merged)?;
    move_articles(conn, from.id, into.id)?;
    set_cards(conn, &moved)?;
    recount_tag(conn, into.id, from.id)?;
    let count: i64 = article_tags::table
        .filter(article_tags::tag_id.eq(into.id))
        .filter(article_tags::listed.eq(true))
        .count()
        .get_result(conn)?;
    diesel::update(tags::table.filter(tags::merged_into.eq(from.id)))
        .set(tags::merged_into.eq(into.id))
        .execute(conn)?;
    // What nobody could see leads nowhere for them afterwards. The newsroom still comes by its slug.
    if from.audience >= into.audience {
        redirect::repoint_tag(conn, from.id, into.id)?;
        redirect::insert(conn, now, RedirectKind::Tag, &from.slug, into.id)?;
    } else {
        redirect::forget_tag(conn, from.id)?;
    }
    let gone = (tags::merged_into.eq(into.id), tags::article_count.eq(0), at(now, from));
    diesel::update(tags::table.find(from.id)).set(gone).execute(conn)?;
    // Whoever knew the one may see the other, which has its articles now.
    let seen_by = into.audience.max(from.audience);
    let grown = (tags::article_count.eq(count), tags::audience.eq(seen_by), at(now, into));
    diesel::update(tags::table.find(into.id)).set(grown).execute(conn)?;
    let deletion = NewChange {
        op: Op::Delete,
        replaced_by: Some(&into.slug),
        audience: Audience::Nobody,
        ..NewChange::upsert(Subject::Tag, from.id, &from.slug, now.later_than(from.modified_at), Reason::Merged)
    };
    log::append(conn, &deletion)?;
    log_change(conn, now.later_than(into.modified_at), into.id, &into.slug, Reason::Merged, seen_by)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn at(now: Timestamp, row: &TagRow) -> _ {
    let later: Timestamp = now.later_than(row.modified_at);
    tags::modified_at.eq(later)
}

/// An article that has both tags keeps the place of the one that it names first.
fn move_articles(conn: &mut DbConnection, from: i64, into: i64) -> Result<(), DbError> {
    let other = diesel::alias!(article_tags as other);
    let same = other.field(article_tags::article_id).eq(article_tags::article_id);
    let before = other.field(article_tags::position).lt(article_tags::position);
    let earlier = other.filter(other.field(article_tags::tag_id).eq(from)).filter(same).filter(before);
    let of_both = article_tags::table.filter(article_tags::tag_id.eq(into)).filter(exists(earlier));
    diesel::delete(of_both).execute(conn)?;
    let there = other
        .filter(other.field(article_tags::tag_id).eq(into))
        .filter(other.field(article_tags::article_id).eq(article_tags::article_id));
    diesel::delete(article_tags::table.filter(article_tags::tag_id.eq(from)).filter(exists(there))).execute(conn)?;
    diesel::update(article_tags::table.filter(article_tags::tag_id.eq(from)))
        .set(article_tags::tag_id.eq(into))
        .execute(conn)?;
    Ok(())
}
