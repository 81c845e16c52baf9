//! The way to a page of a list by date: from which end of the list it is read, and from where on.

use super::spans::{Listing, approach};
use crate::articles::filter::Sort;
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Key, Window};

/// A row of a page before its card is read: its id and sort keys.
pub type Place = (i64, Vec<Key>);

/// A page by number so far into its list is looked for by way of the kept spans.
pub const DEEP: i64 = 500;

/// The way to a page: from which end of the list, and from where on.
#[derive(Debug, Clone)]
pub struct Way {
    pub sort: Sort,
    pub cut: Cut,
    /// The edge from which the window counts, where that is not the end of the list.
    pub from: Option<Timestamp>,
}

impl Way {
    /// From the beginning of the list, however far.
    pub fn straight(sort: Sort, cut: &Cut) -> Self {
        Self { sort, cut: cut.clone(), from: None }
    }

    /// From the nearer end of a list by date that has `total` articles, with how many are then to be passed over.
    pub fn nearer(sort: Sort, cut: &Cut, total: i64) -> (Self, i64) {
        let mut way = Self::straight(sort, cut);
        let Window::Offset(offset) = &cut.window else { return (way, 0) };
        let rows = cut.limit.min(total - offset);
        let (mut before, after) = (*offset, total - offset - rows);
        if after < before {
            way.sort = if sort == Sort::Newest { Sort::Oldest } else { Sort::Newest };
            way.cut.limit = rows;
            before = after;
        }
        way.cut.window = Window::Offset(before);
        (way, before)
    }

    /// The shortest way to a page of a list by date that has `total` articles: from its nearer end, and where that is far, from
    /// the edge of a kept span.
    pub fn to(
        conn: &mut DbConnection,
        list: Option<Listing<'_>>,
        sort: Sort,
        cut: &Cut,
        total: i64,
    ) -> Result<Self, DbError> {
        let Some(list) = list else { return Ok(Self::straight(sort, cut)) };
        let (mut way, mut before) = Self::nearer(sort, cut, total);
        if before > DEEP {
            (way.from, before) = approach(conn, list, total, before, way.newest_first())?;
            way.cut.window = Window::Offset(before);
        }
        Ok(way)
    }

    /// The rows that were read by this way, in the order that was asked for.
    pub fn back(&self, sort: Sort, mut places: Vec<Place>) -> Vec<Place> {
        if self.sort != sort {
            places.truncate(self.cut.limit as usize);
            places.reverse();
        }
        places
    }

    pub fn newest_first(&self) -> bool {
        self.sort == Sort::Newest
    }
}

/// Whether the list is in the order in which it is kept.
pub fn by_date(sort: Sort) -> bool {
    matches!(sort, Sort::Newest | Sort::Oldest)
}

/// Rows of a list by date as places.
pub fn dated(rows: Vec<(i64, Option<Timestamp>)>) -> Result<Vec<Place>, DbError> {
    let keys = |at: Option<Timestamp>| at.map(|at| vec![Key::Number(at.micros())]);
    rows.into_iter()
        .map(|(id, at)| Ok((id, keys(at).ok_or_else(|| DbError::Corrupt(format!("public article {id} has no date")))?)))
        .collect()
}
