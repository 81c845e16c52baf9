//! From what is stored back to the record that it could have been made of.

use super::MediaRecord;
use crate::media::MediaInput;

impl From<MediaInput> for MediaRecord {
    fn from(input: MediaInput) -> Self {
        let MediaInput { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } = input;
        Self { guid: Some(guid), url, alt, caption, credit, width, height, mime_type, rights, renditions }
    }
}
