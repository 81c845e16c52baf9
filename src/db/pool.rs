//! The database as the rest of the house sees it: work for readers, for the writer, and for the service's own looks.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;

use super::bulk::{Bulk, Occupancy};
use super::connection::{Backend, DbConnection, EXPECT_BULK, STATEMENT_TIMEOUT};
use super::error::DbError;
use super::lane::Lane;
use super::replica::{Replica, Replicas};
use super::sqlite::{self, Access};
use super::transactions::{read_tx, write_tx};
use super::url::DatabaseUrl;

/// How long a request's reading may take.
pub(super) const READ_DEADLINE: Duration = Duration::from_secs(10);
/// How long a look of the service's own may take, such as a probe's.
const LOOK_DEADLINE: Duration = Duration::from_secs(1);

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
    replicas: Replicas,
}

/// What is done after each commit.
type Committed = Box<dyn Fn(&mut DbConnection) + Send + Sync>;

impl Db {
    /// Opens a connection of each kind; fails when none can be had now.
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
        Ok(Self { backend, readers, writers, watch, committed: Arc::default(), replicas: Replicas::default() })
    }

    /// The same with replicas, which need not be there yet.
    pub fn with_replicas(self, urls: &[DatabaseUrl], options: PoolOptions) -> Result<Self, DbError> {
        let replicas = urls.iter().map(|url| Replica::new(url, options.readers.max(1), READ_DEADLINE, LOOK_DEADLINE));
        Ok(Self { replicas: Replicas::new(replicas.collect::<Result<_, _>>()?), ..self })
    }

    /// The replicas, for who finds out how far they are.
    pub fn replicas(&self) -> impl Iterator<Item = Arc<Replica>> + '_ {
        self.replicas.all()
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Runs `work` in one read snapshot on a reader's thread.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.readers.run(|conn| read_tx(conn, work)).await
    }

    /// [`Db::read`], from a replica where one is known to have everything up to the log's entry `seq`. First `at_once` is tried,
    /// outside of a transaction: one statement is a snapshot by itself. When it gives nothing, `whole` reads in one snapshot.
    pub async fn read_at<T, E, F, W>(&self, seq: i64, at_once: F, whole: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<Option<T>, E> + Send + 'static,
        W: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        match self.replicas.at(seq) {
            Some(replica) => match replica.read(at_once, whole).await {
                Ok(done) => done,
                Err(whole) => self.read(whole).await,
            },
            None => {
                let read = |conn: &mut DbConnection| match at_once(conn)? {
                    Some(done) => Ok(done),
                    None => read_tx(conn, whole),
                };
                self.readers.run(read).await
            }
        }
    }

    /// [`Db::read`] for what the service itself wants to know, such as whether the log has grown: short reads, one at a
    /// time, that wait for no request.
    pub async fn look<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.watch.run(|conn| read_tx(conn, work)).await
    }

    /// Has this done after each commit, before the writer is answered. Set once.
    pub fn after_commit(&self, hook: impl Fn(&mut DbConnection) + Send + Sync + 'static) {
        if self.committed.set(Box::new(hook)).is_err() {
            tracing::error!("what is done after a commit was set before");
        }
    }

    /// Runs `work` in one write transaction on the writer's thread.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let committed = self.committed.clone();
        self.writers.run(move |conn| commit(conn, &committed, work)).await
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
        sqlite::patiently(|| self.writers.with(|conn| commit(conn, &self.committed, work)))
    }

    /// Lets others write who wait for it, between two transactions of a command that has many: SQLite's lock is not given in turn.
    pub fn give_way(&self) {
        if self.backend == Backend::Sqlite {
            std::thread::sleep(sqlite::TURN);
        }
    }

    /// Prepares for a command that writes much. SQLite's writer then keeps more in memory, and a page that many transactions touch
    /// is put in its place once for all of them, by another thread for as long as what this returns is held. PostgreSQL's writer takes an
    /// index wherever there is one, from then on.
    pub fn expect_bulk(&self, occupancy: Occupancy) -> Result<Bulk, DbError> {
        self.writers.with(|conn| match conn {
            DbConnection::Sqlite(conn) => {
                let watch = self.watch.clone();
                let checkpoint = |conn: &mut DbConnection| match conn {
                    DbConnection::Sqlite(conn) => Ok(sqlite::checkpoint(conn)?),
                    DbConnection::Postgres(_) => Ok(()),
                };
                let bulk = Bulk::beside(occupancy, move || watch.with(checkpoint))?;
                sqlite::expect_bulk(conn, occupancy)?;
                Ok(bulk)
            }
            DbConnection::Postgres(conn) => {
                conn.batch_execute(EXPECT_BULK)?;
                Ok(Bulk::default())
            }
        })
    }

    /// Ends it. What was written is safe from a power cut when this has succeeded.
    pub fn end_bulk(&self, bulk: Bulk) -> Result<(), DbError> {
        let occupancy = bulk.occupancy;
        drop(bulk);
        let end = |conn: &mut DbConnection| match (conn, occupancy) {
            (DbConnection::Sqlite(conn), Occupancy::Empty) => Ok(sqlite::end_bulk(conn)?),
            _ => Ok(()),
        };
        sqlite::patiently(|| self.writers.with(end))
    }

    /// Has PostgreSQL look at what a command that wrote much has left: its planner knows of no rows and no page as visible to all
    /// until it does, and comes to that by itself after some minutes only. SQLite plans by the schema alone.
    pub fn after_bulk(&self) -> Result<(), DbError> {
        self.writers.with(|conn| match conn {
            DbConnection::Sqlite(_) => Ok(()),
            DbConnection::Postgres(conn) => {
                let names = "(SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = current_schema())";
                let tables: String = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(names)).get_result(conn)?;
                conn.batch_execute("SET statement_timeout = 0")?;
                conn.batch_execute(&format!("VACUUM (ANALYZE, SKIP_LOCKED) {tables}"))?;
                Ok(conn.batch_execute(&format!("SET statement_timeout = '{STATEMENT_TIMEOUT}'"))?)
            }
        })
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
