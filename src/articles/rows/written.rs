//! Rows of the article tables as they are written.

use diesel::prelude::*;

use super::{CardRow, SourceFormat};
use crate::articles::input::Prepared;
use crate::articles::visibility::Visibility;
use crate::articles::{BodyFormat, Kind, Status};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_bodies, article_media, article_tags, articles, corrections};
use crate::text::SANITISER_VERSION;

/// Every column that a write sets, all but `id` and `created_at`.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = articles, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ArticleValues {
    pub guid: String,
    pub slug: String,
    pub kind: Kind,
    pub lang: String,
    pub translation_group: Option<String>,
    pub status: Status,
    pub public: bool,
    pub embargoed: bool,
    pub was_public: bool,
    pub title: String,
    pub title_key: String,
    pub standfirst: Option<String>,
    pub opening: String,
    pub word_count: i64,
    pub hero_id: Option<i64>,
    pub canonical_url: Option<String>,
    pub rights: Option<String>,
    pub published_at: Option<Timestamp>,
    pub published_year: Option<i64>,
    pub first_published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub next_transition_at: Option<Timestamp>,
    pub killed_at: Option<Timestamp>,
    pub kill_reason: Option<String>,
    pub replaced_by: Option<String>,
    pub updated_at: Timestamp,
    pub modified_at: Timestamp,
    pub version: i64,
    pub digest: String,
}

impl ArticleValues {
    /// Whether lists without `kind=page` show it.
    pub fn listed(&self) -> bool {
        self.public && self.kind != Kind::Page
    }

    /// Who may see it.
    pub fn audience(&self) -> Audience {
        let Self { public, embargoed, next_transition_at, .. } = *self;
        Visibility { public, embargoed, next_transition_at }.audience()
    }

    /// What a card shows of it.
    pub fn card(&self, id: i64) -> CardRow {
        let Self { word_count, published_at, first_published_at, updated_at, modified_at, version, .. } = *self;
        CardRow {
            id,
            guid: self.guid.clone(),
            slug: self.slug.clone(),
            kind: self.kind,
            lang: self.lang.clone(),
            translation_group: self.translation_group.clone(),
            title: self.title.clone(),
            standfirst: self.standfirst.clone(),
            opening: self.opening.clone(),
            word_count,
            published_at,
            first_published_at,
            updated_at,
            modified_at,
            version,
            rights: self.rights.clone(),
            canonical_url: self.canonical_url.clone(),
        }
    }
}

/// An article that is new.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = articles, treat_none_as_default_value = false)]
pub struct NewArticle {
    #[diesel(embed)]
    pub values: ArticleValues,
    pub created_at: Timestamp,
}

impl NewArticle {
    /// Its identity.
    pub fn guid(&self) -> &str {
        &self.values.guid
    }
}

/// An author of an article.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = article_authors, treat_none_as_default_value = false)]
pub struct AuthorLink {
    pub article_id: i64,
    pub author_id: i64,
    pub position: i64,
    pub listed: bool,
    pub published_at: Option<Timestamp>,
}

/// A tag of an article.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = article_tags, treat_none_as_default_value = false)]
pub struct TagLink {
    pub article_id: i64,
    pub tag_id: i64,
    pub position: i64,
    pub listed: bool,
    pub published_at: Option<Timestamp>,
}

/// A medium of an article beyond its hero.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = article_media, treat_none_as_default_value = false)]
pub struct MediaLink {
    pub article_id: i64,
    pub media_id: i64,
    pub position: i64,
}

/// A correction to be stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = corrections, treat_none_as_default_value = false)]
pub struct NewCorrection<'a> {
    pub article_id: i64,
    pub corrected_at: Timestamp,
    pub text: &'a str,
}

/// Every column of a body.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = article_bodies, treat_none_as_default_value = false)]
pub struct BodyValues<'a> {
    pub article_id: i64,
    pub source: &'a str,
    pub source_format: SourceFormat,
    pub html: &'a str,
    pub sanitiser_version: i64,
}

impl<'a> BodyValues<'a> {
    /// The columns of an article's body.
    pub fn of(article_id: i64, article: &'a Prepared) -> Self {
        let Prepared { input, guid: _, digest: _, body, indexed: _ } = article;
        let (source, source_format) = match input.body.format {
            BodyFormat::Html if input.body.source == body.html => ("", SourceFormat::Served),
            BodyFormat::Html => (input.body.source.as_str(), SourceFormat::Html),
            BodyFormat::Markdown => (input.body.source.as_str(), SourceFormat::Markdown),
        };
        Self { article_id, source, source_format, html: &body.html, sanitiser_version: SANITISER_VERSION }
    }
}
