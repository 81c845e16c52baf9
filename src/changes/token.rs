//! Tokens: where a reader of the log stands, opaque and sealed.
//!
//! A token is good for as long as the log still has every tombstone after it, survives restarts, and belongs to readers
//! who see the same: one who comes to see less would never be told what to forget.

use serde::{Deserialize, Serialize};

use super::Audience;
use crate::http::sealed::Seal;
use crate::http::{Code, Fault, Problem};

/// How far a reader has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    /// What had expired when the reader began with nothing: tombstones until then can't have been of use. 0 when the
    /// reader is past that.
    pub floor: i64,
}

impl Place {
    /// The newest place of all.
    pub fn at(seq: i64) -> Self {
        Self { seq, floor: 0 }
    }

    /// This place moved on to `seq`.
    pub fn moved_to(self, seq: i64) -> Self {
        Self { seq, floor: if seq < self.floor { self.floor } else { 0 } }
    }

    /// Whether a tombstone is missing after it.
    pub fn is_expired(self, expired_until: i64) -> bool {
        self.seq.max(self.floor) < expired_until
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed(i64, i64, i64);

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Tokens(Seal);

impl Tokens {
    /// With the installation's secret.
    pub fn new(secret: &str) -> Self {
        Self(Seal::new(secret, "xabar change tokens v1"))
    }

    /// The token of a place in what `audience` sees of the log.
    pub fn seal(&self, audience: Audience, place: Place) -> String {
        let sealed = Sealed(place.seq, place.floor, audience as i64);
        self.0.seal(&serde_json::to_vec(&sealed).unwrap_or_default())
    }

    /// The place that a token holds; `name` is the parameter or header that it came in.
    pub fn open(&self, audience: Audience, token: &str, name: &str) -> Result<Place, Problem> {
        let problem = |detail| Problem::faults(vec![Fault::of_parameter(name, Code::SyncTokenInvalid, detail)]);
        let text = self.0.open(token);
        let Sealed(seq, floor, of) = text
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| problem("was not made by this service, or was altered"))?;
        if of != audience as i64 {
            return Err(problem("was given to a reader who may see other things; start again without one"));
        }
        Ok(Place { seq, floor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_for_the_same_audience_alone() {
        let place = Place { seq: 70, floor: 90 };
        let token = Tokens::new("s").seal(Audience::Everyone, place);
        let open = |secret, audience, token: &str| Tokens::new(secret).open(audience, token, "since").ok();
        assert_eq!(open("s", Audience::Everyone, &token), Some(place));
        assert_eq!(open("s", Audience::Embargoed, &token), None);
        assert_eq!(open("t", Audience::Everyone, &token), None);
        for i in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[i] = if altered[i] == b'A' { b'B' } else { b'A' };
            assert_eq!(open("s", Audience::Everyone, &String::from_utf8(altered).expect("ASCII")), None, "at {i}");
        }
    }

    #[test]
    fn who_began_with_nothing_needs_no_older_tombstone() {
        let begun = Place { seq: 0, floor: 90 };
        assert!(!begun.moved_to(50).is_expired(90) && begun.moved_to(50).is_expired(91));
        assert_eq!(begun.moved_to(95), Place::at(95));
        assert!(Place::at(89).is_expired(90) && !Place::at(90).is_expired(90));
    }
}
