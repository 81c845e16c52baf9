//! One version of an article as it would be shown, made from its revision.

use diesel::prelude::*;

use super::managed::managed;
use super::revisions;
use crate::articles::Status;
use crate::articles::input::Body;
use crate::articles::rows::{Beside, BodyRow, Card, CardRow, CorrectionRow, Detail, ManagedRow, Named, TagOnCard};
use crate::db::json::{from_json, to_json};
use crate::db::schema::media;
use crate::db::{DbConnection, DbError};
use crate::media::rows::{MediaRow, StoredMedia};
use crate::records::{ArticleRecord, CorrectionRecord, MediaRecord, checked};

/// A version of an article; `None` when it was not kept, or when the story was killed.
pub fn preview(conn: &mut DbConnection, id: i64, version: i64) -> Result<Option<Detail>, DbError> {
    // A killed story is gone from here too.
    let Some(present) = managed(conn, id)?.filter(|present| present.row.status != Status::Killed) else {
        return Ok(None);
    };
    let record = match revisions::find(conn, id, version)? {
        Some(row) => from_json(&row.record)?,
        None if version == present.row.version => present.record,
        None => return Ok(None),
    };
    detail(conn, &present.row, version, record).map(Some)
}

fn detail(
    conn: &mut DbConnection,
    present: &ManagedRow,
    version: i64,
    record: ArticleRecord,
) -> Result<Detail, DbError> {
    let wrong = |faults: Vec<_>| DbError::Corrupt(format!("version {version} of article {}: {faults:?}", present.id));
    let input = checked(record.clone()).map_err(wrong)?;
    let Body { html, text: _, opening, word_count } = Body::of(&input.body);
    // A draft has no date yet; it is shown as of its last change.
    let published_at = record.published_at.or(Some(present.modified_at));
    let article = CardRow {
        id: present.id,
        guid: present.guid.clone(),
        slug: record.slug,
        kind: record.kind,
        lang: record.lang,
        translation_group: record.translation_group,
        title: record.title,
        standfirst: record.standfirst,
        opening,
        word_count,
        published_at,
        first_published_at: record.first_published_at,
        updated_at: record.updated_at.unwrap_or(present.updated_at),
        modified_at: present.modified_at,
        version,
        rights: record.rights.as_ref().map(to_json).transpose()?,
        canonical_url: record.canonical_url,
    };
    let tags = record.tags.into_iter().map(|tag| TagOnCard { slug: tag.slug, name: tag.name, kind: tag.kind });
    let card = Card {
        authors: record.authors.into_iter().map(|author| Named { slug: author.slug, name: author.name }).collect(),
        tags: tags.collect(),
        hero: record.hero.map(|hero| medium(conn, hero)).transpose()?,
        translations: Vec::new(),
        body: Some(BodyRow { article_id: present.id, html: html.into() }),
        article,
    };
    let correction = |CorrectionRecord { at, text }| CorrectionRow { corrected_at: at, text };
    Ok(Detail {
        card,
        corrections: record.corrections.into_iter().map(correction).collect(),
        media: record.media.into_iter().map(|one| medium(conn, one)).collect::<Result<_, _>>()?,
        beside: Beside::default(),
    })
}

/// A medium as it was then. Its id is that of the medium it has become; 0 when that is gone.
fn medium(conn: &mut DbConnection, record: MediaRecord) -> Result<MediaRow, DbError> {
    let MediaRecord { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } = record;
    let found: Option<StoredMedia> = media::table
        .filter(media::guid.eq(guid.unwrap_or_default()))
        .select(StoredMedia::as_select())
        .first(conn)
        .optional()?;
    let id = found.map_or(0, |row| row.id);
    Ok(MediaRow { id, url, alt, caption, credit, width, height, mime_type, rights, renditions })
}
