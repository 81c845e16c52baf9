//! Answers kept in memory, in front of the router.
//!
//! What may be kept is what a handler says what it is made of ([`Answer::made_of`](super::Answer::made_of)), asked for by
//! someone without a key. It is found by its URL alone, so nothing else that a request says can change what others are
//! sent. It is sent for as long as it is true: until the change log has an entry about one of its [`Topic`]s ([`Marks`]),
//! until the clock changes something, or until it is dropped for want of room.
//!
//! While the log can't be read, answers that may have become untrue are sent with `Age` and `Cache-Status`, for an hour at
//! most, and never one that shows what has been taken away. So is one that was overtaken, where nothing newer can be had.

mod front;
mod lately;
mod layer;
mod marks;
mod memory;

use std::borrow::Cow;
use std::iter::{once, repeat};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, Uri};
use prometheus::{IntCounter, IntCounterVec, Opts, Registry};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::admission::Admission;
use super::finished::Finished;
use super::freshness::Freshness;
use super::plain::OWN;
use super::topic::Topic;
use crate::clock::{Clock, Timestamp};

pub use front::in_front;
pub use layer::behind;
pub use marks::{LogPosition, Marks};

/// For how long answers are sent that can't be compared with the log.
const STALE: Duration = Duration::from_secs(3600);
/// How long the log may have been silent before it counts as out of reach.
const GRACE: Duration = Duration::from_secs(1);
/// What an entry is taken to weigh, to size the table.
const USUAL: u64 = 16 * 1024;

/// The answers that are kept, shared by cloning.
#[derive(Clone)]
pub struct KeptAnswers {
    entries: Arc<Cache<Box<str>, Entry, Weight>>,
    marks: Arc<Marks>,
    clock: Clock,
    /// To what is not in memory.
    admission: Admission,
    /// Beginnings of the paths whose answers may be kept, and those among them that may not.
    paths: Paths,
    count: Counts,
}

/// What is counted, for operators.
#[derive(Clone)]
struct Counts {
    memory: IntCounter,
    stale: IntCounter,
    made: IntCounter,
    passed: IntCounter,
    refused: IntCounter,
}

impl Counts {
    fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let about = "Requests without a key for what may be kept, by where their answer came from: memory, memory though \
                     it was overtaken or the log out of reach (stale), a handler whose answer is now kept (made), or is not (passed), \
                     or from nowhere, since too many waited (refused)";
        let count = IntCounterVec::new(Opts::new("xabar_kept_answers_total", about), &["from"])?;
        registry.register(Box::new(count.clone()))?;
        let of = |from| count.with_label_values(&[from]);
        Ok(Self {
            memory: of("memory"),
            stale: of("stale"),
            made: of("made"),
            passed: of("passed"),
            refused: of("refused"),
        })
    }

    fn made(&self, kept: bool) {
        if kept { self.made.inc() } else { self.passed.inc() }
    }
}

/// Which paths have answers that may be kept. One that is not named is not looked for, and nobody waits for it.
#[derive(Debug, Clone, Copy)]
pub struct Paths {
    pub under: &'static [&'static str],
    pub except: &'static [&'static str],
}

/// What is known of a URL.
#[derive(Debug, Clone)]
enum Entry {
    Kept(Arc<Kept>),
    /// Its last answer was none to keep: requests for it do not wait for each other.
    Passing,
    /// Who was to fetch it was refused, and so are those who wait for that.
    Refused,
}

/// An answer, with what tells whether it is still true.
#[derive(Debug)]
struct Kept {
    answer: Arc<Finished>,
    /// How far the log had been read before the answer was.
    read: LogPosition,
    /// How far the log had come when it was last found to be true.
    checked: AtomicI64,
    /// Whether the schedule changes how long it stays true.
    scheduled: bool,
}

/// How an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is true.
    Current,
    /// It was overtaken by a change.
    Outdated,
    /// It shows what was taken away since.
    Withdrawn,
}

/// Why an answer is sent.
#[derive(Debug, Clone, Copy)]
enum Why {
    /// It is true.
    Current,
    /// The log was not read for so long, so that nobody knows.
    Unread(Duration),
    /// It was overtaken, and there is nothing newer.
    Outdated,
}

/// What is found for a URL.
enum Found {
    /// What can be sent.
    Kept(Arc<Kept>, Why),
    /// With what was there before, in case that nothing newer can be had.
    Nothing(Option<Arc<Kept>>),
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<str>, Entry> for Weight {
    fn weight(&self, url: &Box<str>, entry: &Entry) -> u64 {
        let answer = match entry {
            Entry::Kept(kept) => kept.answer.weight(),
            Entry::Passing | Entry::Refused => 64,
        };
        (url.len() + answer) as u64
    }
}

impl KeptAnswers {
    /// Keeps at most so many bytes of answers.
    pub fn new(
        bytes: u64,
        paths: Paths,
        clock: Clock,
        admission: Admission,
        registry: &Registry,
    ) -> Result<Self, prometheus::Error> {
        let count = Counts::new(registry)?;
        let entries = Cache::with_weighter((bytes / USUAL) as usize, bytes, Weight);
        Ok(Self { entries: Arc::new(entries), marks: Arc::default(), clock, admission, paths, count })
    }

    /// Whether anything is kept at all.
    pub fn keeps(&self) -> bool {
        self.entries.capacity() > 0
    }

    /// What has changed, to be told by whoever reads the log.
    pub fn marks(&self) -> &Arc<Marks> {
        &self.marks
    }

    /// What a request's answer is found under; `None` when it is none to keep.
    fn key_of<'a>(&self, method: &Method, uri: &'a Uri, headers: &HeaderMap) -> Option<Cow<'a, str>> {
        let reads = *method == Method::GET || *method == Method::HEAD;
        if !reads || OWN.iter().any(|field| headers.contains_key(field)) {
            return None;
        }
        self.key(uri.path_and_query()?.as_str())
    }

    /// What the answer to a URL is found under; `None` when it is none to keep. The parameters in one order, since their order
    /// changes no answer.
    fn key<'a>(&self, url: &'a str) -> Option<Cow<'a, str>> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        if !self.paths.under.iter().any(|under| path.starts_with(under)) || self.paths.except.contains(&path) {
            return None;
        }
        if query.split('&').is_sorted() {
            return Some(url.into());
        }
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        let mut key = String::with_capacity(url.len());
        key.push_str(path);
        for (pair, mark) in pairs.into_iter().zip(once('?').chain(repeat('&'))) {
            key.push(mark);
            key.push_str(pair);
        }
        Some(key.into())
    }

    fn find(&self, key: &str, now: Timestamp) -> Found {
        let Some(Entry::Kept(kept)) = self.entries.get(key) else { return Found::Nothing(None) };
        let silent = self.marks.silent_for();
        if silent <= GRACE {
            return match kept.standing(&self.marks, now) {
                Standing::Current => Found::Kept(kept, Why::Current),
                Standing::Outdated => Found::Nothing(Some(kept)),
                Standing::Withdrawn => Found::Nothing(None),
            };
        }
        match kept.usable(&self.marks, silent) {
            true => Found::Kept(kept, Why::Unread(silent)),
            false => Found::Nothing(None),
        }
    }
}

impl Kept {
    /// `None` for an answer that is none to keep.
    fn new(answer: Arc<Finished>, read: LogPosition) -> Option<Self> {
        let scheduled = answer.topics.as_ref()?.contains(&Topic::SCHEDULE);
        let made = answer.freshness()?.now;
        let lives = answer.until().is_none_or(|until| made < until);
        lives.then(|| Self { answer, read, checked: AtomicI64::new(read.seq), scheduled })
    }

    /// How long ago it was made.
    fn age(&self, now: Timestamp) -> Duration {
        let made = self.answer.freshness().map_or(now, |freshness| freshness.now);
        Duration::from_secs(made.seconds_until(now).unsigned_abs())
    }

    fn topics(&self) -> &[Topic] {
        self.answer.topics.as_deref().unwrap_or_default()
    }

    fn standing(&self, marks: &Marks, now: Timestamp) -> Standing {
        let position = marks.position();
        if position.epoch != self.read.epoch {
            return Standing::Outdated;
        }
        // Most often nothing at all has changed since it was last looked at.
        if self.checked.load(Ordering::Relaxed) != position.seq {
            if marks.any_withdrawn(self.topics(), self.read.seq) {
                return Standing::Withdrawn;
            }
            if marks.any_changed(self.topics(), self.read.seq) {
                return Standing::Outdated;
            }
            self.checked.store(position.seq, Ordering::Relaxed);
        }
        let over = self.answer.until().is_some_and(|until| until <= now);
        if over { Standing::Outdated } else { Standing::Current }
    }

    /// How long it stays true from now on, as far as is known.
    fn freshness(&self, marks: &Marks, now: Timestamp, why: Why) -> Freshness {
        if matches!(why, Why::Outdated) {
            return Freshness { now, next_change: Some(now) };
        }
        let own = self.answer.freshness().and_then(|freshness| freshness.next_change);
        let scheduled = marks.next_change().filter(|_| self.scheduled);
        Freshness { now, next_change: [own, scheduled].into_iter().flatten().min() }
    }

    /// Whether it may be sent although nobody knows whether it is true.
    fn usable(&self, marks: &Marks, silent: Duration) -> bool {
        silent <= STALE
            && marks.position().epoch == self.read.epoch
            && !marks.any_withdrawn(self.topics(), self.read.seq)
    }
}
