//! One article with everything about it, from what is read to the answer.

use std::sync::Arc;

use super::params::Shape;
use super::queries::{self, ArticleKey, Found, StoredArticle};
use super::related::{Choice, Related};
use super::rows::Detail;
use super::rows::stored::{Opening, StoredArticleRow, StoredCard, StoredDetail};
use super::wire::Render;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError, Loader};
use crate::http::{Answer, Context, Freshness, PathKey, Problem};

/// A detail, as it is stored or put together for one request.
pub enum Whole {
    Stored(Arc<StoredDetail>),
    Read(Box<Detail>),
}

/// What a read finds: an article, with when the clock alone will next change what the public sees, or what its key leads to
/// instead.
pub type Outcome = Result<(Whole, Option<Timestamp>), Option<Found>>;

/// What to read: the article of a key, which is an id where it is all digits, in a shape and for an audience.
pub struct WholeQuery {
    pub key: PathKey,
    pub shape: Shape,
    pub audience: Audience,
}

impl WholeQuery {
    /// The article, or what its key leads to.
    pub async fn load(self, context: &Context, details: &Details) -> Result<Outcome, DbError> {
        let related = details.related.begin();
        match details.load(context, &self, &related).await? {
            Some((detail, next_change)) => Ok(Ok((Whole::Stored(detail), next_change))),
            None => context.read(move |conn| self.read(conn, &related)).await,
        }
    }

    fn read(self, conn: &mut DbConnection, related: &Choice) -> Result<Outcome, DbError> {
        let Self { key, shape, audience } = self;
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
                let answer = Answer::written(|out| render.stored_detail(out, &detail), freshness)?;
                Ok(answer.shows(&shown).made_of(made_of))
            }
            Self::Read(detail) => {
                let (shown, made_of): (_, Vec<_>) = (detail.shown(), detail.made_of().collect());
                Ok(Answer::json(&render.detail(*detail)?, freshness)?.shows(&shown).made_of(made_of))
            }
        }
    }
}

/// An article as it is stored, with when the clock alone will next change what the public sees.
type Known = (Arc<StoredDetail>, Option<Timestamp>);

/// Articles that are read for several requests: few, since what stands beside them may have to be read one by one.
const TOGETHER: usize = 16;

/// Reads articles as they are stored, those that are wanted at the same time together; shared by cloning.
#[derive(Clone)]
pub struct Details {
    related: Related,
    briefs: Loader<ArticleKey, Known, Choice>,
    wholes: Loader<ArticleKey, Known, Choice>,
}

impl Details {
    /// With the related stories that this chooses.
    pub fn new(related: Related) -> Self {
        let loader = |opening| {
            Loader::new(TOGETHER, move |conn, related: &Choice, keys: &[_]| stored(conn, related, keys, opening))
        };
        Self { briefs: loader(Opening::Lead), wholes: loader(Opening::Whole), related }
    }

    /// What is asked for, if it is there and stored in that shape. The choice was begun before: what is remembered of it is then no
    /// older than it says, whichever database is read.
    async fn load(&self, context: &Context, query: &WholeQuery, related: &Choice) -> Result<Option<Known>, DbError> {
        let WholeQuery { key, shape, audience } = query;
        if *audience != Audience::Everyone || !shape.is_stored() {
            return Ok(None);
        }
        let key = key.id().map_or_else(|| ArticleKey::Slug(key.0.clone()), ArticleKey::Id);
        let loader = match Opening::for_excerpt(shape.excerpt_words) {
            Opening::Lead => &self.briefs,
            Opening::Whole => &self.wholes,
        };
        let known = loader.load(&context.db, context.marks.position().seq, related.clone(), vec![key]).await?;
        Ok(known.and_then(|mut known| known.pop()))
    }
}

/// Articles in one statement, and what stands beside them in others where it is not remembered. Without a transaction: that may have
/// changed since, as it may in any answer a moment later.
fn stored(
    conn: &mut DbConnection,
    related: &Choice,
    keys: &[ArticleKey],
    opening: Opening,
) -> Result<Vec<(ArticleKey, Known)>, DbError> {
    let mut all = Vec::with_capacity(keys.len());
    for (key, article) in queries::stored_articles(conn, keys, opening)? {
        let StoredArticle { row, slug: _, around, next_change } = article;
        let beside = related.beside(conn, &around)?;
        // A neighbour that has gone between the statements has another behind it.
        let (previous, following) = around.neighbours();
        if (beside.previous.is_some(), beside.next.is_some()) == (previous.is_some(), following.is_some()) {
            let StoredArticleRow { card, rest, html } = row;
            let detail = StoredDetail { card: StoredCard::from(card), rest, html, beside };
            all.push((key, (Arc::new(detail), next_change.and_then(Timestamp::from_micros))));
        }
    }
    Ok(all)
}
