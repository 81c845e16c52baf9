//! How this process learns that the log has grown: one follower asks, marks what has changed, and wakes all who wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::topics::{Read, begin, read_on};
use crate::db::{Db, DbConnection, DbError};
use crate::http::Problem;
use crate::http::kept::Marks;

/// Listeners at once; past them the answer is 503.
const MOST_LISTENERS: usize = 1_000;
/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(100);
/// How long a stream may be silent.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is known of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct News {
    /// Its newest entry.
    newest: i64,
    /// When it last had an entry about a rate, its newest entry then.
    rates: i64,
    /// The process is to stop, and nobody is to wait any longer.
    stopping: bool,
}

/// The one who asks. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Follower {
    news: watch::Sender<News>,
    places: Arc<Semaphore>,
    marks: Arc<Marks>,
    /// How far the log was read. Held while it is read, so that nothing is marked as read before it is.
    place: Arc<Mutex<Option<i64>>>,
}

impl Follower {
    /// Marks what changes.
    pub fn new(marks: Arc<Marks>) -> Self {
        Self::with_places(MOST_LISTENERS, marks)
    }

    fn with_places(places: usize, marks: Arc<Marks>) -> Self {
        Self { news: watch::Sender::default(), places: Arc::new(Semaphore::new(places)), marks, place: Arc::default() }
    }

    /// Follows the log for as long as it is polled, since other processes write too.
    pub async fn follow(self, db: Db) {
        let mut follows = true;
        loop {
            let follower = self.clone();
            let read = db.look(move |conn| follower.catch_up(conn)).await;
            // Said once: what is kept is meanwhile served as it is.
            match &read {
                Err(error) if follows => tracing::warn!(%error, "the log can't be followed now: {error}"),
                Ok(()) if !follows => tracing::info!("the log is followed again"),
                _ => {}
            }
            follows = read.is_ok();
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Reads on in the log: marks what its new entries change, and wakes who waits for them.
    pub fn catch_up(&self, conn: &mut DbConnection) -> Result<(), DbError> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let Read { seq, any_rate } = match *place {
            Some(since) => read_on(conn, &self.marks, since)?,
            None => begin(conn, &self.marks)?,
        };
        *place = Some(seq);
        self.marks.reach(seq);
        self.tell(seq, any_rate);
        Ok(())
    }

    /// [`Follower::catch_up`] after a commit, when it can't be left undone.
    pub fn catch_up_or_drop(&self, conn: &mut DbConnection) {
        if let Err(error) = self.catch_up(conn) {
            tracing::warn!(%error, "what was kept is dropped, since the log can't be read: {error}");
            self.marks.drop_all();
        }
    }

    fn tell(&self, newest: i64, any_rate: bool) {
        self.news.send_if_modified(|news| {
            let told = News { newest, rates: if any_rate { newest } else { news.rates }, ..*news };
            std::mem::replace(news, told) != told
        });
    }

    /// A place to listen from; 503 when all are taken.
    pub fn listen(&self) -> Result<Listening, Problem> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| Problem::busy("As many listen as this server takes."))?;
        Ok(Listening { news: self.news.subscribe(), _place: place })
    }

    /// Ends all waiting, so that a process that is to stop is not held up.
    pub fn stop(&self) {
        self.news.send_modify(|news| news.stopping = true);
    }
}

/// A place to listen from.
#[derive(Debug)]
pub struct Listening {
    news: watch::Receiver<News>,
    _place: OwnedSemaphorePermit,
}

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// There is something new.
    News,
    /// The process is to stop.
    Stopping,
}

impl Listening {
    /// Waits until the log has an entry after `seq`.
    pub async fn after(&mut self, seq: i64) -> Wake {
        self.wait(|news| news.newest > seq).await
    }

    /// Waits until the log has an entry about a rate after `seq`.
    pub async fn rate_after(&mut self, seq: i64) -> Wake {
        self.wait(|news| news.rates > seq).await
    }

    async fn wait(&mut self, holds: impl Fn(&News) -> bool) -> Wake {
        match self.news.wait_for(|news| news.stopping || holds(news)).await {
            Ok(news) if !news.stopping => Wake::News,
            _ => Wake::Stopping,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let follower = Follower::with_places(2, Arc::default());
        let (one, two) = (follower.listen(), follower.listen());
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(follower.listen().map_err(|problem| problem.code()).err(), Some(crate::http::Code::Unavailable));
        drop(one);
        assert!(follower.listen().is_ok());
    }

    #[tokio::test]
    async fn each_wait_is_for_its_own_news() {
        let follower = Follower::new(Arc::default());
        let mut listening = follower.listen().expect("a place");
        follower.tell(7, false);
        assert_eq!(listening.after(6).await, Wake::News);
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, listening.after(7)).await.is_err());
        assert!(tokio::time::timeout(soon, listening.rate_after(0)).await.is_err());
        follower.tell(8, true);
        assert_eq!((listening.after(7).await, listening.rate_after(7).await), (Wake::News, Wake::News));
        follower.stop();
        assert_eq!(listening.after(99).await, Wake::Stopping);
    }
}
