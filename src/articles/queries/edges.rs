//! Where the spans of a tag's list begin, as this process last read it: with that a page far into the list is one statement.
//!
//! It may have been overtaken, and nothing depends on it: the statement adds up itself what lies before the edge that it begins
//! at. Where that does not fit, or the spans do not add up to the list, it is read in the ordinary way, and remembered anew.

use std::sync::Arc;

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Text};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::spans::{ERA, Listing, SPAN, counts};
use super::way::DEEP;
use crate::db::schema::tags;
use crate::db::{DbConnection, DbError};
use crate::tags::rows::TagRow;

/// Bytes of all that is remembered: some thousands of tags.
const BYTES: u64 = 4 << 20;
/// What a tag takes, to size the table.
const USUAL: u64 = 1024;

/// The spans of tags' lists, by slug; shared by cloning.
#[derive(Debug, Clone)]
pub struct Edges(Arc<Cache<Box<str>, Arc<Spans>, Weight>>);

#[derive(Debug)]
struct Spans {
    tag: i64,
    /// Each with how many articles it has, the newest first.
    counts: Vec<(i64, i64)>,
}

/// An edge from which a page is read.
#[derive(Debug, Clone)]
pub struct Edge {
    tag: i64,
    /// How many articles lay between it and the page.
    passed: i64,
    /// The order of the list.
    newest_first: bool,
    /// Whether the page lies before the edge in that order, and is read against it.
    pub backward: bool,
    /// How many articles to read for it.
    pub rows: i64,
    /// How many the list had, where that is fewer than were asked for: it is the last page, read from its end.
    short_of: Option<i64>,
    /// When it is, in microseconds: the beginning of this span.
    pub at: i64,
    span: i64,
    /// The list by spans, and by eras.
    list: String,
    eras: String,
    /// The era that it is in, its first span and the first one after it.
    era: i64,
    within: [i64; 2],
}

/// Whether a page can be read from an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Near,
    /// It can, but the list has changed so much that another edge is nearer.
    Far,
    No,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<str>, Arc<Spans>> for Weight {
    fn weight(&self, slug: &Box<str>, spans: &Arc<Spans>) -> u64 {
        (slug.len() + size_of_val(spans.counts.as_slice()) + 128) as u64
    }
}

impl Default for Edges {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter((BYTES / USUAL) as usize, BYTES, Weight)))
    }
}

impl Edges {
    /// The edge that is nearest to a page, of `limit` articles after `offset` others, of the list of the tag with this slug. `None` past the end
    /// of the list, and where there is no such tag.
    pub fn near(
        &self,
        conn: &mut DbConnection,
        slug: &str,
        (offset, limit): (i64, i64),
        newest_first: bool,
    ) -> Result<Option<Edge>, DbError> {
        if let Some(known) = self.0.get(slug)
            && let Some(edge) = known.near(offset, limit, newest_first)
        {
            return Ok(Some(edge));
        }
        // It is not known, or may have grown.
        let Some(read) = Spans::read(conn, slug)? else { return Ok(None) };
        let edge = read.near(offset, limit, newest_first);
        self.0.insert(slug.into(), Arc::new(read));
        Ok(edge)
    }

    /// Has what is remembered of the list of this tag read again.
    pub fn forget(&self, slug: &str) {
        self.0.remove(slug);
    }
}

impl Spans {
    fn read(conn: &mut DbConnection, slug: &str) -> Result<Option<Self>, DbError> {
        let tag = tags::table.filter(tags::slug.eq(slug)).select(tags::id).first(conn).optional()?;
        let read = |tag| Ok(Self { tag, counts: counts(conn, &Listing::Tag(tag).to_string(), None, true)? });
        tag.map(read).transpose()
    }

    fn near(&self, offset: i64, limit: i64, newest_first: bool) -> Option<Edge> {
        let total: i64 = self.counts.iter().map(|(_, count)| count).sum();
        let mut before = 0;
        let mut within = |(span, count): &(i64, i64)| {
            let found = offset < before + count;
            let place = (*span, offset - before, *count);
            before += count;
            found.then_some(place)
        };
        let (span, passed, count) = match newest_first {
            true => self.counts.iter().find_map(&mut within),
            false => self.counts.iter().rev().find_map(&mut within),
        }?;
        let left = limit.min(total - offset);
        let after = count - passed - left;
        let backward = (0..passed).contains(&after);
        let rows = if backward { left } else { limit };
        // With the newest first a span begins, in the order of the list, where the one after it does in the calendar.
        let (span, passed) = (span + i64::from(newest_first != backward), if backward { after } else { passed });
        let (list, era) = (Listing::Tag(self.tag), span.div_euclid(ERA));
        Some(Edge {
            tag: self.tag,
            passed,
            newest_first,
            backward,
            rows,
            short_of: (rows < limit).then_some(total),
            at: span.saturating_mul(SPAN),
            span,
            list: list.to_string(),
            eras: list.eras(),
            era,
            within: [era * ERA, (era + 1) * ERA],
        })
    }
}

impl Edge {
    /// How many articles the list has before the edge, in its order, and in all: by its eras but for that of the edge, and by the
    /// spans of that.
    pub(super) fn push_counts<'b, B>(&'b self, mut out: AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        B: Backend,
        String: ToSql<Text, B>,
        i64: ToSql<BigInt, B>,
    {
        let (era, span) = if self.newest_first { (" > ", " >= ") } else { (" < ", " < ") };
        out.push_sql(
            "WITH counted AS MATERIALIZED (SELECT CAST(SUM(CASE WHEN is_before THEN number ELSE 0 END) AS BIGINT) AS before, \
             CAST(SUM(number) AS BIGINT) AS total FROM (SELECT article_count AS number, span",
        );
        out.push_sql(era);
        out.push_bind_param::<BigInt, i64>(&self.era)?;
        out.push_sql(" AS is_before FROM list_spans WHERE list = ");
        out.push_bind_param::<Text, String>(&self.eras)?;
        out.push_sql(" AND span <> ");
        out.push_bind_param::<BigInt, i64>(&self.era)?;
        out.push_sql(" UNION ALL SELECT article_count, span");
        out.push_sql(span);
        out.push_bind_param::<BigInt, i64>(&self.span)?;
        out.push_sql(" FROM list_spans WHERE list = ");
        out.push_bind_param::<Text, String>(&self.list)?;
        out.push_sql(" AND span >= ");
        out.push_bind_param::<BigInt, i64>(&self.within[0])?;
        out.push_sql(" AND span < ");
        out.push_bind_param::<BigInt, i64>(&self.within[1])?;
        out.push_sql(") AS spans) ");
        Ok(())
    }

    /// How many rows lie between the edge and the page that begins, or read against the order of the list ends, at `offset`.
    pub(super) fn push_offset<'b, B>(&self, offset: &'b i64, mut out: AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        B: Backend,
        i64: ToSql<BigInt, B>,
    {
        out.push_sql(if self.backward { "(SELECT CASE WHEN before >= " } else { "(SELECT CASE WHEN before <= " });
        out.push_bind_param::<BigInt, i64>(offset)?;
        out.push_sql(if self.backward { " THEN before - " } else { " THEN - before + " });
        out.push_bind_param::<BigInt, i64>(offset)?;
        out.push_sql(" ELSE 0 END FROM counted)");
        Ok(())
    }

    /// How the page stands to it, of whose list so many lie before it.
    pub(super) fn holds(&self, tag: &TagRow, before: Option<i64>, offset: i64) -> Holds {
        let between = before.map(|before| if self.backward { before - offset } else { offset - before });
        let is_list = tag.id == self.tag && self.short_of.is_none_or(|total| total == tag.article_count);
        match between {
            Some(between) if is_list && between >= 0 => {
                if between > self.passed + DEEP {
                    Holds::Far
                } else {
                    Holds::Near
                }
            }
            _ => Holds::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_from_the_nearer_edge_of_its_span() {
        let spans = Spans { tag: 1, counts: vec![(9, 100), (7, 10), (-2, 50)] };
        let near = |offset, newest_first| {
            spans.near(offset, 6, newest_first).map(|edge| (edge.span, edge.backward)).unwrap_or_default()
        };
        assert_eq!([near(0, true), near(40, true), near(60, true)], [(10, false), (10, false), (9, true)]);
        // From 95 on it goes beyond the span.
        assert_eq!([near(94, true), near(95, true), near(100, true)], [(9, true), (10, false), (8, false)]);
        assert_eq!([near(103, true), near(159, true), near(160, true)], [(7, true), (-2, true), (0, false)]);
        assert_eq!([near(0, false), near(30, false), near(50, false)], [(-2, false), (-1, true), (7, false)]);
        assert_eq!([near(53, false), near(60, false), near(159, false)], [(8, true), (9, false), (10, true)]);
    }

    #[test]
    fn the_last_page_is_read_from_the_end_though_it_is_short() {
        let spans = Spans { tag: 1, counts: vec![(9, 100), (7, 10)] };
        let edge = |offset| spans.near(offset, 6, true).map(|edge| (edge.rows, edge.short_of));
        assert_eq!(
            [edge(50), edge(104), edge(107), edge(110)],
            [Some((6, None)), Some((6, None)), Some((3, Some(110))), None]
        );
    }
}
