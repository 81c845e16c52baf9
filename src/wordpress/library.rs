//! The attachments and reusable blocks of an export, as its posts look them up: attachments from the database, where the
//! first reading put them.

use std::cell::RefCell;
use std::collections::HashMap;

use super::body::Library;
use super::{Item, Media};
use crate::db::{DbConnection, DbError};
use crate::media::{MediaInput, queries as media};
use crate::records::MediaRecord;

/// Most bytes of reusable blocks that are kept. A site has a handful of them.
const MOST_BLOCKS: usize = 32 << 20;

/// What the first reading leaves for the second.
#[derive(Debug, Default)]
pub struct Attachments {
    /// Address of the blog.
    pub site: String,
    /// Ids of the attachments of a post.
    of_post: HashMap<u64, Vec<u64>>,
    blocks: HashMap<u64, String>,
    block_bytes: usize,
}

impl Attachments {
    /// Takes note of an attachment and returns the record to store. Its identity is the site's and its id, by which
    /// bodies name it.
    pub fn note(&mut self, attachment: Media) -> MediaRecord {
        let Media { record, post, parent } = attachment;
        if parent > 0 {
            self.of_post.entry(parent).or_default().push(post);
        }
        MediaRecord { guid: Some(self.guid(post)), ..record }
    }

    /// Takes note of a reusable block. Of those that are not published WordPress shows nothing.
    pub fn note_block(&mut self, item: &Item) {
        let size = self.block_bytes + item.content.len();
        let is_shown = item.status == "publish" && item.password.is_empty();
        if item.post_type == "wp_block" && is_shown && size <= MOST_BLOCKS {
            self.block_bytes = size;
            self.blocks.insert(item.id, item.content.clone());
        }
    }

    /// The same, for looking up.
    pub fn library<'a>(&'a self, conn: &'a mut DbConnection) -> StoredLibrary<'a> {
        StoredLibrary { attachments: self, conn: RefCell::new(conn), failure: RefCell::new(None) }
    }

    fn guid(&self, id: u64) -> String {
        format!("{}/?attachment_id={id}", self.site)
    }
}

/// Looks attachments up in the database.
pub struct StoredLibrary<'a> {
    attachments: &'a Attachments,
    conn: RefCell<&'a mut DbConnection>,
    failure: RefCell<Option<DbError>>,
}

impl StoredLibrary<'_> {
    /// The database's error, if there was one: a look-up itself can only say that nothing was found.
    pub fn finish(self) -> Result<(), DbError> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }
}

impl Library for StoredLibrary<'_> {
    fn attachment(&self, id: u64) -> Option<MediaRecord> {
        match media::find_by_guid(&mut self.conn.borrow_mut(), &self.attachments.guid(id)) {
            Ok(found) => found.map(record),
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }

    fn attached_to(&self, post: u64) -> Vec<MediaRecord> {
        let ids = self.attachments.of_post.get(&post).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.attachment(*id)).collect()
    }

    fn reusable_block(&self, id: u64) -> Option<String> {
        self.attachments.blocks.get(&id).cloned()
    }
}

fn record(medium: MediaInput) -> MediaRecord {
    let MediaInput { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } = medium;
    MediaRecord { guid: Some(guid), url, alt, caption, credit, width, height, mime_type, rights, renditions }
}
