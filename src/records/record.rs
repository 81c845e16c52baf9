//! The interchange format: one JSON object a line, told apart by `type` (`article` when absent).
//!
//! This is what `xabar import ndjson` reads, what the WordPress import turns an export into, and what the export
//! writes. Unknown fields are refused, so that a misspelt one is noticed and not lost.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::articles::{BodyFormat, Kind, Status};
use crate::clock::Timestamp;
use crate::media::{Rendition, Rights};
use crate::tags::TagKind;

/// A line of an NDJSON file.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Article(Box<ArticleRecord>),
    Tag(TagRecord),
    Author(AuthorRecord),
    Media(MediaRecord),
}

/// One article, complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleRecord {
    /// Of the installation that wrote it, as in its change log; an import does not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Of the installation that wrote it; an import does not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Identity that outlives slugs. Derived from the slug when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    pub slug: String,
    pub title: String,
    pub kind: Kind,
    /// BCP 47, for example `en`, `ru`, `uz-Cyrl`.
    pub lang: String,
    pub status: Status,
    /// When it went, or is to go, live. Required unless `status` is `draft`.
    #[serde(default)]
    pub published_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_published_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Articles that carry the same word here are translations of each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translation_group: Option<String>,
    /// Hand-written lead, plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standfirst: Option<String>,
    pub body: String,
    #[serde(default)]
    pub body_format: BodyFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Rights>,
    /// In byline order.
    #[serde(default)]
    pub authors: Vec<AuthorRef>,
    #[serde(default)]
    pub tags: Vec<TagRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hero: Option<MediaRecord>,
    /// Further media that the story uses, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectionRecord>,
    /// Slugs that it had before; each answers 301 to the present one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_slugs: Vec<String>,
    /// Why it was killed; required when `status` is `killed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kill: Option<KillRecord>,
}

/// The last line of an export, of type `end`: without it the export is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRecord {
    /// Where to go on in the change log of the installation that wrote it; an import does not use it.
    #[schema(example = "9Zk0V8cYd2mJ2m3xk5Jq6ls0NzExLDAsMl0")]
    pub token: String,
}

/// A byline: the author is created when the slug is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorRef {
    pub slug: String,
    pub name: String,
}

/// A tag of an article: the tag is created when the slug is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagRef {
    pub slug: String,
    pub name: String,
    /// Only used when the tag is created.
    #[serde(default)]
    pub kind: TagKind,
}

/// A public correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRecord {
    pub at: Timestamp,
    /// Plain text.
    pub text: String,
}

/// A kill: the story is withdrawn for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillRecord {
    pub at: Timestamp,
    /// Plain text, shown with the 410.
    pub reason: String,
    /// Slug of the story that replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// An image, video, audio or file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaRecord {
    /// Identity. When absent, of a line or an article's picture it is derived from the rest; a medium that is created on its
    /// own gets a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    pub url: String,
    /// Text for those who can't see it, plain.
    #[serde(default)]
    pub alt: String,
    /// Plain text.
    #[serde(default)]
    pub caption: String,
    /// Who made it, plain text.
    #[serde(default)]
    pub credit: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// Media type, for example `image/jpeg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Rights>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition>,
}

/// A tag with what an article's reference can't say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagRecord {
    pub slug: String,
    pub name: String,
    #[serde(default)]
    pub kind: TagKind,
    /// Plain text.
    #[serde(default)]
    pub description: String,
    /// Other slugs that lead here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// An author with what a byline can't say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorRecord {
    pub slug: String,
    pub name: String,
    /// Plain text.
    #[serde(default)]
    pub bio: String,
}
