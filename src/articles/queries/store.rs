//! Storing articles under their identities, in the caller's one write transaction. Storing what is there already writes
//! nothing.

use std::collections::HashSet;

use diesel::prelude::*;

use super::add::add;
use super::counts::{Standing, adjust, lists};
use super::links::{Links, write_links};
use super::shelf::set_cards;
use super::touch::touch_translations;
use super::values::{
    change, face_after, face_before, lead, values, visibility, write_bodies, write_corrections, write_redirects,
};
use crate::articles::Status;
use crate::articles::input::{ArticleInput, Identity, Prepared};
use crate::articles::rows::StateRow;
use crate::articles::search;
use crate::articles::visibility::status_at;
use crate::changes::queries as log;
use crate::changes::{Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_bodies, article_media, article_tags, articles, corrections};
use crate::db::{DbConnection, DbError, ROWS};
use crate::media::queries as media;

/// What a store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Created(i64),
    Updated(i64),
    Unchanged(i64),
    /// Another article has the slug: that one's guid. Nothing was written.
    SlugTaken(String),
    /// The stored article was killed, and comes back by no import. Nothing was written.
    Killed(i64),
    /// As many articles as may be are translations of each other under this name already. Nothing was written.
    GroupFull(String),
}

/// As many articles may be translations of each other: each of them names all others.
const MOST_TRANSLATIONS: i64 = 100;

/// Stores an article under its identity.
pub fn store(conn: &mut DbConnection, now: Timestamp, article: &Prepared) -> Result<Stored, DbError> {
    let input = &article.input;
    let found = find(conn, article)?;
    if let Some(state) = &found {
        if state.digest == article.digest {
            return Ok(Stored::Unchanged(state.id));
        }
        if state.status == Status::Killed && input.status != Status::Killed {
            return Ok(Stored::Killed(state.id));
        }
    }
    if let Some(refused) = refused(conn, input, found.as_ref())? {
        return Ok(refused);
    }
    match found {
        Some(state) => rewrite(conn, now, article, state, None),
        None => match add(conn, now, &[article])?.as_slice() {
            [id] => Ok(Stored::Created(*id)),
            ids => Err(DbError::Corrupt(format!("one new article got the ids {ids:?}"))),
        },
    }
}

/// [`store`] for many, one after the other but for those that are surely new, which are written together.
pub fn store_all(conn: &mut DbConnection, now: Timestamp, all: &[&Prepared]) -> Result<Vec<Stored>, DbError> {
    let mut known = Known::among(conn, all)?;
    let (mut stored, mut new) = (Vec::with_capacity(all.len()), Vec::new());
    for article in all {
        let alone = article.input.translation_group.is_some() || known.has(article);
        known.note(article);
        if alone {
            stored.extend(add(conn, now, &new)?.into_iter().map(Stored::Created));
            new.clear();
            stored.push(store(conn, now, article)?);
        } else {
            new.push(article);
        }
    }
    stored.extend(add(conn, now, &new)?.into_iter().map(Stored::Created));
    Ok(stored)
}

/// Slugs and guids that are in use, among those of some articles.
struct Known {
    slugs: HashSet<String>,
    guids: HashSet<String>,
}

impl Known {
    fn among(conn: &mut DbConnection, all: &[&Prepared]) -> Result<Self, DbError> {
        let mut known = Self { slugs: HashSet::new(), guids: HashSet::new() };
        for some in all.chunks(ROWS) {
            let slugs: Vec<&str> = some.iter().map(|article| article.input.slug.as_str()).collect();
            let guids: Vec<&str> = some.iter().map(|article| article.guid.as_str()).collect();
            let found = articles::table.filter(articles::slug.eq_any(slugs)).select(articles::slug);
            known.slugs.extend(found.load::<String>(conn)?);
            let found = articles::table.filter(articles::guid.eq_any(guids)).select(articles::guid);
            known.guids.extend(found.load::<String>(conn)?);
        }
        Ok(known)
    }

    fn has(&self, article: &Prepared) -> bool {
        self.slugs.contains(&article.input.slug) || self.guids.contains(&article.guid)
    }

    fn note(&mut self, Prepared { input, guid, .. }: &Prepared) {
        // Who comes by a former slug is led on until a story that has it is public.
        self.slugs.extend(input.former_slugs.iter().cloned());
        self.slugs.insert(input.slug.clone());
        self.guids.insert(guid.clone());
    }
}

/// Writes an editor's change to an article that is there. The digest stays the last import's, so that the same file
/// imported again leaves the editor's work alone.
pub fn edit(
    conn: &mut DbConnection,
    now: Timestamp,
    id: i64,
    input: &ArticleInput,
    reason: Option<Reason>,
) -> Result<Stored, DbError> {
    let found: StateRow = articles::table.find(id).select(StateRow::as_select()).first(conn)?;
    if let Some(refused) = refused(conn, input, Some(&found))? {
        return Ok(refused);
    }
    let article = Prepared::known_by(found.digest.clone(), input.clone());
    rewrite(conn, now, &article, found, reason)
}

/// Writes an article that is there anew.
fn rewrite(
    conn: &mut DbConnection,
    now: Timestamp,
    article: &Prepared,
    found: StateRow,
    reason: Option<Reason>,
) -> Result<Stored, DbError> {
    // Another process's clock may be ahead: what went live by that one is not hidden again by this one.
    let now = now.max(found.modified_at);
    let (id, input) = (found.id, &article.input);
    let before = Standing::stored(conn, &found)?;
    let status = status_at(input.status, input.published_at, now);
    let visibility = visibility(input, status, now);
    let links = Links::store(conn, now, &[(input, visibility.audience())])?.pop().unwrap_or_default();
    let values = values(now, article, Some(&found), (status, visibility), links.hero)?;
    diesel::update(articles::table.find(id)).set(&values).execute(conn)?;
    let old_media = clear(conn, id)?;
    write_bodies(conn, &[(id, article)])?;
    write_links(conn, &[(id, &values, &links)])?;
    write_corrections(conn, &[(id, input)])?;
    // What it was called while nobody saw it is nobody's to know.
    if found.slug != input.slug && log::known_slug(conn, Subject::Article, id)?.is_some_and(|known| known == found.slug)
    {
        lead(conn, now, &found.slug, id)?;
    }
    write_redirects(conn, now, &[(id, input, values.public)])?;
    search::index(conn, id, &article.indexed)?;
    set_cards(conn, &[id])?;
    touch_translations(conn, now, id, Some(face_before(&found)), face_after(&values))?;
    let after = Standing::new(&values, &links.tags, &links.authors);
    adjust(conn, &before, &after)?;
    let unused: Vec<i64> = old_media.into_iter().chain(found.hero_id).collect();
    let kept = media::drop_unused(conn, now, &unused)?;
    media::log_changes(conn, now, &[links.stored_media, kept].concat())?;
    log::append(conn, &change(id, found.public, &values, reason, lists(&before, &after)))?;
    Ok(Stored::Updated(id))
}

/// Why an article can't be stored as it is.
fn refused(conn: &mut DbConnection, input: &ArticleInput, found: Option<&StateRow>) -> Result<Option<Stored>, DbError> {
    if let Some(owner) = slug_owner(conn, &input.slug, found)? {
        return Ok(Some(Stored::SlugTaken(owner)));
    }
    Ok(full_group(conn, input, found)?.map(Stored::GroupFull))
}

/// The group that the article would join, when there is no room in it.
fn full_group(
    conn: &mut DbConnection,
    input: &ArticleInput,
    found: Option<&StateRow>,
) -> Result<Option<String>, DbError> {
    let Some(group) = &input.translation_group else { return Ok(None) };
    if found.is_some_and(|state| state.translation_group.as_ref() == Some(group)) {
        return Ok(None);
    }
    let members: i64 = articles::table.filter(articles::translation_group.eq(group)).count().get_result(conn)?;
    Ok((members >= MOST_TRANSLATIONS).then(|| group.clone()))
}

/// By its guid where it has one; else by its slug, or by the guid that it got of this slug when it was new.
fn find(conn: &mut DbConnection, Prepared { input, guid, .. }: &Prepared) -> Result<Option<StateRow>, DbError> {
    let query = articles::table.select(StateRow::as_select());
    if input.guid == Identity::Slug
        && let Some(row) = query.filter(articles::slug.eq(&input.slug)).first(conn).optional()?
    {
        return Ok(Some(row));
    }
    Ok(query.filter(articles::guid.eq(guid)).first(conn).optional()?)
}

/// The slug of the article with this identity.
pub fn slug_of(conn: &mut DbConnection, guid: &str) -> Result<Option<String>, DbError> {
    Ok(articles::table.filter(articles::guid.eq(guid)).select(articles::slug).first(conn).optional()?)
}

fn slug_owner(conn: &mut DbConnection, slug: &str, found: Option<&StateRow>) -> Result<Option<String>, DbError> {
    if found.is_some_and(|state| state.slug == slug) {
        return Ok(None);
    }
    Ok(articles::table.filter(articles::slug.eq(slug)).select(articles::guid).first(conn).optional()?)
}

/// Takes away the rows of a stored article that are written anew; returns the media that it had.
fn clear(conn: &mut DbConnection, id: i64) -> Result<Vec<i64>, DbError> {
    diesel::delete(article_bodies::table.find(id)).execute(conn)?;
    diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id))).execute(conn)?;
    diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(conn)?;
    diesel::delete(corrections::table.filter(corrections::article_id.eq(id))).execute(conn)?;
    let of_article = article_media::table.filter(article_media::article_id.eq(id));
    let media = of_article.select(article_media::media_id).order(article_media::media_id).load(conn)?;
    diesel::delete(of_article).execute(conn)?;
    Ok(media)
}
