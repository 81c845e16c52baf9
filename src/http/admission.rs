//! Admission: how many requests at once are let in to what reads the database.
//!
//! Some dozens keep it busy. More would only take memory, and the processor's caches with it: with fifteen hundred under way
//! a third fewer are answered. So the others wait in front of the router, each in its turn, as what came and not as work
//! begun. Who has waited for too long is refused, which costs less from here than by way of a handler, and least where the server has not
//! made a request of what came (`connections/stream.rs`).
//!
//! Nobody is refused sooner, although it may be certain that he waits in vain: who is refused at once asks again at once. With 1,500
//! connections that did so a fifth of the peak was answered; when they wait it is nine tenths, and nobody has to be refused.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;
use crate::db::DbError;

/// Requests for each connection of the database: its thread has the next piece of work at hand whenever it is done with one.
const EACH: u32 = 64;
/// How long a request waits at the most.
const WAIT: Duration = Duration::from_millis(250);
/// Who has waited for too long is told at multiples of this, and so with many others: to tell each for itself takes the processor from
/// those for whom is read, ever so often. In a five-fold overload some five of a hundred more are answered so.
const TOGETHER: Duration = Duration::from_millis(50);

/// The places, shared by cloning.
#[derive(Clone)]
pub struct Admission {
    places: Arc<Semaphore>,
    since: Instant,
}

/// A place, until it is dropped.
pub type Place = OwnedSemaphorePermit;
/// A request's turn to have one; `None` for who has waited for too long.
pub type Turn = Pin<Box<dyn Future<Output = Option<Place>>>>;

impl Admission {
    /// For so many connections of the database.
    pub fn new(connections: u32) -> Self {
        Self { places: Arc::new(Semaphore::new((connections * EACH) as usize)), since: Instant::now() }
    }

    /// A place, where there is one for who has not waited. Nobody is passed by: one that is given back goes to who waits.
    pub fn place_now(&self) -> Option<Place> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// A place when it is this one's turn.
    pub fn turn(&self) -> Turn {
        let (places, until) = (self.places.clone(), self.until(self.since.elapsed()));
        Box::pin(async move { timeout_at(until, places.acquire_owned()).await.ok()?.ok() })
    }

    /// Until when a request waits that comes so long after these places were made.
    fn until(&self, came: Duration) -> Instant {
        let latest = came + WAIT;
        let over = latest.as_nanos() % TOGETHER.as_nanos();
        self.since + latest - Duration::from_nanos(over as u64)
    }

    /// The place that a request has, else one when it is its turn.
    pub async fn place_or(&self, place: Option<Place>) -> Result<Place, Problem> {
        // Mostly there is one, and a clock need not be set.
        match place.or_else(|| self.place_now()) {
            Some(place) => Ok(place),
            None => self.turn().await.ok_or_else(Self::refusal),
        }
    }

    /// What is said to who has waited for too long.
    pub fn refusal() -> Problem {
        DbError::Busy { within_ms: WAIT.as_millis() as u64 }.into()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn as_many_as_there_are_places_are_let_in_and_others_in_their_turn() {
        let admission = Admission::new(1);
        let mut places = Vec::new();
        for _ in 0..EACH {
            places.push(admission.place_or(None).await.expect("a place"));
        }
        assert!(admission.place_or(None).await.is_err(), "nobody leaves");
        let next = admission.place_or(None);
        tokio::pin!(next);
        assert!(timeout(WAIT / 4, &mut next).await.is_err(), "it waits");
        places.pop();
        assert!(timeout(WAIT / 4, &mut next).await.expect("at once").is_ok());
    }

    #[test]
    fn those_who_wait_in_vain_are_told_together() {
        let admission = Admission::new(0);
        let mut told = Vec::new();
        for millis in 0..1000 {
            let came = Duration::from_millis(millis);
            let until = admission.until(came) - admission.since;
            assert!(came + WAIT - TOGETHER < until && until <= came + WAIT, "{came:?} {until:?}");
            told.push(until);
        }
        told.dedup();
        assert_eq!(told.len(), 20, "{told:?}");
    }
}
