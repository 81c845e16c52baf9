//! Lanes: as many threads as connections, and the queue that stands before them.
//!
//! A thread that has finished one piece of work takes the next at once, so that under load nobody is woken in between. Work
//! that was not begun after a short wait is given up with [`DbError::Busy`]: an overload is refused early and does not pile
//! up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::{Connection, ConnectionError};
use r2d2::{Pool, PooledConnection};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::DbConnection;
use super::error::DbError;
use super::sqlite::Access;
use super::url::DatabaseUrl;

/// How long work may wait for a thread.
const QUEUE_WAIT: Duration = Duration::from_millis(250);
/// r2d2 backs off for up to half of this between attempts, so a longer one delays recovery after an outage.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// Connections of one kind, with a thread for each.
#[derive(Clone)]
pub(super) struct Lane {
    pool: Pool<Manager>,
    queue: Sender<Job>,
    /// How long an answer is waited for; none where work that was begun should not be given up.
    deadline: Option<Duration>,
}

/// Whose turn a piece of work is: it is begun by a thread or given up by who asked for it, never both.
#[derive(Clone, Default)]
struct Turn(Arc<AtomicU8>);

impl Turn {
    const OPEN: u8 = 0;
    const BEGUN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn take(&self, to: u8) -> bool {
        self.0.compare_exchange(Self::OPEN, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
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
            .error_handler(Box::new(LogPoolError))
            .build_unchecked(Manager { url: url.clone(), access });
        let (queue, jobs) = unbounded();
        for _ in 0..size {
            let jobs: Receiver<Job> = jobs.clone();
            // It ends with the last lane that could send it anything.
            let thread = std::thread::Builder::new().name(format!("database-{access:?}").to_lowercase());
            thread
                .spawn(move || jobs.iter().for_each(|job| job()))
                .map_err(|error| DbError::Unreachable(format!("no thread for it: {error}")))?;
        }
        Ok(Self { pool, queue, deadline })
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
        let turn = Turn::default();
        let (answer, mut answered) = oneshot::channel();
        let (pool, span, open) = (self.pool.clone(), tracing::Span::current(), turn.clone());
        let job = move || {
            if open.take(Turn::BEGUN) {
                // A panic ends this work, and its connection with it, and not the thread.
                let done = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| with(&pool, work))));
                // Who has gone away needs no answer.
                _ = answer.send(done.unwrap_or_else(|_| Err(DbError::Panicked.into())));
            }
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
            return Err(DbError::Busy { waited_ms: QUEUE_WAIT.as_millis() as u64 }.into());
        }
        let Some(deadline) = self.deadline else { return answered.await.unwrap_or_else(ended) };
        match timeout(deadline, answered).await {
            Ok(done) => done.unwrap_or_else(ended),
            // The work keeps its thread until it ends, so that a database that hangs is not sent more and more of it.
            Err(_) => Err(DbError::Unreachable("the database did not answer in time".into()).into()),
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
