//! Tags on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rows::TagRow;
use super::{TagInput, TagKind};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::http::sparse::Json;
use crate::http::{Links, PageInfo};
use crate::manage::Patch;
use crate::records::{Invalid, TagRecord, checked_tag};
use crate::text::slug::{composed, is_slug};

/// What articles are about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    #[schema(example = 1)]
    pub id: i64,
    #[schema(example = "azerbaijan")]
    pub slug: String,
    /// Plain text.
    #[schema(example = "Azerbaijan")]
    pub name: String,
    pub kind: TagKind,
    /// Plain text.
    pub description: String,
    /// Slugs that lead here, in alphabetical order.
    #[schema(example = json!(["azerbaycan"]))]
    pub aliases: Vec<String>,
    /// Public articles; pages not counted.
    #[schema(example = 71)]
    pub article_count: i64,
}

/// A page of tags.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagList {
    #[schema(value_type = Vec<Tag>)]
    pub data: Vec<Json>,
    pub page: PageInfo,
    pub links: Links,
}

/// A tag as the newsroom sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedTag {
    #[serde(flatten)]
    pub tag: Tag,
    /// Slug of the tag that took its place; null while it is in use.
    pub merged_into: Option<String>,
    /// Whether anyone may see it. One that a draft names first is hidden until an article shows it.
    pub public: bool,
    pub modified_at: Timestamp,
}

/// A page of tags as the newsroom sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedTagList {
    pub data: Vec<ManagedTag>,
    pub page: PageInfo,
    pub links: Links,
}

/// A tag to be created.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    /// Made of the name when absent, with a number behind it where that is taken.
    #[schema(example = "uzbekistan")]
    pub slug: Option<String>,
    /// Plain text.
    #[schema(example = "Uzbekistan")]
    pub name: String,
    #[serde(default)]
    pub kind: TagKind,
    /// Plain text.
    #[serde(default)]
    pub description: String,
    /// Other slugs that lead to it.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What is to change of a tag; absent members stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagPatch {
    /// The former one becomes an alias, if anyone could see it.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "uzbekistan")]
    pub slug: Patch<String>,
    /// Plain text.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "Uzbekistan")]
    pub name: Patch<String>,
    /// Null for `topic`.
    #[serde(default)]
    #[schema(value_type = Option<TagKind>)]
    pub kind: Patch<TagKind>,
    /// Plain text; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "On the Amu Darya.")]
    pub description: Patch<String>,
}

/// A slug that is to lead to a tag.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlias {
    #[schema(example = "ozbekiston")]
    pub slug: String,
}

/// The tag that takes another one's place.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagMerge {
    /// Its slug, or an alias of it.
    #[schema(example = "uzbekistan")]
    pub into: String,
}

impl Tag {
    /// A tag with those of `aliases` that are its own.
    pub fn new(row: TagRow, aliases: &[(i64, String)]) -> Self {
        let TagRow {
            id,
            slug,
            name,
            name_key: _,
            kind,
            description,
            merged_into: _,
            article_count,
            modified_at: _,
            audience: _,
        } = row;
        let aliases = aliases.iter().filter(|(tag, _)| *tag == id).map(|(_, alias)| alias.clone()).collect();
        Self { id, slug, name, kind, description, aliases, article_count }
    }
}

impl ManagedTag {
    /// A tag with those of `aliases` that are its own, and with its successor's slug, which is one of `slugs`.
    pub fn new(row: TagRow, aliases: &[(i64, String)], slugs: &[(i64, String)]) -> Self {
        let successor = slugs.iter().find(|(id, _)| row.merged_into == Some(*id));
        let (merged_into, modified_at) = (successor.map(|(_, slug)| slug.clone()), row.modified_at);
        let public = row.merged_into.is_none() && row.audience == Audience::Everyone;
        Self { tag: Tag::new(row, aliases), merged_into, public, modified_at }
    }
}

impl NewTag {
    /// What is to be stored, under a slug that was made where none was given.
    pub fn checked(self, made: Option<String>) -> Result<TagInput, Vec<Invalid>> {
        let Self { slug, name, kind, description, aliases } = self;
        let slug = slug.or(made).unwrap_or_default();
        checked_tag(TagRecord { slug, name, kind, description, aliases })
    }
}

impl TagPatch {
    /// What a tag is to become.
    pub fn checked(self, present: TagInput) -> Result<TagInput, Vec<Invalid>> {
        let Self { slug: new_slug, name: new_name, kind: new_kind, description: new_description } = self;
        let TagInput { mut slug, mut name, mut kind, mut description, aliases } = present;
        let mut faults = Vec::new();
        new_slug.onto_required(&mut slug, "slug", &mut faults);
        new_name.onto_required(&mut name, "name", &mut faults);
        new_kind.onto_default(&mut kind);
        new_description.onto_default(&mut description);
        Invalid::all(faults, checked_tag(TagRecord { slug, name, kind, description, aliases }))
    }
}

impl NewAlias {
    /// A slug that may be stored.
    pub fn checked(self) -> Result<String, Vec<Invalid>> {
        let slug = composed(self.slug);
        if is_slug(&slug) {
            return Ok(slug);
        }
        let reason = "is no slug: lower-case letters and digits in groups joined by hyphens, not digits alone";
        Err(vec![Invalid { field: "slug".to_owned(), reason: reason.to_owned() }])
    }
}
