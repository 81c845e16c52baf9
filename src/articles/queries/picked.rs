//! A page of what is known to be in a list, as ids, in the order that was asked for.

use diesel::prelude::*;
use roaring::RoaringTreemap;

use super::list::{places, places_of_author, places_of_tag, rows};
use super::predicates::Visible;
use super::scope::Scope;
use super::totals::totals;
use super::way::{Place, Way, by_date};
use crate::articles::filter::Sort;
use crate::articles::search::{Group, Hits};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{Cut, DbConnection, DbError, Key, Position, Window};

/// Rows of a list that are read at once, and articles that are looked up by their ids.
const MANY: i64 = 20_000;
/// What it costs to look an article up by its id, in rows of a list that is read from an index.
const LOOK: i64 = 3;

/// The places of a page of what was found.
pub fn picked(conn: &mut DbConnection, scope: &Scope, hits: &Hits, way: &Way) -> Result<Vec<Place>, DbError> {
    let picking = Picking::of(conn, scope, way.sort)?;
    match (way.sort, hits.groups.as_slice()) {
        (Sort::Relevance, groups) => picking.by_relevance(conn, groups, &way.cut),
        (_, [group]) => picking.group(conn, &group.ids, way),
        (_, _) => Ok(Vec::new()),
    }
}

/// A list that has an index of its own.
#[derive(Debug, Clone, Copy)]
enum Base {
    /// All that everyone sees.
    All,
    Tag(i64),
    Author(i64),
}

/// What is picked from: the shortest such list in which all of a scope's is.
struct Picking<'a> {
    scope: &'a Scope,
    base: Base,
    /// How many articles it has.
    length: i64,
    /// Where the scope's own begin and end in it.
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl<'a> Picking<'a> {
    fn of(conn: &mut DbConnection, scope: &'a Scope, sort: Sort) -> Result<Self, DbError> {
        let tags = scope.tags_all.iter().map(|tag| (tag.article_count, Base::Tag(tag.id)));
        let author = scope.author.map(|author| (author.article_count, Base::Author(author.id)));
        let dated = by_date(sort) || sort == Sort::Relevance;
        let (length, base) = match tags.chain(author).min_by_key(|(length, _)| *length).filter(|_| dated) {
            Some(shortest) => shortest,
            None => (totals(conn, None, None)?.iter().map(|(_, _, count)| count).sum(), Base::All),
        };
        let [after, before] =
            [scope.filter.published_after, scope.filter.published_before].map(|at| at.filter(|_| dated));
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

    /// From a list that is read row by row, which is short where much was found, or by looking up all that was found.
    fn group(&self, conn: &mut DbConnection, found: &RoaringTreemap, way: &Way) -> Result<Vec<Place>, DbError> {
        let number = found.len() as i64;
        let skip = if let Window::Offset(offset) = &way.cut.window { *offset } else { 0 };
        let far = (skip + way.cut.limit).saturating_mul(self.length) / number.max(1);
        let few = number <= MANY;
        if !few || far <= number * LOOK {
            let most = if few { MANY } else { i64::MAX };
            if let Some(places) = self.walk(conn, found, way, most)? {
                return Ok(places);
            }
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
        let wanted = way.cut.rows() as usize;
        let (mut skip, window) = match &way.cut.window {
            Window::Offset(offset) => (*offset, Window::Start),
            window => (0, window.clone()),
        };
        let backward = matches!(&window, Window::Beyond(position) if position.backward);
        let rising = (way.sort == Sort::Oldest) != backward;
        let (from, until) = if rising { (self.after, self.before) } else { (self.before, self.after) };
        let from = if matches!(window, Window::Start) { from } else { None };
        let ended = |keys: &[Key]| match (keys, until) {
            ([Key::Number(at)], Some(until)) if rising => *at >= until.micros(),
            ([Key::Number(at)], Some(until)) => *at < until.micros(),
            _ => false,
        };
        let limit = ((skip + way.cut.limit) * 2).min(MANY);
        let mut step = Way { cut: Cut { window, limit, ..way.cut.clone() }, from, sort: way.sort };
        let (mut picked, mut seen) = (Vec::with_capacity(wanted), 0);
        loop {
            let read = self.read(conn, &step)?;
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
                Some((id, keys)) if !ended(&keys) => {
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
        match self.base {
            Base::All => places(conn, articles::table.filter(Visible(Audience::Everyone)).into_boxed(), way),
            Base::Tag(id) => places_of_tag(conn, id, way),
            Base::Author(id) => places_of_author(conn, id, way),
        }
    }
}
