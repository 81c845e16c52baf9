//! Articles on the wire.

pub mod managed;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Kind;
use super::filter::Facet;
use super::input::OPENING_WORDS;
use super::params::{BodyAs, Shape};
use super::queries::FacetCount;
use super::rows::{BodyRow, Card, CardRow, CorrectionRow, Detail, Named, TagOnCard, TeaserRow, Translation};
use super::search::{Query, highlight, snippet};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::json::from_json;
use crate::http::sparse::{Json, keep_fields};
use crate::http::{Links, PageInfo};
use crate::media::{Media, Rights};
use crate::tags::TagKind;
use crate::text;

/// Words in the excerpt of a search result around its first match.
const SNIPPET_WORDS: usize = 40;

/// Everything that a list shows of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleCard {
    #[schema(example = 128)]
    pub id: i64,
    /// Identity that outlives slugs.
    #[schema(example = "urn:uuid:0f4e2f0c-6f0b-5d0e-9b8e-0a8f0f6b2c11")]
    pub guid: String,
    #[schema(example = "grain-terminal-opens-in-alat")]
    pub slug: String,
    /// On the publisher's site.
    #[schema(example = "/articles/grain-terminal-opens-in-alat")]
    pub url: String,
    pub kind: Kind,
    /// BCP 47.
    #[schema(example = "en")]
    pub lang: String,
    pub translations: Vec<ArticleTranslation>,
    /// Plain text; may be empty.
    #[schema(example = "Grain terminal opens in Alat")]
    pub title: String,
    /// Hand-written lead, plain text.
    pub standfirst: Option<String>,
    /// The first `excerpt_words` words of the text, followed by `...` if something was cut.
    #[schema(example = "The first barge was loaded before sunrise...")]
    pub excerpt: String,
    /// In byline order.
    pub authors: Vec<NamedLink>,
    pub tags: Vec<TagLink>,
    pub hero: Option<Media>,
    #[schema(example = 412)]
    pub word_count: i64,
    #[schema(example = 2)]
    pub reading_minutes: i64,
    pub published_at: Timestamp,
    pub first_published_at: Timestamp,
    /// Of the last editorial change.
    pub updated_at: Timestamp,
    /// Grows with every editorial change.
    #[schema(example = 1)]
    pub version: i64,
    /// Only where `body` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Only with `highlight=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlight: Option<Highlight>,
}

/// The same story in another language.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleTranslation {
    #[schema(example = "ru")]
    pub lang: String,
    pub id: i64,
    pub slug: String,
    pub url: String,
}

/// A name with the slug that leads to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedLink {
    #[schema(example = "dina-vetrova")]
    pub slug: String,
    #[schema(example = "Dina Vetrova")]
    pub name: String,
}

/// A tag on an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagLink {
    #[schema(example = "azerbaijan")]
    pub slug: String,
    #[schema(example = "Azerbaijan")]
    pub name: String,
    pub kind: TagKind,
}

/// Where a search matched: HTML in which everything is escaped but `<mark>`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Highlight {
    #[schema(example = "Grain <mark>terminal</mark> opens in Alat")]
    pub title: String,
    /// About 40 words around the densest match.
    pub excerpt: String,
}

/// A page of articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleList {
    #[schema(value_type = Vec<ArticleCard>)]
    pub data: Vec<Json>,
    pub page: PageInfo,
    pub links: Links,
    /// Only with `facets`: counts over everything that the filters select, the 50 most frequent values of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<BTreeMap<&'static str, Vec<FacetValue>>>,
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
    /// Public corrections, the oldest first.
    pub corrections: Vec<Correction>,
    /// Media that the story uses beside its hero.
    pub media: Vec<Media>,
    pub rights: Option<Rights>,
    /// Where the original stands, when that is elsewhere.
    pub canonical_url: Option<String>,
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

/// A public correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    pub corrected_at: Timestamp,
    /// Plain text.
    #[schema(example = "An earlier version gave the wrong depth of the harbour.")]
    pub text: String,
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
        let Card { article, authors, tags, hero, translations, body } = card;
        let highlight = self.query.map(|query| self.highlight(query, &article, body.as_ref()));
        let CardRow {
            id,
            guid,
            slug,
            kind,
            lang,
            translation_group: _,
            title,
            standfirst,
            opening,
            word_count,
            published_at,
            first_published_at,
            updated_at,
            version,
        } = article;
        let published_at = published_at.ok_or_else(|| DbError::Corrupt(format!("public article {id} has no date")))?;
        let words = word_count as usize;
        Ok(ArticleCard {
            id,
            guid,
            url: self.url(&slug),
            slug,
            kind,
            lang,
            translations: translations.into_iter().map(|other| self.translation(other)).collect(),
            title,
            standfirst,
            excerpt: text::words::excerpt_of_opening(&opening, OPENING_WORDS, self.shape.excerpt_words, words),
            authors: authors.into_iter().map(|Named { slug, name }| NamedLink { slug, name }).collect(),
            tags: tags.into_iter().map(|TagOnCard { slug, name, kind }| TagLink { slug, name, kind }).collect(),
            hero: hero.map(Media::from),
            word_count,
            reading_minutes: text::words::reading_minutes(words),
            published_at,
            first_published_at: first_published_at.unwrap_or(published_at),
            updated_at,
            version,
            body: body.and_then(|body| self.body(body)),
            highlight,
        })
    }

    /// A card with only the fields that were asked for.
    pub fn sparse(&self, card: Card) -> Result<Json, DbError> {
        self.keep(&self.card(card)?)
    }

    /// A detail with only the fields that were asked for.
    pub fn detail(&self, detail: Detail) -> Result<Json, DbError> {
        let Detail { card, rights, canonical_url, corrections, media, previous, next, related } = detail;
        let detail = ArticleDetail {
            card: self.card(card)?,
            corrections: corrections.into_iter().map(Correction::from).collect(),
            media: media.into_iter().map(Media::from).collect(),
            rights: rights.as_deref().map(from_json).transpose()?,
            canonical_url,
            previous: previous.and_then(|row| self.teaser(row)),
            next: next.and_then(|row| self.teaser(row)),
            related: related.into_iter().filter_map(|row| self.teaser(row)).collect(),
        };
        self.keep(&detail)
    }

    fn keep(&self, value: &impl Serialize) -> Result<Json, DbError> {
        keep_fields(value, &self.shape.fields).map_err(|error| DbError::Corrupt(error.to_string()))
    }

    fn url(&self, slug: &str) -> String {
        let slug = percent_encoding::utf8_percent_encode(slug, percent_encoding::NON_ALPHANUMERIC).to_string();
        self.url_template.replace("{slug}", &slug.replace("%2D", "-"))
    }

    fn translation(&self, other: Translation) -> ArticleTranslation {
        let Translation { lang, id, slug } = other;
        ArticleTranslation { lang, id, url: self.url(&slug), slug }
    }

    fn teaser(&self, row: TeaserRow) -> Option<Teaser> {
        let TeaserRow { id, slug, title, published_at } = row;
        Some(Teaser { id, url: self.url(&slug), slug, title, published_at: published_at? })
    }

    fn body(&self, body: BodyRow) -> Option<String> {
        let BodyRow { article_id: _, html, text } = body;
        match self.shape.body {
            BodyAs::None => None,
            BodyAs::Html => Some(html),
            BodyAs::Text => Some(text),
            BodyAs::Markdown => Some(text::markdown::from_html(&html)),
        }
    }

    fn highlight(&self, query: &Query, article: &CardRow, body: Option<&BodyRow>) -> Highlight {
        let text = body.map_or(article.opening.as_str(), |body| &body.text);
        Highlight { title: highlight(&article.title, query), excerpt: snippet(text, query, SNIPPET_WORDS) }
    }
}

impl From<CorrectionRow> for Correction {
    fn from(row: CorrectionRow) -> Self {
        let CorrectionRow { corrected_at, text } = row;
        Self { corrected_at, text }
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
