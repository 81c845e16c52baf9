//! Cards: what a list shows of an article, and the form in which that is stored beside it.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use super::Kind;
use super::input::OPENING_WORDS;
use super::rows::{Card, CardRow, CorrectionRow, Named, TagOnCard, Translation};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::json::from_json;
use crate::media::rows::MediaRow;
use crate::media::{Media, Rights};
use crate::tags::TagKind;
use crate::text::escape::push_json;
use crate::text::words;

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

/// What a detail shows of the article itself beyond its card.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ArticleExtras)]
pub struct Rest {
    /// Public corrections, the oldest first.
    pub corrections: Vec<Correction>,
    /// Media that the story uses beside its hero.
    pub media: Vec<Media>,
    pub rights: Option<Rights>,
    /// Where the original stands, when that is elsewhere.
    pub canonical_url: Option<String>,
}

/// A public correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    pub corrected_at: Timestamp,
    /// Plain text.
    #[schema(example = "An earlier version gave the wrong depth of the harbour.")]
    pub text: String,
}

impl From<CorrectionRow> for Correction {
    fn from(row: CorrectionRow) -> Self {
        let CorrectionRow { corrected_at, text } = row;
        Self { corrected_at, text }
    }
}

impl Rest {
    /// Of an article with its corrections and media.
    pub fn new(article: &CardRow, corrections: Vec<CorrectionRow>, media: Vec<MediaRow>) -> Result<Self, DbError> {
        Ok(Self {
            corrections: corrections.into_iter().map(Correction::from).collect(),
            media: media.into_iter().map(Media::from).collect(),
            rights: article.rights.as_deref().map(from_json).transpose()?,
            canonical_url: article.canonical_url.clone(),
        })
    }

    /// Its members in JSON, as they stand in an object with others.
    pub fn members(&self) -> Result<String, DbError> {
        let json = serde_json::to_string(self).map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok(json[1..json.len() - 1].to_owned())
    }
}

/// Where an address has a slug.
static SLUG: LazyLock<Mark> = LazyLock::new(|| Mark::new("{slug}"));

/// A mark in texts, prepared once: that costs as much as to find it in one of them.
struct Mark(memmem::Finder<'static>);

impl Mark {
    fn new(mark: &'static str) -> Self {
        Self(memmem::Finder::new(mark))
    }

    /// What stands before the first one in a text and what stands after it, as [`str::split_once`] gives them at several times the cost.
    fn cut<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let at = self.0.find(text.as_bytes())?;
        Some((&text[..at], &text[at + self.0.needle().len()..]))
    }

    /// The parts of a text between them, as [`str::split`] gives them.
    fn split<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let mut rest = Some(text);
        std::iter::from_fn(move || {
            let text = rest.take()?;
            let (part, after) = self.cut(text).map_or((text, None), |(part, after)| (part, Some(after)));
            rest = after;
            Some(part)
        })
    }
}

/// The publisher's addresses of articles: a template with `{slug}` in the place of a slug.
#[derive(Debug, Clone, Copy)]
pub struct Urls<'a>(pub &'a str);

impl Urls<'_> {
    /// The address of the article with this slug.
    pub fn of(self, slug: &str) -> String {
        const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
        self.parts(&Cow::from(utf8_percent_encode(slug, ENCODED))).collect()
    }

    /// The address of the article with this slug, which is encoded, in parts.
    fn parts<'s>(self, slug: &'s str) -> impl Iterator<Item = &'s str>
    where
        Self: 's,
    {
        SLUG.split(self.0).flat_map(move |part| [slug, part]).skip(1)
    }
}

impl ArticleCard {
    /// A card with an excerpt of so many words, and without its body.
    pub fn new(card: Card, excerpt_words: usize, urls: Urls<'_>) -> Result<Self, DbError> {
        let Card { article, authors, tags, hero, translations, body: _ } = card;
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
            modified_at: _,
            version,
            rights: _,
            canonical_url: _,
        } = article;
        let published_at = published_at.ok_or_else(|| DbError::Corrupt(format!("public article {id} has no date")))?;
        let words = word_count as usize;
        let translation = |Translation { lang, id, slug }| ArticleTranslation { lang, id, url: urls.of(&slug), slug };
        Ok(Self {
            id,
            guid,
            url: urls.of(&slug),
            slug,
            kind,
            lang,
            translations: translations.into_iter().map(translation).collect(),
            title,
            standfirst,
            excerpt: words::excerpt_of_opening(&opening, OPENING_WORDS, excerpt_words, words).concat(),
            authors: authors.into_iter().map(|Named { slug, name }| NamedLink { slug, name }).collect(),
            tags: tags.into_iter().map(|TagOnCard { slug, name, kind }| TagLink { slug, name, kind }).collect(),
            hero: hero.map(Media::from),
            word_count,
            reading_minutes: words::reading_minutes(words),
            published_at,
            first_published_at: first_published_at.unwrap_or(published_at),
            updated_at,
            version,
            body: None,
            highlight: None,
        })
    }
}

/// A card in JSON but for its excerpt, whose length is asked for, and with the slugs of addresses between marks, since the
/// publisher's template for them is a matter of configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCard {
    /// Up to the excerpt.
    pub head: String,
    /// After it.
    pub tail: String,
}

/// The form of [`SetCard`]: another number has all of them set anew.
pub const FORM: &str = "1";

/// No address begins or ends with these two, which JSON has to escape.
const MARKED: Urls<'_> = Urls("\u{1}{slug}\u{2}");
/// How a marked address begins and ends in JSON. Quotes within a text are escaped, so that no text holds the first of them; the
/// second is the next one after it, and further on a text may end like that.
static MARKS: LazyLock<(Mark, Mark)> = LazyLock::new(|| (Mark::new(r#""url":"\u0001"#), Mark::new(r#"\u0002""#)));
const EXCERPT: &str = r#""excerpt":"#;

impl SetCard {
    /// Sets a card.
    pub fn of(card: Card) -> Result<Self, DbError> {
        let words = card.article.word_count;
        let (word_count, reading_minutes) = (words, words::reading_minutes(words as usize));
        let article = CardRow { opening: String::new(), word_count: 0, ..card.article };
        let set = ArticleCard::new(Card { article, ..card }, 0, MARKED)?;
        let json = serde_json::to_string(&ArticleCard { word_count, reading_minutes, ..set });
        let json = json.map_err(|error| DbError::Corrupt(error.to_string()))?;
        let (head, tail) = json
            .split_once(r#""excerpt":"""#)
            .ok_or_else(|| DbError::Corrupt(format!("a card without an excerpt: {json}")))?;
        Ok(Self { head: format!("{head}{EXCERPT}"), tail: tail.to_owned() })
    }

    /// Appends the card in JSON, with the excerpt that is asked for of the article's opening.
    pub fn write(&self, out: &mut Vec<u8>, opening: (&str, i64), excerpt_words: usize, urls: Urls<'_>) {
        let (begin, end) = &*MARKS;
        let mut parts = begin.split(&self.head);
        out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
        for part in parts {
            let (slug, rest) = end.cut(part).unwrap_or_default();
            out.extend_from_slice(br#""url":"#);
            push_json(out, urls.parts(slug));
            out.extend_from_slice(rest.as_bytes());
        }
        let (opening, words) = opening;
        push_json(out, words::excerpt_of_opening(opening, OPENING_WORDS, excerpt_words, words as usize));
        out.extend_from_slice(self.tail.as_bytes());
    }
}
