//! Rows of the cards that are stored beside their articles.

use diesel::prelude::*;

use super::{Beside, Card, CorrectionRow};
use crate::articles::card::{Rest, SetCard};
use crate::articles::input::LEAD_WORDS;
use crate::changes::Part;
use crate::clock::Timestamp;
use crate::db::schema::{article_bodies, article_cards, articles};
use crate::db::{DbError, LongText};
use crate::media::rows::MediaRow;
use crate::row;
use crate::text::words;

/// How much of an article's opening is read with its stored card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The first [`LEAD_WORDS`], where they are stored beside the card; all of it where they are not.
    Lead,
    Whole,
}

impl Opening {
    /// What it takes for an excerpt of so many words.
    pub fn for_excerpt(words: usize) -> Self {
        if words <= LEAD_WORDS { Self::Lead } else { Self::Whole }
    }
}

/// A card as it was set when something in it last changed, and of the article's opening what its excerpt is made of.
#[derive(Debug, Clone)]
pub struct StoredCard {
    pub id: i64,
    pub opening: String,
    pub word_count: i64,
    pub set: SetCard,
    /// The surrogate keys of what it shows, separated by spaces.
    pub shown: String,
    translations: String,
}

impl StoredCard {
    /// About how many bytes it takes in JSON with an excerpt of so many words.
    pub fn length(&self, excerpt_words: usize) -> usize {
        /// A long word, with the space after it.
        const WORD: usize = 16;
        /// Addresses, and what is escaped.
        const MORE: usize = 256;
        self.set.head.len() + self.set.tail.len() + self.opening.len().min(excerpt_words * WORD) + MORE
    }

    /// What it is made of.
    pub fn made_of(&self) -> impl Iterator<Item = Part> {
        let translations = self.translations.split(' ').filter_map(|id| id.parse().ok());
        std::iter::once(self.id).chain(translations).map(Part::Article)
    }
}

/// The columns of a stored card, with the two of its article that go with it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = article_cards)]
pub struct StoredCardRow {
    #[diesel(select_expression = articles::opening)]
    pub opening: String,
    #[diesel(select_expression = articles::word_count)]
    pub word_count: i64,
    pub article_id: i64,
    pub head: String,
    pub tail: String,
    pub keys: String,
    pub translations: String,
}

/// The columns of a [`StoredCardRow`] with no more than the lead.
#[diesel::dsl::auto_type]
pub fn brief() -> _ {
    let is_current = article_cards::lead_version.eq(articles::version.nullable());
    let lead = article_cards::lead.assume_not_null();
    (
        diesel::dsl::case_when(is_current, lead).otherwise(articles::opening),
        articles::word_count,
        article_cards::article_id,
        article_cards::head,
        article_cards::tail,
        article_cards::keys,
        article_cards::translations,
    )
}

impl From<StoredCardRow> for StoredCard {
    fn from(row: StoredCardRow) -> Self {
        let StoredCardRow { opening, word_count, article_id: id, head, tail, keys: shown, translations } = row;
        Self { id, opening, word_count, set: SetCard { head, tail }, shown, translations }
    }
}

/// A stored card with the rest of what a detail shows of the article itself.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = article_cards)]
pub struct StoredArticleRow {
    #[diesel(embed)]
    pub card: StoredCardRow,
    /// Members of the detail, in JSON.
    pub rest: String,
    #[diesel(select_expression = article_bodies::html, deserialize_as = LongText)]
    pub html: String,
}

/// A detail of which the article's own part is stored.
#[derive(Debug, Clone)]
pub struct StoredDetail {
    pub card: StoredCard,
    pub rest: String,
    pub html: String,
    pub beside: Beside,
}

impl StoredDetail {
    /// The surrogate keys of what it shows.
    pub fn shown(&self) -> String {
        self.card.shown.clone() + &self.beside.shown()
    }

    /// What it is made of, but for the choice of what is related.
    pub fn made_of(&self) -> impl Iterator<Item = Part> {
        let beside = self.beside.all().map(|teaser| Part::Article(teaser.id));
        self.card.made_of().chain(beside).chain([Part::Beside(self.card.id), Part::Schedule])
    }
}

/// The columns of a stored card that a write sets.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = article_cards, treat_none_as_default_value = false)]
pub struct StoredCardValues {
    pub article_id: i64,
    made_at: Timestamp,
    head: String,
    tail: String,
    rest: String,
    keys: String,
    translations: String,
    lead: String,
    lead_version: i64,
}

row! { StoredCardValues => article_cards { article_id, made_at, head, tail, rest, keys, translations, lead, lead_version } }

impl StoredCardValues {
    /// Sets a card, and the rest of a detail.
    pub fn of(card: Card, corrections: Vec<CorrectionRow>, media: Vec<MediaRow>) -> Result<Self, DbError> {
        let keys = card.shown();
        let translations: Vec<String> = card.translations.iter().map(|other| other.id.to_string()).collect();
        let (article_id, made_at, lead_version) = (card.article.id, card.article.modified_at, card.article.version);
        let rest = Rest::new(&card.article, corrections, media)?.members()?;
        let lead = words::opening(&card.article.opening, LEAD_WORDS);
        let SetCard { head, tail } = SetCard::of(card)?;
        let translations = translations.join(" ");
        Ok(Self { article_id, made_at, head, tail, rest, keys, translations, lead, lead_version })
    }
}
