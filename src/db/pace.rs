//! How long one has to wait in a queue, before it is joined.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a slow piece of work counts for.
const MOST: Duration = Duration::from_millis(10);
/// For how many milliseconds it tells anything.
const LATELY: u64 = 1000;

/// How long a queue is, and how fast it moves at the least.
#[derive(Debug)]
pub struct Pace {
    /// How many pieces of work are done at a time.
    threads: u64,
    started: Instant,
    /// When a piece of work was last done, in milliseconds since it was made.
    noted: AtomicU64,
    /// Pieces of work that wait and were not given up.
    waiting: AtomicU64,
    /// Nanoseconds that a piece of work took lately: the mean of about the last hundred, in which a slow one counts for no more
    /// than [`MOST`], so that the few which follow it are not refused on its account.
    mean: AtomicU64,
}

impl Pace {
    /// Of a queue before so many threads.
    pub fn new(threads: u32) -> Self {
        let number = || AtomicU64::new(0);
        Self {
            threads: u64::from(threads.max(1)),
            started: Instant::now(),
            noted: number(),
            waiting: number(),
            mean: number(),
        }
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// One more waits.
    pub fn joins(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// One waits no longer.
    pub fn leaves(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A thread was done with a piece of work.
    pub fn note(&self, took: Duration) {
        self.noted.store(self.now(), Ordering::Relaxed);
        let (took, mean) = (took.min(MOST).as_nanos() as u64, self.mean.load(Ordering::Relaxed));
        // Of two threads that note something at once one is lost, which is no matter.
        self.mean.store(mean - mean / 128 + took / 128, Ordering::Relaxed);
    }

    /// How long one that comes now will wait, at the least. Of one that did nothing lately nothing is known.
    pub fn wait(&self) -> Duration {
        if self.now().saturating_sub(self.noted.load(Ordering::Relaxed)) > LATELY {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.waiting().saturating_mul(self.mean.load(Ordering::Relaxed)) / self.threads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(250);

    #[test]
    fn a_queue_is_too_long_only_when_that_is_certain() {
        let pace = Pace::new(2);
        let wait = |waiting: u64| {
            pace.waiting.store(waiting, Ordering::Relaxed);
            pace.wait()
        };
        assert_eq!(wait(1_000_000), Duration::ZERO, "nothing is known yet");
        (0..2000).for_each(|_| pace.note(Duration::from_millis(1)));
        assert!(wait(400) < LIMIT && wait(600) > LIMIT, "{:?}", wait(500));
        pace.note(Duration::from_secs(10));
        assert!(wait(400) < LIMIT, "a single slow one makes nobody wait: {:?}", wait(400));
        (0..2000).for_each(|_| pace.note(Duration::from_secs(10)));
        assert!(wait(40) < LIMIT && wait(60) > LIMIT, "{:?}", wait(50));
        let later = Pace { started: pace.started - Duration::from_secs(2), ..pace };
        later.waiting.store(60, Ordering::Relaxed);
        assert_eq!(later.wait(), Duration::ZERO, "what was slow some time ago");
    }
}
