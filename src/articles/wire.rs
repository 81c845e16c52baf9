//! Articles on the wire.

pub mod managed;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::card::{ArticleCard, Correction, Highlight, Rest, Urls};
use super::filter::Facet;
use super::params::{BodyAs, Shape};
use super::queries::FacetCount;
use super::rows::stored::{StoredCard, StoredDetail};
use super::rows::{Beside, BodyRow, Card, CardRow, Detail, TeaserRow};
use super::search::{Query, highlight, snippet};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::sparse::{Json, keep_fields};
use crate::http::{Links, PageInfo};
use crate::text;
use crate::text::escape::push_json;

/// Words in the excerpt of a search result around its first match.
const SNIPPET_WORDS: usize = 40;

/// A page of articles.
#[derive(Debug, ToSchema)]
pub struct ArticleList {
    #[schema(value_type = Vec<ArticleCard>)]
    pub data: CardList,
    pub page: PageInfo,
    pub links: Links,
    /// Only with `facets`: counts over everything that the filters select, the 50 most frequent values of each.
    pub facets: Option<BTreeMap<&'static str, Vec<FacetValue>>>,
}

/// The cards of a page, which are not copied before it is written.
#[derive(Debug)]
pub enum CardList {
    /// As they were set, with excerpts of so many words and addresses by the publisher's template.
    Set { cards: Vec<Arc<StoredCard>>, excerpt_words: usize, url_template: String },
    /// Put together for this request.
    Json(Vec<Json>),
}

impl CardList {
    /// About how many bytes they take in JSON.
    fn length(&self) -> usize {
        match self {
            Self::Set { cards, excerpt_words, .. } => cards.iter().map(|card| card.length(*excerpt_words)).sum(),
            Self::Json(cards) => cards.iter().map(|card| card.get().len() + 1).sum(),
        }
    }

    /// Appends them in JSON, separated by commas.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Set { cards, excerpt_words, url_template } => separated(out, cards, |out, card| {
                let StoredCard { set, opening, word_count, .. } = card.as_ref();
                set.write(out, (opening, *word_count), *excerpt_words, Urls(url_template));
            }),
            Self::Json(cards) => separated(out, cards, |out, card| out.extend_from_slice(card.get().as_bytes())),
        }
    }
}

fn separated<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
}

impl ArticleList {
    /// About how many bytes it takes in JSON.
    pub fn length(&self) -> usize {
        self.data.length() + 1024
    }

    /// Appends the page in JSON.
    pub fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Self { data, page, links, facets } = self;
        out.reserve(self.length());
        out.extend_from_slice(br#"{"data":["#);
        data.write(out);
        out.extend_from_slice(br#"],"page":"#);
        serde_json::to_writer(&mut *out, page)?;
        out.extend_from_slice(br#","links":"#);
        serde_json::to_writer(&mut *out, links)?;
        if let Some(facets) = facets {
            out.extend_from_slice(br#","facets":"#);
            serde_json::to_writer(&mut *out, facets)?;
        }
        out.push(b'}');
        Ok(())
    }
}

/// A value with the number of articles that have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValue {
    #[schema(example = "azerbaijan")]
    pub value: String,
    /// For people.
    #[schema(example = "Azerbaijan")]
    pub label: String,
    #[schema(example = 71)]
    pub count: i64,
}

/// One article with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleDetail {
    #[serde(flatten)]
    pub card: ArticleCard,
    #[serde(flatten)]
    pub rest: Rest,
    #[serde(flatten)]
    pub beside: Neighbours,
}

/// The stories around one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArticleNeighbours)]
pub struct Neighbours {
    /// The story published before this one in its language.
    pub previous: Option<Teaser>,
    /// The story published after this one in its language.
    pub next: Option<Teaser>,
    /// The five most related stories; `/related` has more, with cards.
    pub related: Vec<Teaser>,
}

/// A link to an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Teaser {
    pub id: i64,
    pub slug: String,
    pub url: String,
    pub title: String,
    pub published_at: Timestamp,
}

/// The corrections of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionList {
    pub data: Vec<Correction>,
}

/// Related articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedList {
    #[schema(value_type = Vec<ArticleCard>)]
    pub data: Vec<Json>,
}

/// What turns rows into wire types, beyond the rows.
#[derive(Debug, Clone)]
pub struct Render<'a> {
    pub shape: &'a Shape,
    /// What to highlight.
    pub query: Option<&'a Query>,
    /// The publisher's address of an article, `{slug}` in the place of its slug.
    pub url_template: &'a str,
}

impl Render<'_> {
    /// A card.
    pub fn card(&self, card: Card) -> Result<ArticleCard, DbError> {
        let highlight = self.query.map(|query| self.highlight(query, &card.article, card.body.as_ref()));
        let body = card.body.clone().and_then(|body| self.body(body));
        let urls = Urls(self.url_template);
        Ok(ArticleCard { body, highlight, ..ArticleCard::new(card, self.shape.excerpt_words, urls)? })
    }

    /// A card with only the fields that were asked for.
    pub fn sparse(&self, card: Card) -> Result<Json, DbError> {
        self.keep(&self.card(card)?)
    }

    /// A detail with only the fields that were asked for.
    pub fn detail(&self, detail: Detail) -> Result<Json, DbError> {
        let Detail { card, corrections, media, beside } = detail;
        let rest = Rest::new(&card.article, corrections, media)?;
        let detail = ArticleDetail { card: self.card(card)?, rest, beside: self.neighbours(beside) };
        self.keep(&detail)
    }

    /// Appends a detail of which the article's own part is stored, with all of its members.
    pub fn stored_detail(&self, out: &mut Vec<u8>, detail: &StoredDetail) -> serde_json::Result<()> {
        let StoredDetail { card, rest, html, beside } = detail;
        out.reserve(card.opening.len() + html.len() + 4096);
        let opening = (card.opening.as_str(), card.word_count);
        card.set.write(out, opening, self.shape.excerpt_words, Urls(self.url_template));
        out.truncate(out.len() - 1);
        if self.shape.body == BodyAs::Html {
            out.extend_from_slice(br#","body":"#);
            push_json(out, [html.as_str()]);
        }
        out.push(b',');
        out.extend_from_slice(rest.as_bytes());
        let beside = serde_json::to_string(&self.neighbours(beside.clone()))?;
        out.extend_from_slice(beside.replacen('{', ",", 1).as_bytes());
        Ok(())
    }

    fn neighbours(&self, beside: Beside) -> Neighbours {
        let Beside { previous, next, related } = beside;
        Neighbours {
            previous: previous.and_then(|row| self.teaser(row)),
            next: next.and_then(|row| self.teaser(row)),
            related: related.into_iter().filter_map(|row| self.teaser(row)).collect(),
        }
    }

    fn keep(&self, value: &impl Serialize) -> Result<Json, DbError> {
        keep_fields(value, &self.shape.fields).map_err(|error| DbError::Corrupt(error.to_string()))
    }

    fn teaser(&self, row: TeaserRow) -> Option<Teaser> {
        let TeaserRow { id, slug, title, published_at } = row;
        Some(Teaser { id, url: Urls(self.url_template).of(&slug), slug, title, published_at: published_at? })
    }

    fn body(&self, body: BodyRow) -> Option<String> {
        let BodyRow { article_id: _, html } = body;
        match self.shape.body {
            BodyAs::None => None,
            BodyAs::Html => Some(html),
            BodyAs::Text => Some(text::plain_text(&html)),
            BodyAs::Markdown => Some(text::markdown::from_html(&html)),
        }
    }

    fn highlight(&self, query: &Query, article: &CardRow, body: Option<&BodyRow>) -> Highlight {
        let text = body.map_or(Cow::Borrowed(article.opening.as_str()), |body| text::plain_text(&body.html).into());
        Highlight { title: highlight(&article.title, query), excerpt: snippet(&text, query, SNIPPET_WORDS) }
    }
}

/// Facets by name.
pub fn facet_map(facets: Vec<(Facet, Vec<FacetCount>)>) -> BTreeMap<&'static str, Vec<FacetValue>> {
    let value = |FacetCount { value, label, count }| FacetValue { value, label, count };
    let name = |facet| match facet {
        Facet::Tag => "tag",
        Facet::Author => "author",
        Facet::Kind => "kind",
        Facet::Lang => "lang",
        Facet::Year => "year",
    };
    facets.into_iter().map(|(facet, counts)| (name(facet), counts.into_iter().map(value).collect())).collect()
}
