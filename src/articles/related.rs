//! Related stories: those that share tags, where a rare tag says more than a common one.
//!
//! Each tag of the story offers its newest articles and each of these scores the tag's weight, `1 / ln(1 + articles)`.
//! The cost is bounded by the number of tags, however many articles they have. What a tag offers is remembered
//! ([`super::newest`]), since every story that has the tag asks for it, and so are the links to single stories.

use std::collections::HashSet;
use std::sync::Arc;

use quick_cache::sync::Cache;

use super::newest::Newest;
use super::queries::{self, CardNeeds};
use super::rows::{Beside, Card, Offer, Offered, SurroundingsRow, TeaserRow};
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::kept::{LogPosition, Marks};

/// How many a detail shows.
const SHOWN: usize = 5;
/// How many links are remembered, at about a quarter of a kilobyte each.
const LINKS: usize = 16_384;

/// Chooses related stories; shared by cloning.
#[derive(Clone)]
pub struct Related {
    marks: Arc<Marks>,
    newest: Newest,
    links: Arc<Cache<i64, (LogPosition, Arc<TeaserRow>)>>,
}

/// A choice of what was read at a moment.
#[derive(Clone)]
pub struct Choice {
    related: Related,
    read: LogPosition,
}

impl Related {
    /// Nothing is remembered yet.
    pub fn new(marks: Arc<Marks>, newest: Newest) -> Self {
        Self { marks, newest, links: Arc::new(Cache::new(LINKS)) }
    }

    /// To be asked for before a snapshot is begun, of which it is then known what it holds.
    pub fn begin(&self) -> Choice {
        Choice { related: self.clone(), read: self.marks.position() }
    }
}

impl Choice {
    /// The cards of the `limit` stories that are most related to an article, the closest first.
    pub fn cards(
        &self,
        conn: &mut DbConnection,
        id: i64,
        limit: usize,
        needs: CardNeeds,
    ) -> Result<Vec<Card>, DbError> {
        let Some(around) = queries::surroundings(conn, id)? else { return Ok(Vec::new()) };
        let mut ids = self.related(conn, &around, limit)?;
        // What was public when it was remembered may not be so in this snapshot, of which the cards are read.
        let public: HashSet<i64> = queries::teasers(conn, &ids)?.into_iter().map(|row| row.id).collect();
        ids.retain(|id| public.contains(id));
        queries::cards(conn, &ids, needs, Audience::Everyone)
    }

    /// The ids of the `limit` most related stories, the closest first. They were public when that was last read.
    fn related(&self, conn: &mut DbConnection, around: &SurroundingsRow, limit: usize) -> Result<Vec<i64>, DbError> {
        let newest = &self.related.newest;
        let offers: Vec<Arc<Offer>> =
            around.tags().into_iter().map(|tag| newest.of(conn, tag, self.read)).collect::<Result<_, _>>()?;
        Ok(closest(around.id, &offers, limit))
    }

    /// The stories around one.
    pub fn beside(&self, conn: &mut DbConnection, around: &SurroundingsRow) -> Result<Beside, DbError> {
        let related = self.related(conn, around, SHOWN)?;
        let (previous, next) = around.neighbours();
        let ids: Vec<i64> = related.iter().copied().chain(previous).chain(next).collect();
        let found = self.links(conn, &ids)?;
        let teaser = |id: i64| found.iter().find(|row| row.id == id).map(|row| TeaserRow::clone(row));
        Ok(Beside {
            previous: previous.and_then(teaser),
            next: next.and_then(teaser),
            related: related.into_iter().filter_map(teaser).collect(),
        })
    }

    /// Links to those of some articles that everyone may see, in no order.
    fn links(&self, conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<Arc<TeaserRow>>, DbError> {
        let Related { marks, newest: _, links } = &self.related;
        let heard = marks.are_heard();
        let known = |id: &i64| {
            let (read, row) = links.get(id).filter(|_| heard)?;
            marks.untouched(&[Part::Article(*id).into()], read).then_some(row)
        };
        let mut found: Vec<Arc<TeaserRow>> = ids.iter().filter_map(known).collect();
        let missing: Vec<i64> = ids.iter().copied().filter(|id| found.iter().all(|row| row.id != *id)).collect();
        for row in queries::teasers(conn, &missing)?.into_iter().map(Arc::new) {
            links.insert(row.id, (self.read, row.clone()));
            found.push(row);
        }
        Ok(found)
    }
}

/// The `limit` articles but `id` that score most, of equal ones the newest. The offers, which are in that order each, are merged.
fn closest(id: i64, offers: &[Arc<Offer>], limit: usize) -> Vec<i64> {
    let mut rest: Vec<(f64, &[Offered])> = offers
        .iter()
        .map(|offer| (1.0 / (1.0 + offer.article_count.max(1) as f64).ln(), offer.newest.as_slice()))
        .collect();
    let mut best: Vec<(f64, i64)> = Vec::with_capacity(limit + 1);
    while let Some(newest) = rest.iter().filter_map(|(_, list)| list.first()).max().copied() {
        let mut score = 0.0;
        for (weight, list) in &mut rest {
            if list.first() == Some(&newest) {
                score += *weight;
                *list = &list[1..];
            }
        }
        let (_, other) = newest;
        // Of one that has moved since the first offer was read there are two, and the newer counts.
        let beaten = best.len() == limit && best.last().is_none_or(|(last, _)| *last >= score);
        if !beaten && other != id && best.iter().all(|(_, known)| *known != other) {
            let place = best.partition_point(|(known, _)| *known >= score);
            best.insert(place, (score, other));
            best.truncate(limit);
        }
    }
    best.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// The same by scores of all that is offered.
    fn by_scores(id: i64, offers: &[Arc<Offer>], limit: usize) -> Vec<i64> {
        let mut scores: HashMap<i64, (f64, i64)> = HashMap::new();
        for offer in offers {
            let weight = 1.0 / (1.0 + offer.article_count.max(1) as f64).ln();
            for (at, other) in offer.newest.iter().filter(|(_, other)| *other != id) {
                scores.entry(*other).or_insert((0.0, *at)).0 += weight;
            }
        }
        let mut all: Vec<_> = scores.into_iter().map(|(id, (score, at))| (score, at, id)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)));
        all.into_iter().take(limit).map(|(_, _, id)| id).collect()
    }

    proptest! {
        #[test]
        fn a_merge_finds_the_same_as_all_scores(
            lists in proptest::collection::vec((0_i64..9, proptest::collection::btree_set(0_i64..40, 0..20)), 0..6),
            id in 0_i64..40,
            limit in 0_usize..8,
        ) {
            // Of three instants only, so that many are equally new.
            let offer = |(article_count, ids): (i64, std::collections::BTreeSet<i64>)| {
                let mut newest: Vec<Offered> = ids.into_iter().map(|id| (id % 3, id)).collect();
                newest.sort_by_key(|offered| std::cmp::Reverse(*offered));
                Arc::new(Offer { article_count, newest })
            };
            let offers: Vec<_> = lists.into_iter().map(offer).collect();
            prop_assert_eq!(closest(id, &offers, limit), by_scores(id, &offers, limit));
        }
    }
}
