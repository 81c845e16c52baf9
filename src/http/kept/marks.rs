//! When each topic last changed, by the change log.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::GRACE;
use crate::clock::Timestamp;
use crate::http::topic::Topic;

/// For each topic the `seq` of its last change, and how far the log was read.
///
/// Whoever reads the log marks what its entries change and only then says how far it has come. An answer that was read
/// after that saw these changes; one that was begun before is older than the mark, and so untrue.
#[derive(Debug)]
pub struct Marks {
    changed: Box<[AtomicI64]>,
    /// The last changes that took something away.
    withdrawn: Box<[AtomicI64]>,
    seq: AtomicI64,
    epoch: AtomicU64,
    started: Instant,
    /// When the clock alone will next change what the public sees, in microseconds; the greatest number when it won't.
    next_change: AtomicI64,
    /// When the log was last read, in milliseconds since `started`, and 1.
    heard: AtomicU64,
}

/// How far the log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    pub seq: i64,
    /// How often everything was dropped.
    pub epoch: u64,
}

impl Default for Marks {
    fn default() -> Self {
        let zeros = || (0..Topic::COUNT).map(|_| AtomicI64::new(0)).collect();
        let (seq, epoch, heard) = (AtomicI64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let next_change = AtomicI64::new(i64::MAX);
        Self { changed: zeros(), withdrawn: zeros(), seq, epoch, started: Instant::now(), next_change, heard }
    }
}

impl Marks {
    /// A topic changed in the log's entry `seq`.
    pub fn change(&self, topic: impl Into<Topic>, seq: i64) {
        self.changed[topic.into().number()].fetch_max(seq, Ordering::Relaxed);
    }

    /// Something was taken away: answers that show it are not sent again, whatever else fails.
    pub fn withdraw(&self, topic: impl Into<Topic> + Copy, seq: i64) {
        self.change(topic, seq);
        self.withdrawn[topic.into().number()].fetch_max(seq, Ordering::Relaxed);
    }

    /// More changed than is worth telling apart: nothing that is kept counts any longer.
    pub fn drop_all(&self) {
        self.epoch.fetch_add(1, Ordering::Release);
    }

    /// The log was read to `seq`, and everything until there is marked.
    pub fn reach(&self, seq: i64) {
        self.seq.store(seq, Ordering::Release);
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.heard.fetch_max(elapsed + 1, Ordering::Relaxed);
    }

    /// The clock alone will next change what the public sees at this instant.
    pub fn set_next_change(&self, at: Option<Timestamp>) {
        self.next_change.store(at.map_or(i64::MAX, Timestamp::micros), Ordering::Relaxed);
    }

    /// When the clock alone will next change what the public sees.
    pub fn next_change(&self) -> Option<Timestamp> {
        Timestamp::from_micros(self.next_change.load(Ordering::Relaxed))
    }

    /// How far the log was read.
    pub fn position(&self) -> LogPosition {
        LogPosition { seq: self.seq.load(Ordering::Acquire), epoch: self.epoch.load(Ordering::Acquire) }
    }

    /// For how long the log has not been read. Very long, when it never was.
    pub fn silent_for(&self) -> Duration {
        match self.heard.load(Ordering::Relaxed) {
            0 => Duration::MAX,
            heard => self.started.elapsed().saturating_sub(Duration::from_millis(heard - 1)),
        }
    }

    /// Whether what was made of these, after the log was read to `read`, is known to be true still.
    pub fn holds(&self, topics: &[Topic], read: LogPosition) -> bool {
        self.are_heard() && self.untouched(topics, read)
    }

    /// Whether the log was read lately. Without that nothing is known to be true still.
    pub fn are_heard(&self) -> bool {
        self.silent_for() <= GRACE
    }

    /// Whether nothing of these has changed since the log was read to `read`, as far as it was read by now.
    pub fn untouched(&self, topics: &[Topic], read: LogPosition) -> bool {
        self.position().epoch == read.epoch && !self.any_changed(topics, read.seq)
    }

    /// Whether any of these changed after `seq`.
    pub(super) fn any_changed(&self, topics: &[Topic], seq: i64) -> bool {
        topics.iter().any(|topic| self.changed[topic.number()].load(Ordering::Relaxed) > seq)
    }

    /// Whether any of these was taken away after `seq`.
    pub(super) fn any_withdrawn(&self, topics: &[Topic], seq: i64) -> bool {
        topics.iter().any(|topic| self.withdrawn[topic.number()].load(Ordering::Relaxed) > seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_outdated_by_it() {
        let marks = Marks::default();
        let (one, other) = (Topic::new(0, 1), Topic::new(0, 2));
        assert_eq!(marks.silent_for(), Duration::MAX);
        marks.reach(5);
        let read = marks.position();
        marks.change(one, 6);
        marks.reach(6);
        assert!(marks.any_changed(&[other, one], read.seq));
        assert!(!marks.any_changed(&[other], read.seq));
        assert!(!marks.any_changed(&[one], marks.position().seq));
        assert!(!marks.any_withdrawn(&[one], read.seq));
        marks.withdraw(one, 7);
        assert!(marks.any_withdrawn(&[one], read.seq) && marks.any_changed(&[one], 6));
        // A change that is told late takes nothing back.
        marks.change(one, 3);
        assert!(marks.any_changed(&[one], 6));
        assert!(marks.silent_for() < Duration::from_secs(60));
    }
}
