//! Where the spans of a tag's list begin, remembered for as long as the log tells of no change to the list: with that a page far into it
//! is read from the nearest edge of one.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::filter::Sort;
use super::queries::{DEEP, SPAN, Way, spans_of_tag};
use crate::changes::Part;
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Window};
use crate::http::kept::{LogPosition, Marks};
use crate::tags::rows::TagRow;

/// Bytes of all that is remembered: some thousands of tags.
const BYTES: u64 = 4 << 20;
/// What a tag takes, to size the table.
const USUAL: u64 = 1024;

/// The spans of tags' lists, by the tag's id; shared by cloning.
#[derive(Clone)]
pub struct Edges {
    marks: Arc<Marks>,
    spans: Arc<Cache<i64, Known, Weight>>,
}

/// Spans, and how far the log was read before they were.
type Known = (LogPosition, Arc<Spans>);

/// The spans of a list, each with how many articles it has, the newest first.
#[derive(Debug)]
struct Spans(Vec<(i64, i64)>);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<i64, Known> for Weight {
    fn weight(&self, _: &i64, (_, spans): &Known) -> u64 {
        (size_of_val(spans.0.as_slice()) + 128) as u64
    }
}

impl Edges {
    /// Nothing is remembered yet.
    pub fn new(marks: Arc<Marks>) -> Self {
        Self { marks, spans: Arc::new(Cache::with_weighter((BYTES / USUAL) as usize, BYTES, Weight)) }
    }

    /// Reads the spans of a tag's list, if they are not known. `read` is how far the log was read before.
    pub fn learn(&self, conn: &mut DbConnection, tag: i64, read: LogPosition) -> Result<(), DbError> {
        if self.known(tag).is_none() {
            let spans = Spans(spans_of_tag(conn, tag)?);
            self.spans.insert(tag, (read, Arc::new(spans)));
        }
        Ok(())
    }

    /// The way to a page of a tag's list by date that begins before the list's end: `None` where it is far and the spans are not known, or do
    /// not add up to the list.
    pub fn way(&self, tag: &TagRow, sort: Sort, cut: &Cut) -> Option<Way> {
        let (way, before) = Way::nearer(sort, cut, tag.article_count);
        match cut.window {
            Window::Offset(offset) if before > DEEP => self.known(tag.id)?.way(sort, (offset, cut), tag.article_count),
            _ => Some(way),
        }
    }

    fn known(&self, tag: i64) -> Option<Arc<Spans>> {
        let (read, spans) = self.spans.get(&tag)?;
        self.marks.holds(&[Part::ArticlesOfTag(tag).into()], read).then_some(spans)
    }
}

impl Spans {
    /// From the edge that is nearest to the page that begins at `offset`.
    fn way(&self, sort: Sort, (offset, cut): (i64, &Cut), total: i64) -> Option<Way> {
        if self.0.iter().map(|(_, count)| count).sum::<i64>() != total {
            return None;
        }
        let mut before = 0;
        let mut within = |(span, count): &(i64, i64)| {
            let found = offset < before + count;
            let place = (*span, offset - before, *count);
            before += count;
            found.then_some(place)
        };
        let newest_first = sort == Sort::Newest;
        let (span, passed, count) = match newest_first {
            true => self.0.iter().find_map(&mut within),
            false => self.0.iter().rev().find_map(&mut within),
        }?;
        let rows = cut.limit.min(total - offset);
        let after = count - passed - rows;
        let backward = (0..passed).contains(&after);
        // With the newest first a span begins, in the order of the list, where the one after it does in the calendar.
        let edge = Timestamp::from_micros((span + i64::from(newest_first != backward)).saturating_mul(SPAN))?;
        let window = Window::Offset(if backward { after } else { passed });
        let sort = match (sort, backward) {
            (Sort::Newest, true) => Sort::Oldest,
            (_, true) => Sort::Newest,
            (sort, false) => sort,
        };
        Some(Way { sort, cut: Cut { window, limit: rows, count: cut.count }, from: Some(edge) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In which order it is read, from the beginning of which span, how many are passed over and how many read.
    fn way(spans: &[(i64, i64)], sort: Sort, offset: i64) -> (Sort, i64, i64, i64) {
        let cut = Cut { window: Window::Offset(offset), limit: 6, count: true };
        let total = spans.iter().map(|(_, count)| count).sum();
        let way = Spans(spans.to_vec()).way(sort, (offset, &cut), total).expect("a way");
        let Window::Offset(passed) = way.cut.window else { panic!("{way:?}") };
        (way.sort, way.from.expect("an edge").micros() / SPAN, passed, way.cut.limit)
    }

    #[test]
    fn a_page_is_read_from_the_nearer_edge_of_its_span() {
        use Sort::{Newest, Oldest};
        let spans = [(9, 100), (7, 10), (2, 50)];
        let from = |sort, offset| way(&spans, sort, offset);
        assert_eq!(from(Newest, 0), (Newest, 10, 0, 6));
        assert_eq!(from(Newest, 40), (Newest, 10, 40, 6));
        assert_eq!(from(Newest, 60), (Oldest, 9, 34, 6));
        assert_eq!(from(Newest, 94), (Oldest, 9, 0, 6));
        // From 95 on it goes beyond the span.
        assert_eq!(from(Newest, 95), (Newest, 10, 95, 6));
        assert_eq!(from(Newest, 100), (Newest, 8, 0, 6));
        assert_eq!(from(Newest, 103), (Oldest, 7, 1, 6));
        assert_eq!(from(Oldest, 0), (Oldest, 2, 0, 6));
        assert_eq!(from(Oldest, 30), (Newest, 3, 14, 6));
        assert_eq!(from(Oldest, 50), (Oldest, 7, 0, 6));
        assert_eq!(from(Oldest, 53), (Newest, 8, 1, 6));
        assert_eq!(from(Oldest, 60), (Oldest, 9, 0, 6));
    }

    #[test]
    fn the_last_page_is_read_from_the_end_though_it_is_short() {
        let spans = [(9, 100), (7, 10)];
        assert_eq!(way(&spans, Sort::Newest, 104), (Sort::Oldest, 7, 0, 6));
        assert_eq!(way(&spans, Sort::Newest, 107), (Sort::Oldest, 7, 0, 3));
        assert_eq!(way(&spans, Sort::Oldest, 107), (Sort::Newest, 10, 0, 3));
    }

    #[test]
    fn spans_that_do_not_add_up_lead_nobody_astray() {
        let cut = Cut { window: Window::Offset(104), limit: 6, count: true };
        assert!(Spans(vec![(9, 100), (7, 10)]).way(Sort::Newest, (104, &cut), 111).is_none());
    }
}
