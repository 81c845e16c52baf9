//! Rows that many requests want at once, read together.
//!
//! A round trip costs a database more than the few rows that it brings. So whoever gets a connection reads with what it was asked for
//! what the others wait for as well: the more of them wait, the less each costs. One that comes alone waits for nobody.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::connection::DbConnection;
use super::error::DbError;
use super::pool::{Db, READ_DEADLINE};

/// For how long one whose turn has come waits for another one who reads for it, such as from a replica that hangs.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads those of the rows that are there, in no order.
type Load<K, V, C> = dyn Fn(&mut DbConnection, &C, &[K]) -> Result<Vec<(K, V)>, DbError> + Send + Sync;

/// Reads rows of one kind by their keys, with what whoever reads brings along; shared by cloning. A row is cloned for each who asked
/// for it.
pub struct Loader<K, V, C = ()> {
    /// How many rows are read for several.
    most: usize,
    load: Arc<Load<K, V, C>>,
    queue: Arc<Queue<K, V>>,
}

/// The rows that were asked for, in that order; none where one of them is not there.
type Loaded<V> = Option<Vec<V>>;

struct Queue<K, V> {
    waiting: Mutex<VecDeque<Asked<K, V>>>,
    /// How often it was asked.
    count: AtomicU64,
}

struct Asked<K, V> {
    number: u64,
    keys: Vec<K>,
    /// The entry of the log that the database has to have.
    seq: i64,
    answer: oneshot::Sender<Loaded<V>>,
}

impl<K, V, C> Clone for Loader<K, V, C> {
    fn clone(&self) -> Self {
        Self { most: self.most, load: self.load.clone(), queue: self.queue.clone() }
    }
}

impl<K, V, C> Loader<K, V, C>
where
    K: Clone + Ord + Send + 'static,
    V: Clone + Send + 'static,
    C: Clone + Send + 'static,
{
    /// Nobody waits yet. `most` rows are read for several.
    pub fn new(
        most: usize,
        load: impl Fn(&mut DbConnection, &C, &[K]) -> Result<Vec<(K, V)>, DbError> + Send + Sync + 'static,
    ) -> Self {
        let queue = Queue { waiting: Mutex::default(), count: AtomicU64::new(0) };
        Self { most, load: Arc::new(load), queue: Arc::new(queue) }
    }

    /// The rows of `keys` in that order, from a database that has everything up to the log's entry `seq`. `None` where one of them is
    /// not there, and where the statement failed, which may have been for the rows of others: then they have to be read in another
    /// way, which will tell why. Whoever reads first does so `with` what it brings along, for those who need no later entry.
    pub async fn load(&self, db: &Db, seq: i64, with: C, keys: Vec<K>) -> Result<Option<Vec<V>>, DbError> {
        if keys.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let deadline = Instant::now() + READ_DEADLINE;
        let (answer, mut loaded) = oneshot::channel();
        let number = self.queue.count.fetch_add(1, Ordering::Relaxed);
        self.queue.waiting().push_back(Asked { number, keys, seq, answer });
        let (first, again, with_again) = (self.clone(), self.clone(), with.clone());
        let read = db.read_at(
            seq,
            move |conn| first.serve(conn, number, seq, &with).map(Some),
            move |conn| again.serve(conn, number, seq, &with_again),
        );
        // A reading of somebody else's may bring them before it comes to the own one, which is then given up.
        let loaded = tokio::select! {
            biased;
            loaded = &mut loaded => loaded,
            read = read => {
                // Whatever became of the own reading, somebody else may be at it already.
                if let Err(error) = read && self.queue.withdraw(number) {
                    return Err(error);
                }
                match timeout_at(deadline.min(Instant::now() + PATIENCE), loaded).await {
                    Ok(loaded) => loaded,
                    Err(_) if Instant::now() >= deadline => return Err(DbError::late()),
                    Err(_) => return Ok(None),
                }
            }
        };
        match loaded {
            Ok(loaded) => Ok(loaded),
            Err(_) if Instant::now() >= deadline => Err(DbError::late()),
            Err(_) => Ok(None),
        }
    }

    /// Reads what `number` waits for, if it still does, and what others do.
    fn serve(&self, conn: &mut DbConnection, number: u64, seq: i64, with: &C) -> Result<(), DbError> {
        let (batch, keys) = self.queue.take(number, seq, self.most);
        if keys.is_empty() {
            return Ok(());
        }
        let rows: BTreeMap<K, V> = (self.load)(conn, with, &keys)?.into_iter().collect();
        for Asked { keys, answer, .. } in batch {
            // Who has gone away needs no answer.
            _ = answer.send(keys.iter().map(|key| rows.get(key).cloned()).collect());
        }
        Ok(())
    }
}

impl<K: Clone + Ord, V> Queue<K, V> {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Asked<K, V>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody had taken it.
    fn withdraw(&self, number: u64) -> bool {
        let mut waiting = self.waiting();
        let place = waiting.iter().position(|asked| asked.number == number);
        place.and_then(|place| waiting.remove(place)).is_some()
    }

    /// That of `number`, unless somebody has taken it, and others that wait the longest, of those for whom a database with the
    /// log's entry `seq` will do, up to so many rows; with the keys of them all.
    fn take(&self, number: u64, seq: i64, most: usize) -> (Vec<Asked<K, V>>, Vec<K>) {
        let mut waiting = self.waiting();
        let own = waiting.iter().position(|asked| asked.number == number);
        let mut taken: Vec<Asked<K, V>> = own.and_then(|place| waiting.remove(place)).into_iter().collect();
        let mut keys: BTreeSet<K> = taken.iter().flat_map(|asked| &asked.keys).cloned().collect();
        let mut place = 0;
        while let Some(next) = waiting.get(place) {
            if next.answer.is_closed() {
                waiting.remove(place);
            } else if next.seq > seq {
                place += 1;
            } else if keys.len() + next.keys.iter().filter(|key| !keys.contains(*key)).count() > most {
                break;
            } else {
                keys.extend(next.keys.iter().cloned());
                taken.extend(waiting.remove(place));
            }
        }
        (taken, keys.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

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

    fn ids(first: i64) -> Vec<i64> {
        (first..first + 10).collect()
    }

    fn tens(first: i64) -> Option<Vec<i64>> {
        Some(ids(first).iter().map(|id| id * 10).collect())
    }

    /// What each is given of those who come while the only reader is at something else.
    async fn together(loader: &Loader<i64, i64>, db: &Db, all: Vec<Vec<i64>>) -> Vec<Option<Vec<i64>>> {
        let (begun, is_begun) = oneshot::channel();
        let (release, released) = std::sync::mpsc::channel();
        let held = db.clone();
        let held = tokio::spawn(async move {
            held.read(move |_| {
                _ = begun.send(());
                Ok::<_, DbError>(released.recv().is_ok())
            })
            .await
        });
        is_begun.await.expect("the reader is busy");
        let ask = |ids| {
            let (loader, db) = (loader.clone(), db.clone());
            tokio::spawn(async move { loader.load(&db, 0, (), ids).await })
        };
        // One that goes away before its turn.
        let gone = ask(vec![666]);
        let count = all.len() + 1;
        let all: Vec<_> = all.into_iter().map(ask).collect();
        while loader.queue.waiting().len() < count {
            tokio::task::yield_now().await;
        }
        gone.abort();
        assert!(gone.await.is_err());
        release.send(()).expect("the reader waits");
        assert!(held.await.expect("it ends").expect("it reads"));
        let mut given = Vec::new();
        for one in all {
            given.push(one.await.expect("it ends").expect("a reading"));
        }
        assert!(loader.queue.waiting().is_empty());
        given
    }

    #[tokio::test]
    async fn rows_come_in_the_order_of_their_ids_and_all_of_them_or_none() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let ((_folder, db), loader) = (database(), Loader::new(64, |_, (), ids| tenfold(&CALLS, ids)));
        let load = async |ids: &[i64]| loader.load(&db, 0, (), ids.to_vec()).await.expect("a reading");
        assert_eq!(load(&[3, 1, 2, 1]).await, Some(vec![30, 10, 20, 10]));
        assert_eq!(load(&[12, 13]).await, None);
        assert_eq!(load(&[]).await, Some(vec![]));
        assert_eq!(CALLS.load(Ordering::Relaxed), 2);
        assert_eq!(load(&[1, 666]).await, None);
        assert!(loader.queue.waiting().is_empty());
    }

    #[tokio::test]
    async fn those_who_wait_together_are_read_for_in_one_statement() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let ((_folder, db), loader) = (database(), Loader::new(64, |_, (), ids| tenfold(&CALLS, ids)));
        let given = together(&loader, &db, (0..20).map(|n| ids(100 * n)).collect()).await;
        assert_eq!(given, (0..20).map(|n| tens(100 * n)).collect::<Vec<_>>());
        // Sixty rows at once.
        assert_eq!(CALLS.swap(0, Ordering::Relaxed), 4);
        let given = together(&loader, &db, vec![ids(70); 30]).await;
        assert_eq!((given, CALLS.swap(0, Ordering::Relaxed)), (vec![tens(70); 30], 1), "the same ten for all");
        let given = together(&loader, &db, vec![ids(20), vec![21, 13], ids(25)]).await;
        assert_eq!((given, CALLS.load(Ordering::Relaxed)), (vec![tens(20), None, tens(25)], 1));
    }

    #[tokio::test]
    async fn a_statement_that_fails_leaves_nobody_waiting() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let ((_folder, db), loader) = (database(), Loader::new(64, |_, (), ids| tenfold(&CALLS, ids)));
        let given = together(&loader, &db, vec![ids(1), vec![666], ids(30)]).await;
        assert_eq!((given, CALLS.load(Ordering::Relaxed)), (vec![None; 3], 1));
        assert_eq!(loader.load(&db, 0, (), ids(1)).await.expect("a reading"), tens(1));
    }

    #[test]
    fn a_database_that_lacks_what_another_needs_reads_nothing_for_it() {
        let queue = Queue::<i64, i64> { waiting: Mutex::default(), count: AtomicU64::new(0) };
        let mut kept = Vec::new();
        for (number, seq) in [(1, 5), (2, 7), (3, 5), (4, 6)] {
            let (answer, loaded) = oneshot::channel();
            kept.push(loaded);
            queue.waiting().push_back(Asked { number, keys: vec![number as i64], seq, answer });
        }
        let take = |number, seq| {
            let (taken, ids) = queue.take(number, seq, 64);
            (taken.iter().map(|asked| asked.number).collect::<Vec<_>>(), ids)
        };
        assert_eq!(take(4, 6), (vec![4, 1, 3], vec![1, 3, 4]));
        assert_eq!(take(9, 6), (vec![], vec![]));
        assert!(queue.withdraw(2) && !queue.withdraw(2) && !queue.withdraw(1));
    }
}
