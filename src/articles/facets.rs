//! Counts by value over a list: those that are kept, those of each value's set where the list is long, and by SQL otherwise.

use roaring::RoaringTreemap;

use super::Kind;
use super::filter::Facet;
use super::postings::{Key, Postings};
use super::queries::{self, FACET_VALUES, FacetCount, FacetValue, Scope};
use super::search::Hits;
use crate::db::{DbConnection, DbError};

/// Of so few articles values are counted by their ids.
const FEW: i64 = 256;
/// Sets that are read whole for one facet.
const WHOLE: usize = 512;

/// The counts of each facet that was asked for, over all of a scope; `hits` are its articles, where they were found already.
pub fn facets(
    conn: &mut DbConnection,
    postings: &Postings,
    scope: &Scope,
    hits: Option<&Hits>,
    wanted: &[Facet],
) -> Result<Vec<(Facet, Vec<FacetCount>)>, DbError> {
    let found = hits.map(Hits::all);
    let few = hits.filter(|hits| hits.total() <= FEW).map(|hits| scope.only(hits.ids().collect()));
    let one = |facet: &Facet| {
        if scope.empty {
            return Ok((*facet, Vec::new()));
        }
        if let Some(kept) = queries::kept_facet(conn, scope, *facet)? {
            return Ok((*facet, kept));
        }
        // The sets of tags and authors have no pages.
        let by_sets = match &found {
            Some(found) if few.is_none() && scope.filter.kind != Some(Kind::Page) => {
                by_sets(conn, postings, found, *facet)?
            }
            _ => None,
        };
        let counts = match by_sets {
            Some(counts) => counts,
            None => queries::facet(conn, few.as_ref().unwrap_or(scope), *facet)?,
        };
        Ok((*facet, counts))
    };
    wanted.iter().map(one).collect()
}

/// `None` where that takes too many sets.
fn by_sets(
    conn: &mut DbConnection,
    postings: &Postings,
    found: &RoaringTreemap,
    facet: Facet,
) -> Result<Option<Vec<FacetCount>>, DbError> {
    let values = queries::facet_values(conn, facet, WHOLE as i64)?;
    let complete = values.len() < WHOLE;
    if !complete && values.last().is_some_and(|last| last.most >= found.len() as i64) {
        return Ok(None);
    }
    let mut read = postings.reading(conn, WHOLE)?;
    let mut counts: Vec<(FacetValue, i64)> = Vec::new();
    for value in values {
        // Of what comes now no value can have more than it has at all.
        let least = counts.get(FACET_VALUES - 1).map_or(0, |(_, count)| *count);
        if value.most < least {
            return Ok(Some(named(counts)));
        }
        let Some(set) = read.get(Key::Of(value.common.clone()))? else { return Ok(None) };
        let count = found.intersection_len(&set) as i64;
        if count == 0 {
            continue;
        }
        counts.push((value, count));
        if facet != Facet::Year {
            counts.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.order.cmp(&b.order)));
        } else if counts.len() == FACET_VALUES {
            return Ok(Some(named(counts)));
        }
    }
    Ok(complete.then(|| named(counts)))
}

fn named(counts: Vec<(FacetValue, i64)>) -> Vec<FacetCount> {
    let named = |(FacetValue { value, label, .. }, count)| FacetCount { value, label, count };
    counts.into_iter().take(FACET_VALUES).map(named).collect()
}
