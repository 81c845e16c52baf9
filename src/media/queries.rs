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

/// A medium that a caller of an audience may see.
pub fn find_visible(conn: &mut DbConnection, id: i64, of: Audience) -> Result<Option<MediaRow>, DbError> {
    let Some(stored) = media::table.find(id).select(StoredMedia::as_select()).first(conn).optional()? else {
        return Ok(None);
    };
    if audience(conn, id)? >= of { stored.try_into().map(Some) } else { Ok(None) }
}

/// Who may see a medium: those who may see an article that uses it, and everyone when no article does.
pub fn audience(conn: &mut DbConnection, id: i64) -> Result<Audience, DbError> {
    let as_hero = articles::table.filter(articles::hero_id.eq(id));
    let in_text = article_media::table.inner_join(articles::table).filter(article_media::media_id.eq(id));
    let all = Visible(Audience::Everyone);
    let shown = exists(as_hero.filter(all)).or(exists(in_text.filter(all)));
    let free = not(exists(as_hero)).and(not(exists(in_text)));
    if diesel::select(shown.or(free)).get_result(conn)? {
        return Ok(Audience::Everyone);
    }
    let early = exists(as_hero.filter(articles::embargoed)).or(exists(in_text.filter(articles::embargoed)));
    Ok(if diesel::select(early).get_result(conn)? { Audience::Embargoed } else { Audience::Nobody })
}

/// Media by their ids, in no order.
pub fn by_ids(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<MediaRow>, DbError> {
    let rows: Vec<StoredMedia> =
        media::table.filter(id_in(media::id, ids)).select(StoredMedia::as_select()).load(conn)?;
    rows.into_iter().map(MediaRow::try_from).collect()
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
    let stored = write(conn, now, input)?;
    log_changes(conn, now, &[stored])?;
    Ok(stored)
}

/// [`store`] without its entry in the log: who may see a new medium is known when its article is stored.
pub fn write(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<Stored, DbError> {
    let values = MediaValues::of(input, now)?;
    let found =
        media::table.filter(media::guid.eq(&input.guid)).select(StoredMedia::as_select()).first(conn).optional()?;
    match found {
        None => {
            let id = diesel::insert_into(media::table)
                .values((&values, media::created_at.eq(now)))
                .returning(media::id)
                .get_result(conn)?;
            Ok(Stored::Created(id))
        }
        Some(found) => {
            let id = found.id;
            if MediaInput::try_from(found)? == *input {
                return Ok(Stored::Unchanged(id));
            }
            diesel::update(media::table.find(id)).set(&values).execute(conn)?;
            Ok(Stored::Updated(id))
        }
    }
}

/// Removes those of `ids` that nothing uses any more and whose identity was only their content; says which ones stay.
pub fn drop_unused(conn: &mut DbConnection, now: Timestamp, ids: &[i64]) -> Result<Vec<Stored>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let unused: Vec<i64> = media::table
        .filter(id_in(media::id, ids))
        .filter(media::guid.like("urn:uuid:%"))
        .filter(not(exists(articles::table.filter(articles::hero_id.eq(media::id.nullable())))))
        .filter(not(exists(article_media::table.filter(article_media::media_id.eq(media::id)))))
        .order(media::id)
        .select(media::id)
        .load(conn)?;
    for id in &unused {
        diesel::delete(media::table.find(id)).execute(conn)?;
        log_change(conn, now, *id, Audience::Nobody)?;
    }
    Ok(ids.iter().filter(|id| !unused.contains(id)).map(|id| Stored::Unchanged(*id)).collect())
}

/// Logs those media of an article whom others may see now than before: call it when the article became visible or hidden.
pub fn log_those_of(conn: &mut DbConnection, now: Timestamp, article_id: i64) -> Result<(), DbError> {
    let mut ids: Vec<i64> = article_media::table
        .filter(article_media::article_id.eq(article_id))
        .order(article_media::media_id)
        .select(article_media::media_id)
        .load(conn)?;
    let hero: Option<i64> = articles::table.find(article_id).select(articles::hero_id).first(conn)?;
    ids.extend(hero);
    let media: Vec<Stored> = ids.into_iter().map(Stored::Unchanged).collect();
    log_changes(conn, now, &media)
}

/// Logs media that were created or updated, and of the rest those whom others may see now than before.
pub fn log_changes(conn: &mut DbConnection, now: Timestamp, touched: &[Stored]) -> Result<(), DbError> {
    for (i, stored) in touched.iter().enumerate() {
        let id = stored.id();
        if touched[..i].iter().any(|earlier| earlier.id() == id) {
            continue;
        }
        let seen_by = audience(conn, id)?;
        let changed = touched.iter().any(|one| one.id() == id && *one != Stored::Unchanged(id));
        if changed || log::audience(conn, Subject::Media, id)? != seen_by {
            log_change(conn, now, id, seen_by)?;
        }
    }
    Ok(())
}

fn log_change(conn: &mut DbConnection, now: Timestamp, id: i64, audience: Audience) -> Result<(), DbError> {
    let slug = id.to_string();
    let op = if audience == Audience::Everyone { Op::Upsert } else { Op::Delete };
    let change = NewChange { op, audience, ..NewChange::upsert(Subject::Media, id, &slug, now, Reason::Updated) };
    log::append(conn, &change)
}
