//! What editors send: a new article, and changes to one. References to authors, tags and media may name what is there
//! already.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{BodyFormat, Kind};
use crate::clock::Timestamp;
use crate::manage::Patch;
use crate::media::Rights;
use crate::records::MediaRecord;
use crate::tags::TagKind;

/// A new article; a draft until it is published. What is left out is empty.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleDraft {
    /// Plain text, one line, with something to see in it.
    #[schema(min_length = 1, example = "Grain terminal opens in Alat")]
    pub title: String,
    /// BCP 47.
    #[schema(example = "en")]
    pub lang: String,
    /// `news` when absent.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Made from the title when absent: transliterated, and with a number when it is taken.
    #[serde(default)]
    #[schema(example = "grain-terminal-opens-in-alat")]
    pub slug: Option<String>,
    /// Identity that outlives slugs; a new one when absent.
    #[serde(default)]
    pub guid: Option<String>,
    /// Articles that carry the same word here are translations of each other.
    #[serde(default)]
    pub translation_group: Option<String>,
    /// Hand-written lead, plain text.
    #[serde(default)]
    pub standfirst: Option<String>,
    /// HTML or Markdown, by `body_format`. It is kept as it was written; what is served is sanitised.
    #[serde(default)]
    #[schema(example = "<p>The first barge was loaded before sunrise.</p>")]
    pub body: String,
    #[serde(default)]
    pub body_format: BodyFormat,
    /// Where the original stands, when that is elsewhere.
    #[serde(default)]
    pub canonical_url: Option<String>,
    #[serde(default)]
    pub rights: Option<Rights>,
    /// When it is to be taken back by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Until when only keys with the scope `content:embargoed` may see it once it is published.
    #[serde(default)]
    pub embargo_until: Option<Timestamp>,
    /// In byline order.
    #[serde(default)]
    pub authors: Vec<AuthorName>,
    #[serde(default)]
    pub tags: Vec<TagName>,
    #[serde(default)]
    pub hero: Option<MediaName>,
    /// Further media that the story uses, in order.
    #[serde(default)]
    pub media: Vec<MediaName>,
}

/// Changes to an article (RFC 7396): what is absent stays, a value replaces, null takes away what may be taken away. Lists are replaced
/// whole.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticlePatch {
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, example = "Grain terminal opens in Alat after a year's delay")]
    pub title: Patch<String>,
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub lang: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Kind, required = false)]
    pub kind: Patch<Kind>,
    /// The old one then leads to the new one, if anyone could see it.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub slug: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub translation_group: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub standfirst: Patch<String>,
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub body: Patch<String>,
    #[serde(default)]
    #[schema(value_type = BodyFormat, required = false)]
    pub body_format: Patch<BodyFormat>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub canonical_url: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Rights>)]
    pub rights: Patch<Rights>,
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Patch<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Vec<AuthorName>, required = false)]
    pub authors: Patch<Vec<AuthorName>>,
    #[serde(default)]
    #[schema(value_type = Vec<TagName>, required = false)]
    pub tags: Patch<Vec<TagName>>,
    #[serde(default)]
    #[schema(value_type = Option<MediaName>)]
    pub hero: Patch<MediaName>,
    #[serde(default)]
    #[schema(value_type = Vec<MediaName>, required = false)]
    pub media: Patch<Vec<MediaName>>,
}

/// An author: one that is there by slug, or with a name a new one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorName {
    #[schema(example = "dina-vetrova")]
    pub slug: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// A tag: one that is there by slug or alias, or with a name a new one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagName {
    #[schema(example = "azerbaijan")]
    pub slug: String,
    #[serde(default)]
    pub name: Option<String>,
    /// Of a new tag.
    #[serde(default)]
    pub kind: Option<TagKind>,
}

/// A medium: one that is there by id, or a new one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "is neither `{\"id\": NUMBER}` of a medium that is there nor a new one, which has a `url`"
)]
pub enum MediaName {
    Known(MediaId),
    New(Box<MediaRecord>),
}

/// A medium that is there.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaId {
    pub id: i64,
}
