//! What this process has at hand to read lists of articles with, from one request to the next.

use std::sync::Arc;

use super::edges::Edges;
use super::newest::Newest;
use super::postings::Postings;
use super::queries::{Shelved, brief_cards, whole_cards};
use super::rows::stored::Opening;
use crate::changes::Part;
use crate::clock::Timestamp;
use crate::db::Loader;
use crate::http::kept::{LogPosition, Marks};
use crate::http::topic::Topic;

/// Cards that one statement reads for several requests.
const CARDS: usize = 64;

/// Shared by cloning.
#[derive(Clone)]
pub struct Lists {
    /// What a list is put together from in memory.
    pub postings: Postings,
    /// Tags, and what their lists begin with.
    pub newest: Newest,
    /// Where pages far into those are.
    pub edges: Edges,
    marks: Arc<Marks>,
    briefs: Loader<i64, Shelved>,
    wholes: Loader<i64, Shelved>,
}

impl Lists {
    /// Nothing is remembered yet.
    pub fn new(marks: Arc<Marks>) -> Self {
        Self {
            postings: Postings::default(),
            newest: Newest::new(marks.clone()),
            edges: Edges::new(marks.clone()),
            marks,
            briefs: Loader::new(CARDS, |conn, (), ids: &[i64]| brief_cards(conn, ids)),
            wholes: Loader::new(CARDS, |conn, (), ids: &[i64]| whole_cards(conn, ids)),
        }
    }

    /// Whether the log was read lately. Without that nothing remembered is used, nor worth to be remembered.
    pub fn are_heard(&self) -> bool {
        self.marks.are_heard()
    }

    /// Whether the log is known to end still where it did when it was read to `read`: then all that is remembered as of that is
    /// what the database has.
    pub fn ends_at(&self, read: LogPosition) -> bool {
        self.are_heard() && self.marks.position() == read
    }

    /// Whether nothing of these is known to have changed since the log was read to `read`.
    pub fn hold(&self, parts: &[Part], read: LogPosition) -> bool {
        let topics: Vec<Topic> = parts.iter().copied().map(Topic::from).collect();
        self.marks.holds(&topics, read)
    }

    /// When the clock alone will next change what the public sees.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.marks.next_change()
    }

    /// Reads stored cards that everyone may see.
    pub fn cards(&self, opening: Opening) -> &Loader<i64, Shelved> {
        match opening {
            Opening::Lead => &self.briefs,
            Opening::Whole => &self.wholes,
        }
    }
}
