//! Rows of the `media` table.

use diesel::prelude::*;

use super::{MediaInput, Rendition, Rights};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::json::{from_json, to_json};
use crate::db::schema::media;
use crate::row;

/// A stored medium, its JSON columns read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRow {
    pub id: i64,
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

/// The row as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct StoredMedia {
    pub id: i64,
    pub guid: String,
    pub url: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub mime_type: Option<String>,
    pub rights: Option<String>,
    pub renditions: String,
    pub modified_at: Timestamp,
}

impl TryFrom<StoredMedia> for MediaRow {
    type Error = DbError;

    fn try_from(stored: StoredMedia) -> Result<Self, DbError> {
        let StoredMedia {
            id,
            guid: _,
            url,
            alt,
            caption,
            credit,
            width,
            height,
            mime_type,
            rights,
            renditions,
            modified_at: _,
        } = stored;
        let rights = rights.as_deref().map(from_json).transpose()?;
        let renditions = from_json(&renditions)?;
        Ok(Self { id, url, alt, caption, credit, width, height, mime_type, rights, renditions })
    }
}

impl MediaRow {
    /// What is stored of an input under an id.
    pub fn of(id: i64, input: &MediaInput) -> Self {
        let MediaInput { guid: _, url, alt, caption, credit, width, height, mime_type, rights, renditions } =
            input.clone();
        Self { id, url, alt, caption, credit, width, height, mime_type, rights, renditions }
    }
}

impl TryFrom<StoredMedia> for MediaInput {
    type Error = DbError;

    fn try_from(stored: StoredMedia) -> Result<Self, DbError> {
        let StoredMedia {
            id: _,
            guid,
            url,
            alt,
            caption,
            credit,
            width,
            height,
            mime_type,
            rights,
            renditions,
            modified_at: _,
        } = stored;
        let rights = rights.as_deref().map(from_json).transpose()?;
        let renditions = from_json(&renditions)?;
        Ok(Self { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions })
    }
}

/// Every column that a write sets, all but `id` and `created_at`.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, AsChangeset)]
#[diesel(table_name = media, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct MediaValues {
    pub guid: String,
    pub url: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub mime_type: Option<String>,
    pub rights: Option<String>,
    pub renditions: String,
    pub modified_at: Timestamp,
}

impl MediaValues {
    /// The columns of a medium.
    pub fn of(input: &MediaInput, now: Timestamp) -> Result<Self, DbError> {
        let MediaInput { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } =
            input.clone();
        Ok(Self {
            guid,
            url,
            alt,
            caption,
            credit,
            width,
            height,
            mime_type,
            rights: rights.as_ref().map(to_json).transpose()?,
            renditions: to_json(&renditions)?,
            modified_at: now,
        })
    }
}

/// A medium that is new.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = media, treat_none_as_default_value = false)]
pub struct NewMedium {
    #[diesel(embed)]
    values: MediaValues,
    created_at: Timestamp,
}

row! {
    NewMedium => media {
        created_at;
        values: MediaValues {
            guid, url, alt, caption, credit, width, height, mime_type, rights, renditions, modified_at,
        }
    }
}

impl NewMedium {
    /// The columns of a medium that is made now.
    pub fn of(input: &MediaInput, now: Timestamp) -> Result<Self, DbError> {
        Ok(Self { values: MediaValues::of(input, now)?, created_at: now })
    }

    /// Its identity.
    pub fn guid(&self) -> &str {
        &self.values.guid
    }
}
