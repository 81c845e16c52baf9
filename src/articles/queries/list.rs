//! One page of a list: the ids, from the narrowest index there is. The cards of those are read after that.

use std::collections::HashMap;

use diesel::prelude::*;

use super::leaf::{TagLeaf, leaf};
use super::scope::{Boxed, Plan, Scope};
use super::spans::{Listing, approach};
use crate::articles::Kind;
use crate::articles::filter::Sort;
use crate::articles::rows::stored::StoredCard;
use crate::articles::search;
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::{article_authors, article_tags, article_totals, articles};
use crate::db::{Cut, DbConnection, DbError, Extent, Key, Position, Window};
use crate::tags::queries as tags;

/// A row of a page before its card is read: its id and sort keys.
pub type Place = (i64, Vec<Key>);

/// The ids of one page, and where it stands.
pub fn list(conn: &mut DbConnection, scope: &Scope, sort: Sort, cut: &Cut) -> Result<(Vec<i64>, Extent), DbError> {
    let plan = scope.plan();
    let total = if cut.count { Some(total(conn, scope, plan)?) } else { None };
    let past_the_end = matches!(&cut.window, Window::Offset(offset) if total.is_some_and(|total| *offset >= total));
    let way = match total {
        _ if past_the_end => return Ok((Vec::new(), Extent { total, ..Extent::default() })),
        Some(total) if by_date(sort) => Way::to(conn, listing(scope, plan), sort, cut, total)?,
        _ => Way::straight(sort, cut),
    };
    let places = match plan {
        Plan::Nothing => Vec::new(),
        Plan::Tag(tag) if by_date(sort) => places_of_tag(conn, tag.id, &way)?,
        Plan::Author(author) if by_date(sort) => places_of_author(conn, author.id, &way)?,
        _ => places(conn, scope, &way)?,
    };
    let (places, extent) = Extent::of(way.back(sort, places), cut, total, |(id, keys)| (keys.clone(), *id));
    Ok((places.into_iter().map(|(id, _)| id).collect(), extent))
}

/// A page of a tag's list with the tag, without a transaction: `None` where that takes more than to read near an end of the
/// list, or where what is stored won't do.
pub fn leaf_of(
    conn: &mut DbConnection,
    slug: &str,
    (sort, cut): (Sort, &Cut),
    whole: bool,
) -> Result<Option<(TagLeaf, Extent)>, DbError> {
    if !by_date(sort) {
        return Ok(None);
    }
    let (way, counted) = match Way::short(sort, cut, None) {
        Some(way) => (way, None),
        None => {
            let Some(total) = tags::public_count(conn, slug)? else { return Ok(None) };
            let Some(way) = Way::short(sort, cut, Some(total)) else { return Ok(None) };
            (way, Some(total))
        }
    };
    let Some(mut leaf) = leaf(conn, slug, &way, whole)? else { return Ok(None) };
    // The way there was chosen by a count that was read before.
    if counted.is_some_and(|counted| counted != leaf.tag.article_count) {
        return Ok(None);
    }
    let total = cut.count.then_some(leaf.tag.article_count);
    let places = way.back(sort, std::mem::take(&mut leaf.places));
    let (places, extent) = Extent::of(places, cut, total, |(id, keys)| (keys.clone(), *id));
    let mut cards: HashMap<i64, StoredCard> = leaf.cards.drain(..).map(|card| (card.id, card)).collect();
    leaf.cards = places.iter().filter_map(|(id, _)| cards.remove(id)).collect();
    leaf.places = places;
    Ok(Some((leaf, extent)))
}

/// A page by number so far into its list is looked for by way of the kept spans.
const DEEP: i64 = 500;

/// The way to a page: from which end of the list, and from where on.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub sort: Sort,
    pub cut: Cut,
    /// The edge from which the window counts, where that is not the end of the list.
    from: Option<Timestamp>,
}

impl Way {
    /// From the beginning of the list, however far.
    fn straight(sort: Sort, cut: &Cut) -> Self {
        Self { sort, cut: cut.clone(), from: None }
    }

    /// From the nearer end of a list by date that has `total` articles, with how many are then to be passed over.
    fn nearer(sort: Sort, cut: &Cut, total: i64) -> (Self, i64) {
        let mut way = Self::straight(sort, cut);
        let Window::Offset(offset) = &cut.window else { return (way, 0) };
        let rows = cut.limit.min(total - offset);
        let (mut before, after) = (*offset, total - offset - rows);
        if after < before {
            way.sort = if sort == Sort::Newest { Sort::Oldest } else { Sort::Newest };
            way.cut.limit = rows;
            before = after;
        }
        way.cut.window = Window::Offset(before);
        (way, before)
    }

    /// The way to a page that is near an end of a list by date. `total` is how many articles it has, where that is known.
    pub(super) fn short(sort: Sort, cut: &Cut, total: Option<i64>) -> Option<Self> {
        match (&cut.window, total) {
            (Window::Offset(offset), None) => (*offset <= DEEP).then(|| Self::straight(sort, cut)),
            (Window::Offset(offset), Some(total)) if *offset < total => {
                Some(Self::nearer(sort, cut, total)).filter(|(_, before)| *before <= DEEP).map(|(way, _)| way)
            }
            _ => Some(Self::straight(sort, cut)),
        }
    }

    /// The shortest way to a page of a list by date that has `total` articles: from its nearer end, and where that is far, from
    /// the edge of a kept span.
    fn to(
        conn: &mut DbConnection,
        list: Option<Listing<'_>>,
        sort: Sort,
        cut: &Cut,
        total: i64,
    ) -> Result<Self, DbError> {
        let Some(list) = list else { return Ok(Self::straight(sort, cut)) };
        let (mut way, mut before) = Self::nearer(sort, cut, total);
        if before > DEEP {
            (way.from, before) = approach(conn, list, total, before, way.newest_first())?;
            way.cut.window = Window::Offset(before);
        }
        Ok(way)
    }

    /// The rows that were read by this way, in the order that was asked for.
    pub(super) fn back(&self, sort: Sort, mut places: Vec<Place>) -> Vec<Place> {
        if self.sort != sort {
            places.truncate(self.cut.limit as usize);
            places.reverse();
        }
        places
    }

    pub(super) fn newest_first(&self) -> bool {
        self.sort == Sort::Newest
    }
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

/// Whether the list is in the order in which it is kept.
pub(super) fn by_date(sort: Sort) -> bool {
    matches!(sort, Sort::Newest | Sort::Oldest)
}

/// How many there are in all: kept counts where they exist, a count of the same predicate otherwise.
fn total(conn: &mut DbConnection, scope: &Scope, plan: Plan) -> Result<i64, DbError> {
    match plan {
        Plan::Nothing => Ok(0),
        Plan::Tag(tag) => Ok(tag.article_count),
        Plan::Author(author) => Ok(author.article_count),
        Plan::Totals => {
            let mut query = article_totals::table.into_boxed();
            query = match scope.filter.kind {
                Some(kind) => query.filter(article_totals::kind.eq(kind)),
                None => query.filter(article_totals::kind.ne(Kind::Page)),
            };
            if let Some(lang) = &scope.filter.lang {
                query = query.filter(article_totals::lang.eq(lang.clone()));
            }
            let rows: Vec<i64> = query.select(article_totals::article_count).load(conn)?;
            Ok(rows.iter().sum())
        }
        Plan::General => Ok(scope.query().count().get_result(conn)?),
    }
}

/// The newest of a tag, which is what tag pages ask for: statements that are put together once, and not for each request.
fn newest_of_tag(conn: &mut DbConnection, tag: i64, way: &Way) -> Result<Option<Vec<Place>>, DbError> {
    let cut = &way.cut;
    let (at, id) = (article_tags::published_at, article_tags::article_id);
    let listed = article_tags::table.filter(article_tags::tag_id.eq(tag)).filter(article_tags::listed);
    let newest = listed.order((at.desc(), id.desc())).limit(cut.limit + 1).select((id, at));
    let rows = match (&cut.window, way.from) {
        (Window::Start, _) => newest.offset(0).load(conn)?,
        (Window::Offset(offset), Some(edge)) => newest.filter(at.lt(edge)).offset(*offset).load(conn)?,
        (Window::Offset(offset), None) => newest.offset(*offset).load(conn)?,
        (Window::Beyond(position), _) if !position.backward => {
            let (last, beyond) = (position.instant()?, position.id);
            newest.filter(at.le(last).and(at.lt(last).or(id.lt(beyond)))).load(conn)?
        }
        (Window::Beyond(_), _) => return Ok(None),
    };
    dated(rows).map(Some)
}

fn places_of_tag(conn: &mut DbConnection, tag: i64, way: &Way) -> Result<Vec<Place>, DbError> {
    if way.newest_first()
        && let Some(places) = newest_of_tag(conn, tag, way)?
    {
        return Ok(places);
    }
    let listed = article_tags::table.filter(article_tags::tag_id.eq(tag)).filter(article_tags::listed).into_boxed();
    let listed = begin_at!(listed, article_tags::published_at, way);
    let listed = listed.select((article_tags::article_id, article_tags::published_at));
    let cut = &way.cut;
    let page = cut_by!(listed, article_tags::published_at, article_tags::article_id, Position::instant, descending: way.newest_first(), cut);
    dated(page.load(conn)?)
}

fn places_of_author(conn: &mut DbConnection, author: i64, way: &Way) -> Result<Vec<Place>, DbError> {
    let listed = article_authors::table
        .filter(article_authors::author_id.eq(author))
        .filter(article_authors::listed)
        .into_boxed();
    let listed = begin_at!(listed, article_authors::published_at, way);
    let listed = listed.select((article_authors::article_id, article_authors::published_at));
    let cut = &way.cut;
    let page = cut_by!(listed, article_authors::published_at, article_authors::article_id, Position::instant, descending: way.newest_first(), cut);
    dated(page.load(conn)?)
}

fn places(conn: &mut DbConnection, scope: &Scope, way: &Way) -> Result<Vec<Place>, DbError> {
    let (query, cut): (Boxed, &Cut) = (scope.query(), &way.cut);
    match way.sort {
        Sort::Newest | Sort::Oldest => {
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
        Sort::Relevance => search::places(conn, query, scope.filter.q.as_ref(), cut),
    }
}

pub(super) fn dated(rows: Vec<(i64, Option<Timestamp>)>) -> Result<Vec<Place>, DbError> {
    let keys = |at: Option<Timestamp>| at.map(|at| vec![Key::Number(at.micros())]);
    rows.into_iter()
        .map(|(id, at)| Ok((id, keys(at).ok_or_else(|| DbError::Corrupt(format!("public article {id} has no date")))?)))
        .collect()
}

/// Whether there is any article at all, in whatever state.
pub fn any(conn: &mut DbConnection) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(articles::table.select(articles::id))).get_result(conn)?)
}
