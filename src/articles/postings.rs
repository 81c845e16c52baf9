//! Postings: which articles a word stands in, and which have a tag, a language and so on, remembered between requests.
//!
//! A common word stands in most articles, and to read all of these from the database is nearly all that a search costs; so it is with
//! lists that are narrowed in more than one way. As a set of bits they are small, and what several sets have in common is found at
//! once. Each set is true as of an entry of the change log; what came after that is read from the log, in the snapshot of the
//! request, and looked at anew.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roaring::RoaringTreemap;

use super::filter::{Filter, Sort};
use super::queries::{Common, Scope, Sets, set};
use super::search::{Field, Hits, POINTS, Term, ids_with};
use crate::changes::Subject;
use crate::changes::queries::{latest, traces};
use crate::db::{DbConnection, DbError};

/// Bytes of all sets.
const BYTES: u64 = 32 << 20;
/// Sets that there is a place for from the beginning: for no more of them the cache is one piece, of which a single set may take most.
const SETS: usize = 32;
/// So few articles are looked up by their ids.
const FEW: u64 = 256;
/// Sets that one search reads whole; where more are missing the database searches.
const WHOLE: usize = 48;
/// After more entries of the log a set is read anew: more than an import writes at once.
const MOST: i64 = 4000;
/// For how long a set is used, which is much less than the log keeps its entries.
const AGE: Duration = Duration::from_secs(3600);

/// Bytes of what searches found.
const FOUND_BYTES: u64 = 8 << 20;
/// What one found, to size the table.
const USUAL: u64 = 16 << 10;

/// The sets; shared by cloning.
#[derive(Clone)]
pub struct Postings {
    sets: Arc<Cache<Key, Arc<Posting>, Weight>>,
    /// What searches found up to an entry of the log: who goes on to the next page does not put it together again.
    found: Arc<Cache<Asked, (i64, Arc<Hits>), Weight>>,
}

/// What is found in sets alone, the same for everyone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked {
    filter: Filter,
    sort: Sort,
    exact: bool,
}

/// What a set is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// All articles in which a term stands, in one field or in any, whether anyone may see them or not.
    With(Term, Option<Field>),
    /// All that have something in common.
    Of(Common),
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
            Key::Of(Common::Lang(lang)) => lang.len(),
            Key::Of(_) => 0,
        };
        (posting.ids.serialized_size() + key + ENTRY) as u64
    }
}

impl Weighter<Asked, (i64, Arc<Hits>)> for Weight {
    fn weight(&self, _: &Asked, (_, hits): &(i64, Arc<Hits>)) -> u64 {
        /// A filter of many words, and what an entry takes besides.
        const ENTRY: usize = 4096;
        let groups: usize = hits.groups.iter().map(|group| group.ids.serialized_size()).sum();
        (groups + ENTRY) as u64
    }
}

impl Default for Postings {
    fn default() -> Self {
        let sets = Cache::with_weighter(SETS, BYTES, Weight);
        let found = Cache::with_weighter((FOUND_BYTES / USUAL) as usize, FOUND_BYTES, Weight);
        Self { sets: Arc::new(sets), found: Arc::new(found) }
    }
}

impl Postings {
    /// All articles of a list in the present snapshot, in groups of the same relevance if that is the order. Where it need not be `exact`,
    /// they may have been published before or after those of the list. `None` where the database has to find them: for other readers
    /// than the public, where more sets are missing than are read at once, and in a snapshot older than a set.
    pub fn find(
        &self,
        conn: &mut DbConnection,
        scope: &Scope,
        sort: Sort,
        exact: bool,
    ) -> Result<Option<Hits>, DbError> {
        let Some(list) = scope.sets() else { return Ok(None) };
        self.reading(conn, WHOLE)?.hits(scope, list, sort, exact)
    }

    /// The same as of the log's entry `seq`, without a look at the database. `None` as well where not all of it is remembered as of then.
    /// Slugs in the filter are those of the scope's tags and authors as of then as well.
    pub fn remembered(&self, seq: i64, scope: &Scope, sort: Sort, exact: bool) -> Result<Option<Arc<Hits>>, DbError> {
        let Some(list) = scope.sets() else { return Ok(None) };
        let asked = Asked { filter: scope.filter.clone(), sort, exact };
        if let Some((_, hits)) = self.found.get(&asked).filter(|(known, _)| *known == seq) {
            return Ok(Some(hits));
        }
        let reading = Reading { postings: self, conn: None, seq, changed: None, whole: 0, found: None };
        let Some(hits) = reading.hits(scope, list, sort, exact)?.map(Arc::new) else { return Ok(None) };
        self.found.insert(asked, (seq, hits.clone()));
        Ok(Some(hits))
    }

    /// Whether it is of a field of a term that is known to stand in few articles: to read it whole costs no more than to look those up.
    fn is_small(&self, key: &Key) -> bool {
        let Key::With(term, Some(_)) = key else { return false };
        self.sets.get(&Key::With(term.clone(), None)).is_some_and(|any| any.ids.len() <= FEW)
    }

    /// The sets in the present snapshot, of which so many may be read whole.
    pub fn reading<'a>(&'a self, conn: &'a mut DbConnection, whole: usize) -> Result<Reading<'a>, DbError> {
        let seq = latest(conn)?;
        Ok(Reading { postings: self, conn: Some(conn), seq, changed: None, whole, found: None })
    }
}

/// The sets as one request reads them.
pub struct Reading<'a> {
    postings: &'a Postings,
    /// Where what is not remembered is read, if it is.
    conn: Option<&'a mut DbConnection>,
    /// Where the log ends in this snapshot.
    seq: i64,
    /// What has changed after an entry of the log, where that was asked for already.
    changed: Option<(i64, Option<Arc<[i64]>>)>,
    /// How many sets may still be read whole.
    whole: usize,
    /// What was found so far.
    found: Option<Arc<RoaringTreemap>>,
}

impl Reading<'_> {
    /// All articles of a list, as [`Postings::find`] gives them.
    fn hits(mut self, scope: &Scope, mut list: Sets, sort: Sort, exact: bool) -> Result<Option<Hits>, DbError> {
        if !exact {
            list.all.retain(|common| !matches!(common, Common::Published { .. }));
        }
        let (with, without) = scope.filter.q.as_ref().map_or((&[][..], &[][..]), |q| (&q.all, &q.none));
        let words = |terms: &[Term]| -> Vec<Key> { terms.iter().map(|term| Key::With(term.clone(), None)).collect() };
        let of = |list: Vec<Common>| list.into_iter().map(Key::Of);
        // With a few articles of a tag or an author no word is read whole.
        let few = scope.shortest().filter(|(count, _)| *count <= FEW as i64).map(|(_, common)| Key::Of(common));
        // How many there are of the kind or the language, or else of all: about as many as the largest id says.
        let mut wide = None;
        for key in few.into_iter().chain(words(with)).chain(of(list.all)) {
            let whole = self.found.as_ref().is_none_or(|found| found.len() > FEW);
            let is_wide = matches!(key, Key::Of(Common::Kind(_) | Common::Lang(_)));
            let Some(set) = self.get(key)? else { return Ok(None) };
            wide = if is_wide && whole { Some(set.len() as i64) } else { wide };
            self.meet(set);
        }
        if !list.any.is_empty() {
            let mut any = RoaringTreemap::new();
            for key in of(list.any) {
                let Some(set) = self.get(key)? else { return Ok(None) };
                any |= &*set;
            }
            self.meet(Arc::new(any));
        }
        for key in words(without).into_iter().chain(of(list.none)) {
            let Some(set) = self.get(key)? else { return Ok(None) };
            self.lose(&set);
        }
        let mut sets = Vec::new();
        if sort == Sort::Relevance {
            for (field, points) in POINTS {
                for term in with {
                    let Some(set) = self.get(Key::With(term.clone(), Some(field)))? else { return Ok(None) };
                    sets.push((set, points));
                }
            }
        }
        let found = self.found.map(Arc::unwrap_or_clone).unwrap_or_default();
        let wide = wide.or(found.max().map(|last| last as i64));
        let hits = Hits::new(found, wide);
        Ok(Some(hits.ranked(sets.iter().map(|(set, points)| (&**set, *points)))))
    }

    /// Narrows what was found to what a set has as well, or begins with that.
    fn meet(&mut self, set: Arc<RoaringTreemap>) {
        self.found = Some(match self.found.take() {
            Some(mut found) => match Arc::get_mut(&mut found) {
                Some(own) => {
                    *own &= &*set;
                    found
                }
                None => Arc::new(&*found & &*set),
            },
            None => set,
        });
    }

    /// Narrows what was found to what a set does not have.
    fn lose(&mut self, set: &RoaringTreemap) {
        if let Some(found) = self.found.as_mut().filter(|_| !set.is_empty()) {
            *Arc::make_mut(found) -= set;
        }
    }

    /// A set as of where the log ends, or what a few articles that were found have of it. `None` where it is of a later snapshot,
    /// or would have to be read, whole or at all, and may not.
    pub fn get(&mut self, key: Key) -> Result<Option<Arc<RoaringTreemap>>, DbError> {
        let known = self.postings.sets.get(&key).filter(|known| known.made.elapsed() < AGE);
        if let Some(known) = &known {
            if known.seq == self.seq {
                return Ok(Some(known.ids.clone()));
            }
            if known.seq > self.seq {
                return Ok(None);
            }
        }
        let Some(conn) = self.conn.as_deref_mut() else { return Ok(None) };
        let changed = match &known {
            Some(known) => changed(conn, &mut self.changed, known.seq)?,
            None => None,
        };
        let patched = match (&known, changed.as_deref()) {
            (Some(known), Some([])) => Some(Posting { ids: known.ids.clone(), seq: self.seq, made: known.made }),
            (Some(known), Some(changed)) => Some(known.patched(changed, key.ids(conn, Some(changed))?)),
            _ => None,
        };
        let posting = match (patched, &self.found) {
            (Some(patched), _) => Posting { seq: self.seq, ..patched },
            (None, Some(found)) if found.len() <= FEW && !self.postings.is_small(&key) => {
                return Ok(Some(Arc::new(key.among(conn, found)?)));
            }
            (None, _) if self.whole == 0 => return Ok(None),
            (None, _) => {
                self.whole -= 1;
                let ids = key.ids(conn, None)?.into_iter().map(bit).collect();
                Posting { ids: Arc::new(ids), seq: self.seq, made: Instant::now() }
            }
        };
        let ids = posting.ids.clone();
        self.postings.sets.insert(key, Arc::new(posting));
        Ok(Some(ids))
    }
}

/// The articles that changed after an entry of the log, which may be `known` already; `None` where these are many.
fn changed(
    conn: &mut DbConnection,
    known: &mut Option<(i64, Option<Arc<[i64]>>)>,
    since: i64,
) -> Result<Option<Arc<[i64]>>, DbError> {
    if let Some((_, ids)) = known.as_ref().filter(|(known, _)| *known == since) {
        return Ok(ids.clone());
    }
    let new = traces(conn, since, MOST + 1)?;
    let mut ids: Vec<i64> = new.iter().filter(|one| one.type_ == Subject::Article).map(|one| one.entity_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Option<Arc<[i64]>> = (new.len() as i64 <= MOST).then(|| ids.into());
    *known = Some((since, ids.clone()));
    Ok(ids)
}

impl Key {
    /// Its ids in the present snapshot, of all articles or among some.
    fn ids(&self, conn: &mut DbConnection, among: Option<&[i64]>) -> Result<Vec<i64>, DbError> {
        match self {
            Self::With(term, field) => ids_with(conn, (term, *field), among),
            Self::Of(common) => set(conn, common, among),
        }
    }

    /// What a few articles have of it.
    fn among(&self, conn: &mut DbConnection, few: &RoaringTreemap) -> Result<RoaringTreemap, DbError> {
        let few: Vec<i64> = few.iter().map(|id| id as i64).collect();
        let ids = if few.is_empty() { few } else { self.ids(conn, Some(&few))? };
        Ok(ids.into_iter().map(bit).collect())
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
