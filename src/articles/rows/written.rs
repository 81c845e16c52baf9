//! Rows of the article tables as they are written.

use diesel::prelude::*;

use super::{CardRow, SourceFormat};
use crate::articles::input::{LEAD_WORDS, Prepared};
use crate::articles::visibility::Visibility;
use crate::articles::{BodyFormat, Kind, Status};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::LongText;
use crate::db::schema::{article_authors, article_bodies, article_media, article_tags, articles, corrections};
use crate::row;
use crate::text::{SANITISER_VERSION, words};

/// Every column that a write sets, all but `id` and `created_at`.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = articles, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ArticleValues<'a> {
    pub guid: &'a str,
    pub slug: &'a str,
    pub kind: Kind,
    pub lang: &'a str,
    pub translation_group: Option<&'a str>,
    pub status: Status,
    pub public: bool,
    pub embargoed: bool,
    pub was_public: bool,
    pub title: &'a str,
    pub title_key: &'a str,
    pub standfirst: Option<&'a str>,
    pub opening: &'a str,
    pub word_count: i64,
    pub hero_id: Option<i64>,
    pub canonical_url: Option<&'a str>,
    pub rights: Option<String>,
    pub published_at: Option<Timestamp>,
    pub published_year: Option<i64>,
    pub first_published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub next_transition_at: Option<Timestamp>,
    pub killed_at: Option<Timestamp>,
    pub kill_reason: Option<&'a str>,
    pub replaced_by: Option<&'a str>,
    pub updated_at: Timestamp,
    pub modified_at: Timestamp,
    pub version: i64,
    pub digest: &'a str,
}

impl ArticleValues<'_> {
    /// Whether lists without `kind=page` show it.
    pub fn listed(&self) -> bool {
        self.public && self.kind != Kind::Page
    }

    /// Who may see it.
    pub fn audience(&self) -> Audience {
        let Self { public, embargoed, next_transition_at, .. } = *self;
        Visibility { public, embargoed, next_transition_at }.audience()
    }

    /// What a stored card shows of it. Of its opening there is no more than is stored beside that: a longer excerpt can't be made of it.
    pub fn card_to_store(&self, id: i64) -> CardRow {
        let Self { word_count, published_at, first_published_at, updated_at, modified_at, version, .. } = *self;
        CardRow {
            id,
            guid: self.guid.to_owned(),
            slug: self.slug.to_owned(),
            kind: self.kind,
            lang: self.lang.to_owned(),
            translation_group: self.translation_group.map(str::to_owned),
            title: self.title.to_owned(),
            standfirst: self.standfirst.map(str::to_owned),
            opening: words::opening(self.opening, LEAD_WORDS),
            word_count,
            published_at,
            first_published_at,
            updated_at,
            modified_at,
            version,
            rights: self.rights.clone(),
            canonical_url: self.canonical_url.map(str::to_owned),
        }
    }
}

/// An article that is new.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = articles, treat_none_as_default_value = false)]
pub struct NewArticle<'a> {
    #[diesel(embed)]
    pub values: ArticleValues<'a>,
    pub created_at: Timestamp,
}

row! {
    NewArticle<'_> => articles {
        created_at;
        values: ArticleValues {
            guid, slug, kind, lang, translation_group, status, public, embargoed, was_public, title, title_key,
            standfirst, opening, word_count, hero_id, canonical_url, rights, published_at, published_year,
            first_published_at, embargo_until, expires_at, next_transition_at, killed_at, kill_reason, replaced_by,
            updated_at, modified_at, version, digest,
        }
    }
}

impl NewArticle<'_> {
    /// Its identity.
    pub fn guid(&self) -> &str {
        self.values.guid
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

row! { AuthorLink => article_authors { article_id, author_id, position, listed, published_at } }

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

row! { TagLink => article_tags { article_id, tag_id, position, listed, published_at } }

/// A medium of an article beyond its hero.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = article_media, treat_none_as_default_value = false)]
pub struct MediaLink {
    pub article_id: i64,
    pub media_id: i64,
    pub position: i64,
}

row! { MediaLink => article_media { article_id, media_id, position } }

/// A correction to be stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = corrections, treat_none_as_default_value = false)]
pub struct NewCorrection<'a> {
    pub article_id: i64,
    pub corrected_at: Timestamp,
    pub text: &'a str,
}

row! { NewCorrection<'_> => corrections { article_id, corrected_at, text } }

/// Every column of a body.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = article_bodies, treat_none_as_default_value = false)]
pub struct BodyValues<'a> {
    pub article_id: i64,
    pub source: &'a str,
    pub source_format: SourceFormat,
    pub html: &'a LongText,
    pub sanitiser_version: i64,
}

row! { BodyValues<'_> => article_bodies { article_id, source, source_format, html, sanitiser_version } }

impl<'a> BodyValues<'a> {
    /// The columns of an article's body.
    pub fn of(article_id: i64, article: &'a Prepared) -> Self {
        let Prepared { input, guid: _, digest: _, title_key: _, body, indexed: _ } = article;
        let (source, source_format) = match input.body.format {
            BodyFormat::Html if input.body.source == *body.html => ("", SourceFormat::Served),
            BodyFormat::Html => (input.body.source.as_str(), SourceFormat::Html),
            BodyFormat::Markdown => (input.body.source.as_str(), SourceFormat::Markdown),
        };
        Self { article_id, source, source_format, html: &body.html, sanitiser_version: SANITISER_VERSION }
    }
}
