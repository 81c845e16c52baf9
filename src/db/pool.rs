//! Pools of readers and writers, and the permits that stand before them.
//!
//! Blocking work runs on the blocking threads, never more of it at once than there are connections: past the permits and
//! a short wait the answer is [`DbError::Busy`], so that an overload is refused early and does not pile up.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::{Connection, ConnectionError, RunQueryDsl};
use r2d2::{Pool, PooledConnection};
use tokio::sync::Semaphore;

use super::connection::{Backend, DbConnection};
use super::error::DbError;
use super::sqlite::Access;
use super::transactions::{read_tx, write_tx};
use super::url::DatabaseUrl;

/// How long a request may wait for a permit.
const PERMIT_WAIT: Duration = Duration::from_millis(250);
/// How long a request's reading may take.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// How long a look of the service's own may take, such as a probe's.
const LOOK_DEADLINE: Duration = Duration::from_secs(1);
/// r2d2 backs off for up to half of this between attempts, so a longer one delays recovery after an outage.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// How many connections.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Readers; as many as cores is the fastest.
    pub readers: u32,
}

/// A database, shared by cloning.
#[derive(Clone)]
pub struct Db {
    backend: Backend,
    readers: Lane,
    writers: Lane,
    /// For the service's own looks at the database, which must not wait behind requests.
    watch: Lane,
    committed: Arc<OnceLock<Committed>>,
}

/// What is done after each commit.
type Committed = Box<dyn Fn(&mut DbConnection) + Send + Sync>;

#[derive(Clone)]
struct Lane {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    /// How long an answer is waited for; none where work that was begun should not be given up.
    deadline: Option<Duration>,
}

impl Db {
    /// Opens both pools; fails when no connection can be had now.
    pub fn open(url: &DatabaseUrl, options: PoolOptions) -> Result<Self, DbError> {
        let backend = match url {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        };
        // Writers take turns on both databases: one more would only wait.
        let writers = Lane::open(url, Access::Write, 1, None)?;
        let readers = Lane::open(url, Access::Read, options.readers.max(1), Some(READ_DEADLINE))?;
        let watch = Lane::open(url, Access::Read, 1, Some(LOOK_DEADLINE))?;
        watch.with(check_encoding)?;
        Ok(Self { backend, readers, writers, watch, committed: Arc::default() })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs `work` in one read snapshot on a blocking thread.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.readers.run(move |lane| lane.with(|conn| read_tx(conn, work))).await
    }

    /// [`Db::read`] for what the service itself wants to know, such as whether the log has grown: short reads, one at a
    /// time, that wait for no request.
    pub async fn look<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.watch.run(move |lane| lane.with(|conn| read_tx(conn, work))).await
    }

    /// Has this done after each commit, before the writer is answered. Set once.
    pub fn after_commit(&self, hook: impl Fn(&mut DbConnection) + Send + Sync + 'static) {
        if self.committed.set(Box::new(hook)).is_err() {
            tracing::error!("what is done after a commit was set before");
        }
    }

    /// Runs `work` in one write transaction on a blocking thread.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let committed = self.committed.clone();
        self.writers.run(move |lane| lane.with(|conn| commit(conn, &committed, work))).await
    }

    /// [`Db::read`] on the calling thread, for commands.
    pub fn read_here<T, E: From<DbError>>(&self, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E> {
        self.readers.with(|conn| read_tx(conn, work))
    }

    /// [`Db::write`] on the calling thread, for commands.
    pub fn write_here<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writers.with(|conn| commit(conn, &self.committed, work))
    }

    /// The writing connection outside any transaction, for migrations.
    pub(super) fn with_writer<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writers.with(work)
    }
}

/// A PostgreSQL database in another encoding has no place for most of the region's letters, and tells so only when it
/// meets one.
fn check_encoding(conn: &mut DbConnection) -> Result<(), DbError> {
    let DbConnection::Postgres(conn) = conn else { return Ok(()) };
    let setting = diesel::dsl::sql::<diesel::sql_types::Text>("current_setting('server_encoding')");
    match diesel::select(setting).get_result::<String>(conn)?.as_str() {
        "UTF8" => Ok(()),
        other => Err(DbError::Unreachable(format!("the database's encoding is {other}; make it with ENCODING 'UTF8'"))),
    }
}

fn commit<T, E: From<DbError>>(
    conn: &mut DbConnection,
    committed: &OnceLock<Committed>,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let value = write_tx(conn, work)?;
    if let Some(hook) = committed.get() {
        hook(conn);
    }
    Ok(value)
}

impl Lane {
    fn open(url: &DatabaseUrl, access: Access, size: u32, deadline: Option<Duration>) -> Result<Self, DbError> {
        let manager = Manager { url: url.clone(), access };
        // r2d2 would try again until its time-out and then hide the cause, so the first connection is opened by hand.
        DbConnection::open(url, access).map_err(|error| DbError::Unreachable(error.to_string()))?;
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(CONNECTION_TIMEOUT)
            .test_on_check_out(false)
            .error_handler(Box::new(LogPoolError))
            .build(manager)
            .map_err(|error| DbError::Unreachable(error.to_string()))?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(size as usize)), deadline })
    }

    async fn run<T, E>(&self, work: impl FnOnce(&Lane) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let waiting = tokio::time::timeout(PERMIT_WAIT, self.permits.clone().acquire_owned());
        let Ok(Ok(permit)) = waiting.await else {
            return Err(DbError::Busy { waited_ms: PERMIT_WAIT.as_millis() as u64 }.into());
        };
        let lane = self.clone();
        let span = tracing::Span::current();
        let task = tokio::task::spawn_blocking(move || {
            // The permit moves in with the work: a client that goes away ends the wait, but not the work.
            let _permit = permit;
            span.in_scope(|| work(&lane))
        });
        let done = match self.deadline {
            Some(deadline) => tokio::time::timeout(deadline, task).await,
            None => Ok(task.await),
        };
        match done {
            Ok(result) => result.unwrap_or_else(|_| Err(DbError::Panicked.into())),
            // The work keeps its permit until it ends, so that a database that hangs is not sent more and more of it.
            Err(_) => Err(DbError::Unreachable("the database did not answer in time".into()).into()),
        }
    }

    /// Connections are not tested when they are taken, which would cost a round trip each. One that may be dead, since
    /// the work failed on it, is tested then, and not given back if it is.
    fn with<T, E: From<DbError>>(&self, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E> {
        let mut held: PooledConnection<Manager> =
            self.pool.get().map_err(|error| DbError::Unreachable(error.to_string()))?;
        let result = work(&mut held.conn);
        if result.is_err() {
            held.lost = held.conn.batch_execute("SELECT 1").is_err();
        }
        result
    }
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
