//! Counts by value over all articles that a filter selects.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::scope::Scope;
use crate::articles::Kind;
use crate::articles::filter::Facet;
use crate::db::schema::{article_authors, article_tags, articles, authors, tags};
use crate::db::{DbConnection, DbError, MultiBackend, in_query};

/// How many values a facet shows, the most frequent first.
const MOST: i64 = 50;

/// A value with the number of articles that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    pub value: String,
    /// For people.
    pub label: String,
    pub count: i64,
}

/// The counts of each facet that was asked for.
pub fn facets(
    conn: &mut DbConnection,
    scope: &Scope,
    wanted: &[Facet],
) -> Result<Vec<(Facet, Vec<FacetCount>)>, DbError> {
    wanted.iter().map(|facet| Ok((*facet, if scope.empty { Vec::new() } else { one(conn, scope, *facet)? }))).collect()
}

fn one(conn: &mut DbConnection, scope: &Scope, facet: Facet) -> Result<Vec<FacetCount>, DbError> {
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
            Ok(rows.into_iter().map(|(lang, count)| plain(&lang, count)).collect())
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
