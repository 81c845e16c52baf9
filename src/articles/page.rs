//! A page of articles from request to answer, for every operation that shows one.

use super::filter::{Facet, Filter, Sort};
use super::params::{CardParams, ListParams};
use super::queries::{CardNeeds, FacetCount, Scope, TagScope, facets, list, next_change};
use super::rows::Card;
use super::wire::{ArticleList, Render, facet_map};
use crate::changes::{Audience, Part};
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Extent};
use crate::http::{Answer, Context, Paging, Params, Problem};

/// What a page of articles was asked for.
pub type PageRequest = Params<((ListParams, CardParams), Paging)>;

/// What is read for a page, all of it in one snapshot.
#[derive(Debug, Clone)]
pub struct Page {
    cards: Vec<Card>,
    extent: Extent,
    made_of: Vec<Part>,
    facets: Option<Vec<(Facet, Vec<FacetCount>)>>,
    next_change: Option<Timestamp>,
}

/// The part of a request that a read needs, ready to be moved to another thread.
#[derive(Debug, Clone)]
pub struct PageQuery {
    filter: Filter,
    audience: Audience,
    sort: Sort,
    facets: Vec<Facet>,
    needs: CardNeeds,
    cut: Cut,
    /// A tag that every article has, whatever else was asked.
    tag: Option<TagScope>,
}

impl PageRequest {
    /// What to read, for an audience.
    pub fn query(&self, context: &Context, audience: Audience) -> Result<PageQuery, Problem> {
        let ((list, CardParams(shape)), paging) = &self.value;
        let needs = CardNeeds { body: list.highlight || shape.needs().body };
        let cut = context.cut(paging, &self.given)?;
        Ok(PageQuery {
            filter: list.filter.clone(),
            audience,
            sort: list.sort,
            facets: list.facets.clone(),
            needs,
            cut,
            tag: None,
        })
    }

    /// The language that was asked for.
    pub fn lang(&self) -> Option<&str> {
        self.value.0.0.filter.lang.as_deref()
    }

    /// The page as it is sent.
    pub fn render(&self, context: &Context, page: Page) -> Result<ArticleList, Problem> {
        let ((list, CardParams(shape)), paging) = &self.value;
        let query = list.filter.q.as_ref().filter(|_| list.highlight);
        let render = Render { shape, query, url_template: &context.article_url };
        let Page { cards, extent, made_of: _, facets, next_change: _ } = page;
        let data = cards.into_iter().map(|card| render.sparse(card)).collect::<Result<_, DbError>>()?;
        let (page, links) = paging.describe(&self.given, &context.cursors, &extent);
        Ok(ArticleList { data, page, links, facets: facets.map(facet_map) })
    }

    /// The page as an answer, with the headers that go with what it shows.
    pub fn answer(&self, context: &Context, page: Page) -> Result<Answer, Problem> {
        let (shown, made_of, next_change) = (page.shown(), page.made_of(), page.next_change);
        let list = self.render(context, page)?;
        let answer = Answer::json(&list, context.freshness(next_change))?.paged(&list.page, &list.links);
        let tags = &self.value.0.0.filter.tags_all;
        let answer = tags.iter().fold(answer.key("", "list"), |answer, slug| answer.key("t-", slug));
        Ok(answer.keys(shown).made_of(made_of))
    }
}

impl PageQuery {
    /// Reads the page.
    pub fn read(self, conn: &mut DbConnection) -> Result<Page, DbError> {
        let Self { filter, audience, sort, facets: wanted, needs, cut, tag } = self;
        let scope = Scope::of(conn, filter, tag, audience)?;
        let facets = if wanted.is_empty() { None } else { Some(facets(conn, &scope, &wanted)?) };
        let (cards, extent) = list(conn, &scope, sort, &cut, needs)?;
        let mut made_of = scope.made_of();
        if facets.is_some() {
            made_of.extend([Part::Tags, Part::Authors]);
        }
        Ok(Page { cards, extent, made_of, facets, next_change: next_change(conn)? })
    }

    /// The same for articles with a tag, whatever else was asked.
    pub fn tagged(self, tag: TagScope) -> Self {
        Self { tag: Some(tag), ..self }
    }
}

impl Page {
    /// What it shows, for purging.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        self.cards.iter().flat_map(Card::shown).collect()
    }

    /// What it is made of.
    pub fn made_of(&self) -> Vec<Part> {
        let cards = self.cards.iter().flat_map(Card::made_of);
        cards.chain(self.made_of.iter().copied()).chain([Part::Schedule]).collect()
    }

    /// When the clock alone will next change what the public sees.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }
}
