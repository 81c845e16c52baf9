//! A page of articles from request to answer, for every operation that shows one.

mod reading;

use std::sync::Arc;

use super::filter::{Facet, Filter, Sort};
use super::lists::Lists;
use super::params::{CardParams, ListParams};
use super::queries::{CardNeeds, FacetCount, Shelved, TagScope, stored_cards};
use super::rows::Card;
use super::rows::stored::{Opening, StoredCard};
use super::wire::{ArticleList, CardList, Render, facet_map};
use crate::changes::{Audience, Part};
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Extent};
use crate::http::kept::LogPosition;
use crate::http::{Answer, Context, Paging, Params, Problem};

/// What a page of articles was asked for.
pub type PageRequest = Params<((ListParams, CardParams), Paging)>;

/// What is read for a page: in one snapshot, or of what this process knows to be unchanged, one after the other.
#[derive(Debug, Clone)]
pub struct Page {
    cards: Cards,
    extent: Extent,
    made_of: Vec<Part>,
    facets: Option<Vec<(Facet, Vec<FacetCount>)>>,
    next_change: Option<Timestamp>,
}

/// The articles of a page.
#[derive(Debug, Clone)]
enum Cards {
    /// As they were set, which is all that most requests need.
    Stored(Vec<Arc<StoredCard>>),
    /// Put together for this request.
    Read(Vec<Card>),
}

/// The part of a request that a read needs, ready to be moved to another thread.
#[derive(Debug, Clone)]
pub struct PageQuery {
    filter: Filter,
    audience: Audience,
    sort: Sort,
    facets: Vec<Facet>,
    needs: CardNeeds,
    /// Whether cards as they are stored will do, and how much of the openings with them.
    plain: bool,
    opening: Opening,
    cut: Cut,
    /// How far the log was read before anything else was.
    read: LogPosition,
    /// A tag that every article has, whatever else was asked.
    tag: Option<TagScope>,
}

impl PageRequest {
    /// What to read, for an audience.
    pub fn query(&self, context: &Context, audience: Audience) -> Result<PageQuery, Problem> {
        let ((list, CardParams(shape)), paging) = &self.value;
        let needs = CardNeeds { body: list.highlight || shape.needs().body };
        // What is stored is what everyone sees, in full.
        let plain = audience == Audience::Everyone && !needs.body && shape.fields.is_empty();
        let cut = context.cut(paging, &self.given)?;
        Ok(PageQuery {
            filter: list.filter.clone(),
            audience,
            sort: list.sort,
            facets: list.facets.clone(),
            needs,
            plain,
            opening: Opening::for_excerpt(shape.excerpt_words),
            cut,
            read: context.marks.position(),
            tag: None,
        })
    }

    /// The same page at the path to which its list has moved.
    pub fn moved(&self, context: &Context, path: &str) -> String {
        self.value.1.moved(&self.given, &context.cursors, path)
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
        let data = cards.list(&render)?;
        let (page, links) = paging.describe(&self.given, &context.cursors, &extent);
        Ok(ArticleList { data, page, links, facets: facets.map(facet_map) })
    }

    /// The page as an answer, with the headers that go with what it shows.
    pub fn answer(&self, context: &Context, page: Page) -> Result<Answer, Problem> {
        let (shown, made_of, next_change) = (page.shown(), page.made_of(), page.next_change);
        let list = self.render(context, page)?;
        let freshness = context.freshness(next_change);
        let answer = Answer::written(|out| list.write(out), freshness)?.paged(&list.page, &list.links);
        let tags = &self.value.0.0.filter.tags_all;
        let answer = tags.iter().fold(answer.key("", "list"), |answer, slug| answer.key("t-", slug));
        Ok(answer.shows(&shown).made_of(made_of))
    }
}

impl Page {
    /// Of cards that are each read with when the clock alone will next change what the public sees.
    fn stored(cards: Vec<Shelved>, extent: Extent, made_of: Vec<Part>) -> Self {
        let next_change = cards.first().and_then(|(_, next_change)| *next_change);
        let cards = Cards::Stored(cards.into_iter().map(|(card, _)| card).collect());
        Self { cards, extent, made_of, facets: None, next_change }
    }

    /// Of the stored cards of some articles, of which there may be none: `None` where one of them won't do.
    fn of_ids(
        conn: &mut DbConnection,
        lists: &Lists,
        ids: &[i64],
        opening: Opening,
        (extent, made_of): (Extent, Vec<Part>),
    ) -> Result<Option<Self>, DbError> {
        if ids.is_empty() {
            let (cards, next_change) = (Cards::Stored(Vec::new()), lists.next_change());
            return Ok(Some(Self { cards, extent, made_of, facets: None, next_change }));
        }
        Ok(stored_cards(conn, ids, opening)?.map(|cards| Self::stored(cards, extent, made_of)))
    }

    fn of_tag(tag: i64, cards: Vec<Arc<StoredCard>>, extent: Extent, next_change: Option<Timestamp>) -> Self {
        Self { cards: Cards::Stored(cards), extent, made_of: Self::parts_of_tag(tag), facets: None, next_change }
    }

    fn parts_of_tag(tag: i64) -> Vec<Part> {
        vec![Part::Tag(tag), Part::ArticlesOfTag(tag)]
    }

    /// The surrogate keys of what it shows, separated by spaces.
    pub fn shown(&self) -> String {
        match &self.cards {
            Cards::Stored(cards) => {
                let mut shown = String::with_capacity(cards.iter().map(|card| card.shown.len() + 1).sum());
                shown.extend(cards.iter().flat_map(|card| [card.shown.as_str(), " "]));
                shown
            }
            Cards::Read(cards) => cards.iter().map(|card| card.shown() + " ").collect(),
        }
    }

    /// What it is made of.
    pub fn made_of(&self) -> Vec<Part> {
        let mut made_of = self.made_of.clone();
        made_of.push(Part::Schedule);
        match &self.cards {
            Cards::Stored(cards) => made_of.extend(cards.iter().flat_map(|card| card.made_of())),
            Cards::Read(cards) => made_of.extend(cards.iter().flat_map(Card::made_of)),
        }
        made_of
    }

    /// When the clock alone will next change what the public sees.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }
}

impl Cards {
    fn list(self, render: &Render<'_>) -> Result<CardList, DbError> {
        Ok(match self {
            Self::Stored(cards) => {
                let (excerpt_words, url_template) = (render.shape.excerpt_words, render.url_template.to_owned());
                CardList::Set { cards, excerpt_words, url_template }
            }
            Self::Read(cards) => {
                CardList::Json(cards.into_iter().map(|card| render.sparse(card)).collect::<Result<_, _>>()?)
            }
        })
    }
}
