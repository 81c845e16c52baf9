//! What an editor's references mean: an author, tag or medium that is there already, or a new one in full.

use super::managed::{medium, medium_with};
use crate::articles::draft::{AuthorName, MediaName, TagName};
use crate::authors::queries as authors;
use crate::changes::Audience;
use crate::db::{DbConnection, DbError};
use crate::records::{AuthorRef, Invalid, MediaRecord, TagRef};
use crate::tags::TagKind;
use crate::tags::queries as tags;
use crate::text::slug::composed;

/// In the place of a reference that leads nowhere, so that the faults of those after it are told at their own places.
const STAND_IN: &str = "x";

/// Looks references up, and collects those that lead nowhere. What is returned is of use for storing only without faults.
pub struct References<'a> {
    conn: &'a mut DbConnection,
    pub faults: Vec<Invalid>,
}

impl<'a> References<'a> {
    /// None yet.
    pub fn new(conn: &'a mut DbConnection) -> Self {
        Self { conn, faults: Vec::new() }
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.faults.push(Invalid { field: field.into(), reason: reason.into() });
    }

    /// A byline; former slugs are followed.
    pub fn authors(&mut self, names: Vec<AuthorName>) -> Result<Vec<AuthorRef>, DbError> {
        let mut refs = Vec::new();
        for (i, AuthorName { slug, name }) in names.into_iter().enumerate() {
            let slug = composed(slug);
            match (authors::resolve(self.conn, &slug, Audience::NEWSROOM)?, name) {
                (Some(author), _) => refs.push(AuthorRef { slug: author.slug, name: author.name }),
                (None, Some(name)) => refs.push(AuthorRef { slug, name }),
                (None, None) => {
                    let reason = format!("there is no author {slug:?}; a new one needs a name");
                    self.fault(format!("authors[{i}].slug"), reason);
                    refs.push(AuthorRef { slug: STAND_IN.to_owned(), name: STAND_IN.to_owned() });
                }
            }
        }
        Ok(refs)
    }

    /// The tags of an article; aliases are followed.
    pub fn tags(&mut self, names: Vec<TagName>) -> Result<Vec<TagRef>, DbError> {
        let mut refs = Vec::new();
        for (i, TagName { slug, name, kind }) in names.into_iter().enumerate() {
            let slug = composed(slug);
            match (tags::resolve(self.conn, &slug, Audience::NEWSROOM)?, name) {
                (Some(tag), _) => refs.push(TagRef { slug: tag.slug, name: tag.name, kind: tag.kind }),
                (None, Some(name)) => refs.push(TagRef { slug, name, kind: kind.unwrap_or_default() }),
                (None, None) => {
                    self.fault(format!("tags[{i}].slug"), format!("there is no tag {slug:?}; a new one needs a name"));
                    let (slug, name) = (STAND_IN.to_owned(), STAND_IN.to_owned());
                    refs.push(TagRef { slug, name, kind: TagKind::default() });
                }
            }
        }
        Ok(refs)
    }

    /// One medium.
    pub fn medium(&mut self, field: &str, name: MediaName) -> Result<MediaRecord, DbError> {
        match name {
            MediaName::New(record) => {
                let guid = record.guid.as_deref();
                let present = guid.map(|guid| medium_with(self.conn, guid)).transpose()?.flatten();
                // Changed by its own address, with `If-Match`: other stories show it too.
                if present.is_some_and(|present| present != *record) {
                    self.fault(format!("{field}.guid"), "belongs to a medium that is there, and is another one");
                }
                Ok(*record)
            }
            MediaName::Known(id) => {
                if let Some(found) = medium(self.conn, id.id)? {
                    return Ok(found);
                }
                self.fault(format!("{field}.id"), format!("there is no medium {}", id.id));
                Ok(MediaRecord { url: format!("/{STAND_IN}"), ..MediaRecord::default() })
            }
        }
    }

    /// The media of an article.
    pub fn media(&mut self, names: Vec<MediaName>) -> Result<Vec<MediaRecord>, DbError> {
        names.into_iter().enumerate().map(|(i, name)| self.medium(&format!("media[{i}]"), name)).collect()
    }
}
