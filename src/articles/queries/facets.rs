//! Counts by value over all articles that a filter selects.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::predicates::Visible;
use super::scope::{Plan, Scope};
use super::sets::Common;
use super::totals::totals;
use crate::articles::Kind;
use crate::articles::filter::Facet;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_tags, articles, authors, tags};
use crate::db::{DbConnection, DbError, MultiBackend, in_query};

/// How many values a facet shows, the most frequent first.
pub const FACET_VALUES: usize = 50;
const MOST: i64 = FACET_VALUES as i64;

/// A value with the number of articles that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    pub value: String,
    /// For people.
    pub label: String,
    pub count: i64,
}

/// A value of a facet, with the set of what has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    pub value: String,
    /// For people.
    pub label: String,
    pub common: Common,
    /// How many articles have it that everyone sees; of years it is not known, and the highest number.
    pub most: i64,
    /// Which of two equally frequent values comes first.
    pub order: i64,
}

/// At most so many values of a facet that articles have which everyone sees, those that the most have first, and of years the latest.
pub fn facet_values(conn: &mut DbConnection, facet: Facet, limit: i64) -> Result<Vec<FacetValue>, DbError> {
    let named = |(id, value, label, most): (i64, String, String, i64), common| FacetValue {
        value,
        label,
        common,
        most,
        order: id,
    };
    match facet {
        Facet::Tag => {
            let rows: Vec<(i64, String, String, i64)> = tags::table
                .filter(tags::article_count.gt(0))
                .order((tags::article_count.desc(), tags::id.asc()))
                .limit(limit)
                .select((tags::id, tags::slug, tags::name, tags::article_count))
                .load(conn)?;
            Ok(rows.into_iter().map(|row| (row.0, row)).map(|(id, row)| named(row, Common::Tag(id))).collect())
        }
        Facet::Author => {
            let rows: Vec<(i64, String, String, i64)> = authors::table
                .filter(authors::article_count.gt(0))
                .order((authors::article_count.desc(), authors::id.asc()))
                .limit(limit)
                .select((authors::id, authors::slug, authors::name, authors::article_count))
                .load(conn)?;
            Ok(rows.into_iter().map(|row| (row.0, row)).map(|(id, row)| named(row, Common::Author(id))).collect())
        }
        Facet::Kind | Facet::Lang => {
            let mut values: BTreeMap<String, (Common, i64)> = BTreeMap::new();
            for (kind, lang, count) in totals(conn, None, None)? {
                let (value, common) = match facet {
                    Facet::Kind => (kind.as_ref().to_owned(), Common::Kind(kind)),
                    _ => (lang.clone(), Common::Lang(lang)),
                };
                values.entry(value).or_insert((common, 0)).1 += count;
            }
            let ordered = values.into_iter().zip(0..);
            let mut values: Vec<FacetValue> = ordered
                .map(|((value, (common, most)), order)| named((order, value.clone(), value, most), common))
                .collect();
            values.sort_by_key(|value| Reverse(value.most));
            Ok(values)
        }
        Facet::Year => {
            let (mut years, mut before) = (Vec::new(), None);
            while (years.len() as i64) < limit
                && let Some(latest) = latest(conn, before)?
            {
                let year = latest.year();
                let (after, end) = (Timestamp::of_year(year), Timestamp::of_year(year + 1));
                let text = year.to_string();
                years.push(named((-year, text.clone(), text, i64::MAX), Common::Published { after, before: end }));
                before = after;
            }
            Ok(years)
        }
    }
}

/// When the latest article that everyone sees was published, of all or before an instant.
fn latest(conn: &mut DbConnection, before: Option<Timestamp>) -> Result<Option<Timestamp>, DbError> {
    let mut public = articles::table.filter(Visible(Audience::Everyone)).into_boxed();
    if let Some(before) = before {
        public = public.filter(articles::published_at.lt(before));
    }
    let latest: Option<Option<Timestamp>> =
        public.order(articles::published_at.desc()).select(articles::published_at).first(conn).optional()?;
    Ok(latest.flatten())
}

/// Whether the counts of a scope are kept.
pub fn is_kept(scope: &Scope, facet: Facet) -> bool {
    let narrowed = scope.filter.kind.is_some() || scope.filter.lang.is_some();
    matches!(scope.plan(), Plan::Totals)
        && match facet {
            Facet::Kind | Facet::Lang => true,
            Facet::Tag | Facet::Author => !narrowed,
            Facet::Year => false,
        }
}

/// The counts of a scope where they are kept.
pub fn kept_facet(conn: &mut DbConnection, scope: &Scope, facet: Facet) -> Result<Option<Vec<FacetCount>>, DbError> {
    if !is_kept(scope, facet) {
        return Ok(None);
    }
    if !matches!(facet, Facet::Kind | Facet::Lang) {
        let counted = |FacetValue { value, label, most, .. }| FacetCount { value, label, count: most };
        return Ok(Some(facet_values(conn, facet, MOST)?.into_iter().map(counted).collect()));
    }
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (kind, lang, count) in totals(conn, scope.filter.kind, scope.filter.lang.as_deref())? {
        let value = if facet == Facet::Kind { kind.as_ref().to_owned() } else { lang };
        *counts.entry(value).or_default() += count;
    }
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    Ok(Some(most_frequent(counts.map(|(value, count)| plain(&value, count)).collect())))
}

/// The counts of a scope.
pub fn facet(conn: &mut DbConnection, scope: &Scope, facet: Facet) -> Result<Vec<FacetCount>, DbError> {
    match facet {
        Facet::Tag => {
            let rows: Vec<(i64, i64)> = article_tags::table
                .filter(in_query(article_tags::article_id, selected(scope)))
                .group_by(article_tags::tag_id)
                .order((count_star().desc(), article_tags::tag_id.asc()))
                .limit(MOST)
                .select((article_tags::tag_id, count_star()))
                .load(conn)?;
            named(rows, |id| tags::table.find(id).select((tags::slug, tags::name)).first(conn))
        }
        Facet::Author => {
            let rows: Vec<(i64, i64)> = article_authors::table
                .filter(in_query(article_authors::article_id, selected(scope)))
                .group_by(article_authors::author_id)
                .order((count_star().desc(), article_authors::author_id.asc()))
                .limit(MOST)
                .select((article_authors::author_id, count_star()))
                .load(conn)?;
            named(rows, |id| authors::table.find(id).select((authors::slug, authors::name)).first(conn))
        }
        Facet::Kind => {
            let rows: Vec<(Kind, i64)> = articles::table
                .filter(in_query(articles::id, selected(scope)))
                .group_by(articles::kind)
                .order((count_star().desc(), articles::kind.asc()))
                .select((articles::kind, count_star()))
                .load(conn)?;
            Ok(rows.into_iter().map(|(kind, count)| plain(kind.as_ref(), count)).collect())
        }
        Facet::Lang => {
            let rows: Vec<(String, i64)> = articles::table
                .filter(in_query(articles::id, selected(scope)))
                .group_by(articles::lang)
                .order((count_star().desc(), articles::lang.asc()))
                .limit(MOST)
                .select((articles::lang, count_star()))
                .load(conn)?;
            Ok(most_frequent(rows.into_iter().map(|(lang, count)| plain(&lang, count)).collect()))
        }
        Facet::Year => {
            let rows: Vec<(Option<i64>, i64)> = articles::table
                .filter(in_query(articles::id, selected(scope)))
                .group_by(articles::published_year)
                .order(articles::published_year.desc())
                .limit(MOST)
                .select((articles::published_year, count_star()))
                .load(conn)?;
            Ok(rows.into_iter().filter_map(|(year, count)| Some(plain(&year?.to_string(), count))).collect())
        }
    }
}

/// The most frequent first; those that are equally frequent by the value's bytes, whatever the database's collation is.
fn most_frequent(mut counts: Vec<FacetCount>) -> Vec<FacetCount> {
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    counts.truncate(MOST as usize);
    counts
}

fn selected(scope: &Scope) -> articles::BoxedQuery<'static, MultiBackend, diesel::sql_types::BigInt> {
    scope.query().select(articles::id)
}

fn plain(value: &str, count: i64) -> FacetCount {
    FacetCount { value: value.to_owned(), label: value.to_owned(), count }
}

fn named(
    rows: Vec<(i64, i64)>,
    mut name: impl FnMut(i64) -> QueryResult<(String, String)>,
) -> Result<Vec<FacetCount>, DbError> {
    rows.into_iter()
        .map(|(id, count)| {
            let (value, label) = name(id)?;
            Ok(FacetCount { value, label, count })
        })
        .collect()
}
