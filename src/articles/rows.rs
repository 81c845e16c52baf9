//! Rows of the article tables: those that are read, and those that are written.

pub mod stored;
mod written;

use diesel::prelude::*;
use strum::{AsRefStr, EnumString};

use super::input::Correction;
use super::lifecycle::State;
use super::visibility::{Terms, Visibility};
use super::{BodyFormat, Kind, Status};
use crate::changes::{Audience, Part};
use crate::clock::Timestamp;
use crate::db::LongText;
use crate::db::schema::{article_bodies, articles, corrections, revisions};
use crate::media::rows::MediaRow;

pub use written::{ArticleValues, AuthorLink, BodyValues, MediaLink, NewArticle, NewCorrection, TagLink};

crate::text_column!(Kind, Status, SourceFormat);

/// What a card shows of the article itself.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct CardRow {
    pub id: i64,
    pub guid: String,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub title: String,
    pub standfirst: Option<String>,
    pub opening: String,
    pub word_count: i64,
    pub published_at: Option<Timestamp>,
    pub first_published_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    pub modified_at: Timestamp,
    pub version: i64,
    pub rights: Option<String>,
    pub canonical_url: Option<String>,
}

/// A name with the slug that leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub slug: String,
    pub name: String,
}

/// A tag on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagOnCard {
    pub slug: String,
    pub name: String,
    pub kind: crate::tags::TagKind,
}

/// The same story in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub lang: String,
    pub id: i64,
    pub slug: String,
}

/// A complete card.
#[derive(Debug, Clone)]
pub struct Card {
    pub article: CardRow,
    pub authors: Vec<Named>,
    pub tags: Vec<TagOnCard>,
    pub hero: Option<MediaRow>,
    pub translations: Vec<Translation>,
    pub body: Option<BodyRow>,
}

impl Card {
    /// The surrogate keys of what it shows, separated by spaces: of itself, its tags, its authors.
    pub fn shown(&self) -> String {
        let tags = self.tags.iter().map(|tag| format!(" t-{}", tag.slug));
        let authors = self.authors.iter().map(|author| format!(" w-{}", author.slug));
        std::iter::once(format!("a-{}", self.article.id)).chain(tags).chain(authors).collect()
    }
}

impl Card {
    /// What it is made of. Names of tags and authors are noted with the articles that show them.
    pub fn made_of(&self) -> impl Iterator<Item = Part> {
        let translations = self.translations.iter().map(|other| other.id);
        std::iter::once(self.article.id).chain(translations).map(Part::Article)
    }
}

/// The stories around one, all of them public.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    pub previous: Option<TeaserRow>,
    pub next: Option<TeaserRow>,
    pub related: Vec<TeaserRow>,
}

impl Beside {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &TeaserRow> {
        self.previous.iter().chain(&self.next).chain(&self.related)
    }

    /// Their surrogate keys with a space before each, as they follow those of the article.
    pub fn shown(&self) -> String {
        self.all().map(|teaser| format!(" a-{}", teaser.id)).collect()
    }
}

/// What an export says of the article itself.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct ExportRow {
    pub id: i64,
    pub guid: String,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub embargoed: bool,
    pub title: String,
    pub standfirst: Option<String>,
    pub word_count: i64,
    pub hero_id: Option<i64>,
    pub canonical_url: Option<String>,
    pub rights: Option<String>,
    pub published_at: Option<Timestamp>,
    pub first_published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// A stored body.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = article_bodies)]
pub struct BodyRow {
    pub article_id: i64,
    #[diesel(deserialize_as = LongText)]
    pub html: String,
}

/// A link to another article.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct TeaserRow {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub published_at: Option<Timestamp>,
}

/// What stands around an article, by ids.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct SurroundingsRow {
    pub id: i64,
    kind: Kind,
    previous: Option<i64>,
    next: Option<i64>,
    tags: Option<String>,
}

impl SurroundingsRow {
    /// The stories that were published just before and after it in its language; a page has none.
    pub fn neighbours(&self) -> (Option<i64>, Option<i64>) {
        if self.kind == Kind::Page { (None, None) } else { (self.previous, self.next) }
    }

    /// Its tags, in the order of their ids.
    pub fn tags(&self) -> Vec<i64> {
        let mut tags: Vec<i64> =
            self.tags.iter().flat_map(|tags| tags.split(' ')).filter_map(|id| id.parse().ok()).collect();
        tags.sort_unstable();
        tags
    }
}

/// When a public article was published, in microseconds, and its id: the newest first is the greatest first.
pub type Offered = (i64, i64);

/// What a tag offers to those who look for related stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Of the whole tag.
    pub article_count: i64,
    /// Its newest articles, the newest first.
    pub newest: Vec<Offered>,
}

/// What a detail shows beyond a card.
#[derive(Debug, Clone)]
pub struct Detail {
    pub card: Card,
    pub corrections: Vec<CorrectionRow>,
    pub media: Vec<MediaRow>,
    pub beside: Beside,
}

impl Detail {
    /// The surrogate keys of what it shows: also of the stories beside it, whose titles must go when they do.
    pub fn shown(&self) -> String {
        self.card.shown() + &self.beside.shown()
    }
}

impl Detail {
    /// What it is made of, but for the choice of what is related.
    pub fn made_of(&self) -> impl Iterator<Item = Part> {
        let beside = self.beside.all().map(|teaser| Part::Article(teaser.id));
        self.card.made_of().chain(beside).chain([Part::Beside(self.card.article.id), Part::Schedule])
    }
}

/// A public correction.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = corrections)]
pub struct CorrectionRow {
    pub corrected_at: Timestamp,
    pub text: String,
}

impl From<&Correction> for CorrectionRow {
    fn from(Correction { at, text }: &Correction) -> Self {
        Self { corrected_at: *at, text: text.clone() }
    }
}

/// What a key leads to before it is known whether the caller may see it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct KeyRow {
    pub id: i64,
    pub slug: String,
    pub status: Status,
    pub public: bool,
    pub embargoed: bool,
    pub was_public: bool,
    pub kill_reason: Option<String>,
    pub replaced_by: Option<String>,
}

/// The state of a stored article that a write must know.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct StateRow {
    pub id: i64,
    pub guid: String,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub status: Status,
    pub public: bool,
    pub embargoed: bool,
    pub was_public: bool,
    pub hero_id: Option<i64>,
    pub published_at: Option<Timestamp>,
    pub first_published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub modified_at: Timestamp,
    pub version: i64,
    pub digest: String,
}

impl StateRow {
    /// Who may see it, as it is stored.
    pub fn audience(&self) -> Audience {
        let Self { public, embargoed, .. } = *self;
        Visibility { public, embargoed, next_transition_at: None }.audience()
    }

    /// Whether lists without `kind=page` show it.
    pub fn listed(&self) -> bool {
        self.public && self.kind != Kind::Page
    }

    /// What the visibility rule says of it at an instant.
    pub fn visibility(&self, now: Timestamp) -> Visibility {
        let Self { status, published_at, embargo_until, expires_at, .. } = *self;
        Visibility::of(Terms { status, published_at, embargo_until, expires_at }, now)
    }
}

/// What editors see of the row itself.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct ManagedRow {
    pub id: i64,
    pub guid: String,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub status: Status,
    pub title: String,
    pub standfirst: Option<String>,
    pub canonical_url: Option<String>,
    pub rights: Option<String>,
    pub published_at: Option<Timestamp>,
    pub first_published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub killed_at: Option<Timestamp>,
    pub kill_reason: Option<String>,
    pub replaced_by: Option<String>,
    pub hero_id: Option<i64>,
    pub word_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub modified_at: Timestamp,
    pub version: i64,
}

impl ManagedRow {
    /// Where it stands at an instant, which is not before its last change: that may have been by a clock that is ahead.
    pub fn state(&self, now: Timestamp) -> State {
        let Self { status, published_at, embargo_until, expires_at, .. } = *self;
        State::of(Terms { status, published_at, embargo_until, expires_at }, now.max(self.modified_at))
    }
}

/// In which form a body's source is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, AsRefStr)]
#[strum(serialize_all = "lowercase")]
pub enum SourceFormat {
    Html,
    Markdown,
    /// It is HTML, and to the letter what is served, as it mostly is: there it is stored, and not a second time. An older
    /// version of the service does not know this, so that it won't take such a body for empty.
    Served,
}

/// A body as it was written.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = article_bodies)]
pub struct ArticleSource {
    source: String,
    source_format: SourceFormat,
    html: LongText,
}

impl ArticleSource {
    /// The text, and in which format it is.
    pub fn into_text(self) -> (String, BodyFormat) {
        match self.source_format {
            SourceFormat::Html => (self.source, BodyFormat::Html),
            SourceFormat::Markdown => (self.source, BodyFormat::Markdown),
            SourceFormat::Served => (self.html.into(), BodyFormat::Html),
        }
    }
}

/// A stored revision.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = revisions)]
pub struct RevisionRow {
    pub version: i64,
    pub at: Timestamp,
    pub key_id: Option<i64>,
    pub key_name: String,
    pub action: String,
    pub record: String,
}
