//! The change log, as tests read it.

use diesel::prelude::*;
use xabar::db::schema::changes;
use xabar::db::{Db, DbError};

use super::TestApp;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Change {
    pub seq: i64,
    pub op: String,
    pub type_: String,
    pub slug: String,
    pub version: i64,
    pub reason: String,
}

impl Change {
    /// Everything but the number, on a line.
    pub fn line(&self) -> String {
        let Self { seq: _, op, type_, slug, version, reason } = self;
        format!("{op} {type_} {slug} v{version} {reason}")
    }

    /// Every entry, in the order of the log.
    pub fn all(db: &Db) -> Vec<Self> {
        let columns = (changes::seq, changes::op, changes::type_, changes::slug, changes::version, changes::reason);
        db.read_here(|conn| Ok::<_, DbError>(changes::table.select(columns).order(changes::seq).load(conn)?))
            .expect("the log can be read")
    }
}

impl TestApp {
    /// The lines of the log after the first `known` entries.
    pub fn log_after(&self, known: usize) -> Vec<String> {
        Change::all(&self.db).iter().skip(known).map(Change::line).collect()
    }

    /// What a request names to be answered only when its process has heard of everything that was written until now.
    pub fn consistency_token(&self) -> String {
        let newest = self.db.read_here(xabar::changes::queries::latest);
        newest.expect("the log can be read").to_string()
    }

    /// How many entries the log has.
    pub fn log_length(&self) -> usize {
        Change::all(&self.db).len()
    }
}
