//! Rows by id that many requests want at once, read in one statement.
//!
//! A round trip costs a database more than the few rows that it brings. So whoever gets a connection reads with what it was asked for
//! what the others wait for as well: the more of them wait, the less each costs. One that comes alone waits for nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::DbConnection;
use super::error::DbError;
use super::pool::{Db, READ_DEADLINE};

/// Rows that one statement reads for several.
const MOST: usize = 64;

/// Reads those of the rows that are there, in no order.
pub type Load<V> = fn(&mut DbConnection, &[i64]) -> Result<Vec<(i64, V)>, DbError>;

/// Reads rows of one kind; shared by cloning.
pub struct Loader<V> {
    load: Load<V>,
    queue: Arc<Queue<V>>,
}

/// The rows that were asked for, in that order; none where one of them is not there.
type Loaded<V> = Option<Vec<Arc<V>>>;

struct Queue<V> {
    waiting: Mutex<VecDeque<Asked<V>>>,
    /// How often it was asked.
    count: AtomicU64,
}

struct Asked<V> {
    number: u64,
    ids: Vec<i64>,
    /// The entry of the log that the database has to have.
    seq: i64,
    answer: oneshot::Sender<Loaded<V>>,
}

impl<V> Clone for Loader<V> {
    fn clone(&self) -> Self {
        Self { load: self.load, queue: self.queue.clone() }
    }
}

impl<V: Send + Sync + 'static> Loader<V> {
    /// Nobody waits yet.
    pub fn new(load: Load<V>) -> Self {
        Self { load, queue: Arc::new(Queue { waiting: Mutex::default(), count: AtomicU64::new(0) }) }
    }

    /// The rows of `ids` in that order, from a database that has everything up to the log's entry `seq`. `None` where one of them is
    /// not there, and where a statement for several failed: then they have to be read in another way, which will tell why.
    pub async fn load(&self, db: &Db, seq: i64, ids: Vec<i64>) -> Result<Option<Vec<Arc<V>>>, DbError> {
        if ids.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (answer, mut loaded) = oneshot::channel();
        let number = self.queue.count.fetch_add(1, Ordering::Relaxed);
        self.queue.waiting().push_back(Asked { number, ids, seq, answer });
        let (first, again) = (self.clone(), self.clone());
        let read = db.read_at(
            seq,
            move |conn| first.serve(conn, number, seq).map(Some),
            move |conn| again.serve(conn, number, seq),
        );
        // A reading of somebody else's may bring them before it comes to the own one, which is then given up.
        tokio::select! {
            biased;
            loaded = &mut loaded => return Ok(loaded.unwrap_or_default()),
            read = read => read?,
        }
        match timeout(READ_DEADLINE, loaded).await {
            Ok(loaded) => Ok(loaded.unwrap_or_default()),
            Err(_) => Err(DbError::late()),
        }
    }

    /// Reads what `number` waits for, if it still does, and what others do.
    fn serve(&self, conn: &mut DbConnection, number: u64, seq: i64) -> Result<(), DbError> {
        let batch = self.queue.take(number, seq);
        let mut ids: Vec<i64> = batch.iter().flat_map(|asked| asked.ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let rows: HashMap<i64, Arc<V>> =
            (self.load)(conn, &ids)?.into_iter().map(|(id, row)| (id, Arc::new(row))).collect();
        for Asked { ids, answer, .. } in batch {
            // Who has gone away needs no answer.
            _ = answer.send(ids.iter().map(|id| rows.get(id).cloned()).collect());
        }
        Ok(())
    }
}

impl<V> Queue<V> {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Asked<V>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That of `number`, unless somebody has taken it, and others that wait the longest, of those for whom a database with the
    /// log's entry `seq` will do.
    fn take(&self, number: u64, seq: i64) -> Vec<Asked<V>> {
        let mut waiting = self.waiting();
        let own = waiting.iter().position(|asked| asked.number == number);
        let mut taken: Vec<Asked<V>> = own.and_then(|place| waiting.remove(place)).into_iter().collect();
        let mut rows = taken.iter().map(|asked| asked.ids.len()).sum::<usize>();
        let mut place = 0;
        while let Some(next) = waiting.get(place) {
            if next.answer.is_closed() {
                waiting.remove(place);
            } else if next.seq > seq {
                place += 1;
            } else if rows + next.ids.len() > MOST {
                break;
            } else {
                rows += next.ids.len();
                taken.extend(waiting.remove(place));
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use diesel::RunQueryDsl;

    use super::*;
    use crate::db::{DatabaseUrl, PoolOptions};

    /// Counts how often it was called; 13 is not there, and with 666 all fails.
    fn tenfold(calls: &AtomicUsize, ids: &[i64]) -> Result<Vec<(i64, i64)>, DbError> {
        calls.fetch_add(1, Ordering::Relaxed);
        if ids.contains(&666) {
            return Err(DbError::Corrupt("666".into()));
        }
        Ok(ids.iter().rev().filter(|id| **id != 13).map(|id| (*id, id * 10)).collect())
    }

    fn database() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("loader.db"));
        let db = Db::open(&url, PoolOptions { readers: 1 }).expect("a database");
        (folder, db)
    }

    fn values(loaded: Result<Option<Vec<Arc<i64>>>, DbError>) -> Option<Vec<i64>> {
        loaded.expect("a reading").map(|rows| rows.iter().map(|row| **row).collect())
    }

    #[tokio::test]
    async fn rows_come_in_the_order_of_their_ids_and_all_of_them_or_none() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let ((_folder, db), loader) = (database(), Loader::new(|_, ids| tenfold(&CALLS, ids)));
        assert_eq!(values(loader.load(&db, 0, vec![3, 1, 2, 1]).await), Some(vec![30, 10, 20, 10]));
        assert_eq!(values(loader.load(&db, 0, vec![12, 13]).await), None);
        assert_eq!(values(loader.load(&db, 0, vec![]).await), Some(vec![]));
        assert_eq!(CALLS.load(Ordering::Relaxed), 2);
        assert_eq!(values(loader.load(&db, 0, vec![1, 666]).await), None);
        assert!(loader.queue.waiting().is_empty());
    }

    #[tokio::test]
    async fn those_who_wait_together_are_read_for_in_one_statement() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let ((_folder, db), loader) = (database(), Loader::new(|_, ids| tenfold(&CALLS, ids)));
        // The only reader is busy meanwhile.
        let busy = db.read(|conn| {
            let slow =
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT count(*) FROM n";
            Ok::<_, DbError>(diesel::sql_query(slow).execute(conn)?)
        });
        let ids = |n: i64| (n..n + 10).collect::<Vec<_>>();
        let all = futures_util::future::join_all((0..20).map(|n| loader.load(&db, 0, ids(100 * n))));
        // One that went away before its turn.
        let gone = Box::pin(loader.load(&db, 0, vec![666]));
        let gone = futures_util::future::select(gone, std::future::ready(())).await;
        drop(gone);
        let (busy, all) = tokio::join!(busy, all);
        assert!(busy.is_ok());
        for (n, loaded) in (0..).zip(all) {
            assert_eq!(values(loaded), Some(ids(100 * n).iter().map(|id| id * 10).collect()), "{n}");
        }
        // Six times ten rows at once.
        let calls = CALLS.load(Ordering::Relaxed);
        assert!((4..=5).contains(&calls), "{calls}");
    }

    #[test]
    fn a_database_that_lacks_what_another_needs_reads_nothing_for_it() {
        let queue = Queue::<i64> { waiting: Mutex::default(), count: AtomicU64::new(0) };
        let mut kept = Vec::new();
        for (number, seq) in [(1, 5), (2, 7), (3, 5), (4, 6)] {
            let (answer, loaded) = oneshot::channel();
            kept.push(loaded);
            queue.waiting().push_back(Asked { number, ids: vec![1; 20], seq, answer });
        }
        let numbers = |taken: Vec<Asked<i64>>| taken.iter().map(|asked| asked.number).collect::<Vec<_>>();
        assert_eq!(numbers(queue.take(4, 6)), [4, 1, 3]);
        assert_eq!(numbers(queue.take(9, 6)), [0; 0]);
        assert_eq!(numbers(queue.take(2, 7)), [2]);
    }
}
