//! One article with everything about it, from what is read to the answer.

use super::params::Shape;
use super::queries::{self, Found};
use super::rows::Detail;
use super::rows::stored::StoredDetail;
use super::wire::Render;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};
use crate::http::{Answer, Freshness, Problem};

/// A detail, as it is stored or put together for one request.
pub enum Whole {
    Stored(Box<StoredDetail>),
    Read(Box<Detail>),
}

/// What a read finds: an article, with when the clock alone will next change what the public sees, or what its key leads to
/// instead.
pub type Outcome = Result<(Whole, Option<Timestamp>), Option<Found>>;

impl Whole {
    /// Reads the article of a key, which is an id where it is all digits, in a shape and for an audience.
    pub fn read(
        conn: &mut DbConnection,
        (id, slug): (Option<i64>, &str),
        shape: &Shape,
        audience: Audience,
    ) -> Result<Outcome, DbError> {
        let stored = audience == Audience::Everyone && shape.is_stored();
        if let Some((detail, next_change)) = if stored { queries::stored_detail(conn, id, slug)? } else { None } {
            return Ok(Ok((Self::Stored(Box::new(detail)), next_change)));
        }
        let key = match queries::find(conn, id, slug, audience)? {
            Some(Found::Article(key)) => *key,
            other => return Ok(Err(other)),
        };
        let detail = queries::detail(conn, key, shape.needs(), audience)?;
        let next_change = queries::next_change(conn)?;
        Ok(detail.map(|detail| (Self::Read(Box::new(detail)), next_change)).ok_or(None))
    }

    /// The answer, with the headers that go with what it shows.
    pub fn answer(self, render: &Render<'_>, freshness: Freshness) -> Result<Answer, Problem> {
        match self {
            Self::Stored(detail) => {
                let (shown, made_of): (Vec<String>, Vec<_>) = (detail.shown().collect(), detail.made_of().collect());
                let answer = Answer::written(|out| render.stored_detail(out, *detail), freshness)?;
                Ok(shown.iter().fold(answer, |answer, key| answer.key("", key)).made_of(made_of))
            }
            Self::Read(detail) => {
                let (shown, made_of): (Vec<_>, Vec<_>) = (detail.shown().collect(), detail.made_of().collect());
                Ok(Answer::json(&render.detail(*detail)?, freshness)?.keys(shown).made_of(made_of))
            }
        }
    }
}
