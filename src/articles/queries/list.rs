//! One page of a list: the ids, from the narrowest index there is. The cards of those are read after that.

use diesel::prelude::*;

use super::picked::picked;
use super::places::rows;
use super::scope::{Plan, Scope};
use super::spans::Listing;
use super::totals::count;
use super::way::{Way, by_date};
use crate::articles::filter::Sort;
use crate::articles::search::Hits;
use crate::db::schema::articles;
use crate::db::{Cut, DbConnection, DbError, Extent, Window};

/// The ids of one page, and where it stands. `found` is all that is found in the list, where that is known already.
pub fn list(
    conn: &mut DbConnection,
    scope: &Scope,
    found: Option<&Hits>,
    sort: Sort,
    cut: &Cut,
) -> Result<(Vec<i64>, Extent), DbError> {
    let plan = scope.plan();
    let total = match found {
        _ if !cut.count => None,
        Some(found) => Some(found.total()),
        None => Some(total(conn, scope, plan)?),
    };
    let past_the_end = matches!(&cut.window, Window::Offset(offset) if total.is_some_and(|total| *offset >= total));
    let way = match total {
        _ if past_the_end => return Ok((Vec::new(), Extent { total, ..Extent::default() })),
        Some(total) if by_date(sort) && found.is_some() => Way::nearer(sort, cut, total).0,
        Some(total) if by_date(sort) => Way::to(conn, listing(scope, plan), sort, cut, total)?,
        _ => Way::straight(sort, cut),
    };
    let places = match found {
        Some(found) => picked(conn, scope, found, &way)?,
        None => rows(conn, scope, plan, &way)?,
    };
    let (places, extent) = Extent::of(way.back(sort, places), cut, total, |(id, keys)| (keys.clone(), *id));
    Ok((places.into_iter().map(|(id, _)| id).collect(), extent))
}

/// The list that is kept in spans, of which a plan reads.
fn listing<'a>(scope: &'a Scope, plan: Plan) -> Option<Listing<'a>> {
    match plan {
        Plan::Tag(tag) => Some(Listing::Tag(tag.id)),
        Plan::Author(author) => Some(Listing::Author(author.id)),
        Plan::Totals => Some(Listing::All { kind: scope.filter.kind, lang: scope.filter.lang.as_deref() }),
        Plan::Nothing | Plan::General => None,
    }
}

/// How many there are in all: kept counts where they exist, a count of the same predicate otherwise.
fn total(conn: &mut DbConnection, scope: &Scope, plan: Plan) -> Result<i64, DbError> {
    match plan {
        Plan::Nothing => Ok(0),
        Plan::Tag(tag) => Ok(tag.article_count),
        Plan::Author(author) => Ok(author.article_count),
        Plan::Totals => count(conn, scope.filter.kind, scope.filter.lang.as_deref()),
        Plan::General => Ok(scope.query().count().get_result(conn)?),
    }
}

/// Whether there is any article at all, in whatever state.
pub fn any(conn: &mut DbConnection) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(articles::table.select(articles::id))).get_result(conn)?)
}
