//! Reading and storing media.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::MediaInput;
use super::rows::{MediaRow, MediaValues, StoredMedia};
use crate::articles::queries::Visible;
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_media, articles, media};
use crate::db::{DbConnection, DbError, id_in};

/// A medium that an audience may see: one that an article uses which it may see, or that belongs to no article.
pub fn find_visible(conn: &mut DbConnection, id: i64, audience: Audience) -> Result<Option<MediaRow>, DbError> {
    let Some(stored) = media::table.find(id).select(StoredMedia::as_select()).first(conn).optional()? else {
        return Ok(None);
    };
    let as_hero = articles::table.filter(articles::hero_id.eq(id));
    let in_text = article_media::table.inner_join(articles::table).filter(article_media::media_id.eq(id));
    let shown = exists(as_hero.filter(Visible(audience))).or(exists(in_text.filter(Visible(audience))));
    let free = not(exists(as_hero)).and(not(exists(in_text)));
    let visible = diesel::select(shown.or(free)).get_result::<bool>(conn)?;
    if visible { stored.try_into().map(Some) } else { Ok(None) }
}

/// The media of an article beyond its hero, in order.
pub fn of_article(conn: &mut DbConnection, article_id: i64) -> Result<Vec<MediaRow>, DbError> {
    let rows: Vec<StoredMedia> = article_media::table
        .inner_join(media::table)
        .filter(article_media::article_id.eq(article_id))
        .order((article_media::position, article_media::media_id))
        .select(StoredMedia::as_select())
        .load(conn)?;
    rows.into_iter().map(MediaRow::try_from).collect()
}

/// A stored medium by the identity that its source gave it.
pub fn find_by_guid(conn: &mut DbConnection, guid: &str) -> Result<Option<MediaInput>, DbError> {
    let row = media::table.filter(media::guid.eq(guid)).select(StoredMedia::as_select()).first(conn).optional()?;
    row.map(MediaInput::try_from).transpose()
}

/// What a store did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Created(i64),
    Updated(i64),
    Unchanged(i64),
}

impl Stored {
    /// The id, whatever was done.
    pub fn id(self) -> i64 {
        let (Self::Created(id) | Self::Updated(id) | Self::Unchanged(id)) = self;
        id
    }
}

/// Stores a medium under its guid, and logs it when that changes anything.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<Stored, DbError> {
    let values = MediaValues::of(input, now)?;
    let found =
        media::table.filter(media::guid.eq(&input.guid)).select(StoredMedia::as_select()).first(conn).optional()?;
    let stored = match found {
        None => {
            let id = diesel::insert_into(media::table)
                .values((&values, media::created_at.eq(now)))
                .returning(media::id)
                .get_result(conn)?;
            Stored::Created(id)
        }
        Some(found) => {
            let id = found.id;
            if MediaInput::try_from(found)? == *input {
                return Ok(Stored::Unchanged(id));
            }
            diesel::update(media::table.find(id)).set(&values).execute(conn)?;
            Stored::Updated(id)
        }
    };
    log_change(conn, now, stored.id(), Op::Upsert)?;
    Ok(stored)
}

/// Removes those of `ids` that nothing uses any more and whose identity was only their content.
pub fn drop_unused(conn: &mut DbConnection, now: Timestamp, ids: &[i64]) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let unused: Vec<i64> = media::table
        .filter(id_in(media::id, ids))
        .filter(media::guid.like("urn:uuid:%"))
        .filter(not(exists(articles::table.filter(articles::hero_id.eq(media::id.nullable())))))
        .filter(not(exists(article_media::table.filter(article_media::media_id.eq(media::id)))))
        .order(media::id)
        .select(media::id)
        .load(conn)?;
    for id in unused {
        diesel::delete(media::table.find(id)).execute(conn)?;
        log_change(conn, now, id, Op::Delete)?;
    }
    Ok(())
}

fn log_change(conn: &mut DbConnection, now: Timestamp, id: i64, op: Op) -> Result<(), DbError> {
    let slug = id.to_string();
    let audience = if op == Op::Upsert { Audience::Everyone } else { Audience::Nobody };
    let change = NewChange { op, audience, ..NewChange::upsert(Subject::Media, id, &slug, now, Reason::Updated) };
    log::append(conn, &change)
}
