//! What a search has found in a list, as sets of ids.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

/// All articles of a list that match.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// In the order in which they come: one group, or by relevance one for each number of points, the most first. None is empty.
    pub groups: Vec<Group>,
    /// About how many articles of that kind and language there are, if that is known.
    pub population: Option<i64>,
}

/// Articles that are equally good.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub points: i64,
    pub ids: RoaringTreemap,
}

impl Hits {
    /// All alike.
    pub fn new(ids: RoaringTreemap, population: Option<i64>) -> Self {
        Self::grouped(BTreeMap::from([(0, ids)]), population)
    }

    /// The same by relevance: the articles of each set get so many points.
    pub fn ranked<'a>(self, sets: impl IntoIterator<Item = (&'a RoaringTreemap, i64)>) -> Self {
        let mut by_points: BTreeMap<i64, RoaringTreemap> =
            self.groups.into_iter().map(|Group { points, ids }| (points, ids)).collect();
        for (set, more) in sets {
            for (points, mut ids) in std::mem::take(&mut by_points) {
                let better = &ids & set;
                if !better.is_empty() {
                    ids -= &better;
                    *by_points.entry(points + more).or_default() |= better;
                }
                if !ids.is_empty() {
                    *by_points.entry(points).or_default() |= ids;
                }
            }
        }
        Self::grouped(by_points, self.population)
    }

    fn grouped(by_points: BTreeMap<i64, RoaringTreemap>, population: Option<i64>) -> Self {
        let groups = by_points.into_iter().rev().filter(|(_, ids)| !ids.is_empty());
        Self { groups: groups.map(|(points, ids)| Group { points, ids }).collect(), population }
    }

    /// All of them.
    pub fn all(&self) -> RoaringTreemap {
        self.groups.iter().fold(RoaringTreemap::new(), |all, group| all | &group.ids)
    }

    /// All of them, in no order.
    pub fn ids(&self) -> impl Iterator<Item = i64> + '_ {
        self.groups.iter().flat_map(|group| group.ids.iter()).map(|id| id as i64)
    }

    /// How many there are.
    pub fn total(&self) -> i64 {
        self.groups.iter().map(Group::total).sum()
    }
}

impl Group {
    /// How many there are in it.
    pub fn total(&self) -> i64 {
        self.ids.len() as i64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = RoaringTreemap> {
        prop::collection::btree_set(0u64..24, 0..24).prop_map(|ids| ids.into_iter().collect())
    }

    proptest! {
        #[test]
        fn each_article_has_the_points_of_the_sets_that_it_is_in(
            all in set(),
            sets in prop::collection::vec((set(), 1i64..3), 0..6),
        ) {
            let hits = Hits::new(all.clone(), None).ranked(sets.iter().map(|(set, points)| (set, *points)));
            prop_assert_eq!(hits.total(), all.len() as i64);
            prop_assert!(hits.groups.iter().all(|group| group.total() > 0));
            prop_assert!(hits.groups.is_sorted_by(|a, b| a.points > b.points));
            for id in &all {
                let points: i64 = sets.iter().filter(|(set, _)| set.contains(id)).map(|(_, points)| points).sum();
                let group = hits.groups.iter().find(|group| group.ids.contains(id)).expect("every article is in a group");
                prop_assert_eq!(group.points, points);
            }
        }
    }
}
