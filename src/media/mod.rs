//! Media: images, video, audio and files, with who made them and what may be done with them.

pub mod queries;
pub mod routes;
pub mod rows;
mod wire;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use wire::Media;

/// Who holds the rights, and what they allow. Plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Example Pictures")]
    pub holder: Option<String>,
    /// Name or address of the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "CC BY 4.0")]
    pub licence: Option<String>,
    /// Terms beyond the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
}

/// The same picture or film in another size or format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rendition {
    #[schema(example = "https://media.example.org/demo/port-800.jpg")]
    pub url: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 800)]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 450)]
    pub height: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "image/jpeg")]
    pub mime_type: Option<String>,
}

/// A medium to be stored, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MediaInput {
    pub guid: String,
    pub url: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub mime_type: Option<String>,
    pub rights: Option<Rights>,
    pub renditions: Vec<Rendition>,
}
