//! Reading and storing redirects.

use diesel::prelude::*;

use super::RedirectKind;
use super::rows::RedirectRow;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{articles, authors, redirects, tags};
use crate::db::{Cut, DbConnection, DbError, Extent, MultiBackend, ROWS, Window};

type Joined = (i64, RedirectKind, String, Option<String>, Option<String>, Option<String>);
/// The columns of which one holds the target.
type Targets = (Option<i64>, Option<i64>, Option<i64>);

/// The joined and filtered query; a macro, because its type can't be named.
macro_rules! matching {
    ($kind:expr) => {{
        let everyone = Audience::Everyone;
        let named = tags::audience.nullable().ge(everyone).or(authors::audience.nullable().ge(everyone));
        let mut query = redirects::table
            .left_join(articles::table)
            .left_join(tags::table)
            .left_join(authors::table)
            .filter(articles::public.nullable().eq(true).or(named))
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
            authors::slug.nullable(),
        ))
        .limit(cut.rows());
    query = match &cut.window {
        Window::Offset(offset) => query.offset(*offset).order(redirects::id.asc()),
        Window::Start => query.order(redirects::id.asc()),
        Window::Beyond(position) if position.backward => {
            query.filter(redirects::id.lt(position.id)).order(redirects::id.desc())
        }
        Window::Beyond(position) => query.filter(redirects::id.gt(position.id)).order(redirects::id.asc()),
    };
    let rows: Vec<Joined> = query.load(conn)?;
    let rows = rows.into_iter().map(|(id, kind, from, article, tag, author)| {
        let to = article.or(tag).or(author);
        let to = to.ok_or_else(|| DbError::Corrupt(format!("redirect {id} leads nowhere")))?;
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

/// Makes `from` lead to something of this kind, unless the slug is in use.
pub fn point(
    conn: &mut DbConnection,
    now: Timestamp,
    kind: RedirectKind,
    from: &str,
    target: i64,
) -> Result<Pointed, DbError> {
    let owner: Option<i64> = match kind {
        RedirectKind::Article => articles::table.filter(articles::slug.eq(from)).select(articles::id).first(conn),
        RedirectKind::Tag => tags::table.filter(tags::slug.eq(from)).select(tags::id).first(conn),
        RedirectKind::Author => authors::table.filter(authors::slug.eq(from)).select(authors::id).first(conn),
    }
    .optional()?;
    if owner.is_some() {
        return Ok(Pointed::Taken);
    }
    match behind(conn, kind, from)? {
        Some(known) if known == target => Ok(Pointed::Already),
        Some(_) => Ok(Pointed::Taken),
        None => insert(conn, now, kind, from, target).map(|()| Pointed::New),
    }
}

/// Makes `from` lead to something, where it is known that nothing else is led to by it.
pub fn insert(
    conn: &mut DbConnection,
    now: Timestamp,
    kind: RedirectKind,
    from: &str,
    target: i64,
) -> Result<(), DbError> {
    let of = |this: RedirectKind| (kind == this).then_some(target);
    diesel::insert_into(redirects::table)
        .values((
            redirects::type_.eq(kind),
            redirects::from_slug.eq(from),
            redirects::article_id.eq(of(RedirectKind::Article)),
            redirects::tag_id.eq(of(RedirectKind::Tag)),
            redirects::author_id.eq(of(RedirectKind::Author)),
            redirects::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Frees a slug that something now has for its own, and says whether it led anywhere.
pub fn release(conn: &mut DbConnection, kind: RedirectKind, slug: &str) -> Result<bool, DbError> {
    let found = redirects::table.filter(redirects::type_.eq(kind)).filter(redirects::from_slug.eq(slug));
    Ok(diesel::delete(found).execute(conn)? > 0)
}

/// [`release`] for many.
pub fn release_all(conn: &mut DbConnection, kind: RedirectKind, slugs: &[&str]) -> Result<(), DbError> {
    for slugs in slugs.chunks(ROWS) {
        let found = redirects::table.filter(redirects::type_.eq(kind)).filter(redirects::from_slug.eq_any(slugs));
        diesel::delete(found).execute(conn)?;
    }
    Ok(())
}

/// Lets everything that leads to one tag lead to another.
pub fn repoint_tag(conn: &mut DbConnection, from: i64, to: i64) -> Result<(), DbError> {
    diesel::update(redirects::table.filter(redirects::tag_id.eq(from))).set(redirects::tag_id.eq(to)).execute(conn)?;
    Ok(())
}

/// Lets what leads to a tag lead nowhere.
pub fn forget_tag(conn: &mut DbConnection, id: i64) -> Result<(), DbError> {
    diesel::delete(redirects::table.filter(redirects::tag_id.eq(id))).execute(conn)?;
    Ok(())
}

/// What a slug leads to by a redirect: the id of an article, tag or author.
pub fn behind(conn: &mut DbConnection, kind: RedirectKind, slug: &str) -> Result<Option<i64>, DbError> {
    let row: Option<Targets> = redirects::table
        .filter(redirects::type_.eq(kind))
        .filter(redirects::from_slug.eq(slug))
        .select((redirects::article_id, redirects::tag_id, redirects::author_id))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|(article, tag, author)| article.or(tag).or(author)))
}

/// The article that a former slug leads to.
pub fn article_behind(conn: &mut DbConnection, slug: &str) -> Result<Option<i64>, DbError> {
    behind(conn, RedirectKind::Article, slug)
}
