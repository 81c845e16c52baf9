//! A page of what is known to be in a list, as ids, in the order that was asked for.

use diesel::prelude::*;
use roaring::RoaringTreemap;

use super::places::{places, places_of_author, places_of_tag, rows};
use super::predicates::Visible;
use super::scope::Scope;
use super::sets::Common;
use super::totals::count;
use super::way::{Place, Way, by_date};
use crate::articles::filter::{Filter, Sort};
use crate::articles::search::{Group, Hits};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{Cut, DbConnection, DbError, Key, Position, Window};

/// So few articles are looked up by their ids at once.
const FEW: i64 = 256;
/// Rows of a list that are read at once.
const MANY: i64 = 20_000;
/// What it costs to look an article up by its id, in rows of a list that is read from an index: they stand close together there.
const LOOK: i64 = 10;

/// The places of a page of what was found.
pub fn picked(conn: &mut DbConnection, scope: &Scope, hits: &Hits, way: &Way) -> Result<Vec<Place>, DbError> {
    // How long the list is does not matter for what is looked up in any case.
    let population = hits.population.or((hits.total() <= FEW).then_some(i64::MAX));
    let picking = Picking::of(conn, scope, population, way.sort)?;
    match (way.sort, hits.groups.as_slice()) {
        (Sort::Relevance, groups) => picking.by_relevance(conn, groups, &way.cut),
        (_, [group]) => picking.group(conn, &group.ids, way),
        (_, _) => Ok(Vec::new()),
    }
}

/// What is picked from: the shortest list with an index in its order in which all of a scope's is.
struct Picking<'a> {
    scope: &'a Scope,
    /// Of what; `None` of all that everyone sees.
    base: Option<Common>,
    /// How many articles it has.
    length: i64,
    /// Where the scope's own begin in it, and before what they end.
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl<'a> Picking<'a> {
    fn of(conn: &mut DbConnection, scope: &'a Scope, population: Option<i64>, sort: Sort) -> Result<Self, DbError> {
        let Filter { kind, lang, published_after, published_before, updated_after, .. } = &scope.filter;
        let dated = by_date(sort) || sort == Sort::Relevance;
        let (after, before) = match sort {
            _ if dated => (*published_after, *published_before),
            Sort::RecentlyUpdated => (*updated_after, None),
            _ => (None, None),
        };
        let length = |conn: &mut DbConnection| population.map_or_else(|| count(conn, None, None), Ok);
        let (length, base) = match (scope.shortest().filter(|_| dated), kind, lang) {
            (Some((length, base)), ..) => (length, Some(base)),
            (None, _, Some(lang)) if dated => (length(conn)?, Some(Common::Lang(lang.clone()))),
            (None, Some(kind), None) if dated => (length(conn)?, Some(Common::Kind(*kind))),
            (None, None, None) => (length(conn)?, None),
            _ => (count(conn, None, None)?, None),
        };
        Ok(Self { scope, base, length, after, before })
    }

    /// From one group after the other, each of which has the newest first.
    fn by_relevance(&self, conn: &mut DbConnection, groups: &[Group], cut: &Cut) -> Result<Vec<Place>, DbError> {
        let mut places = Vec::with_capacity(cut.rows() as usize);
        let backward = matches!(&cut.window, Window::Beyond(position) if position.backward);
        let mut groups: Vec<&Group> = groups.iter().collect();
        if backward {
            groups.reverse();
        }
        let (mut skip, mut beyond) = match &cut.window {
            Window::Offset(offset) => (*offset, None),
            Window::Start => (0, None),
            Window::Beyond(Position { keys, id, .. }) => match keys.as_slice() {
                [Key::Number(points), at @ Key::Number(_)] => (0, Some((*points, at.clone(), *id))),
                _ => return Err(Position::misfit()),
            },
        };
        for Group { points, ids } in groups {
            let wanted = cut.rows() - places.len() as i64;
            if wanted == 0 {
                break;
            }
            let passed = |last: i64| if backward { *points < last } else { *points > last };
            if beyond.as_ref().is_some_and(|(last, ..)| passed(*last)) {
                continue;
            }
            if skip >= ids.len() as i64 {
                skip -= ids.len() as i64;
                continue;
            }
            let step = match beyond.take_if(|(last, ..)| last == points) {
                Some((_, at, id)) => {
                    let window = Window::Beyond(Position { keys: vec![at], id, backward });
                    Way::straight(Sort::Newest, &Cut { window, limit: wanted - 1, count: false })
                }
                None => {
                    let sort = if backward { Sort::Oldest } else { Sort::Newest };
                    Way::straight(sort, &Cut { window: Window::Offset(skip), limit: wanted, count: false })
                }
            };
            skip = 0;
            let with_points = |(id, at): Place| (id, [Key::Number(*points)].into_iter().chain(at).collect());
            places.extend(self.group(conn, ids, &step)?.into_iter().map(with_points));
        }
        Ok(places)
    }

    /// From a list that is read row by row, which is short where much was found, or by looking up all that was found. What was
    /// found may have been published before or after what the list has; that is left out.
    fn group(&self, conn: &mut DbConnection, found: &RoaringTreemap, way: &Way) -> Result<Vec<Place>, DbError> {
        let number = found.len() as i64;
        let skip = if let Window::Offset(offset) = &way.cut.window { *offset } else { 0 };
        let far = (skip + way.cut.limit).saturating_mul(self.length) / number.max(1);
        let most = number.saturating_mul(LOOK);
        if number > FEW
            && far <= most
            && let Some(places) = self.walk(conn, found, way, most)?
        {
            return Ok(places);
        }
        let some = self.scope.only(found.iter().map(|id| id as i64).collect());
        rows(conn, &some, some.plan(), way)
    }

    /// `None` where the page is not within so many rows.
    fn walk(
        &self,
        conn: &mut DbConnection,
        found: &RoaringTreemap,
        way: &Way,
        most: i64,
    ) -> Result<Option<Vec<Place>>, DbError> {
        // Beyond the last of what was found nothing is looked for.
        let (mut skip, wanted, window) = match &way.cut.window {
            Window::Offset(offset) => (*offset, way.cut.rows().min(found.len() as i64 - offset), Window::Start),
            window => (0, way.cut.rows(), window.clone()),
        };
        if wanted <= 0 {
            return Ok(Some(Vec::new()));
        }
        let backward = matches!(&window, Window::Beyond(position) if position.backward);
        let rising = (way.sort == Sort::Oldest) != backward;
        let (from, until) = if rising { (self.after, self.before) } else { (self.before, self.after) };
        // By update the list is read from its beginning.
        let from = if matches!(window, Window::Start) && by_date(way.sort) { from } else { None };
        let past = |keys: &[Key]| match (keys, until) {
            ([Key::Number(at)], Some(until)) if rising => *at >= until.micros(),
            ([Key::Number(at)], Some(until)) => *at < until.micros(),
            _ => false,
        };
        let limit = ((skip + way.cut.limit) * 2).min(MANY);
        let mut step = Way { cut: Cut { window, limit, ..way.cut.clone() }, from, sort: way.sort };
        let (mut picked, mut seen) = (Vec::with_capacity(wanted as usize), 0);
        loop {
            let read = self.read(conn, &step)?;
            let last = read.last().filter(|_| read.len() as i64 > step.cut.limit).cloned();
            seen += read.len() as i64;
            for place in read {
                if past(&place.1) || !u64::try_from(place.0).is_ok_and(|id| found.contains(id)) {
                    continue;
                }
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                picked.push(place);
                if picked.len() as i64 == wanted {
                    return Ok(Some(picked));
                }
            }
            match last {
                Some((id, keys)) if !past(&keys) => {
                    if seen >= most {
                        return Ok(None);
                    }
                    step.cut.window = Window::Beyond(Position { keys, id, backward });
                    step.from = None;
                }
                _ => return Ok(Some(picked)),
            }
            step.cut.limit = (step.cut.limit * 4).min(MANY);
        }
    }

    fn read(&self, conn: &mut DbConnection, way: &Way) -> Result<Vec<Place>, DbError> {
        let public = articles::table.filter(Visible(Audience::Everyone)).into_boxed();
        match &self.base {
            Some(Common::Tag(id)) => places_of_tag(conn, *id, way),
            Some(Common::Author(id)) => places_of_author(conn, *id, way),
            Some(Common::Kind(kind)) => places(conn, public.filter(articles::kind.eq(*kind)), way),
            Some(Common::Lang(lang)) => places(conn, public.filter(articles::lang.eq(lang.clone())), way),
            _ => places(conn, public, way),
        }
    }
}
