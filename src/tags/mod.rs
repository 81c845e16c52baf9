//! Tags: what articles are about. A tag has a kind, aliases that lead to it, and a count of its public articles.

pub mod params;
pub mod queries;
pub mod routes;
pub mod rows;
mod wire;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

pub use wire::Tag;

/// What a tag names.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumString,
    AsRefStr,
    VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum TagKind {
    #[default]
    Topic,
    Country,
    Person,
    Organisation,
    Section,
}

/// A tag to be stored, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagInput {
    pub slug: String,
    pub name: String,
    pub kind: TagKind,
    pub description: String,
    pub aliases: Vec<String>,
}
