//! From a stored article to the record of it that readers may have: what is public, and nothing of how it was written.

use crate::articles::queries::Exported;
use crate::articles::rows::{CorrectionRow, ExportRow, Named, TagOnCard};
use crate::articles::{BodyFormat, Status};
use crate::db::DbError;
use crate::db::json::from_json;
use crate::media::MediaInput;
use crate::records::{ArticleRecord, AuthorRef, CorrectionRecord, MediaRecord, TagRef};

/// The article as a record.
pub fn record(exported: Exported) -> Result<ArticleRecord, DbError> {
    let Exported { article, html, authors, tags, hero, media, corrections, former_slugs } = exported;
    let ExportRow {
        id,
        guid,
        slug,
        kind,
        lang,
        translation_group,
        embargoed,
        title,
        standfirst,
        word_count: _,
        hero_id: _,
        canonical_url,
        rights,
        published_at,
        first_published_at,
        embargo_until,
        updated_at,
        version,
    } = article;
    Ok(ArticleRecord {
        id: Some(id),
        version: Some(version),
        guid: Some(guid),
        slug,
        title,
        kind,
        lang,
        status: Status::Published,
        published_at,
        first_published_at,
        updated_at: Some(updated_at),
        // Who may see it early must be told that it is early.
        embargo_until: embargo_until.filter(|_| embargoed),
        expires_at: None,
        translation_group,
        standfirst,
        body: html,
        body_format: BodyFormat::Html,
        canonical_url,
        rights: rights.as_deref().map(from_json).transpose()?,
        authors: authors.into_iter().map(|Named { slug, name }| AuthorRef { slug, name }).collect(),
        tags: tags.into_iter().map(|TagOnCard { slug, name, kind }| TagRef { slug, name, kind }).collect(),
        hero: hero.map(medium),
        media: media.into_iter().map(medium).collect(),
        corrections: corrections
            .into_iter()
            .map(|CorrectionRow { corrected_at, text }| CorrectionRecord { at: corrected_at, text })
            .collect(),
        former_slugs,
        kill: None,
    })
}

fn medium(input: MediaInput) -> MediaRecord {
    let MediaInput { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } = input;
    MediaRecord { guid: Some(guid), url, alt, caption, credit, width, height, mime_type, rights, renditions }
}
