//! Which rows of an ordered list to read, and what was read.

use serde::{Deserialize, Serialize};

use super::error::DbError;
use crate::clock::Timestamp;

/// A sort key of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Number(i64),
    Text(String),
}

/// A place between two rows of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The row's sort keys, in the order in which they sort.
    #[serde(rename = "k")]
    pub keys: Vec<Key>,
    /// The row's id, which ends every order.
    #[serde(rename = "i")]
    pub id: i64,
    /// Whether the page lies before the row and is read backwards.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub backward: bool,
}

/// Which rows to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// Skip this many.
    Offset(i64),
    /// From the start, by cursor.
    Start,
    /// Beyond a row.
    Beyond(Position),
}

/// What was read for a page: the rows' positions at its ends, and whether there is more.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    pub rows: usize,
    pub first: Option<Position>,
    pub last: Option<Position>,
    /// Known of pages by cursor only.
    pub has_more: bool,
    pub total: Option<i64>,
}

impl Extent {
    /// Cuts what a query for [`Cut::rows`] returned down to the page, in the order of the list, with its ends. `position`
    /// gives a row's sort keys and id.
    pub fn of<R>(
        mut rows: Vec<R>,
        cut: &Cut,
        total: Option<i64>,
        position: impl Fn(&R) -> (Vec<Key>, i64),
    ) -> (Vec<R>, Self) {
        let has_more = rows.len() as i64 > cut.limit;
        rows.truncate(cut.limit as usize);
        if matches!(&cut.window, Window::Beyond(position) if position.backward) {
            rows.reverse();
        }
        let place = |row: &R| {
            let (keys, id) = position(row);
            Position { keys, id, backward: false }
        };
        let extent =
            Self { rows: rows.len(), first: rows.first().map(place), last: rows.last().map(place), has_more, total };
        (rows, extent)
    }
}

/// One page of a list: which rows, how many, and whether to count them all.
#[derive(Debug, Clone)]
pub struct Cut {
    pub window: Window,
    pub limit: i64,
    pub count: bool,
}

impl Cut {
    /// How many rows to read: by cursor one more than are shown, which says whether there is more. By number the total does.
    pub fn rows(&self) -> i64 {
        self.limit + i64::from(!matches!(self.window, Window::Offset(_)))
    }

    /// Whether the page is asked for by number and begins beyond so many rows.
    pub fn is_beyond(&self, rows: i64) -> bool {
        matches!(self.window, Window::Offset(offset) if offset > rows)
    }
}

impl Position {
    /// Its only key, a whole number.
    pub fn number(&self) -> Result<i64, DbError> {
        match self.keys.as_slice() {
            [Key::Number(number)] => Ok(*number),
            _ => Err(Self::misfit()),
        }
    }

    /// Its only key, a text.
    pub fn text(&self) -> Result<String, DbError> {
        match self.keys.as_slice() {
            [Key::Text(text)] => Ok(text.clone()),
            _ => Err(Self::misfit()),
        }
    }

    /// Its only key, an instant.
    pub fn instant(&self) -> Result<Timestamp, DbError> {
        Timestamp::from_micros(self.number()?).ok_or_else(Self::misfit)
    }

    /// What a sealed position with other keys than its order has would be.
    pub fn misfit() -> DbError {
        DbError::Corrupt("a cursor's keys do not fit its order".into())
    }
}

/// Cuts a boxed query to a page: ordered by a column and then by id, from where the [`Cut`] says.
///
/// `$value` reads the column's value from a [`Position`]. The first comparison lets an index be used; the second one
/// settles ties. A macro, because the types of diesel's columns can't be named in a function's bounds in reasonable space.
#[macro_export]
#[doc(hidden)]
macro_rules! cut_by {
    ($query:expr, $column:expr, $id:expr, $value:expr, descending: $descending:expr, $cut:expr) => {{
        let backward = matches!(&$cut.window, $crate::db::Window::Beyond(position) if position.backward);
        let falling = ($descending) != backward;
        let mut query = $query.limit($cut.rows());
        if let $crate::db::Window::Offset(offset) = &$cut.window {
            query = query.offset(*offset);
        }
        if let $crate::db::Window::Beyond(position) = &$cut.window {
            let (value, id) = ($value(position)?, position.id);
            query = if falling {
                query.filter($column.le(value.clone()).and($column.lt(value).or($id.lt(id))))
            } else {
                query.filter($column.ge(value.clone()).and($column.gt(value).or($id.gt(id))))
            };
        }
        if falling { query.order(($column.desc(), $id.desc())) } else { query.order(($column.asc(), $id.asc())) }
    }};
}
