//! Articles as editors see them: whole, with what is not public, as the records that they were made of.

use diesel::prelude::*;

use crate::articles::lifecycle::State;
use crate::articles::rows::{ArticleSource, ManagedRow};
use crate::clock::Timestamp;
use crate::db::json::from_json;
use crate::db::schema::{
    article_authors, article_bodies, article_media, article_tags, articles, authors, corrections, media, redirects,
    tags,
};
use crate::db::{DbConnection, DbError};
use crate::media::MediaInput;
use crate::media::rows::StoredMedia;
use crate::records::{ArticleRecord, AuthorRef, CorrectionRecord, KillRecord, MediaRecord, TagRef};

/// An article with everything that can be written of it.
#[derive(Debug, Clone)]
pub struct Managed {
    pub row: ManagedRow,
    pub record: ArticleRecord,
}

impl Managed {
    /// Where it stands at an instant.
    pub fn state(&self, now: Timestamp) -> State {
        self.row.state(now)
    }
}

/// An article by its id.
pub fn managed(conn: &mut DbConnection, id: i64) -> Result<Option<Managed>, DbError> {
    let found: Option<(ManagedRow, ArticleSource)> = articles::table
        .inner_join(article_bodies::table)
        .filter(articles::id.eq(id))
        .select((ManagedRow::as_select(), ArticleSource::as_select()))
        .first(conn)
        .optional()?;
    let Some((row, source)) = found else { return Ok(None) };
    let record = ArticleRecord {
        authors: authors_of(conn, id)?,
        tags: tags_of(conn, id)?,
        hero: row.hero_id.map(|hero| medium(conn, hero)).transpose()?.flatten(),
        media: media_of(conn, id)?,
        corrections: corrections_of(conn, id)?,
        former_slugs: former_slugs(conn, id)?,
        ..record(&row, source)?
    };
    Ok(Some(Managed { row, record }))
}

/// What the row and its body say.
fn record(row: &ManagedRow, source: ArticleSource) -> Result<ArticleRecord, DbError> {
    let ManagedRow {
        id: _,
        guid,
        slug,
        kind,
        lang,
        translation_group,
        status,
        title,
        standfirst,
        canonical_url,
        rights,
        published_at,
        first_published_at,
        embargo_until,
        expires_at,
        killed_at,
        kill_reason,
        replaced_by,
        hero_id: _,
        word_count: _,
        created_at: _,
        updated_at,
        modified_at: _,
        version: _,
    } = row.clone();
    let (body, body_format) = source.into_text();
    let kill = killed_at.map(|at| KillRecord { at, reason: kill_reason.unwrap_or_default(), replaced_by });
    Ok(ArticleRecord {
        id: None,
        version: None,
        guid: Some(guid),
        slug,
        title,
        kind,
        lang,
        status,
        published_at,
        first_published_at,
        updated_at: Some(updated_at),
        embargo_until,
        expires_at,
        translation_group,
        standfirst,
        body,
        body_format,
        canonical_url,
        rights: rights.as_deref().map(from_json).transpose()?,
        kill,
        authors: Vec::new(),
        tags: Vec::new(),
        hero: None,
        media: Vec::new(),
        corrections: Vec::new(),
        former_slugs: Vec::new(),
    })
}

fn authors_of(conn: &mut DbConnection, id: i64) -> Result<Vec<AuthorRef>, DbError> {
    let rows: Vec<(String, String)> = article_authors::table
        .inner_join(authors::table)
        .filter(article_authors::article_id.eq(id))
        .order((article_authors::position, authors::id))
        .select((authors::slug, authors::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(slug, name)| AuthorRef { slug, name }).collect())
}

fn tags_of(conn: &mut DbConnection, id: i64) -> Result<Vec<TagRef>, DbError> {
    let rows: Vec<(String, String, crate::tags::TagKind)> = article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_id.eq(id))
        .order((article_tags::position, tags::id))
        .select((tags::slug, tags::name, tags::kind))
        .load(conn)?;
    Ok(rows.into_iter().map(|(slug, name, kind)| TagRef { slug, name, kind }).collect())
}

fn media_of(conn: &mut DbConnection, id: i64) -> Result<Vec<MediaRecord>, DbError> {
    let rows: Vec<StoredMedia> = article_media::table
        .inner_join(media::table)
        .filter(article_media::article_id.eq(id))
        .order((article_media::position, article_media::media_id))
        .select(StoredMedia::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| MediaInput::try_from(row).map(MediaRecord::from)).collect()
}

/// A medium by its id.
pub fn medium(conn: &mut DbConnection, id: i64) -> Result<Option<MediaRecord>, DbError> {
    let row = media::table.find(id).select(StoredMedia::as_select()).first(conn).optional()?;
    row.map(|row| MediaInput::try_from(row).map(MediaRecord::from)).transpose()
}

/// A medium by its identity.
pub fn medium_with(conn: &mut DbConnection, guid: &str) -> Result<Option<MediaRecord>, DbError> {
    let row = media::table.filter(media::guid.eq(guid)).select(StoredMedia::as_select()).first(conn).optional()?;
    row.map(|row| MediaInput::try_from(row).map(MediaRecord::from)).transpose()
}

fn corrections_of(conn: &mut DbConnection, id: i64) -> Result<Vec<CorrectionRecord>, DbError> {
    let rows: Vec<(Timestamp, String)> = corrections::table
        .filter(corrections::article_id.eq(id))
        .order((corrections::corrected_at, corrections::id))
        .select((corrections::corrected_at, corrections::text))
        .load(conn)?;
    Ok(rows.into_iter().map(|(at, text)| CorrectionRecord { at, text }).collect())
}

fn former_slugs(conn: &mut DbConnection, id: i64) -> Result<Vec<String>, DbError> {
    let slugs = redirects::table.filter(redirects::article_id.eq(id)).order(redirects::id);
    Ok(slugs.select(redirects::from_slug).load(conn)?)
}
