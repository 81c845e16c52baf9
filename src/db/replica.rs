//! Replicas: copies of the database that lag behind it, each by its own measure.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::connection::DbConnection;
use super::error::DbError;
use super::lane::Lane;
use super::sqlite::Access;
use super::transactions::read_tx;
use super::url::DatabaseUrl;

/// How far a replica is that can't be asked, and one that was not asked yet.
const AWAY: i64 = -1;
const UNASKED: i64 = -2;

/// A replica, and how far it is known to be.
pub struct Replica {
    /// For logs: without a password.
    name: String,
    readers: Lane,
    watch: Lane,
    /// The newest entry of the log that it had when it was last asked; it may be further by now, and never goes back.
    seq: AtomicI64,
}

impl Replica {
    pub(super) fn new(
        url: &DatabaseUrl,
        readers: u32,
        read_deadline: Duration,
        look_deadline: Duration,
    ) -> Result<Self, DbError> {
        Ok(Self {
            name: url.to_string(),
            readers: Lane::open_later(url, Access::Read, readers, Some(read_deadline))?,
            watch: Lane::open_later(url, Access::Read, 1, Some(look_deadline))?,
            seq: AtomicI64::new(UNASKED),
        })
    }

    /// Reads as [`super::Db::read_at`] does, or gives `whole` back where the replica has gone away or is too busy to begin it.
    pub(super) async fn read<T, E, F, W>(&self, at_once: F, whole: W) -> Result<Result<T, E>, W>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<Option<T>, E> + Send + 'static,
        W: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let here = Arc::new(Mutex::new(Some(whole)));
        let there = here.clone();
        let take = |place: &Mutex<Option<W>>| place.lock().unwrap_or_else(PoisonError::into_inner).take();
        let run = move |conn: &mut DbConnection| {
            // Kept here while that is under way: who waits for a replica that hangs must not ask the primary as well.
            let whole = take(&there);
            let done = at_once(conn);
            if let Ok(Some(done)) = done {
                return Ok(done);
            }
            *there.lock().unwrap_or_else(PoisonError::into_inner) = whole;
            done?;
            read_tx(conn, |conn| match take(&there) {
                Some(whole) => whole(conn),
                None => Err(DbError::Panicked.into()),
            })
        };
        match (self.readers.run(run).await, take(&here)) {
            (Err(_), Some(whole)) => Err(whole),
            (done, _) => Ok(done),
        }
    }

    /// Asks it how far it is; `newest` reads that. One that does not answer is not read from until it does.
    pub async fn ask(&self, newest: impl FnOnce(&mut DbConnection) -> Result<i64, DbError> + Send + 'static) {
        let seq = self.watch.run(|conn| read_tx(conn, newest)).await;
        let before = self.seq.swap(*seq.as_ref().unwrap_or(&AWAY), Ordering::Release);
        match seq {
            Ok(_) if before < 0 => tracing::info!(replica = self.name, "reading from the replica {}", self.name),
            Err(error) if before != AWAY => {
                tracing::warn!(%error, replica = self.name, "the replica {} is away: {error}", self.name);
            }
            _ => {}
        }
    }
}

/// All of them, which take turns.
#[derive(Clone, Default)]
pub(super) struct Replicas {
    all: Arc<[Arc<Replica>]>,
    turn: Arc<AtomicUsize>,
}

impl Replicas {
    pub(super) fn new(all: Vec<Replica>) -> Self {
        Self { all: all.into_iter().map(Arc::new).collect(), turn: Arc::default() }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Arc<Replica>> + '_ {
        self.all.iter().cloned()
    }

    /// One that has everything up to `seq`.
    pub(super) fn at(&self, seq: i64) -> Option<&Replica> {
        let turn = if self.all.is_empty() { 0 } else { self.turn.fetch_add(1, Ordering::Relaxed) % self.all.len() };
        let mut from_turn = self.all[turn..].iter().chain(&self.all[..turn]);
        from_turn.find(|replica| replica.seq.load(Ordering::Acquire) >= seq).map(Arc::as_ref)
    }
}
