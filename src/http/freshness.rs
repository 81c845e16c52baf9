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
    /// The longest time that `Cache-Control` names.
    const LONGEST: i64 = 3600;

    /// For how many seconds it stays true, of as many as `Cache-Control` names at most: that is a matter of these alone.
    pub fn left(self) -> i64 {
        self.next_change.map_or(Self::LONGEST, |next| self.now.seconds_until(next).clamp(0, Self::LONGEST))
    }

    /// Whether that is less than it could be.
    pub fn is_clipped(self) -> bool {
        self.left() < Self::LONGEST
    }

    /// `Cache-Control` for an answer that is sent now.
    pub fn cache_control(self) -> String {
        let clip = |seconds: i64| seconds.min(self.left());
        format!(
            "public, max-age={}, s-maxage={}, stale-while-revalidate={}, stale-if-error={}",
            clip(30),
            clip(300),
            clip(60),
            clip(Self::LONGEST)
        )
    }
}
