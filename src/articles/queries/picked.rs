//! A page of what a search has found, from lists in the order that was asked for.

use roaring::RoaringTreemap;

use super::list::rows;
use super::scope::{Plan, Scope};
use super::way::{Place, Way, by_date};
use crate::articles::filter::Sort;
use crate::articles::search::{Group, Hits};
use crate::db::{Cut, DbConnection, DbError, Key, Position, Window};

/// Rows of a list that are read at once, and articles that are looked up by their ids.
const MANY: i64 = 20_000;
/// What it costs to look an article up by its id, in rows of a list that is read from an index.
const LOOK: i64 = 3;

/// The places of a page of what was found. `None` where the database has to search, since the list is in no index and much of it
/// would have to be read.
pub fn picked(conn: &mut DbConnection, scope: &Scope, hits: &Hits, way: &Way) -> Result<Option<Vec<Place>>, DbError> {
    let list = scope.among(None);
    let picking = Picking { plan: list.plan(), list, of: hits.of as i64 };
    match (way.sort, hits.groups.as_slice()) {
        (Sort::Relevance, groups) => picking.by_relevance(conn, groups, &way.cut),
        (_, [group]) => picking.group(conn, &group.ids, way),
        (_, _) => Ok(Some(Vec::new())),
    }
}

/// The list that is picked from.
struct Picking {
    list: Scope,
    plan: Plan,
    of: i64,
}

impl Picking {
    /// From one group after the other, each of which has the newest first.
    fn by_relevance(
        &self,
        conn: &mut DbConnection,
        groups: &[Group],
        cut: &Cut,
    ) -> Result<Option<Vec<Place>>, DbError> {
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
                    let position = Position { keys: vec![at], id, backward };
                    Way::straight(
                        Sort::Newest,
                        &Cut { window: Window::Beyond(position), limit: wanted - 1, count: false },
                    )
                }
                None => {
                    let sort = if backward { Sort::Oldest } else { Sort::Newest };
                    Way::straight(sort, &Cut { window: Window::Offset(skip), limit: wanted, count: false })
                }
            };
            skip = 0;
            let Some(of_group) = self.group(conn, ids, &step)? else { return Ok(None) };
            let with_points = |(id, at): Place| (id, [Key::Number(*points)].into_iter().chain(at).collect());
            places.extend(of_group.into_iter().map(with_points));
        }
        Ok(Some(places))
    }

    /// From a list that is read row by row, which is short where much was found, or by looking up all that was found.
    fn group(&self, conn: &mut DbConnection, found: &RoaringTreemap, way: &Way) -> Result<Option<Vec<Place>>, DbError> {
        let few = found.len() as i64 <= MANY;
        let skip = if let Window::Offset(offset) = &way.cut.window { *offset } else { 0 };
        let far = (skip + way.cut.limit).saturating_mul(self.of) / (found.len() as i64).max(1);
        if few && far > found.len() as i64 * LOOK {
            return self.look_up(conn, found, way).map(Some);
        }
        match self.walk(conn, found, way)? {
            Some(places) => Ok(Some(places)),
            None if few => self.look_up(conn, found, way).map(Some),
            None => Ok(None),
        }
    }

    fn look_up(&self, conn: &mut DbConnection, found: &RoaringTreemap, way: &Way) -> Result<Vec<Place>, DbError> {
        let some = self.list.among(Some(found.iter().map(|id| id as i64).collect()));
        rows(conn, &some, some.plan(), way)
    }

    /// `None` where the list is in no index, and the page is not near the beginning.
    fn walk(&self, conn: &mut DbConnection, found: &RoaringTreemap, way: &Way) -> Result<Option<Vec<Place>>, DbError> {
        let indexed = match self.plan {
            Plan::Nothing | Plan::Totals => true,
            Plan::Tag(_) | Plan::Author(_) => by_date(way.sort),
            Plan::General => false,
        };
        let wanted = way.cut.rows() as usize;
        let (mut skip, window) = match &way.cut.window {
            Window::Offset(offset) => (*offset, Window::Start),
            window => (0, window.clone()),
        };
        let backward = matches!(&window, Window::Beyond(position) if position.backward);
        let limit = ((skip + way.cut.limit) * 2).min(MANY);
        let mut step = Way { cut: Cut { window, limit, ..way.cut.clone() }, ..way.clone() };
        let (mut picked, mut seen) = (Vec::with_capacity(wanted), 0);
        loop {
            let read = rows(conn, &self.list, self.plan, &step)?;
            let last = read.last().filter(|_| read.len() as i64 > step.cut.limit).cloned();
            seen += read.len() as i64;
            for place in read {
                if !u64::try_from(place.0).is_ok_and(|id| found.contains(id)) {
                    continue;
                }
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                picked.push(place);
                if picked.len() == wanted {
                    return Ok(Some(picked));
                }
            }
            match last {
                None => return Ok(Some(picked)),
                Some(_) if !indexed && seen >= MANY => return Ok(None),
                Some((id, keys)) => step.cut.window = Window::Beyond(Position { keys, id, backward }),
            }
            step.cut.limit = (step.cut.limit * 4).min(MANY);
        }
    }
}
