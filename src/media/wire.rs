//! Media on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::rows::MediaRow;
use super::{Rendition, Rights};

/// An image, video, audio or file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Media {
    #[schema(example = 17)]
    pub id: i64,
    #[schema(example = "https://media.example.org/demo/port.jpg")]
    pub url: String,
    /// Text for those who can't see it.
    #[schema(example = "A barge under a grain conveyor")]
    pub alt: String,
    #[schema(example = "The first barge at the new berth.")]
    pub caption: String,
    #[schema(example = "Example Pictures")]
    pub credit: String,
    /// Pixels.
    #[schema(example = 1600)]
    pub width: Option<i64>,
    /// Pixels.
    #[schema(example = 900)]
    pub height: Option<i64>,
    #[schema(example = "image/jpeg")]
    pub mime_type: Option<String>,
    pub rights: Option<Rights>,
    /// The same in other sizes or formats.
    pub renditions: Vec<Rendition>,
}

impl From<MediaRow> for Media {
    fn from(row: MediaRow) -> Self {
        let MediaRow { id, url, alt, caption, credit, width, height, mime_type, rights, renditions } = row;
        Self { id, url, alt, caption, credit, width, height, mime_type, rights, renditions }
    }
}
