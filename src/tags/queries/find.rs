//! What a slug leads to, and by which other slugs a tag is reached.

use diesel::prelude::*;

use crate::changes::Audience;
use crate::db::schema::{redirects, tags};
use crate::db::{DbConnection, DbError, id_in};
use crate::redirects::{RedirectKind, queries as redirect};
use crate::tags::rows::TagRow;
use crate::typed;

/// What a slug leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Tag(Box<TagRow>),
    /// An alias, or a tag that was merged away: the slug of the tag to use.
    Moved(String),
}

/// What a slug leads to, and the aliases of the tag.
pub type FoundWhole = (Found, Vec<(i64, String)>);

impl Found {
    /// The slug of the tag to use.
    pub fn slug(&self) -> &str {
        match self {
            Self::Tag(tag) => &tag.slug,
            Self::Moved(to) => to,
        }
    }
}

/// The tag that has this very slug, also one that was merged away.
pub fn by_slug(conn: &mut DbConnection, slug: &str) -> Result<Option<TagRow>, DbError> {
    let named = tags::table.filter(tags::slug.eq(slug));
    Ok(typed!(conn, named.select(TagRow::as_select()).first(conn)).optional()?)
}

/// Looks a slug up for those who see what `of` does. One step is enough: a merge lets all that led to a tag lead to the one
/// that took its place.
pub fn find(conn: &mut DbConnection, slug: &str, of: Audience) -> Result<Option<Found>, DbError> {
    let target = match by_slug(conn, slug)? {
        Some(tag) if tag.merged_into.is_none() => {
            return Ok(Some(tag).filter(|tag| tag.audience >= of).map(|tag| Found::Tag(Box::new(tag))));
        }
        Some(tag) => tag.merged_into.filter(|_| tag.audience >= of),
        None => redirect::behind(conn, RedirectKind::Tag, slug)?,
    };
    let Some(target) = target else { return Ok(None) };
    let slug = tags::table.find(target).filter(tags::audience.ge(of)).select(tags::slug).first(conn).optional()?;
    Ok(slug.map(Found::Moved))
}

/// [`find`], and the aliases of a tag that it finds under its very slug, in one statement.
pub fn find_with_aliases(conn: &mut DbConnection, slug: &str, of: Audience) -> Result<Option<FoundWhole>, DbError> {
    let rows: Vec<(TagRow, Option<String>)> = tags::table
        .left_join(redirects::table)
        .filter(tags::slug.eq(slug))
        .filter(tags::merged_into.is_null())
        .filter(tags::audience.ge(of))
        .select((TagRow::as_select(), redirects::from_slug.nullable()))
        .load(conn)?;
    let Some((tag, _)) = rows.first().cloned() else {
        return Ok(find(conn, slug, of)?.map(|found| (found, Vec::new())));
    };
    let mut aliases: Vec<(i64, String)> = rows.into_iter().filter_map(|(tag, alias)| Some((tag.id, alias?))).collect();
    aliases.sort();
    Ok(Some((Found::Tag(Box::new(tag)), aliases)))
}

/// The tag that a filter means by `slug`, aliases and merged tags followed.
pub fn resolve(conn: &mut DbConnection, slug: &str, of: Audience) -> Result<Option<TagRow>, DbError> {
    match find(conn, slug, of)? {
        Some(Found::Tag(tag)) => Ok(Some(*tag)),
        Some(Found::Moved(slug)) => by_slug(conn, &slug),
        None => Ok(None),
    }
}

/// The aliases of tags, each list in alphabetical order.
pub fn aliases(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    let rows: Vec<(Option<i64>, String)> = redirects::table
        .filter(id_in(redirects::tag_id, ids))
        .order((redirects::from_slug, redirects::id))
        .select((redirects::tag_id, redirects::from_slug))
        .load(conn)?;
    let mut aliases: Vec<(i64, String)> = rows.into_iter().filter_map(|(id, slug)| Some((id?, slug))).collect();
    aliases.sort();
    Ok(aliases)
}

/// The slugs of tags.
pub fn slugs(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    Ok(tags::table.filter(id_in(tags::id, ids)).select((tags::id, tags::slug)).load(conn)?)
}

/// Tags by their ids, in no order.
pub fn by_ids(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<TagRow>, DbError> {
    Ok(tags::table.filter(id_in(tags::id, ids)).select(TagRow::as_select()).load(conn)?)
}
