//! What handlers share, free of any resource.

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web;

use super::cursor::Cursors;
use super::freshness::Freshness;
use super::kept::Marks;
use super::paging::Paging;
use super::params::GivenQuery;
use super::problem::Problem;
use super::sealed::Seal;
use crate::clock::{Clock, Timestamp};
use crate::db::{Cut, Db, DbConnection, DbError};

/// Handed to handlers as [`Shared`].
#[derive(Clone)]
pub struct Context {
    pub db: Db,
    /// How far the log was read.
    pub marks: Arc<Marks>,
    pub clock: Clock,
    pub cursors: Cursors,
    /// Seals leave to read one version of one article.
    pub previews: Seal,
    /// The publisher's address of an article, `{slug}` in the place of its slug.
    pub article_url: String,
}

/// Extractor: the context.
pub type Shared = web::Data<Context>;

impl Context {
    /// Reads what is public, from a replica where one has all that this process knows to have changed.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.read_at_once(|_| Ok(None), work).await
    }

    /// [`Context::read`] where one statement may be enough: when `at_once` gives nothing, `whole` reads all of it.
    pub async fn read_at_once<T, E, F, W>(&self, at_once: F, whole: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<Option<T>, E> + Send + 'static,
        W: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.db.read_at(self.marks.position().seq, at_once, whole).await
    }

    /// [`Context::read`] of what is one statement, and so needs no transaction.
    pub async fn read_once<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, DbError> + Clone + Send + 'static,
    {
        let again = work.clone();
        self.read_at_once(move |conn| work(conn).map(Some), again).await
    }

    /// How long an answer stays true when the clock next changes something at `next_change`.
    pub fn freshness(&self, next_change: Option<Timestamp>) -> Freshness {
        Freshness { now: self.clock.now(), next_change }
    }

    /// What to read for a page.
    pub fn cut(&self, paging: &Paging, given: &GivenQuery) -> Result<Cut, Problem> {
        Ok(Cut { window: paging.window(&self.cursors, given)?, limit: paging.limit, count: paging.wants_total() })
    }
}

/// On every request: the id that its answer, its log line and its audit row carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// On a request: headers that its answer gets, also when that is an error.
#[derive(Debug, Clone, Default)]
pub struct AnswerHeaders(pub Vec<(HeaderName, HeaderValue)>);

/// On a request for what operators and probes ask: health, metrics, the contract.
#[derive(Debug, Clone, Copy)]
pub struct Operational;
