//! Which stories stand around one: the neighbours in its language, and what its tags offer as related.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::predicates::Visible;
use crate::articles::rows::{Offer, SurroundingsRow, TeaserRow};
use crate::changes::Audience;
use crate::db::schema::{article_tags, articles, tags};
use crate::db::{DbConnection, DbError, MultiBackend, id_in};

/// How many of a tag's newest articles are looked at.
pub const OFFERED: i64 = 64;

/// The id of the public story that was published just before an article, or after it, in its language; none for what has no
/// date. What it says of an article of the kind `page` means nothing.
#[derive(Debug, Clone, Copy)]
pub struct Neighbour<const LATER: bool>;

impl<const LATER: bool> QueryId for Neighbour<LATER> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const LATER: bool> Expression for Neighbour<LATER> {
    type SqlType = Nullable<BigInt>;
}

impl<T, const LATER: bool> AppearsOnTable<T> for Neighbour<LATER> where articles::id: AppearsOnTable<T> {}
impl<T, const LATER: bool> SelectableExpression<T> for Neighbour<LATER> where articles::id: SelectableExpression<T> {}

impl<const LATER: bool> ValidGrouping<()> for Neighbour<LATER> {
    type IsAggregate = is_aggregate::No;
}

impl<DB: diesel::backend::Backend, const LATER: bool> QueryFragment<DB> for Neighbour<LATER> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "(SELECT n.id FROM articles AS n WHERE n.public AND n.kind <> 'page' AND n.lang = articles.lang AND ",
        );
        out.push_sql(if LATER {
            "n.published_at >= articles.published_at AND (n.published_at > articles.published_at OR n.id > articles.id) \
             ORDER BY n.published_at, n.id LIMIT 1)"
        } else {
            "n.published_at <= articles.published_at AND (n.published_at < articles.published_at OR n.id < articles.id) \
             ORDER BY n.published_at DESC, n.id DESC LIMIT 1)"
        });
        Ok(())
    }
}

/// The ids of an article's tags with spaces between them, in no order.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct TagIds;

impl Expression for TagIds {
    type SqlType = Nullable<Text>;
}

impl<T> AppearsOnTable<T> for TagIds where articles::id: AppearsOnTable<T> {}
impl<T> SelectableExpression<T> for TagIds where articles::id: SelectableExpression<T> {}

impl ValidGrouping<()> for TagIds {
    type IsAggregate = is_aggregate::No;
}

macro_rules! tag_ids_sql {
    ($backend:ty, $joined:literal) => {
        impl QueryFragment<$backend> for TagIds {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql(concat!("(SELECT ", $joined, " FROM article_tags WHERE article_id = articles.id)"));
                Ok(())
            }
        }
    };
}

tag_ids_sql!(Sqlite, "group_concat(tag_id, ' ')");
tag_ids_sql!(Pg, "string_agg(CAST(tag_id AS text), ' ')");

impl QueryFragment<MultiBackend> for TagIds {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// The type of [`SURROUNDINGS`].
pub type Surroundings = (articles::id, articles::kind, Neighbour<false>, Neighbour<true>, TagIds);

/// What a statement selects to know an article's [`SurroundingsRow`].
pub const SURROUNDINGS: Surroundings = (articles::id, articles::kind, Neighbour, Neighbour, TagIds);

/// What stands around an article.
pub fn surroundings(conn: &mut DbConnection, id: i64) -> Result<Option<SurroundingsRow>, DbError> {
    Ok(articles::table.find(id).select(SURROUNDINGS).first(conn).optional()?)
}

/// A tag's newest articles.
pub fn offer(conn: &mut DbConnection, tag: i64) -> Result<Offer, DbError> {
    let count = tags::table.find(tag).select(tags::article_count).single_value();
    let rows: Vec<(Option<i64>, i64, Option<i64>)> = article_tags::table
        .filter(article_tags::tag_id.eq(tag))
        .filter(article_tags::listed.eq(true))
        .order((article_tags::published_at.desc(), article_tags::article_id.desc()))
        .limit(OFFERED)
        .select((article_tags::published_at, article_tags::article_id, count))
        .load(conn)?;
    let article_count = rows.first().and_then(|(_, _, count)| *count).unwrap_or_default();
    // What is listed has a date.
    let newest = rows.into_iter().map(|(at, id, _)| (at.unwrap_or(i64::MIN), id)).collect();
    Ok(Offer { article_count, newest })
}

/// Links to those of some articles that everyone may see, in no order.
pub fn teasers(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<TeaserRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let public = articles::table.filter(Visible(Audience::Everyone)).filter(id_in(articles::id, ids));
    Ok(public.select(TeaserRow::as_select()).load(conn)?)
}
