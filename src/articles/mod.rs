//! Articles: what the newsroom publishes. Lists, details, search, related stories, and the one visibility rule.

pub mod card;
pub mod draft;
mod facets;
pub mod filter;
pub mod input;
pub mod lifecycle;
mod lists;
mod newest;
mod page;
pub mod params;
mod postings;
pub mod queries;
mod related;
pub mod routes;
pub mod rows;
pub mod search;
pub mod visibility;
mod whole;
mod wire;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

pub use lists::Lists;
pub use page::{Page, PageRequest};
pub use related::Related;
pub use wire::{ArticleList, Render};

/// What an article is. `page` (about, contact) is in a list only when asked for by `kind=page`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumString, AsRefStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Kind {
    News,
    Opinion,
    Analysis,
    Interview,
    Photo,
    Video,
    Page,
}

/// Where an article is in its life.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumString, AsRefStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[schema(as = ArticleStatus)]
pub enum Status {
    Draft,
    Scheduled,
    Published,
    Withdrawn,
    Killed,
}

/// What a body was written in.
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
pub enum BodyFormat {
    #[default]
    Html,
    Markdown,
}

/// Whether a text is a BCP 47 language tag in the form that is stored: `en`, `uz-Cyrl`.
pub fn is_lang(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary =
        parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase()));
    let rest = parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    primary && rest && text.len() <= 35
}
