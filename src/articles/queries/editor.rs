//! Who edits.

use super::managed::Managed;
use crate::clock::Timestamp;

/// Who changes an article, and when.
#[derive(Debug, Clone)]
pub struct Editor {
    pub key_id: i64,
    pub name: String,
    pub now: Timestamp,
    /// Whether the editor may change what is public.
    pub may_publish: bool,
}

impl Editor {
    /// The editor, at an instant that is not before the article's last change: another process's clock may be ahead.
    pub(super) fn after(&self, article: &Managed) -> Self {
        Self { now: self.now.max(article.row.modified_at), ..self.clone() }
    }
}
