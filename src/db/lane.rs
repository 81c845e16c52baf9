//! Lanes: as many threads as connections, and the queue that stands before them.
//!
//! A thread that has finished one piece of work takes the next at once, so that under load nobody is woken in between. Work
//! that was not begun after a short wait is given up with [`DbError::Busy`]: an overload is refused early and does not pile
//! up. Where so much stands in the queue already that this is certain, it is refused at once, which costs less than to wait.
//! Each piece counts for one there, though what a [`super::Loader`] reads may serve several: of those some are refused too early.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::{Connection, ConnectionError};
use r2d2::{Pool, PooledConnection};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::DbConnection;
use super::error::DbError;
use super::sqlite::{self, Access};
use super::url::DatabaseUrl;

/// How long work may wait for a thread.
const QUEUE_WAIT: Duration = Duration::from_millis(250);
/// What a slow piece of work counts for in the pace.
const MOST: Duration = Duration::from_millis(10);
/// For how many milliseconds the pace tells anything.
const LATELY: u64 = 1000;
/// r2d2 backs off for up to half of this between attempts, so a longer one delays recovery after an outage.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a connection to PostgreSQL is used.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Says whether there was anything left to do.
type Job = Box<dyn FnOnce() -> bool + Send>;

/// Connections of one kind, with a thread for each.
#[derive(Clone)]
pub(super) struct Lane {
    pool: Pool<Manager>,
    queue: Sender<Job>,
    pace: Arc<Pace>,
    /// How long an answer is waited for; none where work that was begun should not be given up.
    deadline: Option<Duration>,
}

fn busy() -> DbError {
    DbError::Busy { within_ms: QUEUE_WAIT.as_millis() as u64 }
}

/// How fast a lane works, at the least.
#[derive(Debug)]
struct Pace {
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
    fn new(threads: u32) -> Self {
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

    fn note(&self, took: Duration) {
        self.noted.store(self.now(), Ordering::Relaxed);
        let (took, mean) = (took.min(MOST).as_nanos() as u64, self.mean.load(Ordering::Relaxed));
        // Of two threads that note something at once one is lost, which is no matter.
        self.mean.store(mean - mean / 128 + took / 128, Ordering::Relaxed);
    }

    /// How long one that comes now will wait, at the least. Of a lane that did nothing lately nothing is known.
    fn wait(&self) -> Duration {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if self.now().saturating_sub(self.noted.load(Ordering::Relaxed)) > LATELY {
            return Duration::ZERO;
        }
        Duration::from_nanos(waiting.saturating_mul(self.mean.load(Ordering::Relaxed)) / self.threads)
    }
}

/// Whose turn a piece of work is: it is begun by a thread or given up by who asked for it, never both. Either ends its waiting.
#[derive(Clone)]
struct Turn {
    state: Arc<AtomicU8>,
    pace: Arc<Pace>,
}

impl Turn {
    const OPEN: u8 = 0;
    const BEGUN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn new(pace: &Arc<Pace>) -> Self {
        pace.waiting.fetch_add(1, Ordering::Relaxed);
        Self { state: Arc::new(AtomicU8::new(Self::OPEN)), pace: pace.clone() }
    }

    fn take(&self, to: u8) -> bool {
        let taken = self.state.compare_exchange(Self::OPEN, to, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if taken {
            self.pace.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        taken
    }
}

/// Gives the work up with the future that waits for it: what a client went away from before it was begun is never done.
struct Waiting(Turn);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.take(Turn::GIVEN_UP);
    }
}

impl Lane {
    /// Fails when no connection can be had now.
    pub(super) fn open(
        url: &DatabaseUrl,
        access: Access,
        size: u32,
        deadline: Option<Duration>,
    ) -> Result<Self, DbError> {
        // r2d2 would try again until its time-out and then hide the cause, so the first connection is opened by hand.
        DbConnection::open(url, access).map_err(|error| DbError::Unreachable(error.to_string()))?;
        Self::open_later(url, access, size, deadline)
    }

    /// Opens connections when they are needed: the database may be away now.
    pub(super) fn open_later(
        url: &DatabaseUrl,
        access: Access,
        size: u32,
        deadline: Option<Duration>,
    ) -> Result<Self, DbError> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(CONNECTION_TIMEOUT)
            .test_on_check_out(false)
            // A server's memory for a connection grows; SQLite's writer must keep what it was told for a long import.
            .max_lifetime(matches!(url, DatabaseUrl::Postgres(_)).then_some(LIFETIME))
            .error_handler(Box::new(LogPoolError))
            .build_unchecked(Manager { url: url.clone(), access });
        let (queue, jobs) = unbounded();
        let pace = Arc::new(Pace::new(size));
        for _ in 0..size {
            let (jobs, pace): (Receiver<Job>, _) = (jobs.clone(), pace.clone());
            // It ends with the last lane that could send it anything.
            let thread = std::thread::Builder::new().name(format!("database-{access:?}").to_lowercase());
            thread
                .spawn(move || {
                    for job in jobs {
                        let begun = Instant::now();
                        // What was given up meanwhile takes no time, and says nothing of the pace.
                        if job() {
                            pace.note(begun.elapsed());
                        }
                    }
                })
                .map_err(|error| DbError::Unreachable(format!("no thread for it: {error}")))?;
        }
        Ok(Self { pool, queue, pace, deadline })
    }

    /// Runs `work` on one of the threads, with one of the connections.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if self.pace.wait() > QUEUE_WAIT {
            return Err(busy().into());
        }
        let turn = Turn::new(&self.pace);
        let (answer, mut answered) = oneshot::channel();
        let (pool, span, open, deadline) = (self.pool.clone(), tracing::Span::current(), turn.clone(), self.deadline);
        let job = move || {
            let begun = open.take(Turn::BEGUN);
            if begun {
                let deadline = deadline.map(|deadline| Instant::now() + deadline);
                let work = || sqlite::until(deadline, || span.in_scope(|| with(&pool, work)));
                // A panic ends this work, and its connection with it, and not the thread.
                let done = catch_unwind(AssertUnwindSafe(work));
                // Who has gone away needs no answer.
                _ = answer.send(done.unwrap_or_else(|_| Err(DbError::Panicked.into())));
            }
            begun
        };
        let waiting = Waiting(turn);
        let ended = |_| Err(DbError::Panicked.into());
        if self.queue.send(Box::new(job)).is_err() {
            return Err(DbError::Panicked.into());
        }
        if let Ok(done) = timeout(QUEUE_WAIT, &mut answered).await {
            return done.unwrap_or_else(ended);
        }
        if waiting.0.take(Turn::GIVEN_UP) {
            return Err(busy().into());
        }
        let Some(deadline) = self.deadline else { return answered.await.unwrap_or_else(ended) };
        match timeout(deadline, answered).await {
            Ok(done) => done.unwrap_or_else(ended),
            // The work keeps its thread until it ends, so that a database that hangs is not sent more and more of it. On SQLite it ends
            // now.
            Err(_) => Err(DbError::late().into()),
        }
    }

    /// Runs `work` on the calling thread.
    pub(super) fn with<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        with(&self.pool, work)
    }
}

/// Connections are not tested when they are taken, which would cost a round trip each. One that may be dead, since the work
/// failed on it, is tested then, and not given back if it is.
fn with<T, E: From<DbError>>(
    pool: &Pool<Manager>,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let mut held: PooledConnection<Manager> = pool.get().map_err(|error| DbError::Unreachable(error.to_string()))?;
    let result = work(&mut held.conn);
    if result.is_err() {
        held.lost = held.conn.batch_execute("SELECT 1").is_err();
    }
    result
}

struct Manager {
    url: DatabaseUrl,
    access: Access,
}

/// A connection, and whether it turned out to be dead.
struct Held {
    conn: DbConnection,
    lost: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Held;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Held, ConnectionError> {
        Ok(Held { conn: DbConnection::open(&self.url, self.access)?, lost: false })
    }

    fn is_valid(&self, held: &mut Held) -> Result<(), ConnectionError> {
        held.conn.batch_execute("SELECT 1").map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        type Manager = <DbConnection as Connection>::TransactionManager;
        held.lost || std::thread::panicking() || Manager::is_broken_transaction_manager(&mut held.conn)
    }
}

#[derive(Debug)]
struct LogPoolError;

impl r2d2::HandleError<ConnectionError> for LogPoolError {
    fn handle_error(&self, error: ConnectionError) {
        tracing::warn!(%error, "no database connection: {error}");
    }
}

#[cfg(test)]
mod tests {
    use diesel::RunQueryDsl;

    use super::*;

    #[test]
    fn a_queue_is_too_long_only_when_that_is_certain() {
        let pace = Pace::new(2);
        let wait = |waiting: u64| {
            pace.waiting.store(waiting, Ordering::Relaxed);
            pace.wait()
        };
        assert_eq!(wait(1_000_000), Duration::ZERO, "nothing is known yet");
        (0..2000).for_each(|_| pace.note(Duration::from_millis(1)));
        assert!(wait(400) < QUEUE_WAIT && wait(600) > QUEUE_WAIT, "{:?}", wait(500));
        pace.note(Duration::from_secs(10));
        assert!(wait(400) < QUEUE_WAIT, "a single slow one makes nobody wait: {:?}", wait(400));
        (0..2000).for_each(|_| pace.note(Duration::from_secs(10)));
        assert!(wait(40) < QUEUE_WAIT && wait(60) > QUEUE_WAIT, "{:?}", wait(50));
        let later = Pace { started: pace.started - Duration::from_secs(2), ..pace };
        later.waiting.store(60, Ordering::Relaxed);
        assert_eq!(later.wait(), Duration::ZERO, "what was slow some time ago");
    }

    #[tokio::test]
    async fn sqlite_ends_what_takes_too_long_and_its_thread_is_free_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("lane.db"));
        let lane = Lane::open(&url, Access::Write, 1, Some(Duration::from_millis(50))).expect("a lane");
        let count = |most: &'static str| {
            lane.run(move |conn| {
                let numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";
                let sql = format!("{numbers} SELECT x FROM n {most}");
                Ok::<_, DbError>(diesel::sql_query(sql).execute(conn)?)
            })
        };
        let late = count("WHERE x < 0").await;
        assert!(matches!(&late, Err(DbError::Unreachable(why)) if why.contains("in time")), "{late:?}");
        assert!(count("LIMIT 10").await.is_ok());
    }

    #[test]
    fn what_was_begun_or_given_up_waits_no_longer() {
        let pace = Arc::new(Pace::new(1));
        let (begun, given_up) = (Turn::new(&pace), Turn::new(&pace));
        assert_eq!(pace.waiting.load(Ordering::Relaxed), 2);
        assert!(begun.take(Turn::BEGUN) && !begun.take(Turn::GIVEN_UP));
        drop(Waiting(given_up.clone()));
        assert!(!given_up.take(Turn::BEGUN));
        assert_eq!(pace.waiting.load(Ordering::Relaxed), 0);
    }
}
