//! One article with everything about it, from what is read to the answer.

use super::params::Shape;
use super::queries::{self, Found};
use super::related::Choice;
use super::rows::Detail;
use super::rows::stored::{Opening, StoredArticleRow, StoredCard, StoredDetail};
use super::wire::Render;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};
use crate::http::{Answer, Freshness, PathKey, Problem};

/// A detail, as it is stored or put together for one request.
pub enum Whole {
    Stored(Box<StoredDetail>),
    Read(Box<Detail>),
}

/// What a read finds: an article, with when the clock alone will next change what the public sees, or what its key leads to
/// instead.
pub type Outcome = Result<(Whole, Option<Timestamp>), Option<Found>>;

/// What to read: the article of a key, which is an id where it is all digits, in a shape and for an audience.
#[derive(Clone)]
pub struct WholeQuery {
    pub key: PathKey,
    pub shape: Shape,
    pub audience: Audience,
    pub related: Choice,
}

impl WholeQuery {
    /// The article as it is stored, in two statements. Without a transaction: what stands beside it may have changed since, as it
    /// may in any answer a moment later.
    pub fn at_once(&self, conn: &mut DbConnection) -> Result<Option<Outcome>, DbError> {
        let Self { key, shape, audience, related } = self;
        if *audience != Audience::Everyone || !shape.is_stored() {
            return Ok(None);
        }
        let opening = Opening::for_excerpt(shape.excerpt_words);
        let stored = queries::stored_article(conn, key.id(), &key.0, opening)?;
        let Some((stored, around, next)) = stored else { return Ok(None) };
        let beside = related.beside(conn, &around)?;
        // A neighbour that has gone between the statements has another behind it.
        if (beside.previous.is_some(), beside.next.is_some())
            != (around.neighbours().0.is_some(), around.neighbours().1.is_some())
        {
            return Ok(None);
        }
        let StoredArticleRow { card, rest, html } = stored;
        let detail = StoredDetail { card: StoredCard::from(card), rest, html, beside };
        Ok(Some(Ok((Whole::Stored(Box::new(detail)), next.and_then(Timestamp::from_micros)))))
    }

    /// The article, or what its key leads to.
    pub fn read(self, conn: &mut DbConnection) -> Result<Outcome, DbError> {
        let Self { key, shape, audience, related } = self;
        let id = match queries::find(conn, key.id(), &key.0, audience)? {
            Some(Found::Article(row)) => row.id,
            other => return Ok(Err(other)),
        };
        let Some(around) = queries::surroundings(conn, id)? else { return Ok(Err(None)) };
        let beside = related.beside(conn, &around)?;
        let detail = queries::detail(conn, id, shape.needs(), audience, beside)?;
        let next_change = queries::next_change(conn)?;
        Ok(detail.map(|detail| (Whole::Read(Box::new(detail)), next_change)).ok_or(None))
    }
}

impl Whole {
    /// The answer, with the headers that go with what it shows.
    pub fn answer(self, render: &Render<'_>, freshness: Freshness) -> Result<Answer, Problem> {
        match self {
            Self::Stored(detail) => {
                let (shown, made_of): (_, Vec<_>) = (detail.shown(), detail.made_of().collect());
                let answer = Answer::written(|out| render.stored_detail(out, *detail), freshness)?;
                Ok(answer.shows(&shown).made_of(made_of))
            }
            Self::Read(detail) => {
                let (shown, made_of): (_, Vec<_>) = (detail.shown(), detail.made_of().collect());
                Ok(Answer::json(&render.detail(*detail)?, freshness)?.shows(&shown).made_of(made_of))
            }
        }
    }
}
