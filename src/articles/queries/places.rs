//! The places of a page of a list by the index that has it in its order: ids with their sort keys.

use diesel::prelude::*;

use super::scope::{Boxed, Plan, Scope};
use super::way::{Place, Way, by_date, dated};
use crate::articles::filter::Sort;
use crate::articles::search;
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::{article_authors, article_tags, articles, tags};
use crate::db::{DbConnection, DbError, Key, Position, Window};
use crate::typed;

/// The places of a page of a list, as its plan has them read.
pub fn rows(conn: &mut DbConnection, scope: &Scope, plan: Plan, way: &Way) -> Result<Vec<Place>, DbError> {
    match plan {
        Plan::Nothing => Ok(Vec::new()),
        Plan::Tag(tag) if by_date(way.sort) => places_of_tag(conn, tag.id, way),
        Plan::Author(author) if by_date(way.sort) => places_of_author(conn, author.id, way),
        _ if way.sort == Sort::Relevance => search::places(conn, scope.query(), scope.filter.q.as_ref(), &way.cut),
        _ => places(conn, scope.query(), way),
    }
}

/// Begins a query by date at an edge.
macro_rules! begin_at {
    ($query:expr, $column:expr, $way:expr) => {
        match $way.from {
            Some(edge) if $way.newest_first() => $query.filter($column.lt(edge)),
            Some(edge) => $query.filter($column.ge(edge)),
            None => $query,
        }
    };
}

/// Places of a tag's list, and how many articles that has: none where no place was read.
type Counted = (Option<i64>, Vec<Place>);

/// The newest of a tag, which is what is asked for most: statements that are put together once, and not for each request.
fn newest_of_tag(conn: &mut DbConnection, tag: i64, way: &Way) -> Result<Option<Counted>, DbError> {
    let cut = &way.cut;
    let (at, id) = (article_tags::published_at, article_tags::article_id);
    let listed = article_tags::table.filter(article_tags::tag_id.eq(tag)).filter(article_tags::listed.eq(true));
    let count = tags::table.find(tag).select(tags::article_count).single_value();
    let newest = listed.order((at.desc(), id.desc())).limit(cut.rows()).select((id, at, count));
    let rows = typed!(
        conn,
        match (&cut.window, way.from) {
            (Window::Start, Some(edge)) => newest.filter(at.lt(edge)).offset(0).load(conn)?,
            (Window::Start, None) => newest.offset(0).load(conn)?,
            (Window::Offset(offset), Some(edge)) => newest.filter(at.lt(edge)).offset(*offset).load(conn)?,
            (Window::Offset(offset), None) => newest.offset(*offset).load(conn)?,
            (Window::Beyond(position), _) if !position.backward => {
                let (last, beyond) = (position.instant()?, position.id);
                newest.filter(at.le(last).and(at.lt(last).or(id.lt(beyond)))).load(conn)?
            }
            (Window::Beyond(_), _) => return Ok(None),
        }
    );
    counted(rows).map(Some)
}

fn counted(rows: Vec<(i64, Option<Timestamp>, Option<i64>)>) -> Result<Counted, DbError> {
    let count = rows.first().and_then(|(.., count)| *count);
    Ok((count, dated(rows.into_iter().map(|(id, at, _)| (id, at)).collect())?))
}

/// Those of a tag.
pub fn places_of_tag(conn: &mut DbConnection, tag: i64, way: &Way) -> Result<Vec<Place>, DbError> {
    counted_places_of_tag(conn, tag, way).map(|(_, places)| places)
}

/// Those of a tag, with how many articles its list has as of the same instant.
pub fn counted_places_of_tag(conn: &mut DbConnection, tag: i64, way: &Way) -> Result<Counted, DbError> {
    if way.newest_first()
        && let Some(places) = newest_of_tag(conn, tag, way)?
    {
        return Ok(places);
    }
    let count = tags::table.find(tag).select(tags::article_count).single_value();
    let listed =
        article_tags::table.filter(article_tags::tag_id.eq(tag)).filter(article_tags::listed.eq(true)).into_boxed();
    let listed = begin_at!(listed, article_tags::published_at, way);
    let listed = listed.select((article_tags::article_id, article_tags::published_at, count));
    let cut = &way.cut;
    let page = cut_by!(listed, article_tags::published_at, article_tags::article_id, Position::instant, descending: way.newest_first(), cut);
    counted(page.load(conn)?)
}

/// Those of an author.
pub fn places_of_author(conn: &mut DbConnection, author: i64, way: &Way) -> Result<Vec<Place>, DbError> {
    let listed = article_authors::table
        .filter(article_authors::author_id.eq(author))
        .filter(article_authors::listed.eq(true))
        .into_boxed();
    let listed = begin_at!(listed, article_authors::published_at, way);
    let listed = listed.select((article_authors::article_id, article_authors::published_at));
    let cut = &way.cut;
    let page = cut_by!(listed, article_authors::published_at, article_authors::article_id, Position::instant, descending: way.newest_first(), cut);
    dated(page.load(conn)?)
}

/// Those of any list. By relevance those that are equally good, which is by date.
pub fn places(conn: &mut DbConnection, query: Boxed, way: &Way) -> Result<Vec<Place>, DbError> {
    let cut = &way.cut;
    match way.sort {
        Sort::Newest | Sort::Oldest | Sort::Relevance => {
            let query = begin_at!(query, articles::published_at, way);
            let query = query.select((articles::id, articles::published_at));
            dated(cut_by!(query, articles::published_at, articles::id, Position::instant, descending: way.newest_first(), cut).load(conn)?)
        }
        Sort::RecentlyUpdated => {
            let query = query.select((articles::id, articles::updated_at));
            let rows: Vec<(i64, Timestamp)> =
                cut_by!(query, articles::updated_at, articles::id, Position::instant, descending: true, cut)
                    .load(conn)?;
            Ok(rows.into_iter().map(|(id, at)| (id, vec![Key::Number(at.micros())])).collect())
        }
        Sort::Title => {
            let query = query.select((articles::id, articles::title_key));
            let rows: Vec<(i64, String)> =
                cut_by!(query, articles::title_key, articles::id, Position::text, descending: false, cut).load(conn)?;
            Ok(rows.into_iter().map(|(id, key)| (id, vec![Key::Text(key)])).collect())
        }
    }
}
