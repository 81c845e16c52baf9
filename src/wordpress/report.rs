//! What an import did and left out, for the person who ran it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::convert::{Article, Converted, Privacy};
use crate::articles::{Kind, Status};

/// As many custom fields are counted by name: some plugins make a name for each post.
const MOST_FIELDS: usize = 200;

/// Counts over one export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub posts: u64,
    pub pages: u64,
    pub media: u64,
    pub scheduled: u64,
    pub drafts: u64,
    /// Private posts, kept as drafts.
    pub private: u64,
    /// Posts under a password, kept as drafts.
    pub password: u64,
    /// Published posts without a date, kept as drafts.
    pub undated: u64,
    pub comments: u64,
    /// Items without a place here, by post type and reason.
    pub skipped: BTreeMap<(String, &'static str), u64>,
    pub shortcodes: BTreeMap<String, u64>,
    pub blocks: BTreeMap<String, u64>,
    /// Terms of posts in taxonomies without a place here.
    pub taxonomies: BTreeMap<String, u64>,
    /// Custom fields of posts, by name.
    pub fields: BTreeMap<String, u64>,
    /// Posts for readers in which there is nothing to read or to see.
    pub empty: u64,
    /// Attachments that posts ask for and the file doesn't hold.
    pub missing_media: BTreeSet<u64>,
}

impl Report {
    /// Counts what became of one item.
    pub fn add(&mut self, converted: &Converted) {
        match converted {
            Converted::Article(article) => self.add_article(article),
            Converted::Media(_) => self.media += 1,
            Converted::Skipped(skipped) => {
                *self.skipped.entry((skipped.post_type.clone(), skipped.reason)).or_default() += 1;
            }
        }
    }

    fn add_article(&mut self, article: &Article) {
        match article.record.kind {
            Kind::Page => self.pages += 1,
            _ => self.posts += 1,
        }
        match (article.privacy, article.record.status) {
            (Privacy::Private, _) => self.private += 1,
            (Privacy::Password, _) => self.password += 1,
            (Privacy::Open, Status::Scheduled) => self.scheduled += 1,
            (Privacy::Open, Status::Draft) => self.drafts += 1,
            (Privacy::Open, _) => {}
        }
        self.undated += u64::from(article.undated);
        self.comments += article.comments;
        self.missing_media.extend(&article.losses.missing_media);
        for (name, count) in &article.losses.shortcodes {
            *self.shortcodes.entry(name.clone()).or_default() += count;
        }
        for (name, count) in &article.losses.blocks {
            *self.blocks.entry(name.clone()).or_default() += count;
        }
        for name in &article.left_out {
            let is_listed = self.fields.len() < MOST_FIELDS || self.fields.contains_key(name);
            *self.fields.entry(if is_listed { name.as_str() } else { "of other names" }.to_owned()).or_default() += 1;
        }
        let is_for_readers = matches!(article.record.status, Status::Published | Status::Scheduled);
        self.empty += u64::from(is_for_readers && article.record.body.is_empty());
        for taxonomy in &article.unplaced {
            *self.taxonomies.entry(taxonomy.clone()).or_default() += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} posts, {} pages, {} media", self.posts, self.pages, self.media)?;
        let notes = [
            (self.scheduled, "scheduled"),
            (self.drafts, "drafts"),
            (self.private, "private posts kept as drafts"),
            (self.password, "posts under a password kept as drafts"),
            (self.undated, "published posts without a date kept as drafts"),
            (self.empty, "published posts without a text"),
            (self.comments, "comments left out: there is no place for them here"),
        ];
        for (count, note) in notes.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(f, "{count} {note}")?;
        }
        for ((post_type, reason), count) in &self.skipped {
            writeln!(f, "skipped {count} {post_type}: {reason}")?;
        }
        for (name, count) in &self.shortcodes {
            writeln!(f, "removed shortcode [{name}] {count} times")?;
        }
        for (name, count) in &self.blocks {
            writeln!(f, "dropped block {name} {count} times: only WordPress can fill it")?;
        }
        for (name, count) in &self.taxonomies {
            writeln!(f, "left out {count} terms of the taxonomy {name}: there is no kind of tag for it here")?;
        }
        for (name, count) in &self.fields {
            writeln!(f, "left out {count} custom fields {name}: there is no place for them here")?;
        }
        if !self.missing_media.is_empty() {
            writeln!(f, "{} attachments that posts use are not in the file", self.missing_media.len())?;
        }
        Ok(())
    }
}
