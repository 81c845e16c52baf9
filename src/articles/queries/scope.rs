//! From a filter to a predicate: slugs become ids once, and then every query of the request uses the same rows.

use diesel::dsl::{min, not};
use diesel::prelude::*;

use super::predicates::{NoPage, Visible};
use super::sets::{Common, Sets};
use super::way::{DEEP, by_date};
use crate::articles::Kind;
use crate::articles::filter::{Filter, Sort};
use crate::articles::search::matching;
use crate::authors::queries as authors;
use crate::changes::{Audience, Part};
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_tags, articles};
use crate::db::{Cut, DbConnection, DbError, MultiBackend, id_in, in_query};
use crate::tags::queries as tags;

/// A filter with its slugs looked up.
#[derive(Debug, Clone)]
pub struct Scope {
    pub filter: Filter,
    pub tags_all: Vec<TagScope>,
    tags_any: Vec<i64>,
    tags_none: Vec<i64>,
    pub author: Option<AuthorScope>,
    /// A slug that must be there leads nowhere, so nothing can match.
    pub empty: bool,
    /// Whom the caller belongs to.
    pub audience: Audience,
    /// A slug leads nowhere yet.
    unknown: bool,
}

/// A tag that must be there, with its kept count.
#[derive(Debug, Clone, Copy)]
pub struct TagScope {
    pub id: i64,
    pub article_count: i64,
}

/// The author that must be there, with the kept count.
#[derive(Debug, Clone, Copy)]
pub struct AuthorScope {
    pub id: i64,
    pub article_count: i64,
}

/// What a list can be served from.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// Nothing can match.
    Nothing,
    /// Everything of a kind and language, of which there are kept counts.
    Totals,
    /// One tag's own index.
    Tag(TagScope),
    /// One author's own index.
    Author(AuthorScope),
    /// Any other combination.
    General,
}

pub type Boxed = articles::BoxedQuery<'static, MultiBackend>;

impl Scope {
    /// Looks the filter's slugs up; aliases and merged tags are followed. `known` is a tag that must be there, too.
    pub fn of(
        conn: &mut DbConnection,
        filter: Filter,
        known: Option<TagScope>,
        audience: Audience,
    ) -> Result<Self, DbError> {
        let mut scope = Self {
            tags_all: Vec::new(),
            tags_any: Vec::new(),
            tags_none: Vec::new(),
            author: None,
            empty: false,
            unknown: false,
            audience,
            filter,
        };
        scope.tags_all.extend(known);
        for slug in &scope.filter.tags_all {
            match tags::resolve(conn, slug, audience)? {
                Some(tag) if scope.tags_all.iter().any(|known| known.id == tag.id) => {}
                Some(tag) => scope.tags_all.push(TagScope { id: tag.id, article_count: tag.article_count }),
                None => scope.empty = true,
            }
        }
        for slug in &scope.filter.tags_any {
            scope.tags_any.extend(tags::resolve(conn, slug, audience)?.map(|tag| tag.id));
        }
        scope.empty |= scope.tags_any.is_empty() && !scope.filter.tags_any.is_empty();
        for slug in &scope.filter.tags_none {
            scope.tags_none.extend(tags::resolve(conn, slug, audience)?.map(|tag| tag.id));
        }
        if let Some(slug) = &scope.filter.author {
            scope.author = authors::resolve(conn, slug, audience)?
                .map(|row| AuthorScope { id: row.id, article_count: row.article_count });
            scope.empty |= scope.author.is_none();
        }
        let named = [&scope.filter.tags_all, &scope.filter.tags_any, &scope.filter.tags_none];
        let found = scope.tags_all.len() + scope.tags_any.len() + scope.tags_none.len() - usize::from(known.is_some());
        scope.unknown = scope.empty || named.into_iter().map(Vec::len).sum::<usize>() > found;
        scope.empty |= scope.filter.q.as_ref().is_some_and(|query| query.is_empty());
        Ok(scope)
    }

    /// The cheapest way to serve it.
    pub fn plan(&self) -> Plan {
        let Filter {
            q,
            tags_all: _,
            tags_any,
            tags_none,
            author: _,
            kind,
            lang,
            ids,
            published_after,
            published_before,
            updated_after,
        } = &self.filter;
        // What is kept and indexed is what everyone sees.
        let free = self.audience == Audience::Everyone
            && q.is_none()
            && tags_any.is_empty()
            && tags_none.is_empty()
            && ids.is_none()
            && published_after.is_none()
            && published_before.is_none()
            && updated_after.is_none();
        match (self.tags_all.as_slice(), self.author) {
            _ if self.empty => Plan::Nothing,
            ([], None) if free => Plan::Totals,
            ([tag], None) if free && kind.is_none() && lang.is_none() => Plan::Tag(*tag),
            ([], Some(author)) if free && kind.is_none() && lang.is_none() => Plan::Author(author),
            _ => Plan::General,
        }
    }

    /// Some articles of the list that are known to be in it, or to be so if they were published when it asks for.
    pub fn only(&self, ids: Vec<i64>) -> Self {
        let Filter { kind, published_after, published_before, .. } = self.filter;
        // Of another kind they need not be looked for by their kind.
        let kind = kind.filter(|kind| *kind == Kind::Page);
        Self {
            filter: Filter { ids: Some(ids), kind, published_after, published_before, ..Filter::default() },
            tags_all: Vec::new(),
            tags_any: Vec::new(),
            tags_none: Vec::new(),
            author: None,
            empty: self.empty,
            audience: self.audience,
            unknown: self.unknown,
        }
    }

    /// Whether a page is read from an index in its order, with nothing to be counted and not much to be passed over.
    pub fn is_indexed(&self, sort: Sort, cut: &Cut) -> bool {
        match self.plan() {
            Plan::Nothing => true,
            Plan::Tag(_) | Plan::Author(_) => by_date(sort),
            Plan::Totals => by_date(sort) || (self.is_in_order(sort) && !cut.is_beyond(DEEP)),
            Plan::General => self.is_in_order(sort) && !cut.count,
        }
    }

    /// Whether there is an index in its order that has all that it is narrowed by.
    fn is_in_order(&self, sort: Sort) -> bool {
        let Filter { q, kind, lang, published_after, published_before, updated_after, .. } = &self.filter;
        let tagged = !self.tags_all.is_empty() || !self.tags_any.is_empty() || !self.tags_none.is_empty();
        let published = published_after.is_some() || published_before.is_some();
        q.is_none()
            && !tagged
            && self.author.is_none()
            && match sort {
                Sort::Newest | Sort::Oldest => updated_after.is_none(),
                Sort::RecentlyUpdated => !published && kind.is_none() && lang.is_none(),
                Sort::Title => !published && updated_after.is_none() && kind.is_none() && lang.is_none(),
                Sort::Relevance => false,
            }
    }

    /// The shortest kept list of a tag or an author in which all of it is, and how many articles that has.
    pub fn shortest(&self) -> Option<(i64, Common)> {
        let tags = self.tags_all.iter().map(|tag| (tag.article_count, Common::Tag(tag.id)));
        let author = self.author.map(|author| (author.article_count, Common::Author(author.id)));
        tags.chain(author).min_by_key(|(count, _)| *count)
    }

    /// The sets that the list is made of beside words. `None` where these do not tell: for other readers than the
    /// public, of articles that were named, and for pages with tags or authors, whose lists know no pages.
    pub fn sets(&self) -> Option<Sets> {
        let Filter { kind, lang, ids, published_after, published_before, updated_after, .. } = &self.filter;
        let tags = |ids: &[i64]| -> Vec<Common> { ids.iter().map(|id| Common::Tag(*id)).collect() };
        let mut all: Vec<Common> = self.tags_all.iter().map(|tag| Common::Tag(tag.id)).collect();
        all.extend(self.author.map(|author| Common::Author(author.id)));
        let (any, mut none) = (tags(&self.tags_any), tags(&self.tags_none));
        let named = !all.is_empty() || !any.is_empty();
        let pages = *kind == Some(Kind::Page) && (named || !none.is_empty());
        if self.audience != Audience::Everyone || self.empty || ids.is_some() || pages {
            return None;
        }
        match kind {
            Some(kind) => all.push(Common::Kind(*kind)),
            None if named => {}
            // What is not listed is little beside what is, and is left out of what a word stands in.
            None if self.filter.q.as_ref().is_some_and(|query| !query.all.is_empty()) => none.push(Common::Unlisted),
            None => all.push(Common::NoPage),
        }
        all.extend(lang.clone().map(Common::Lang));
        if published_after.is_some() || published_before.is_some() {
            all.push(Common::Published { after: *published_after, before: *published_before });
        }
        all.extend(updated_after.map(Common::UpdatedAfter));
        Some(Sets { all, any, none })
    }

    /// What decides which articles there are, and in which order.
    pub fn made_of(&self) -> Vec<Part> {
        let tags = self.tags_all.iter().map(|tag| tag.id).chain(self.tags_any.iter().chain(&self.tags_none).copied());
        let mut parts: Vec<Part> = tags.map(Part::Tag).collect();
        parts.extend(self.author.map(|author| Part::Author(author.id)));
        if self.unknown {
            parts.extend([Part::Tags, Part::Authors]);
        }
        // The narrowest list in which every change is noted that can bring an article in, or out.
        match (&self.filter.ids, self.tags_all.first(), self.author) {
            (Some(ids), ..) => parts.extend(ids.iter().copied().map(Part::Article)),
            // Lists of tags and authors know no pages.
            _ if self.filter.kind == Some(Kind::Page) => parts.push(Part::Articles),
            (None, Some(tag), _) => parts.push(Part::ArticlesOfTag(tag.id)),
            (None, None, Some(author)) => parts.push(Part::ArticlesOfAuthor(author.id)),
            (None, None, None) if !self.filter.tags_any.is_empty() => {
                parts.extend(self.tags_any.iter().copied().map(Part::ArticlesOfTag));
            }
            (None, None, None) => parts.push(Part::Articles),
        }
        parts
    }

    /// The predicate: what the caller may see, and of it what the filter asks for.
    pub fn query(&self) -> Boxed {
        let mut query = articles::table.filter(Visible(self.audience)).into_boxed();
        query = match self.filter.kind {
            Some(kind) => query.filter(articles::kind.eq(kind)),
            None => query.filter(NoPage),
        };
        for tag in &self.tags_all {
            query = query.filter(articles::id.eq_any(tagged(tag.id)));
        }
        if !self.tags_any.is_empty() {
            query = query.filter(in_query(articles::id, tagged_any(&self.tags_any)));
        }
        if !self.tags_none.is_empty() {
            query = query.filter(not(in_query(articles::id, tagged_any(&self.tags_none))));
        }
        if let Some(author) = self.author {
            let written = article_authors::table
                .filter(article_authors::author_id.eq(author.id))
                .select(article_authors::article_id);
            query = query.filter(articles::id.eq_any(written));
        }
        self.narrow(query)
    }

    fn narrow(&self, mut query: Boxed) -> Boxed {
        let filter = &self.filter;
        if let Some(lang) = &filter.lang {
            query = query.filter(articles::lang.eq(lang.clone()));
        }
        if let Some(ids) = &filter.ids {
            query = query.filter(id_in(articles::id, ids));
        }
        if let Some(at) = filter.published_after {
            query = query.filter(articles::published_at.ge(at));
        }
        if let Some(at) = filter.published_before {
            query = query.filter(articles::published_at.lt(at));
        }
        if let Some(at) = filter.updated_after {
            query = query.filter(articles::updated_at.ge(at));
        }
        match &filter.q {
            Some(q) => matching(query, q),
            None => query,
        }
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn tagged(id: i64) -> _ {
    article_tags::table.filter(article_tags::tag_id.eq(id)).select(article_tags::article_id)
}

fn tagged_any(ids: &[i64]) -> article_tags::BoxedQuery<'static, MultiBackend, diesel::sql_types::BigInt> {
    article_tags::table.filter(id_in(article_tags::tag_id, ids)).select(article_tags::article_id).into_boxed()
}

/// When the clock alone will next change anything that the public sees.
pub fn next_change(conn: &mut DbConnection) -> Result<Option<Timestamp>, DbError> {
    let next =
        articles::table.filter(articles::next_transition_at.is_not_null()).select(min(articles::next_transition_at));
    let next: Option<i64> = next.first(conn)?;
    Ok(next.and_then(Timestamp::from_micros))
}
