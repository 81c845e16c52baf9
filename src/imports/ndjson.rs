//! Reading NDJSON: a record a line. A bad line is reported with its number and reason and nothing of it is written.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead};
use std::mem::{replace, take};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::report::Report;
use super::store::{Placed, Ready, store_all};
use crate::clock::Clock;
use crate::db::{Backend, Db, DbError, stand_behind_writer};
use crate::records::{EndRecord, Record};

/// How much is stored at once.
struct Batches {
    /// Lines of one.
    lines: usize,
    /// Bytes of the input after which one takes no further line.
    bytes: u64,
    /// How many a transaction takes mostly: enough that a commit's cost is shared, few enough that other writers are not kept waiting.
    together: usize,
    /// How many are made ready before they are wanted, beyond one for each thread.
    ahead: usize,
}

impl Batches {
    /// Large ones for PostgreSQL, where each costs round trips. Several ahead for SQLite: with one, whoever makes them ready was late whenever
    /// the log was worked into the database beside it, and a transaction ended for want of a batch.
    fn of(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self { lines: 500, bytes: 4 << 20, together: 2, ahead: 4 },
            Backend::Postgres => Self { lines: 1000, bytes: 8 << 20, together: 1, ahead: 1 },
        }
    }
}

/// After how long a transaction of a first import begins no further batch: what many batches touch is written once for all of them. A
/// second was no faster.
const LONG_TURN: Duration = Duration::from_millis(500);
/// Most bytes of a line.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Why an import came to an end early. What was committed until then stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the input can't be read: {0}")]
    Input(#[from] io::Error),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Imports every line of `input`. `progress` is told the bytes read so far.
pub fn import(
    db: &Db,
    clock: &Clock,
    input: impl BufRead + Send,
    progress: impl FnMut(u64),
) -> Result<Report, ImportError> {
    import_in_turns(Duration::ZERO, db, clock, input, progress)
}

/// [`import`] into a database that nobody else has a use for yet: others who write wait for half a second.
pub fn import_first(
    db: &Db,
    clock: &Clock,
    input: impl BufRead + Send,
    progress: impl FnMut(u64),
) -> Result<Report, ImportError> {
    import_in_turns(LONG_TURN, db, clock, input, progress)
}

/// One thread writes to the database; the others read, make ready what was read, and clear it away when it is stored. A transaction
/// begins no further batch once it has as many as go together and has taken its turn, or when none is ready.
fn import_in_turns(
    turn: Duration,
    db: &Db,
    clock: &Clock,
    input: impl BufRead + Send,
    mut progress: impl FnMut(u64),
) -> Result<Report, ImportError> {
    let most = Batches::of(db.backend());
    let Batches { together, ahead, .. } = most;
    let source = Mutex::new(Lines { input, number: 0, bytes: 0, most, over: false });
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let (queue, jobs) = unbounded();
        let threads = available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
        for _ in 0..threads {
            let (source, jobs) = (&source, jobs.clone());
            scope.spawn(move || work(source, jobs, db.backend()));
        }
        let mut ahead = Ahead { queue, asked: VecDeque::new(), most: threads + ahead, stored: Vec::new() };
        let mut store_next = || -> Result<bool, ImportError> {
            ahead.ask()?;
            // What stands before a fault of the input is stored, as far as whole batches go.
            let Some(mut lot) = ahead.next()? else { return Ok(false) };
            // A transaction that fails leaves the report as it was before it, since nothing of it is stored.
            let mut attempt = report.clone();
            db.write_here(|conn| {
                let (begun, mut taken) = (Instant::now(), 0);
                loop {
                    store_all(conn, clock.now(), &lot.records, &mut attempt)?;
                    taken += 1;
                    let goes_on = taken < together || begun.elapsed() < turn;
                    let next = if goes_on { ahead.ready() } else { None };
                    let Some(next) = next else { return Ok::<_, DbError>(()) };
                    ahead.clear_away(replace(&mut lot, next));
                    ahead.ask()?;
                }
            })?;
            db.give_way();
            report = attempt;
            progress(lot.bytes);
            ahead.clear_away(lot);
            Ok(true)
        };
        let end = loop {
            match store_next() {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        // What is still to be done is done for nobody. A thread that waits for input at this moment can't be called back.
        jobs.try_iter().for_each(drop);
        end
    })?;
    Ok(report)
}

/// What the other threads make ready, in the order of the input.
struct Ahead {
    queue: Sender<Job>,
    asked: VecDeque<Receiver<io::Result<Option<Lot>>>>,
    /// How many may be asked for before they are taken.
    most: usize,
    /// What is of no use any more.
    stored: Vec<Lot>,
}

impl Ahead {
    /// Has what is stored cleared away with the next one that is asked for.
    fn clear_away(&mut self, lot: Lot) {
        self.stored.push(lot);
    }

    /// Asks for as many as may be.
    fn ask(&mut self) -> Result<(), DbError> {
        while self.asked.len() < self.most {
            let (done, ready) = bounded(1);
            self.queue.send(Job { done, stored: take(&mut self.stored) }).map_err(|_| DbError::Panicked)?;
            self.asked.push_back(ready);
        }
        Ok(())
    }

    /// Waits for the next one; `None` at the end of the input.
    fn next(&mut self) -> Result<Option<Lot>, ImportError> {
        let next = self.asked.pop_front().and_then(|next| next.recv().ok()).ok_or(DbError::Panicked)?;
        Ok(next?)
    }

    /// The next one when it is there. The end of the input, or its fault, is left for [`Self::next`].
    fn ready(&mut self) -> Option<Lot> {
        match self.asked.front()?.try_recv().ok()? {
            Ok(Some(lot)) => {
                self.asked.pop_front();
                Some(lot)
            }
            end => {
                let (done, ready) = bounded(1);
                // There is room for one.
                _ = done.send(end);
                self.asked[0] = ready;
                None
            }
        }
    }
}

/// To read the next lines and make them ready.
struct Job {
    /// Who waits for them; `None` is the end of the input.
    done: Sender<io::Result<Option<Lot>>>,
    /// What is of no use any more: to give its memory back takes time as well.
    stored: Vec<Lot>,
}

/// A batch that is ready to be stored.
struct Lot {
    records: Vec<Placed>,
    /// Bytes of the input up to its end.
    bytes: u64,
}

/// Does jobs until there are none.
fn work(source: &Mutex<Lines<impl BufRead>>, jobs: Receiver<Job>, backend: Backend) {
    // PostgreSQL's writer is another process, which leaves a core free while it works.
    if backend == Backend::Sqlite {
        stand_behind_writer();
    }
    loop {
        // The lines are read in the order in which they are waited for.
        let mut lines = source.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(Job { done, stored }) = jobs.recv() else { return };
        let (batch, bytes) = (lines.next_batch(), lines.bytes);
        drop(lines);
        drop(stored);
        let ready = batch.map(|batch| batch.map(|batch| Lot { records: batch.ready(backend), bytes }));
        // Nobody waits for what comes after a fault.
        _ = done.send(ready);
    }
}

/// Lines that are stored together.
struct Batch {
    /// How many lines stand before them.
    before: usize,
    lines: Vec<Vec<u8>>,
}

impl Batch {
    fn of(before: usize, lines: Vec<Vec<u8>>) -> Option<Self> {
        (!lines.is_empty()).then_some(Self { before, lines })
    }

    /// What they say, ready to be stored in a database of that kind.
    fn ready(self, backend: Backend) -> Vec<Placed> {
        let placed = |(offset, line): (usize, Vec<u8>)| {
            let place = format!("line {}", self.before + offset + 1);
            match read_line(&line) {
                Ok(None) => None,
                Ok(Some(record)) => Some((place, Ready::new(record).inspect(|ready| ready.prepare_for(backend)))),
                Err(reason) => Some((place, Err(reason))),
            }
        };
        self.lines.into_iter().enumerate().filter_map(placed).collect()
    }
}

/// The input, and how far it was read.
struct Lines<R> {
    input: R,
    number: usize,
    bytes: u64,
    /// What a batch takes.
    most: Batches,
    /// Whether it has ended, or can't be read any further: it is not asked again.
    over: bool,
}

impl<R: BufRead> Lines<R> {
    fn next_batch(&mut self) -> io::Result<Option<Batch>> {
        if self.over {
            return Ok(None);
        }
        // What panics or fails leaves it over.
        self.over = true;
        let (before, start) = (self.number, self.bytes);
        let mut lines = Vec::with_capacity(self.most.lines);
        while lines.len() < self.most.lines && self.bytes - start < self.most.bytes {
            let mut line = Vec::new();
            let read = io::Read::take(&mut self.input, LONGEST).read_until(b'\n', &mut line)? as u64;
            if read == 0 {
                return Ok(Batch::of(before, lines));
            }
            self.bytes += read;
            if read == LONGEST && line.last() != Some(&b'\n') {
                let reason = format!("a line is longer than {LONGEST} bytes; is this NDJSON?");
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
            self.number += 1;
            lines.push(line);
        }
        self.over = false;
        Ok(Batch::of(before, lines))
    }
}

/// A line's record; `None` for a blank line, and for the last one of an export.
pub fn read_line(line: &[u8]) -> Result<Option<Record>, String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(line).map_err(|error| format!("is not UTF-8: {error}"))?;
    let Members(mut object) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kind = object.remove("type");
    let record = Value::Object(object);
    match kind.as_ref().map_or(Some("article"), |kind| kind.as_str()) {
        Some("article") => read(record).map(|record| Record::Article(Box::new(record))),
        Some("tag") => read(record).map(Record::Tag),
        Some("author") => read(record).map(Record::Author),
        Some("media") => read(record).map(Record::Media),
        Some("end") => return read::<EndRecord>(record).map(|_| None),
        _ => Err("type: is not one of article, tag, author, media, end".to_owned()),
    }
    .map(Some)
}

fn read<T: for<'de> Deserialize<'de>>(record: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(record).map_err(|error| match error.path().to_string() {
        path if path == "." => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })
}

/// A JSON object, each member at most once: of two, one would be lost without a word.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{name}: is given more than once")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> String {
        read_line(line.as_bytes()).expect_err(line)
    }

    #[test]
    fn tells_records_apart_by_type() {
        let tag = read_line(br#"{"type":"tag","slug":"a","name":"A"}"#).expect("a tag");
        assert!(matches!(tag, Some(Record::Tag(_))));
        assert_eq!(read_line(b" \r\n"), Ok(None));
        assert_eq!(read_line(br#"{"type":"end","token":"t"}"#), Ok(None));
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        assert!(fault("{").contains("EOF"));
        assert!(fault("[]").contains("expected a JSON object"), "{}", fault("[]"));
        assert!(fault(r#"{"type":"page"}"#).contains("type"));
        assert!(fault(r#"{"type":"end","slug":"a"}"#).contains("slug"));
        assert!(fault(r#"{"slug":"a"}"#).contains("missing field `title`"));
        assert!(fault(r#"{"type":"tag","slug":"a","name":"A","colour":"red"}"#).contains("unknown field `colour`"));
        assert!(fault(r#"{"slug":"a","slug":"b"}"#).starts_with("slug: is given more than once"));
        assert!(fault(r#"{"type":"tag","slug":"a","name":7}"#).starts_with("name: invalid type"));
    }
}
