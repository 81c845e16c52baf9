//! Postings: which articles a word stands in, remembered between searches.
//!
//! A common word stands in most articles, and to read all of these from the database is nearly all that a search costs. As a set of
//! bits they are small, and what several words have in common is found at once. Each set is true as of an entry of the change
//! log; what came after that is read from the log, in the snapshot of the search, and looked at anew.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roaring::RoaringTreemap;

use super::filter::{Filter, Sort};
use super::queries::{self, ListKey, Scope};
use super::search::{Field, Hits, POINTS, Query, Term, ids_with};
use crate::changes::queries::{latest, traces};
use crate::changes::{Audience, Subject};
use crate::db::{DbConnection, DbError};

/// Bytes of all sets.
const BYTES: u64 = 32 << 20;
/// Sets that there is a place for from the beginning: for no more of them the cache is one piece, of which a single set may take most.
const SETS: usize = 32;
/// So few articles are looked up by their ids.
const FEW: u64 = 256;
/// Sets that one search reads whole; where more are missing the database searches.
const WHOLE: usize = 16;
/// After more entries of the log a set is read anew.
const MOST: i64 = 1000;
/// For how long a set is used, which is much less than the log keeps its entries.
const AGE: Duration = Duration::from_secs(3600);

/// The sets; shared by cloning.
#[derive(Clone)]
pub struct Postings(Arc<Cache<Key, Arc<Posting>, Weight>>);

/// What a set is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// All articles in which a term stands, in one field or in any, whether anyone may see them or not.
    With(Term, Option<Field>),
    /// All of a list that everyone may see.
    List(ListKey),
}

#[derive(Debug)]
struct Posting {
    ids: Arc<RoaringTreemap>,
    /// The entry of the log up to which it is true.
    seq: i64,
    made: Instant,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Arc<Posting>> for Weight {
    fn weight(&self, key: &Key, posting: &Arc<Posting>) -> u64 {
        /// What an entry takes besides, and a word of its key.
        const ENTRY: usize = 256;
        const WORD: usize = 64;
        let key: usize = match key {
            Key::With(term, _) => term.words.iter().map(|word| word.len() + WORD).sum(),
            Key::List(list) => list.bytes(),
        };
        (posting.ids.serialized_size() + key + ENTRY) as u64
    }
}

/// What a search has found.
#[derive(Debug)]
pub enum Matching {
    /// So few articles that each can be looked at; some of them may not be in the list that is searched.
    Few(Vec<i64>),
    /// All articles of the list that match.
    All(Hits),
}

impl Default for Postings {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(SETS, BYTES, Weight)))
    }
}

impl Postings {
    /// What is found in a list in the present snapshot, by relevance as far as the order asks for it. `None` where the database has
    /// to search: for other readers than the public, for more words than are read at once, and in a snapshot older than a set.
    pub fn find(&self, conn: &mut DbConnection, scope: &Scope, sort: Sort) -> Result<Option<Matching>, DbError> {
        let Filter { q: Some(Query { all, none }), ids: None, .. } = &scope.filter else { return Ok(None) };
        if all.is_empty() || scope.empty || scope.audience != Audience::Everyone {
            return Ok(None);
        }
        let mut read = Reading { postings: self, scope, seq: latest(conn)?, changed: None, whole: WHOLE };
        let (Some(with), Some(without)) = (read.each(conn, all, None)?, read.each(conn, none, None)?) else {
            return Ok(None);
        };
        let mut matching = match with.as_slice() {
            [first, second, others @ ..] => {
                others.iter().fold(&**first & &**second, |matching, other| matching & &**other)
            }
            [first] => RoaringTreemap::clone(first),
            [] => RoaringTreemap::new(),
        };
        without.iter().for_each(|other| matching -= &**other);
        let few: Option<Vec<i64>> = (matching.len() <= FEW).then(|| matching.iter().map(|id| id as i64).collect());
        let hits = match few {
            Some(ids) if sort != Sort::Relevance => return Ok(Some(Matching::Few(ids))),
            Some(ids) => return few_by_relevance(conn, scope, all, &ids).map(|hits| Some(Matching::All(hits))),
            None => {
                let Some(list) = read.get(conn, Key::List(scope.key()))? else { return Ok(None) };
                Hits::new(matching & &*list, list.len())
            }
        };
        if sort != Sort::Relevance {
            return Ok(Some(Matching::All(hits)));
        }
        let mut sets = Vec::with_capacity(all.len() * POINTS.len());
        for (field, points) in POINTS {
            let Some(in_field) = read.each(conn, all, Some(field))? else { return Ok(None) };
            sets.extend(in_field.into_iter().map(|set| (set, points)));
        }
        Ok(Some(Matching::All(hits.ranked(sets.iter().map(|(set, points)| (&**set, *points))))))
    }
}

/// Those of a few articles that are in a list, by relevance. Their terms are looked up among them alone, and not remembered.
fn few_by_relevance(conn: &mut DbConnection, scope: &Scope, terms: &[Term], ids: &[i64]) -> Result<Hits, DbError> {
    let mut of = |key: Key| Ok::<_, DbError>(key.ids(conn, scope, Some(ids))?.into_iter().map(bit).collect());
    let listed: RoaringTreemap = of(Key::List(scope.key()))?;
    let mut sets = Vec::with_capacity(terms.len() * POINTS.len());
    for (field, points) in POINTS {
        for term in terms {
            sets.push((of(Key::With(term.clone(), Some(field)))?, points));
        }
    }
    let total = listed.len();
    Ok(Hits::new(listed, total).ranked(sets.iter().map(|(set, points)| (set, *points))))
}

/// The sets as one search reads them.
struct Reading<'a> {
    postings: &'a Postings,
    scope: &'a Scope,
    /// Where the log ends in this snapshot.
    seq: i64,
    /// What has changed after an entry of the log, where that was asked for already.
    changed: Option<(i64, Option<Vec<i64>>)>,
    /// How many sets may still be read whole.
    whole: usize,
}

impl Reading<'_> {
    /// The set of each term. What is missing is read also where it is too much for this search, so that a later one finds it.
    fn each(
        &mut self,
        conn: &mut DbConnection,
        terms: &[Term],
        field: Option<Field>,
    ) -> Result<Option<Vec<Arc<RoaringTreemap>>>, DbError> {
        let sets: Vec<_> =
            terms.iter().map(|term| self.get(conn, Key::With(term.clone(), field))).collect::<Result<_, _>>()?;
        Ok(sets.into_iter().collect())
    }

    /// A set as of where the log ends. `None` where it is of a later snapshot, or would have to be read whole and may not.
    fn get(&mut self, conn: &mut DbConnection, key: Key) -> Result<Option<Arc<RoaringTreemap>>, DbError> {
        let scope = self.scope;
        let known = self.postings.0.get(&key).filter(|known| known.made.elapsed() < AGE);
        if let Some(known) = &known {
            if known.seq == self.seq {
                return Ok(Some(known.ids.clone()));
            }
            if known.seq > self.seq {
                return Ok(None);
            }
        }
        let patched = match &known {
            Some(known) => match self.changed(conn, known.seq)? {
                Some([]) => Some(Posting { ids: known.ids.clone(), seq: self.seq, made: known.made }),
                Some(changed) => Some(known.patched(changed, key.ids(conn, scope, Some(changed))?)),
                None => None,
            },
            None => None,
        };
        let posting = match patched {
            Some(patched) => Posting { seq: self.seq, ..patched },
            None if self.whole == 0 => return Ok(None),
            None => {
                self.whole -= 1;
                let ids = key.ids(conn, scope, None)?.into_iter().map(bit).collect();
                Posting { ids: Arc::new(ids), seq: self.seq, made: Instant::now() }
            }
        };
        let ids = posting.ids.clone();
        self.postings.0.insert(key, Arc::new(posting));
        Ok(Some(ids))
    }

    /// The articles that changed after an entry of the log; `None` where these are many.
    fn changed(&mut self, conn: &mut DbConnection, since: i64) -> Result<Option<&[i64]>, DbError> {
        if self.changed.as_ref().is_none_or(|(known, _)| *known != since) {
            let new = traces(conn, since, MOST + 1)?;
            let articles = new.iter().filter(|one| one.type_ == Subject::Article).map(|one| one.entity_id);
            let mut ids: Vec<i64> = articles.collect();
            ids.sort_unstable();
            ids.dedup();
            self.changed = Some((since, (new.len() as i64 <= MOST).then_some(ids)));
        }
        Ok(self.changed.as_ref().and_then(|(_, ids)| ids.as_deref()))
    }
}

impl Key {
    /// Its ids in the present snapshot, of all articles or among some, where a list is that of a scope.
    fn ids(&self, conn: &mut DbConnection, scope: &Scope, among: Option<&[i64]>) -> Result<Vec<i64>, DbError> {
        match self {
            Self::With(term, field) => ids_with(conn, (term, *field), among),
            Self::List(_) => queries::ids(conn, &scope.among(among.map(<[i64]>::to_vec))),
        }
    }
}

impl Posting {
    /// The same after some articles have changed, of which these belong to it now.
    fn patched(&self, changed: &[i64], now: Vec<i64>) -> Self {
        let mut ids = RoaringTreemap::clone(&self.ids);
        changed.iter().copied().map(bit).for_each(|id| _ = ids.remove(id));
        ids.extend(now.into_iter().map(bit));
        Self { ids: Arc::new(ids), ..*self }
    }
}

/// Ids are counted from 1 up.
fn bit(id: i64) -> u64 {
    id.unsigned_abs()
}
