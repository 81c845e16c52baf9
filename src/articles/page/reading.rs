//! The ways in which a page is read, the cheapest first.

use std::sync::Arc;

use super::{Cards, Page, PageQuery};
use crate::articles::facets::facets;
use crate::articles::filter::{Filter, Sort};
use crate::articles::lists::Lists;
use crate::articles::newest::{KnownTag, Newest};
use crate::articles::queries::{
    DEEP, Place, Scope, TagLeaf, TagScope, Way, by_date, cards, counted_places_of_tag, is_kept, leaf_of, list,
    next_change, stored_cards,
};
use crate::changes::Part;
use crate::db::{Cut, DbConnection, DbError, Extent, Key, Window};
use crate::http::Context;
use crate::tags::queries::{self as tags, Found};
use crate::tags::rows::TagWhole;

impl PageQuery {
    /// Reads the page in the way that costs the least of those that will do:
    ///
    /// 1. of a tag that is remembered, the places in its list where they are not, and the cards by their ids, each in one statement;
    /// 2. of another tag's list one statement;
    /// 3. of what a search finds in sets that are all remembered and as new as the log, the ids and the cards, without a transaction;
    /// 4. of what filters, search and facets ask for, in a transaction, what is put together from sets in memory or has an index;
    /// 5. for holders of keys, and in another shape than the stored one, all of it from rows.
    pub async fn load(self, context: &Context, lists: &Lists) -> Result<Page, DbError> {
        if let Some((_, page)) = self.remembered(context, lists, None).await? {
            return Ok(page);
        }
        let (first, known, lists) = (self.clone(), lists.clone(), lists.clone());
        let at_once = move |conn: &mut DbConnection| match first.at_once(conn, &known, None)? {
            Some((_, page)) => Ok(Some(page)),
            None => first.found(conn, &known),
        };
        context.read_at_once(at_once, move |conn| self.read(conn, &lists)).await
    }

    /// The same of articles with a tag, and the tag; otherwise the slug to which that of the tag leads, if there is one.
    pub async fn load_of_tag(
        self,
        context: &Context,
        lists: &Lists,
        slug: String,
    ) -> Result<Result<(Arc<TagWhole>, Page), Option<String>>, DbError> {
        if let Some(read) = self.remembered(context, lists, Some(&slug)).await? {
            return Ok(Ok(read));
        }
        let (first, name, known, lists) = (self.clone(), slug.clone(), lists.clone(), lists.clone());
        let at_once = move |conn: &mut DbConnection| Ok(first.at_once(conn, &known, Some(&name))?.map(Ok));
        let whole = move |conn: &mut DbConnection| match tags::find_with_aliases(conn, &slug, self.audience)? {
            Some((Found::Tag(tag), aliases)) => {
                let scope = TagScope { id: tag.id, article_count: tag.article_count };
                let page = Self { tag: Some(scope), ..self }.read(conn, &lists)?;
                Ok(Ok((Arc::new(TagWhole { tag: *tag, aliases }), page)))
            }
            Some((Found::Moved(to), _)) => Ok(Err(Some(to))),
            None => Ok(Err(None)),
        };
        context.read_at_once(at_once, whole).await
    }

    /// The page of one tag's list with that tag, of which only the places in the list, unless these are remembered as well, and the cards
    /// are read: of the tag under `slug`, or else of the only one that was asked for. `None` where it takes more than that.
    async fn remembered(
        &self,
        context: &Context,
        lists: &Lists,
        slug: Option<&str>,
    ) -> Result<Option<(Arc<TagWhole>, Page)>, DbError> {
        let Some((tag, places)) = self.known(lists, slug) else { return Ok(None) };
        let (id, sort) = (tag.whole.tag.id, self.sort);
        let places = match places {
            Places::Known(places) => Some(places),
            Places::By(way) => {
                let count = tag.whole.tag.article_count;
                context.read_once(move |conn| places_among(conn, (id, count), sort, &way)).await?
            }
        };
        let Some(places) = places else { return Ok(None) };
        let (ids, extent) = self.extent(&tag, places);
        // With an empty page nothing is read.
        let next_change = context.marks.next_change();
        let Some(cards) = lists.cards(self.opening).load(&context.db, context.marks.position().seq, (), ids).await?
        else {
            return Ok(None);
        };
        // What was read is of now: so must be what was known.
        if !lists.newest.holds(&tag) {
            return Ok(None);
        }
        let next_change = cards.first().map_or(next_change, |(_, next_change)| *next_change);
        let cards = cards.into_iter().map(|(card, _)| card).collect();
        Ok(Some((tag.whole, Page::of_tag(id, cards, extent, next_change))))
    }

    /// The only tag that was asked for, if it and the way to the page in its list are known.
    fn known(&self, lists: &Lists, slug: Option<&str>) -> Option<(KnownTag, Places)> {
        let slug = self.only_tag(slug).filter(|_| by_date(self.sort))?;
        let tag = lists.newest.tag(slug)?;
        let row = &tag.whole.tag;
        if matches!(self.cut.window, Window::Offset(offset) if offset >= row.article_count) {
            return Some((tag, Places::Known(Vec::new())));
        }
        let front = if self.sort == Sort::Newest { lists.newest.front(&tag, &self.cut) } else { None };
        let places = match front {
            Some(rows) => Places::Known(rows.into_iter().map(|(at, id)| (id, vec![Key::Number(at)])).collect()),
            // It is worth to be remembered.
            None if self.is_front() => return None,
            None => Places::By(lists.edges.way(row, self.sort, &self.cut)?),
        };
        Some((tag, places))
    }

    /// The ids of a page of a tag's list, and where it stands.
    fn extent(&self, tag: &KnownTag, places: Vec<Place>) -> (Vec<i64>, Extent) {
        let total = self.cut.count.then_some(tag.whole.tag.article_count);
        let (places, extent) = Extent::of(places, &self.cut, total, |(id, keys)| (keys.clone(), *id));
        (places.into_iter().map(|(id, _)| id).collect(), extent)
    }

    /// The same in one statement, and in a second one what is to be remembered of it. Far into the list what is to be remembered is read
    /// first, and with that the page.
    fn at_once(
        &self,
        conn: &mut DbConnection,
        lists: &Lists,
        slug: Option<&str>,
    ) -> Result<Option<(Arc<TagWhole>, Page)>, DbError> {
        let Some(slug) = self.only_tag(slug).filter(|_| by_date(self.sort)) else { return Ok(None) };
        if self.cut.is_beyond(DEEP) {
            return self.far(conn, lists, slug);
        }
        let Some((leaf, extent)) = leaf_of(conn, slug, (self.sort, &self.cut), self.opening)? else { return Ok(None) };
        let TagLeaf { tag, cards, next_change } = leaf;
        if lists.are_heard() {
            lists.newest.learn(&tag, self.read);
            if self.is_front() {
                lists.newest.of(conn, tag.tag.id, self.read)?;
            }
        }
        let page = Page::of_tag(tag.tag.id, cards, extent, next_change);
        Ok(Some((tag, page)))
    }

    fn far(
        &self,
        conn: &mut DbConnection,
        lists: &Lists,
        slug: &str,
    ) -> Result<Option<(Arc<TagWhole>, Page)>, DbError> {
        if !lists.are_heard() {
            return Ok(None);
        }
        if lists.newest.tag(slug).is_none() {
            let Some((Found::Tag(tag), aliases)) = tags::find_with_aliases(conn, slug, self.audience)? else {
                return Ok(None);
            };
            lists.newest.learn(&Arc::new(TagWhole { tag: *tag, aliases }), self.read);
        }
        let Some(tag) = lists.newest.tag(slug) else { return Ok(None) };
        let (id, count) = (tag.whole.tag.id, tag.whole.tag.article_count);
        if self.known(lists, Some(slug)).is_none() {
            lists.edges.learn(conn, id, self.read)?;
        }
        let places = match self.known(lists, Some(slug)) {
            Some((_, Places::Known(places))) => Some(places),
            Some((_, Places::By(way))) => places_among(conn, (id, count), self.sort, &way)?,
            None => None,
        };
        let Some(places) = places else { return Ok(None) };
        let (ids, extent) = self.extent(&tag, places);
        let made_of = (extent, Page::parts_of_tag(id));
        let Some(page) = Page::of_ids(conn, lists, &ids, self.opening, made_of)? else { return Ok(None) };
        Ok(lists.newest.holds(&tag).then_some((tag.whole, page)))
    }

    /// A page of what is found in sets that are all as new as what this process has read of the log: with that nothing has to be in one
    /// snapshot. `None` where it takes more than that.
    fn found(&self, conn: &mut DbConnection, lists: &Lists) -> Result<Option<Page>, DbError> {
        let (filter, sort, cut) = (&self.filter, self.sort, &self.cut);
        if !self.plain
            || !self.facets.is_empty()
            || filter.q.is_none()
            || filter.has_slugs()
            || !lists.ends_at(self.read)
        {
            return Ok(None);
        }
        let scope = Scope::of(conn, filter.clone(), None, self.audience)?;
        let found = lists.postings.remembered(self.read.seq, &scope, sort, is_exact(sort, cut))?;
        let Some(found) = found.filter(|_| !scope.is_indexed(sort, cut)) else { return Ok(None) };
        let (ids, extent) = list(conn, &scope, Some(&found), sort, cut)?;
        let made_of = scope.made_of();
        let Some(page) = Page::of_ids(conn, lists, &ids, self.opening, (extent, made_of))? else { return Ok(None) };
        Ok(lists.hold(&page.made_of, self.read).then_some(page))
    }

    /// Whether the page is among those with which a list begins.
    fn is_front(&self) -> bool {
        self.sort == Sort::Newest && Newest::may_hold(&self.cut)
    }

    /// The slug of the tag whose list, as everyone sees it and in full, is all that is asked for.
    fn only_tag<'a>(&'a self, slug: Option<&'a str>) -> Option<&'a str> {
        let slug = match (slug, self.filter.tags_all.as_slice()) {
            (Some(slug), []) => slug,
            (None, [slug]) => slug,
            _ => return None,
        };
        let free = Filter { tags_all: self.filter.tags_all.clone(), ..Filter::default() };
        (self.plain && self.facets.is_empty() && self.filter == free).then_some(slug)
    }

    /// The page whatever was asked for, in a transaction.
    fn read(self, conn: &mut DbConnection, lists: &Lists) -> Result<Page, DbError> {
        let Self { filter, audience, sort, facets: wanted, needs, plain, opening, cut, read: _, tag } = self;
        let postings = &lists.postings;
        let scope = Scope::of(conn, filter, tag, audience)?;
        let mut made_of = scope.made_of();
        let exact = is_exact(sort, &cut) || !wanted.is_empty();
        let indexed = scope.is_indexed(sort, &cut);
        let counted = wanted.iter().any(|facet| !is_kept(&scope, *facet));
        let found = if indexed && !counted { None } else { postings.find(conn, &scope, sort, exact)? };
        let facets = match wanted.as_slice() {
            [] => None,
            wanted => Some(facets(conn, postings, &scope, found.as_ref(), wanted)?),
        };
        let (ids, extent) = list(conn, &scope, found.as_ref().filter(|_| !indexed), sort, &cut)?;
        if facets.is_some() {
            made_of.extend([Part::Tags, Part::Authors]);
        }
        if plain && let Some(stored) = stored_cards(conn, &ids, opening)? {
            return Ok(Page { facets, ..Page::stored(stored, extent, made_of) });
        }
        let cards = Cards::Read(cards(conn, &ids, needs, audience)?);
        Ok(Page { cards, extent, made_of, facets, next_change: next_change(conn)? })
    }
}

/// Where the articles of a page stand in their list.
enum Places {
    Known(Vec<Place>),
    /// To be read by this way.
    By(Way),
}

/// The places of a page of a tag's list by a way, in the order that was asked for: `None` where the list has not that many articles now.
fn places_among(
    conn: &mut DbConnection,
    (tag, count): (i64, i64),
    sort: Sort,
    way: &Way,
) -> Result<Option<Vec<Place>>, DbError> {
    let (counted, places) = counted_places_of_tag(conn, tag, way)?;
    Ok((counted == Some(count)).then(|| way.back(sort, places)))
}

/// Whether a list has to be known to the article, and not only about those that a page may show.
fn is_exact(sort: Sort, cut: &Cut) -> bool {
    cut.count || !(by_date(sort) || sort == Sort::Relevance)
}
