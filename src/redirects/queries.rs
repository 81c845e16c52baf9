//! Reading and storing redirects.

use diesel::prelude::*;

use super::RedirectKind;
use super::rows::RedirectRow;
use crate::articles::visibility;
use crate::clock::Timestamp;
use crate::db::schema::{articles, redirects, tags};
use crate::db::{Cut, DbConnection, DbError, Extent, MultiBackend, Window};

type Joined = (i64, RedirectKind, String, Option<String>, Option<String>);

/// The joined and filtered query; a macro, because its type can't be named.
macro_rules! matching {
    ($kind:expr) => {{
        let mut query = redirects::table
            .left_join(articles::table)
            .left_join(tags::table)
            .filter(redirects::tag_id.is_not_null().or(visibility::visible().nullable().eq(true)))
            .into_boxed::<MultiBackend>();
        if let Some(kind) = $kind {
            query = query.filter(redirects::type_.eq(kind));
        }
        query
    }};
}
/// One page of the redirects whose target the public may see, in the order in which they were made.
pub fn list(
    conn: &mut DbConnection,
    kind: Option<RedirectKind>,
    cut: &Cut,
) -> Result<(Vec<RedirectRow>, Extent), DbError> {
    let total = if cut.count { Some(matching!(kind).count().get_result(conn)?) } else { None };
    let mut query = matching!(kind)
        .select((
            redirects::id,
            redirects::type_,
            redirects::from_slug,
            articles::slug.nullable(),
            tags::slug.nullable(),
        ))
        .limit(cut.limit + 1);
    query = match &cut.window {
        Window::Offset(offset) => query.offset(*offset).order(redirects::id.asc()),
        Window::Start => query.order(redirects::id.asc()),
        Window::Beyond(position) if position.backward => {
            query.filter(redirects::id.lt(position.id)).order(redirects::id.desc())
        }
        Window::Beyond(position) => query.filter(redirects::id.gt(position.id)).order(redirects::id.asc()),
    };
    let rows: Vec<Joined> = query.load(conn)?;
    let rows = rows.into_iter().map(|(id, kind, from, article, tag)| {
        let to = article.or(tag).ok_or_else(|| DbError::Corrupt(format!("redirect {id} leads nowhere")))?;
        Ok(RedirectRow { id, kind, from, to })
    });
    let rows = rows.collect::<Result<Vec<_>, DbError>>()?;
    Ok(Extent::of(rows, cut, total, |row| (Vec::new(), row.id)))
}

/// What pointing a slug at something did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointed {
    New,
    Already,
    /// The slug belongs to something else, or to the target itself.
    Taken,
}

/// Makes `from` lead to an article or tag, unless the slug is in use.
pub fn point(
    conn: &mut DbConnection,
    now: Timestamp,
    kind: RedirectKind,
    from: &str,
    target: i64,
) -> Result<Pointed, DbError> {
    let owner: Option<i64> = match kind {
        RedirectKind::Article => {
            articles::table.filter(articles::slug.eq(from)).select(articles::id).first(conn).optional()?
        }
        RedirectKind::Tag => tags::table.filter(tags::slug.eq(from)).select(tags::id).first(conn).optional()?,
    };
    if owner.is_some() {
        return Ok(Pointed::Taken);
    }
    let existing = redirects::table
        .filter(redirects::type_.eq(kind))
        .filter(redirects::from_slug.eq(from))
        .select((redirects::article_id, redirects::tag_id))
        .first::<(Option<i64>, Option<i64>)>(conn)
        .optional()?;
    match existing {
        Some((article, tag)) if article.or(tag) == Some(target) => return Ok(Pointed::Already),
        Some(_) => return Ok(Pointed::Taken),
        None => {}
    }
    let (article, tag) = match kind {
        RedirectKind::Article => (Some(target), None),
        RedirectKind::Tag => (None, Some(target)),
    };
    diesel::insert_into(redirects::table)
        .values((
            redirects::type_.eq(kind),
            redirects::from_slug.eq(from),
            redirects::article_id.eq(article),
            redirects::tag_id.eq(tag),
            redirects::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(Pointed::New)
}

/// Frees a slug that something now has for its own.
pub fn release(conn: &mut DbConnection, kind: RedirectKind, slug: &str) -> Result<(), DbError> {
    diesel::delete(redirects::table.filter(redirects::type_.eq(kind)).filter(redirects::from_slug.eq(slug)))
        .execute(conn)?;
    Ok(())
}

/// The article that a former slug leads to.
pub fn article_behind(conn: &mut DbConnection, slug: &str) -> Result<Option<i64>, DbError> {
    let row = redirects::table
        .filter(redirects::type_.eq(RedirectKind::Article))
        .filter(redirects::from_slug.eq(slug))
        .select(redirects::article_id)
        .first::<Option<i64>>(conn)
        .optional()?;
    Ok(row.flatten())
}
