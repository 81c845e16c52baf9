//! The one visibility rule: whether a caller may see an article.
//!
//! [`Visibility::of`] decides it from an article's state and the clock. The decision is stored with the article by every
//! write and, when the clock alone changes it, by a job; every read filters by the stored decision, where it depends on the caller
//! by `queries::Visible`. So an answer depends on what is stored and never on the instant of the request, and counts agree with lists.

use super::Status;
use crate::changes::Audience;
use crate::clock::Timestamp;

/// What an article's state says of its visibility at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visibility {
    /// Anyone may see it.
    pub public: bool,
    /// It is published, but held back until the embargo ends.
    pub embargoed: bool,
    /// When the clock alone will change the two above.
    pub next_transition_at: Option<Timestamp>,
}

/// The parts of an article's state that the rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub status: Status,
    pub published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

impl Visibility {
    /// Who may see it.
    pub fn audience(self) -> Audience {
        match (self.public, self.embargoed) {
            (true, _) => Audience::Everyone,
            (false, true) => Audience::Embargoed,
            (false, false) => Audience::Nobody,
        }
    }

    const HIDDEN: Self = Self { public: false, embargoed: false, next_transition_at: None };

    /// The rule. An instant belongs to what begins at it: live at `published_at`, free at `embargo_until`, gone at
    /// `expires_at`.
    pub fn of(terms: Terms, now: Timestamp) -> Self {
        let Terms { status, published_at, embargo_until, expires_at } = terms;
        let (Status::Published | Status::Scheduled, Some(published_at)) = (status, published_at) else {
            return Self::HIDDEN;
        };
        if expires_at.is_some_and(|at| at <= now.max(published_at)) {
            return Self::HIDDEN;
        }
        if now < published_at {
            return Self { next_transition_at: Some(published_at), ..Self::HIDDEN };
        }
        match embargo_until.filter(|at| now < *at) {
            Some(free) => {
                let next = expires_at.map_or(free, |at| at.min(free));
                Self { public: false, embargoed: true, next_transition_at: Some(next) }
            }
            None => Self { public: true, embargoed: false, next_transition_at: expires_at },
        }
    }
}

/// The status that goes with the clock: a scheduled article whose time has come is published, and the other way round.
pub fn status_at(status: Status, published_at: Option<Timestamp>, now: Timestamp) -> Status {
    match (status, published_at) {
        (Status::Scheduled | Status::Published, Some(at)) if at <= now => Status::Published,
        (Status::Scheduled | Status::Published, Some(_)) => Status::Scheduled,
        (status, _) => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).expect("in range")
    }

    fn state(terms: (Status, i64, Option<i64>, Option<i64>), now: i64) -> (bool, bool, Option<i64>) {
        let (status, published, embargo, expiry) = terms;
        let terms = Terms {
            status,
            published_at: Some(at(published)),
            embargo_until: embargo.map(at),
            expires_at: expiry.map(at),
        };
        let Visibility { public, embargoed, next_transition_at } = Visibility::of(terms, at(now));
        (public, embargoed, next_transition_at.map(|at| at.micros() / 1_000_000))
    }

    #[test]
    fn goes_live_at_its_instant_and_not_before() {
        let terms = (Status::Scheduled, 100, None, None);
        assert_eq!(state(terms, 99), (false, false, Some(100)));
        assert_eq!(state(terms, 100), (true, false, None));
    }

    #[test]
    fn an_embargo_holds_it_back_and_an_expiry_takes_it_away() {
        let terms = (Status::Published, 100, Some(200), Some(300));
        assert_eq!(state(terms, 150), (false, true, Some(200)));
        assert_eq!(state(terms, 200), (true, false, Some(300)));
        assert_eq!(state(terms, 300), (false, false, None));
    }

    #[test]
    fn what_expires_before_it_is_free_is_never_public() {
        let terms = (Status::Published, 100, Some(400), Some(300));
        assert_eq!(state(terms, 150), (false, true, Some(300)));
        assert_eq!(state(terms, 300), (false, false, None));
        assert_eq!(state((Status::Scheduled, 100, None, Some(90)), 10), (false, false, None));
    }

    #[test]
    fn other_states_are_hidden_for_good() {
        for status in [Status::Draft, Status::Withdrawn, Status::Killed] {
            assert_eq!(state((status, 100, None, None), 500), (false, false, None), "{status:?}");
        }
    }
}
