//! How far into a list a page is, without counting up to it: each list knows how many of its articles were published in each
//! span of 30 days. A page costs the number of its list's spans and what stands in one of them, however deep it is.

use std::fmt;

use diesel::prelude::*;

use crate::articles::Kind;
use crate::clock::Timestamp;
use crate::db::schema::{article_tags, list_spans};
use crate::db::{DbConnection, DbError, ROWS};

/// Microseconds.
const SPAN: i64 = 30 * 24 * 60 * 60 * 1_000_000;

/// A list that is kept in spans. Displays as the name under which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing<'a> {
    Tag(i64),
    Author(i64),
    /// All of a kind and a language; without a kind all but pages.
    All {
        kind: Option<Kind>,
        lang: Option<&'a str>,
    },
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(id) => write!(f, "t{id}"),
            Self::Author(id) => write!(f, "w{id}"),
            Self::All { kind: None, lang: None } => f.write_str("all"),
            Self::All { kind: Some(kind), lang: None } => write!(f, "kind={}", kind.as_ref()),
            Self::All { kind: None, lang: Some(lang) } => write!(f, "lang={lang}"),
            Self::All { kind: Some(kind), lang: Some(lang) } => write!(f, "kind={}&lang={lang}", kind.as_ref()),
        }
    }
}

/// The span of an instant.
pub fn span_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(SPAN)
}

/// Moves the counts of some lists in one span.
pub fn add_to_span(conn: &mut DbConnection, span: i64, names: &[String], by: i64) -> Result<(), DbError> {
    for names in names.chunks(ROWS) {
        let rows = list_spans::table.filter(list_spans::span.eq(span)).filter(list_spans::list.eq_any(names));
        let updated = diesel::update(rows.clone())
            .set(list_spans::article_count.eq(list_spans::article_count + by))
            .execute(conn)?;
        if updated == names.len() {
            continue;
        }
        let present: Vec<String> = rows.select(list_spans::list).load(conn)?;
        for name in names.iter().filter(|name| !present.contains(name)) {
            insert(conn, name, span, by)?;
        }
    }
    Ok(())
}

fn insert(conn: &mut DbConnection, name: &str, span: i64, count: i64) -> Result<(), DbError> {
    let row = (list_spans::list.eq(name), list_spans::span.eq(span), list_spans::article_count.eq(count));
    diesel::insert_into(list_spans::table).values(row).execute(conn)?;
    Ok(())
}

/// Counts the spans of a tag anew, after a merge, and drops those of the tag that was merged into it.
pub fn recount_tag(conn: &mut DbConnection, tag: i64, merged: i64) -> Result<(), DbError> {
    for list in [Listing::Tag(tag), Listing::Tag(merged)] {
        diesel::delete(list_spans::table.filter(list_spans::list.eq(list.to_string()))).execute(conn)?;
    }
    let published: Vec<Option<Timestamp>> = article_tags::table
        .filter(article_tags::tag_id.eq(tag))
        .filter(article_tags::listed)
        .order(article_tags::published_at)
        .select(article_tags::published_at)
        .load(conn)?;
    let spans: Vec<i64> = published.into_iter().flatten().map(span_of).collect();
    for same in spans.chunk_by(|one, next| one == next) {
        insert(conn, &Listing::Tag(tag).to_string(), same[0], same.len() as i64)?;
    }
    Ok(())
}

/// Where to begin reading a list of `total` articles to come to the article at `offset` in a few steps: the edge of a span, `None` for the list's
/// own beginning, and how many are still to be passed over from there. With the newest first that edge is the first instant
/// after the span, otherwise its own first one. Spans that do not add up, as after a write by a process that does not know of
/// them, lead nobody astray: the list is then read from its beginning.
pub fn approach(
    conn: &mut DbConnection,
    list: Listing<'_>,
    total: i64,
    offset: i64,
    newest_first: bool,
) -> Result<(Option<Timestamp>, i64), DbError> {
    let mut spans: Vec<(i64, i64)> = list_spans::table
        .filter(list_spans::list.eq(list.to_string()))
        .order(list_spans::span)
        .select((list_spans::span, list_spans::article_count))
        .load(conn)?;
    let counted: i64 = spans.iter().map(|(_, count)| count).sum();
    if counted != total {
        tracing::warn!(%list, counted, total, "the spans of the list {list} have {counted} articles, and it has {total}");
        return Ok((None, offset));
    }
    if newest_first {
        spans.reverse();
    }
    let mut left = offset;
    for (span, count) in spans {
        if left < count {
            let edge = (span + i64::from(newest_first)).saturating_mul(SPAN);
            // Beyond the calendar's ends there is no edge, and nothing before it.
            return Ok((Timestamp::from_micros(edge), left));
        }
        left -= count;
    }
    Ok((None, offset))
}
