//! Related stories: those that share tags, where a rare tag says more than a common one.
//!
//! Each tag of the story offers its newest articles and each of these scores the tag's weight, `1 / ln(1 + articles)`.
//! The cost is bounded by the number of tags, however many articles they have.

use std::collections::HashMap;

use diesel::prelude::*;

use super::cards::{CardNeeds, cards};
use crate::articles::rows::{Card, TeaserRow};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_tags, articles, tags};
use crate::db::{DbConnection, DbError, id_in};

/// How many of a tag's newest articles are looked at.
const OFFERED: i64 = 64;

/// The cards of the `limit` most related stories, the closest first.
pub fn related(conn: &mut DbConnection, id: i64, limit: usize, needs: CardNeeds) -> Result<Vec<Card>, DbError> {
    let ids = ranked(conn, id, limit)?;
    cards(conn, &ids, needs, Audience::Everyone)
}

/// The same as links.
pub fn related_teasers(conn: &mut DbConnection, id: i64, limit: usize) -> Result<Vec<TeaserRow>, DbError> {
    let ids = ranked(conn, id, limit)?;
    let rows: Vec<TeaserRow> =
        articles::table.filter(id_in(articles::id, &ids)).select(TeaserRow::as_select()).load(conn)?;
    let mut rows: HashMap<i64, TeaserRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

fn ranked(conn: &mut DbConnection, id: i64, limit: usize) -> Result<Vec<i64>, DbError> {
    let own: Vec<(i64, i64)> = article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_id.eq(id))
        .order(tags::id)
        .select((tags::id, tags::article_count))
        .load(conn)?;
    let mut scores: HashMap<i64, (f64, Option<Timestamp>)> = HashMap::new();
    for (tag, article_count) in own {
        let weight = 1.0 / (1.0 + article_count.max(1) as f64).ln();
        let offered: Vec<(i64, Option<Timestamp>)> = article_tags::table
            .filter(article_tags::tag_id.eq(tag))
            .filter(article_tags::listed)
            .order((article_tags::published_at.desc(), article_tags::article_id.desc()))
            .limit(OFFERED)
            .select((article_tags::article_id, article_tags::published_at))
            .load(conn)?;
        for (other, at) in offered.into_iter().filter(|(other, _)| *other != id) {
            scores.entry(other).or_insert((0.0, at)).0 += weight;
        }
    }
    let mut ranked: Vec<(f64, Option<Timestamp>, i64)> =
        scores.into_iter().map(|(id, (score, at))| (score, at, id)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)));
    Ok(ranked.into_iter().take(limit).map(|(_, _, id)| id).collect())
}
