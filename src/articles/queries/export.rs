//! Articles one after the other, with everything that readers may know of them, in batches that fit into memory.

use std::collections::HashMap;

use diesel::prelude::*;

use super::cards::{authors_of, bodies_of, grouped, media_of, tags_of};
use super::predicates::Visible;
use crate::articles::rows::{CorrectionRow, ExportRow, Named, TagOnCard};
use crate::changes::Audience;
use crate::db::schema::{articles, corrections, media, redirects};
use crate::db::{DbConnection, DbError, id_in};
use crate::media::MediaInput;
use crate::media::rows::StoredMedia;

/// Most articles of a batch.
const BATCH: i64 = 100;
/// Most words of a batch that has more than one article.
const WORDS: i64 = 200_000;

/// An article with what belongs to it.
#[derive(Debug, Clone)]
pub struct Exported {
    pub article: ExportRow,
    /// Sanitised.
    pub html: String,
    pub authors: Vec<Named>,
    pub tags: Vec<TagOnCard>,
    pub hero: Option<MediaInput>,
    pub media: Vec<MediaInput>,
    pub corrections: Vec<CorrectionRow>,
    pub former_slugs: Vec<String>,
}

/// The articles after an id that `audience` may see, in the order of their ids; empty when there are no more.
pub fn export_batch(conn: &mut DbConnection, audience: Audience, after: i64) -> Result<Vec<Exported>, DbError> {
    let rows = rows(conn, audience, after)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut bodies = bodies_of(conn, &ids)?;
    let mut authors = authors_of(conn, &ids)?;
    let mut tags = tags_of(conn, &ids)?;
    let mut heroes = heroes_of(conn, &rows)?;
    let mut media = media_of(conn, &ids)?;
    let mut corrections = corrections_of(conn, &ids)?;
    let mut former_slugs = former_slugs_of(conn, &ids)?;
    let exported = rows.into_iter().map(|article| {
        let id = article.id;
        Exported {
            html: bodies.remove(&id).map(|body| body.html).unwrap_or_default(),
            authors: authors.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
            hero: heroes.remove(&id),
            media: media.remove(&id).unwrap_or_default(),
            corrections: corrections.remove(&id).unwrap_or_default(),
            former_slugs: former_slugs.remove(&id).unwrap_or_default(),
            article,
        }
    });
    Ok(exported.collect())
}

/// Fewer than a whole batch when their texts are long.
fn rows(conn: &mut DbConnection, audience: Audience, after: i64) -> Result<Vec<ExportRow>, DbError> {
    let query =
        articles::table.filter(articles::id.gt(after)).order(articles::id).limit(BATCH).select(ExportRow::as_select());
    let mut rows: Vec<ExportRow> = query.filter(Visible(audience)).load(conn)?;
    let mut left = WORDS;
    let fitting = rows.iter().enumerate().take_while(|(i, row)| {
        left -= row.word_count;
        *i == 0 || left >= 0
    });
    let fitting = fitting.count();
    rows.truncate(fitting);
    Ok(rows)
}

/// How many words articles have.
pub fn word_counts(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, i64>, DbError> {
    let rows: Vec<(i64, i64)> =
        articles::table.filter(id_in(articles::id, ids)).select((articles::id, articles::word_count)).load(conn)?;
    Ok(rows.into_iter().collect())
}

fn heroes_of(conn: &mut DbConnection, rows: &[ExportRow]) -> Result<HashMap<i64, MediaInput>, DbError> {
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.hero_id).collect();
    let stored: Vec<StoredMedia> =
        media::table.filter(id_in(media::id, &ids)).select(StoredMedia::as_select()).load(conn)?;
    let stored: HashMap<i64, StoredMedia> = stored.into_iter().map(|medium| (medium.id, medium)).collect();
    let of = |row: &ExportRow| Some((row.id, stored.get(&row.hero_id?)?.clone()));
    rows.iter().filter_map(of).map(|(id, medium)| Ok((id, MediaInput::try_from(medium)?))).collect()
}

pub(super) fn corrections_of(
    conn: &mut DbConnection,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<CorrectionRow>>, DbError> {
    let rows: Vec<(i64, CorrectionRow)> = corrections::table
        .filter(id_in(corrections::article_id, ids))
        .order((corrections::corrected_at, corrections::id))
        .select((corrections::article_id, CorrectionRow::as_select()))
        .load(conn)?;
    Ok(grouped(rows.into_iter()))
}

fn former_slugs_of(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>, DbError> {
    let rows: Vec<(Option<i64>, String)> = redirects::table
        .filter(id_in(redirects::article_id, ids))
        .order(redirects::id)
        .select((redirects::article_id, redirects::from_slug))
        .load(conn)?;
    Ok(grouped(rows.into_iter().filter_map(|(id, slug)| Some((id?, slug)))))
}
