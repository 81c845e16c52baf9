//! A page of articles from request to answer, for every operation that shows one.

use super::card::Urls;
use super::facets::facets;
use super::filter::{Facet, Filter, Sort};
use super::params::{CardParams, ListParams};
use super::postings::Postings;
use super::queries::{
    CardNeeds, FacetCount, Scope, TagLeaf, TagScope, by_date, cards, is_kept, leaf_of, list, next_change, stored_cards,
};
use super::rows::Card;
use super::rows::stored::{Opening, StoredCard};
use super::wire::{ArticleList, CardsJson, Render, facet_map};
use crate::changes::{Audience, Part};
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Extent};
use crate::http::{Answer, Context, Paging, Params, Problem};

/// What a page of articles was asked for.
pub type PageRequest = Params<((ListParams, CardParams), Paging)>;

/// What is read for a page, all of it in one snapshot.
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
    Stored(Vec<StoredCard>),
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
        let data = cards.write(&render)?;
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

impl PageQuery {
    /// The page of one tag's list with that tag, as one statement gives them: of the tag under `slug`, or else of the only one
    /// that was asked for. `None` where it takes more than that.
    pub fn at_once(
        &self,
        conn: &mut DbConnection,
        postings: &Postings,
        slug: Option<&str>,
    ) -> Result<Option<(TagLeaf, Page)>, DbError> {
        let Self { filter, audience: _, sort, facets, needs: _, plain, opening, cut, tag: _ } = self;
        let slug = match (slug, filter.tags_all.as_slice()) {
            (Some(slug), []) => slug,
            (None, [slug]) => slug,
            _ => return Ok(None),
        };
        let free = Filter { tags_all: filter.tags_all.clone(), ..Filter::default() };
        if !plain || !facets.is_empty() || *filter != free {
            return Ok(None);
        }
        let whole = filter.tags_all.is_empty();
        let Some((mut leaf, extent)) = leaf_of(conn, postings.edges(), slug, (*sort, cut), whole, *opening)? else {
            return Ok(None);
        };
        let made_of = vec![Part::Tag(leaf.tag.id), Part::ArticlesOfTag(leaf.tag.id)];
        let (cards, next_change) = (Cards::Stored(std::mem::take(&mut leaf.cards)), leaf.next_change);
        Ok(Some((leaf, Page { cards, extent, made_of, facets: None, next_change })))
    }

    /// Reads the page.
    pub fn read(self, conn: &mut DbConnection, postings: &Postings) -> Result<Page, DbError> {
        let Self { filter, audience, sort, facets: wanted, needs, plain, opening, cut, tag } = self;
        let scope = Scope::of(conn, filter, tag, audience)?;
        let mut made_of = scope.made_of();
        let exact = cut.count || !wanted.is_empty() || !(by_date(sort) || sort == Sort::Relevance);
        let indexed = scope.is_indexed(sort, &cut);
        let counted = wanted.iter().any(|facet| !is_kept(&scope, *facet));
        let found = if indexed && !counted { None } else { postings.find(conn, &scope, sort, exact)? };
        let facets = match wanted.as_slice() {
            [] => None,
            wanted => Some(facets(conn, postings, &scope, found.as_ref(), wanted)?),
        };
        let (ids, extent) = list(conn, &scope, found.as_ref().filter(|_| !indexed), sort, &cut)?;
        let (cards, next_change) = match if plain { stored_cards(conn, &ids, opening)? } else { None } {
            Some((stored, next_change)) => (Cards::Stored(stored), next_change),
            None => (Cards::Read(cards(conn, &ids, needs, audience)?), next_change(conn)?),
        };
        if facets.is_some() {
            made_of.extend([Part::Tags, Part::Authors]);
        }
        Ok(Page { cards, extent, made_of, facets, next_change })
    }

    /// The same for articles with a tag, whatever else was asked.
    pub fn tagged(self, tag: TagScope) -> Self {
        Self { tag: Some(tag), ..self }
    }
}

impl Page {
    /// The surrogate keys of what it shows, separated by spaces.
    pub fn shown(&self) -> String {
        match &self.cards {
            Cards::Stored(cards) => cards.iter().flat_map(|card| [&card.shown, " "]).collect(),
            Cards::Read(cards) => cards.iter().map(|card| card.shown() + " ").collect(),
        }
    }

    /// What it is made of.
    pub fn made_of(&self) -> Vec<Part> {
        let cards: Vec<Part> = match &self.cards {
            Cards::Stored(cards) => cards.iter().flat_map(StoredCard::made_of).collect(),
            Cards::Read(cards) => cards.iter().flat_map(Card::made_of).collect(),
        };
        cards.into_iter().chain(self.made_of.iter().copied()).chain([Part::Schedule]).collect()
    }

    /// When the clock alone will next change what the public sees.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }
}

impl Cards {
    fn write(self, render: &Render<'_>) -> Result<CardsJson, DbError> {
        let mut json = CardsJson::default();
        match self {
            Self::Stored(cards) => {
                let (words, urls) = (render.shape.excerpt_words, Urls(render.url_template));
                json.reserve(cards.iter().map(|card| card.length(words)).sum());
                for StoredCard { set, opening, word_count, .. } in &cards {
                    json.push(|out| set.write(out, (opening, *word_count), words, urls));
                }
            }
            Self::Read(cards) => {
                for card in cards {
                    let card = render.sparse(card)?;
                    json.push(|out| out.extend_from_slice(card.get().as_bytes()));
                }
            }
        }
        Ok(json)
    }
}
