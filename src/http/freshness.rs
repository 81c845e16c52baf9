//! How long an answer stays true, and how caches are told.

use crate::clock::Timestamp;

/// Until when an answer may be kept: the next instant at which the clock alone changes something in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When it was read.
    pub now: Timestamp,
    pub next_change: Option<Timestamp>,
}

impl Freshness {
    /// `Cache-Control` for an answer that is sent now.
    pub fn cache_control(self) -> String {
        let left = self.next_change.map_or(i64::MAX, |next| self.now.seconds_until(next).max(0));
        let clip = |seconds: i64| seconds.min(left);
        format!(
            "public, max-age={}, s-maxage={}, stale-while-revalidate={}, stale-if-error={}",
            clip(30),
            clip(300),
            clip(60),
            clip(3600)
        )
    }
}
