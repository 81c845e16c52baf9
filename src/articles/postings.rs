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
/// Sets that there is a place for from the beginning: for no more of them the cache is one piece, of which a single set may take most.
const SETS: usize = 32;
/// So few articles are looked up by their ids.
const FEW: u64 = 256;
/// Sets that one search reads whole; where more are missing the database searches.
const WHOLE: usize = 4;
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
    /// All articles in which a term stands, whether anyone may see them or not.
    With(Term),
    /// All that everyone may see, of a kind and language.
    Listed { kind: Option<Kind>, lang: Option<String> },
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
            Key::With(term) => term.words.iter().map(|word| word.len() + WORD).sum(),
            Key::Listed { .. } => WORD,
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
    Listed(RoaringTreemap),
}

impl Default for Postings {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(SETS, BYTES, Weight)))
    }
}

impl Postings {
    /// What is found in a list in the present snapshot. `None` where the database has to search: for other readers than the
    /// public, in a list that is narrowed by more than kind and language, for more words than are read at once, and in a
    /// snapshot older than a set.
    pub fn find(&self, conn: &mut DbConnection, scope: &Scope) -> Result<Option<Matching>, DbError> {
        let Filter { q: Some(Query { all, none }), kind, lang, ids: None, .. } = &scope.filter else { return Ok(None) };
        if all.is_empty() || scope.audience != Audience::Everyone {
            return Ok(None);
        }
        let wide = scope.is_wide();
        let mut read =
            Reading { postings: self, seq: latest(conn)?, changed: None, whole: if wide { WHOLE } else { 0 } };
        let mut sets = |terms: &[Term]| -> Result<Option<Vec<_>>, DbError> {
            // What is missing is read also where it is too much for this search, so that a later one finds it.
            let sets: Vec<_> =
                terms.iter().map(|term| read.get(conn, Key::With(term.clone()))).collect::<Result<_, _>>()?;
            Ok(sets.into_iter().collect())
        };
        let (Some(all), Some(none)) = (sets(all)?, sets(none)?) else { return Ok(None) };
        let mut matching = match all.as_slice() {
            [first, second, others @ ..] => {
                others.iter().fold(&*first.ids & &*second.ids, |matching, other| matching & &*other.ids)
            }
            [first] => RoaringTreemap::clone(&first.ids),
            [] => RoaringTreemap::new(),
        };
        none.iter().for_each(|other| matching -= &*other.ids);
        if matching.len() > FEW {
            if !wide {
                return Ok(None);
            }
            let Some(listed) = read.get(conn, Key::Listed { kind: *kind, lang: lang.clone() })? else {
                return Ok(None);
            };
            matching &= &*listed.ids;
        }
        Ok(Some(if matching.len() <= FEW {
            Matching::Few(matching.iter().map(|id| id as i64).collect())
        } else {
            Matching::Listed(matching)
        }))
    }
}

/// The sets as one search reads them.
struct Reading<'a> {
    postings: &'a Postings,
    /// Where the log ends in this snapshot.
    seq: i64,
    /// What has changed after an entry of the log, where that was asked for already.
    changed: Option<(i64, Option<Vec<i64>>)>,
    /// How many sets may still be read whole.
    whole: usize,
}

impl Reading<'_> {
    /// A set as of where the log ends. `None` where it is of a later snapshot, or would have to be read whole and may not.
    fn get(&mut self, conn: &mut DbConnection, key: Key) -> Result<Option<Arc<Posting>>, DbError> {
        let known = self.postings.0.get(&key).filter(|known| known.made.elapsed() < AGE);
        if let Some(known) = &known {
            if known.seq == self.seq {
                return Ok(Some(known.clone()));
            }
            if known.seq > self.seq {
                return Ok(None);
            }
        }
        let patched = match &known {
            Some(known) => match self.changed(conn, known.seq)? {
                Some([]) => Some(Posting { ids: known.ids.clone(), seq: self.seq, made: known.made }),
                Some(changed) => Some(known.patched(changed, key.ids(conn, Some(changed))?)),
                None => None,
            },
            None => None,
        };
        let posting = match patched {
            Some(patched) => Posting { seq: self.seq, ..patched },
            None if self.whole == 0 => return Ok(None),
            None => {
                self.whole -= 1;
                let ids = key.ids(conn, None)?.into_iter().map(bit).collect();
                Posting { ids: Arc::new(ids), seq: self.seq, made: Instant::now() }
            }
        };
        let posting = Arc::new(posting);
        self.postings.0.insert(key, posting.clone());
        Ok(Some(posting))
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
