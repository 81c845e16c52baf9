//! An article to be stored, with nothing in it left to check.

use serde::Serialize;

use super::search::Indexed;
use super::{BodyFormat, Kind, Status};
use crate::clock::Timestamp;
use crate::db::{Backend, LongText};
use crate::media::{MediaInput, Rights};
use crate::tags::TagKind;
use crate::text;

/// A complete article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleInput {
    pub guid: Identity,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub status: Status,
    pub title: String,
    pub standfirst: Option<String>,
    pub body: BodyInput,
    pub canonical_url: Option<String>,
    pub rights: Option<Rights>,
    pub published_at: Option<Timestamp>,
    pub first_published_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub authors: Vec<Byline>,
    pub tags: Vec<Tagging>,
    pub hero: Option<MediaInput>,
    pub media: Vec<MediaInput>,
    pub corrections: Vec<Correction>,
    pub former_slugs: Vec<String>,
    pub kill: Option<Kill>,
}

/// How an article is found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Identity {
    /// By an identity that its source gave it.
    Given(String),
    /// By its slug. The identity of a new article is derived from the slug, so that it is the same on every machine.
    Slug,
}

/// The namespace of identities that are derived here.
const NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x5b0c_7c5e_9d1f_4e56_8f0e_7861_6261_7200);

/// A stable identity made from what something is.
pub fn derived_guid(what: &str, name: &str) -> String {
    uuid::Uuid::new_v5(&NAMESPACE, format!("{what}:{name}").as_bytes()).urn().to_string()
}

/// A body as written. What is served is derived from it by [`Body::of`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BodyInput {
    pub source: String,
    pub format: BodyFormat,
}

/// An author in a byline; created when the slug is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Byline {
    pub slug: String,
    #[serde(skip)]
    pub name: String,
}

/// A tag of an article; created when the slug is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tagging {
    pub slug: String,
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub kind: TagKind,
}

/// A public correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    pub at: Timestamp,
    pub text: String,
}

/// A kill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kill {
    pub at: Timestamp,
    pub reason: String,
    pub replaced_by: Option<String>,
}

impl ArticleInput {
    /// The guid that it gets when it is new.
    pub fn guid(&self) -> String {
        match &self.guid {
            Identity::Given(guid) => guid.clone(),
            Identity::Slug => derived_guid("article", &self.slug),
        }
    }

    /// A hash of everything editorial. Two inputs with one digest are the same article in the same state; `scheduled` and
    /// `published` are one, since the clock alone tells them apart, and what the clock does is no change.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let text = match self.status {
            Status::Scheduled => serde_json::to_vec(&Self { status: Status::Published, ..self.clone() }),
            _ => serde_json::to_vec(self),
        }?;
        Ok(blake3::hash(&text).to_hex()[..32].to_owned())
    }
}

/// An article to be stored with all that follows from it alone, which is made before the transaction, on any thread.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub input: ArticleInput,
    /// The one that it gets when it is new.
    pub guid: String,
    pub digest: String,
    /// What lists by title are in the order of.
    pub title_key: String,
    pub body: Body,
    /// For the search.
    pub indexed: Indexed,
}

impl Prepared {
    /// Renders, measures and folds.
    pub fn new(input: ArticleInput) -> serde_json::Result<Self> {
        let digest = input.digest()?;
        Ok(Self::known_by(digest, input))
    }

    /// Makes ready what one database alone needs.
    pub fn prepare_for(&self, backend: Backend) {
        self.body.html.prepare_for(backend);
        if backend == Backend::Postgres {
            self.indexed.tsvector();
        }
    }

    /// The same under another digest than its own.
    pub fn known_by(digest: String, input: ArticleInput) -> Self {
        let body = Body::of(&input.body);
        let indexed = Indexed::new(&input.title, input.standfirst.as_deref().unwrap_or_default(), &body.text);
        let title_key = text::fold::sort_key(&input.title);
        Self { guid: input.guid(), input, digest, title_key, body, indexed }
    }
}

/// What is served of a body, and stored beside its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub html: LongText,
    pub text: String,
    pub opening: String,
    pub word_count: i64,
}

/// The longest excerpt that can be asked for, in words.
pub const OPENING_WORDS: usize = 500;
/// The longest excerpt for which the beginning of the opening will do that stands beside a stored card.
pub const LEAD_WORDS: usize = 60;

impl Body {
    /// Renders, sanitises and measures a source.
    pub fn of(input: &BodyInput) -> Self {
        let html = match input.format {
            BodyFormat::Html => text::sanitise(&input.source),
            BodyFormat::Markdown => text::sanitise(&text::markdown::to_html(&input.source)),
        };
        let html = text::shortcodes::without(html);
        let text = text::plain_text(&html);
        let opening = text::words::opening(&text, OPENING_WORDS);
        let word_count = text::words::count(&text) as i64;
        Self { html: html.into(), text, opening, word_count }
    }
}
