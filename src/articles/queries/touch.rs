//! What changes on articles when something that they show does: a tag, an author, a medium.
//!
//! Their cards and export lines are made of it, so whoever follows articles alone must hear of each. Their versions and
//! `updated_at` stay, since nobody edited them; `modified_at` moves.

use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::shelf::set_cards;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_media, article_tags, articles, changes};
use crate::db::{DbConnection, DbError, id_in};

/// What was changed, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Tag(i64),
    Author(i64),
    Medium(i64),
}

/// Notes the change on every article that shows it, sets their cards anew, and logs each that anyone may see; returns them.
///
/// An article that nobody may see gets no entry: one would stand before the entry that says why it was taken away.
pub fn touch(conn: &mut DbConnection, now: Timestamp, of: Of, reason: Reason) -> Result<Vec<i64>, DbError> {
    let ids = showing(conn, of)?;
    touch_all(conn, now, &ids, reason, Audience::Everyone)?;
    Ok(ids)
}

/// What others show of an article as their translation: who may see it, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Face<'a> {
    pub seen_by: Audience,
    pub group: Option<&'a str>,
    pub slug: &'a str,
    pub lang: &'a str,
}

/// [`touch`] for those that show an article as their translation, or did before it changed.
pub(super) fn touch_translations(
    conn: &mut DbConnection,
    now: Timestamp,
    id: i64,
    before: Option<Face<'_>>,
    after: Face<'_>,
) -> Result<(), DbError> {
    let seen_by = before.as_ref().map_or(Audience::Nobody, |face| face.seen_by).max(after.seen_by);
    if seen_by == Audience::Nobody || before.as_ref() == Some(&after) {
        return Ok(());
    }
    let left = before.and_then(|face| face.group).filter(|group| Some(*group) != after.group);
    for group in left.into_iter().chain(after.group) {
        let same = articles::table.filter(articles::translation_group.eq(group)).filter(articles::id.ne(id));
        let others: Vec<i64> = same.order(articles::id).select(articles::id).load(conn)?;
        touch_all(conn, now, &others, Reason::Updated, seen_by)?;
    }
    Ok(())
}

/// [`touch`] for articles by their ids, of a change that is seen by those who see what `seen_by` does.
fn touch_all(
    conn: &mut DbConnection,
    now: Timestamp,
    ids: &[i64],
    reason: Reason,
    seen_by: Audience,
) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    // As `Timestamp::later_than` does it for one row.
    let later = case_when(articles::modified_at.ge(now), articles::modified_at + 1).otherwise(now);
    diesel::update(articles::table.filter(id_in(articles::id, ids)))
        .set(articles::modified_at.eq(later))
        .execute(conn)?;
    set_cards(conn, ids)?;
    log(conn, ids, reason, seen_by)
}

fn showing(conn: &mut DbConnection, of: Of) -> Result<Vec<i64>, DbError> {
    let ids: Vec<i64> = match of {
        Of::Tag(id) => {
            article_tags::table.filter(article_tags::tag_id.eq(id)).select(article_tags::article_id).load(conn)?
        }
        Of::Author(id) => article_authors::table
            .filter(article_authors::author_id.eq(id))
            .select(article_authors::article_id)
            .load(conn)?,
        Of::Medium(id) => {
            let beside = article_media::table.filter(article_media::media_id.eq(id)).select(article_media::article_id);
            let showing = articles::table.filter(articles::hero_id.eq(id)).or_filter(articles::id.eq_any(beside));
            showing.select(articles::id).load(conn)?
        }
    };
    Ok(ids)
}

/// One statement, however many there are.
fn log(conn: &mut DbConnection, ids: &[i64], reason: Reason, seen_by: Audience) -> Result<(), DbError> {
    let (everyone, embargoed) = (Audience::Everyone.into_sql::<BigInt>(), Audience::Embargoed.into_sql::<BigInt>());
    let (upsert, delete) = (Op::Upsert.into_sql::<Text>(), Op::Delete.into_sql::<Text>());
    let known = changes::table
        .filter(changes::type_.eq(Subject::Article))
        .filter(changes::entity_id.eq(articles::id))
        .filter(changes::known_to.eq(everyone));
    articles::table
        .filter(id_in(articles::id, ids))
        .filter(articles::public.or(articles::embargoed))
        .order(articles::id)
        .select((
            case_when(articles::public, upsert).otherwise(delete),
            Subject::Article.into_sql::<Text>(),
            articles::id,
            articles::slug,
            articles::version,
            articles::modified_at,
            reason.into_sql::<Text>(),
            case_when(articles::public, everyone).otherwise(embargoed),
            case_when(articles::public.or(exists(known)), everyone).otherwise(embargoed),
            case_when(articles::public, seen_by.into_sql::<BigInt>()).otherwise(embargoed),
        ))
        .insert_into(changes::table)
        .into_columns((
            changes::op,
            changes::type_,
            changes::entity_id,
            changes::slug,
            changes::version,
            changes::modified_at,
            changes::reason,
            changes::audience,
            changes::known_to,
            changes::concerns,
        ))
        .execute(conn)?;
    Ok(())
}
