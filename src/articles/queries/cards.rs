//! Cards by id: everything that a front end shows of an article in a list, in a handful of statements however many.

use std::collections::HashMap;
use std::hash::Hash;

use diesel::prelude::*;

use super::predicates::Visible;

use crate::articles::rows::{BodyRow, Card, CardRow, Named, TagOnCard, Translation};
use crate::changes::Audience;
use crate::db::schema::{article_authors, article_bodies, article_media, article_tags, articles, authors, media, tags};
use crate::db::{DbConnection, DbError, id_in};
use crate::media::rows::{MediaRow, StoredMedia};
use crate::tags::TagKind;

/// What cards must hold beyond the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CardNeeds {
    /// The whole body.
    pub body: bool,
}

/// The cards of `ids`, in that order, with those translations that the audience may see. An id that there is no article for is left out.
pub fn cards(conn: &mut DbConnection, ids: &[i64], needs: CardNeeds, audience: Audience) -> Result<Vec<Card>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(CardRow, Option<StoredMedia>)> = articles::table
        .left_join(media::table)
        .filter(id_in(articles::id, ids))
        .select((CardRow::as_select(), Option::<StoredMedia>::as_select()))
        .load(conn)?;
    let mut authors = authors_of(conn, ids)?;
    let mut tags = tags_of(conn, ids)?;
    let mut bodies = if needs.body { bodies_of(conn, ids)? } else { HashMap::new() };
    let groups: Vec<&str> = rows.iter().filter_map(|(row, _)| row.translation_group.as_deref()).collect();
    let translations = translations_of(conn, &groups, audience)?;
    let mut cards = HashMap::with_capacity(rows.len());
    for (article, hero) in rows {
        let id = article.id;
        let group = article.translation_group.as_ref().and_then(|group| translations.get(group));
        let translations = group.into_iter().flatten().filter(|other| other.id != id).cloned().collect();
        let card = Card {
            authors: authors.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
            hero: hero.map(MediaRow::try_from).transpose()?,
            translations,
            body: bodies.remove(&id),
            article,
        };
        cards.insert(id, card);
    }
    Ok(ids.iter().filter_map(|id| cards.remove(id)).collect())
}

pub(super) fn authors_of(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Vec<Named>>, DbError> {
    let rows: Vec<(i64, String, String)> = article_authors::table
        .inner_join(authors::table)
        .filter(id_in(article_authors::article_id, ids))
        .order((article_authors::article_id, article_authors::position, authors::id))
        .select((article_authors::article_id, authors::slug, authors::name))
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|(id, slug, name)| (id, Named { slug, name }))))
}

pub(super) fn tags_of(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Vec<TagOnCard>>, DbError> {
    let rows: Vec<(i64, String, String, TagKind)> = article_tags::table
        .inner_join(tags::table)
        .filter(id_in(article_tags::article_id, ids))
        .order((article_tags::article_id, article_tags::position, tags::id))
        .select((article_tags::article_id, tags::slug, tags::name, tags::kind))
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|(id, slug, name, kind)| (id, TagOnCard { slug, name, kind }))))
}

/// Authors by their ids.
pub(super) fn authors_by_id(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Named>, DbError> {
    let query = authors::table.filter(id_in(authors::id, ids));
    let rows: Vec<(i64, String, String)> = query.select((authors::id, authors::slug, authors::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, slug, name)| (id, Named { slug, name })).collect())
}

/// Tags by their ids.
pub(super) fn tags_by_id(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, TagOnCard>, DbError> {
    let query = tags::table.filter(id_in(tags::id, ids)).select((tags::id, tags::slug, tags::name, tags::kind));
    let rows: Vec<(i64, String, String, TagKind)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(id, slug, name, kind)| (id, TagOnCard { slug, name, kind })).collect())
}

pub(super) fn bodies_of(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, BodyRow>, DbError> {
    let rows: Vec<BodyRow> =
        article_bodies::table.filter(id_in(article_bodies::article_id, ids)).select(BodyRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.article_id, row)).collect())
}

/// The media of articles beyond their heroes, in order.
pub(super) fn media_of<M>(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Vec<M>>, DbError>
where
    M: TryFrom<StoredMedia, Error = DbError>,
{
    let rows: Vec<(i64, StoredMedia)> = article_media::table
        .inner_join(media::table)
        .filter(id_in(article_media::article_id, ids))
        .order((article_media::article_id, article_media::position, article_media::media_id))
        .select((article_media::article_id, StoredMedia::as_select()))
        .load(conn)?;
    let rows = rows.into_iter().map(|(id, medium)| Ok((id, M::try_from(medium)?)));
    Ok(grouped(rows.collect::<Result<Vec<_>, DbError>>()?.into_iter()))
}

fn translations_of(
    conn: &mut DbConnection,
    groups: &[&str],
    audience: Audience,
) -> Result<HashMap<String, Vec<Translation>>, DbError> {
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Option<String>, String, i64, String)> = articles::table
        .filter(Visible(audience))
        .filter(articles::translation_group.eq_any(groups))
        .order((articles::lang, articles::id))
        .select((articles::translation_group, articles::lang, articles::id, articles::slug))
        .load(conn)?;
    let rows = rows.into_iter().filter_map(|(group, lang, id, slug)| Some((group?, Translation { lang, id, slug })));
    Ok(grouped(rows))
}

pub(super) fn grouped<K: Eq + Hash, V>(rows: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
