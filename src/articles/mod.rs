//! Articles: what the newsroom publishes. Lists, details, search, related stories, and the one visibility rule.

pub mod card;
pub mod draft;
mod edges;
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
pub use whole::Details;
pub use wire::{ArticleList, Render};

/// What an article is. `page` (about, contact) is in a list only when asked for by `kind=page`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    EnumString,
    AsRefStr,
    VariantArray,
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

/// A BCP 47 language tag in the form that is stored, whatever its letters' case: `en`, `uz-Cyrl`, `en-US`. The error finishes a
/// sentence.
pub fn read_lang(text: &str) -> Result<String, &'static str> {
    let mut parts = text.split('-');
    let is_primary = |part: &&str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_part = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let primary = parts.next().filter(is_primary);
    let (Some(primary), true) = (primary, parts.clone().all(is_part) && text.len() <= 35) else {
        return Err("is not a language tag such as `en` or `uz-Cyrl`");
    };
    let cased = |part: &str| match (part.len(), part.as_bytes()[0].is_ascii_alphabetic()) {
        // A region and a script.
        (2, _) => part.to_ascii_uppercase(),
        (4, true) => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
        _ => part.to_ascii_lowercase(),
    };
    Ok(std::iter::once(primary.to_ascii_lowercase()).chain(parts.map(cased)).collect::<Vec<_>>().join("-"))
}
