//! One part of the log, as one reader may see it: read in one snapshot, for a page or for a stream.

use super::Subject;
use super::full::Showing;
use super::queries::{Scope, entries, expired_until, latest};
use super::token::Place;
use super::viewer::Viewer;
use super::wire::Change;
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbConnection, DbError};

/// Who reads, and what.
#[derive(Clone)]
pub struct Reader {
    pub db: Db,
    pub clock: Clock,
    pub viewer: Viewer,
    /// What about; everything when empty.
    pub types: Vec<Subject>,
    /// With `mode=full`.
    pub showing: Option<Showing>,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// With the log.
    Beginning,
    /// With what comes next.
    Now,
    Place(Place),
}

/// What was read.
#[derive(Debug, Clone)]
pub enum Read {
    Page(Page),
    /// Tombstones after the place are gone.
    Expired,
    /// The reader's key has been revoked meanwhile, or has expired.
    KeyLost,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct Page {
    pub changes: Vec<Change>,
    /// Where it ends.
    pub place: Place,
    /// Whether the log goes on after it.
    pub has_more: bool,
}

impl Reader {
    /// Reads at most `limit` entries.
    pub async fn read(&self, since: Since, limit: i64) -> Result<Read, DbError> {
        let (viewer, showing, now) = (self.viewer, self.showing.clone(), self.clock.now());
        let scope = Scope { audience: viewer.audience, types: self.types.clone() };
        let read = move |conn: &mut DbConnection| {
            if !viewer.is_valid(conn, now)? {
                return Ok(Read::KeyLost);
            }
            let expired_until = expired_until(conn)?;
            let place = match since {
                Since::Beginning => Place { seq: 0, floor: expired_until },
                Since::Now => Place::at(latest(conn)?),
                Since::Place(place) => place,
            };
            if place.is_expired(expired_until) {
                return Ok(Read::Expired);
            }
            page(conn, now, &scope, showing.as_ref(), place, limit).map(Read::Page)
        };
        self.db.read(read).await
    }
}

fn page(
    conn: &mut DbConnection,
    now: Timestamp,
    scope: &Scope,
    showing: Option<&Showing>,
    place: Place,
    limit: i64,
) -> Result<Page, DbError> {
    let (mut rows, mut until) = entries(conn, scope, place.seq, limit)?;
    let found = rows.len();
    let mut shown = match showing {
        Some(showing) => {
            showing.cut(conn, &mut rows)?;
            showing.read(conn, now, scope.audience, &rows)?
        }
        None => Default::default(),
    };
    if let Some(last) = rows.last().filter(|_| rows.len() < found) {
        until = last.seq;
    }
    let changes = rows.into_iter().map(|row| {
        let data = shown.remove(&(row.type_, row.entity_id));
        Change::new(row, scope.audience, data)
    });
    Ok(Page { changes: changes.collect(), place: place.moved_to(until), has_more: until < latest(conn)? })
}
