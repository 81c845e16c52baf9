//! Versions as entity tags: what an editor read is what an editor changes.

use actix_web::HttpRequest;
use actix_web::http::header::{ETag, EntityTag, Header, IfMatch, TryIntoHeaderValue};

use crate::clock::Timestamp;
use crate::http::{Code, Problem};

/// The tag of something at a version, as it was last changed.
pub fn of(version: i64, modified_at: Timestamp) -> String {
    format!("{version}-{:x}", modified_at.micros())
}

/// What `If-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    Absent,
    Any,
    Tags(Vec<String>),
}

impl Precondition {
    /// Reads the header.
    pub fn of(req: &HttpRequest) -> Result<Self, Problem> {
        if !req.headers().contains_key(IfMatch::name()) {
            return Ok(Self::Absent);
        }
        match IfMatch::parse(req) {
            Ok(IfMatch::Any) => Ok(Self::Any),
            // A weak tag never matches here (RFC 9110, 13.1.1).
            Ok(IfMatch::Items(tags)) => {
                Ok(Self::Tags(tags.into_iter().filter(|tag| !tag.weak).map(|tag| tag.tag().to_owned()).collect()))
            }
            Err(_) => Err(Problem::new(Code::BadRequest, "`If-Match` is not a list of entity tags.")),
        }
    }

    /// Checks it against the present tag; an absent one passes.
    pub fn check(&self, present: &str) -> Result<(), Problem> {
        match self {
            Self::Tags(tags) if !tags.iter().any(|tag| tag == present) => Err(Problem::new(
                Code::PreconditionFailed,
                format!("It was changed since you read it; its entity tag is now \"{present}\"."),
            )),
            _ => Ok(()),
        }
    }

    /// The same where it must be there.
    pub fn demand(&self, present: &str) -> Result<(), Problem> {
        if *self == Self::Absent {
            return Err(Problem::new(
                Code::PreconditionRequired,
                "Say in `If-Match` which version you change: the `ETag` of what you read.",
            ));
        }
        self.check(present)
    }
}

/// The header of a tag.
pub fn header(tag: &str) -> Option<actix_web::http::header::HeaderValue> {
    ETag(EntityTag::new_strong(tag.to_owned())).try_into_value().ok()
}
