//! Authors on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AuthorInput;
use super::rows::AuthorRow;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::http::sparse::Json;
use crate::http::{Links, PageInfo};
use crate::manage::Patch;
use crate::records::{AuthorRecord, Invalid, checked_author};

/// Who stands in a byline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    #[schema(example = 1)]
    pub id: i64,
    #[schema(example = "dina-vetrova")]
    pub slug: String,
    /// Plain text.
    #[schema(example = "Dina Vetrova")]
    pub name: String,
    /// Plain text.
    pub bio: String,
    /// Public articles; pages not counted.
    #[schema(example = 23)]
    pub article_count: i64,
}

/// A page of authors.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorList {
    #[schema(value_type = Vec<Author>)]
    pub data: Vec<Json>,
    pub page: PageInfo,
    pub links: Links,
}

/// An author as the newsroom sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedAuthor {
    #[serde(flatten)]
    pub author: Author,
    /// Whether anyone may see it. One whom a draft names first is hidden until an article shows it.
    pub public: bool,
    pub modified_at: Timestamp,
}

/// A page of authors as the newsroom sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedAuthorList {
    pub data: Vec<ManagedAuthor>,
    pub page: PageInfo,
    pub links: Links,
}

/// An author to be created.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthor {
    /// Made of the name when absent, with a number behind it where that is taken.
    #[schema(example = "dina-vetrova")]
    pub slug: Option<String>,
    /// Plain text.
    #[schema(example = "Dina Vetrova")]
    pub name: String,
    /// Plain text.
    #[serde(default)]
    pub bio: String,
}

/// What is to change of an author; absent members stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorPatch {
    /// The former one leads to it, if anyone could see that.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "dina-vetrova")]
    pub slug: Patch<String>,
    /// Plain text.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "Dina Vetrova")]
    pub name: Patch<String>,
    /// Plain text; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Covers rail and ports.")]
    pub bio: Patch<String>,
}

impl From<AuthorRow> for Author {
    fn from(row: AuthorRow) -> Self {
        let AuthorRow { id, slug, name, name_key: _, bio, article_count, modified_at: _, audience: _ } = row;
        Self { id, slug, name, bio, article_count }
    }
}

impl From<AuthorRow> for ManagedAuthor {
    fn from(row: AuthorRow) -> Self {
        let (public, modified_at) = (row.audience == Audience::Everyone, row.modified_at);
        Self { author: row.into(), public, modified_at }
    }
}

impl NewAuthor {
    /// What is to be stored, under a slug that was made where none was given.
    pub fn checked(self, made: Option<String>) -> Result<AuthorInput, Vec<Invalid>> {
        let Self { slug, name, bio } = self;
        checked_author(AuthorRecord { slug: slug.or(made).unwrap_or_default(), name, bio })
    }
}

impl AuthorPatch {
    /// What an author is to become.
    pub fn checked(self, present: AuthorInput) -> Result<AuthorInput, Vec<Invalid>> {
        let Self { slug: new_slug, name: new_name, bio: new_bio } = self;
        let AuthorInput { mut slug, mut name, mut bio } = present;
        let mut faults = Vec::new();
        new_slug.onto_required(&mut slug, "slug", &mut faults);
        new_name.onto_required(&mut name, "name", &mut faults);
        new_bio.onto_default(&mut bio);
        Invalid::all(faults, checked_author(AuthorRecord { slug, name, bio }))
    }
}
