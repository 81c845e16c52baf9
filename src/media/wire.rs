//! Media on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rows::{MediaRow, StoredMedia};
use super::{MediaInput, Rendition, Rights};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::{Links, PageInfo};
use crate::manage::Patch;
use crate::records::{Invalid, MediaRecord, checked_media};

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

/// A medium as the newsroom sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedMedia {
    #[serde(flatten)]
    pub medium: Media,
    /// Identity that outlives its address.
    #[schema(example = "media:0a7c3a9d-5533-4c2f-9f7a-103f3c2f9f7a")]
    pub guid: String,
    pub modified_at: Timestamp,
}

/// A page of media as the newsroom sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedMediaList {
    pub data: Vec<ManagedMedia>,
    pub page: PageInfo,
    pub links: Links,
}

/// What is to change of a medium; absent members stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaPatch {
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "https://media.example.org/demo/port.jpg")]
    pub url: Patch<String>,
    /// Text for those who can't see it, plain; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "A barge under a grain conveyor")]
    pub alt: Patch<String>,
    /// Plain text; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "The first barge at the new berth.")]
    pub caption: Patch<String>,
    /// Plain text; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Example Pictures")]
    pub credit: Patch<String>,
    /// Pixels; null where unknown.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000, example = 1600)]
    pub width: Patch<i64>,
    /// Pixels; null where unknown.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000, example = 900)]
    pub height: Patch<i64>,
    /// Null where unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "image/jpeg")]
    pub mime_type: Patch<String>,
    /// As a whole; null where unknown.
    #[serde(default)]
    #[schema(value_type = Option<Rights>)]
    pub rights: Patch<Rights>,
    /// All of them, in the place of those that are there; null for none.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Rendition>>)]
    pub renditions: Patch<Vec<Rendition>>,
}

impl TryFrom<StoredMedia> for ManagedMedia {
    type Error = DbError;

    fn try_from(stored: StoredMedia) -> Result<Self, DbError> {
        let (guid, modified_at) = (stored.guid.clone(), stored.modified_at);
        Ok(Self { medium: MediaRow::try_from(stored)?.into(), guid, modified_at })
    }
}

impl MediaPatch {
    /// What a medium is to become.
    pub fn checked(self, present: MediaInput) -> Result<MediaInput, Vec<Invalid>> {
        let Self { url, alt, caption, credit, width, height, mime_type, rights, renditions } = self;
        let mut record = MediaRecord {
            guid: Some(present.guid),
            url: present.url,
            alt: present.alt,
            caption: present.caption,
            credit: present.credit,
            width: present.width,
            height: present.height,
            mime_type: present.mime_type,
            rights: present.rights,
            renditions: present.renditions,
        };
        let mut faults = Vec::new();
        url.onto_required(&mut record.url, "url", &mut faults);
        alt.onto_default(&mut record.alt);
        caption.onto_default(&mut record.caption);
        credit.onto_default(&mut record.credit);
        width.onto(&mut record.width);
        height.onto(&mut record.height);
        mime_type.onto(&mut record.mime_type);
        rights.onto(&mut record.rights);
        renditions.onto_default(&mut record.renditions);
        Invalid::all(faults, checked_media(record))
    }
}
