//! When each key was last used: noted in memory by every call, written down now and then by a job.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Timestamp;

/// Uses that are not written down yet. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LastUse(Arc<Mutex<HashMap<i64, Timestamp>>>);

impl LastUse {
    /// Notes that a key was used; an earlier use than is known changes nothing.
    pub fn note(&self, key: i64, at: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.entry(key).or_insert(at);
        *last = at.max(*last);
    }

    /// What was noted since the last time, by key.
    pub fn take(&self) -> Vec<(i64, Timestamp)> {
        let mut noted: Vec<_> = self.0.lock().unwrap_or_else(PoisonError::into_inner).drain().collect();
        noted.sort_unstable_by_key(|(key, _)| *key);
        noted
    }
}
