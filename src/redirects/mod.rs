//! Redirects: the former slugs of articles and authors, and the aliases of tags.

pub mod params;
pub mod queries;
pub mod routes;
pub mod rows;
mod wire;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

/// What a redirect leads to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumString, AsRefStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RedirectKind {
    Article,
    Tag,
    Author,
}
