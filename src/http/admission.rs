//! Admission: how many requests at once are let in to what reads the database.
//!
//! Some dozens keep it busy. More would only take memory, and the processor's caches with it: with fifteen hundred under way
//! a third fewer are answered. So the others wait in front of the router, each in its turn, as what came and not as work
//! begun. Who has waited for too long is refused, which costs less from here than by way of a handler.
//!
//! Nobody is refused sooner, although it may be certain that he waits in vain: who is refused at once asks again at once. With 1,500
//! connections that want five times the peak a fifth of it was answered then, where it is nine tenths.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::problem::Problem;
use crate::db::DbError;

/// Requests for each connection of the database: its thread has the next piece of work at hand whenever it is done with one.
const EACH: u32 = 64;
/// How long a request waits.
const WAIT: Duration = Duration::from_millis(250);

/// The places, shared by cloning.
#[derive(Clone)]
pub struct Admission(Arc<Semaphore>);

impl Admission {
    /// For so many connections of the database.
    pub fn new(connections: u32) -> Self {
        Self(Arc::new(Semaphore::new((connections * EACH) as usize)))
    }

    /// A place, when it is this one's turn; it is given back when it is dropped.
    pub async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        // Mostly there is one, and a clock need not be set. Nobody is passed by: one that is given back goes to who waits.
        if let Ok(place) = self.0.clone().try_acquire_owned() {
            return Ok(place);
        }
        match timeout(WAIT, self.0.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Self::refusal()),
        }
    }

    /// What is said to who has waited for too long.
    pub fn refusal() -> Problem {
        DbError::Busy { within_ms: WAIT.as_millis() as u64 }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn as_many_as_there_are_places_are_let_in_and_others_in_their_turn() {
        let admission = Admission::new(1);
        let mut places = Vec::new();
        for _ in 0..EACH {
            places.push(admission.place().await.expect("a place"));
        }
        assert!(admission.place().await.is_err(), "nobody leaves");
        let next = admission.place();
        tokio::pin!(next);
        assert!(timeout(WAIT / 2, &mut next).await.is_err(), "it waits");
        places.pop();
        assert!(timeout(WAIT / 4, &mut next).await.expect("at once").is_ok());
    }
}
