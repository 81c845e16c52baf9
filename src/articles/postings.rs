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

use super::Kind;
use super::filter::Filter;
use super::queries::{self, Scope};
use super::search::{Query, Term, ids_with};
use crate::changes::queries::{latest, traces};
use crate::changes::{Audience, Subject};
use crate::db::{DbConnection, DbError};

/// Bytes of all sets.
const BYTES: u64 = 32 << 20;
/// Sets that there is a place for from the beginning.
const SETS: usize = 1024;
/// So few articles are looked at one by one.
const FEW: u64 = 256;
/// After more changes a set is read anew.
const MOST: i64 = 100;
/// For how long a set is used, which is much less than the log keeps its entries.
const AGE: Duration = Duration::from_secs(3600);

/// The sets; shared by cloning.
#[derive(Clone)]
pub struct Postings(Arc<Cache<Key, Arc<Posting>, Weight>>);

/// What a set is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// All articles in which a term stands, whether anyone may see them or not.
    With(Term),
    /// All that everyone may see, of a kind and language.
    Listed { kind: Option<Kind>, lang: Option<String> },
}

#[derive(Debug)]
struct Posting {
    ids: RoaringTreemap,
    /// The entry of the log up to which it is true.
    seq: i64,
    made: Instant,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Arc<Posting>> for Weight {
    fn weight(&self, _: &Key, posting: &Arc<Posting>) -> u64 {
        const SELF: usize = 256;
        (posting.ids.serialized_size() + SELF) as u64
    }
}

/// What a search has found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// So few articles that each can be looked at; some of them may not be in the list that is searched.
    Few(Vec<i64>),
    /// All articles of the list that match.
    All(RoaringTreemap),
}

impl Default for Postings {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(SETS, BYTES, Weight)))
    }
}

impl Postings {
    /// What is found in a list in the present snapshot. `None` where the database has to search: for other readers than the
    /// public, in a list that is narrowed by more than kind and language, and in a snapshot older than a set.
    pub fn find(&self, conn: &mut DbConnection, scope: &Scope) -> Result<Option<Found>, DbError> {
        let Filter { q: Some(Query { all, none }), kind, lang, ids: None, .. } = &scope.filter else { return Ok(None) };
        if all.is_empty() || scope.audience != Audience::Everyone {
            return Ok(None);
        }
        let seq = latest(conn)?;
        let mut with = |term: &Term| self.get(conn, Key::With(term.clone()), seq);
        let Some(all) = all.iter().map(&mut with).collect::<Result<Option<Vec<_>>, _>>()? else { return Ok(None) };
        let Some(none) = none.iter().map(with).collect::<Result<Option<Vec<_>>, _>>()? else { return Ok(None) };
        let mut found = match all.as_slice() {
            [first, second, others @ ..] => {
                others.iter().fold(&first.ids & &second.ids, |found, other| found & &other.ids)
            }
            [first] => first.ids.clone(),
            [] => RoaringTreemap::new(),
        };
        none.iter().for_each(|other| found -= &other.ids);
        if found.len() <= FEW {
            return Ok(Some(Found::Few(found.iter().map(|id| id as i64).collect())));
        }
        if !scope.is_wide() {
            return Ok(None);
        }
        let listed = Key::Listed { kind: *kind, lang: lang.clone() };
        Ok(self.get(conn, listed, seq)?.map(|listed| Found::All(found & &listed.ids)))
    }

    /// A set as of `seq`, which is where the log ends in this snapshot.
    fn get(&self, conn: &mut DbConnection, key: Key, seq: i64) -> Result<Option<Arc<Posting>>, DbError> {
        let known = self.0.get(&key).filter(|known| known.made.elapsed() < AGE);
        let posting = match known {
            Some(known) if known.seq == seq => return Ok(Some(known)),
            Some(known) if known.seq > seq => return Ok(None),
            Some(known) => match changed(conn, known.seq)? {
                Some(changed) => known.patched(&changed, key.ids(conn, Some(&changed))?, seq),
                None => Posting::new(key.ids(conn, None)?, seq),
            },
            None => Posting::new(key.ids(conn, None)?, seq),
        };
        let posting = Arc::new(posting);
        self.0.insert(key, posting.clone());
        Ok(Some(posting))
    }
}

impl Key {
    /// Its ids in the present snapshot, of all articles or among some.
    fn ids(&self, conn: &mut DbConnection, among: Option<&[i64]>) -> Result<Vec<i64>, DbError> {
        match self {
            Self::With(term) => ids_with(conn, term, among),
            Self::Listed { kind, lang } => {
                let ids = among.map(<[i64]>::to_vec);
                let filter = Filter { kind: *kind, lang: lang.clone(), ids, ..Filter::default() };
                let scope = Scope::of(conn, filter, None, Audience::Everyone)?;
                queries::ids(conn, &scope)
            }
        }
    }
}

impl Posting {
    fn new(ids: Vec<i64>, seq: i64) -> Self {
        Self { ids: ids.into_iter().map(bit).collect(), seq, made: Instant::now() }
    }

    /// The same after some articles have changed, of which these belong to it now.
    fn patched(&self, changed: &[i64], now: Vec<i64>, seq: i64) -> Self {
        let mut ids = self.ids.clone();
        changed.iter().copied().map(bit).for_each(|id| _ = ids.remove(id));
        ids.extend(now.into_iter().map(bit));
        Self { ids, seq, made: self.made }
    }
}

/// Ids are counted from 1 up.
fn bit(id: i64) -> u64 {
    id.unsigned_abs()
}

/// The articles that changed after an entry of the log; `None` where these are many.
fn changed(conn: &mut DbConnection, seq: i64) -> Result<Option<Vec<i64>>, DbError> {
    let new = traces(conn, seq, MOST + 1)?;
    if new.len() as i64 > MOST {
        return Ok(None);
    }
    let mut ids: Vec<i64> = new.iter().filter(|one| one.type_ == Subject::Article).map(|one| one.entity_id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}
