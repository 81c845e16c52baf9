//! Rows of the `changes` table.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;

use super::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::changes;
use crate::row;

crate::text_column!(Op, Reason, Subject);

#[derive(AsExpression, FromSqlRow)]
#[diesel(foreign_derive, sql_type = BigInt)]
#[allow(dead_code, reason = "it only tells diesel's derives which type they are for")]
struct AudienceColumn(Audience);

impl<DB> ToSql<BigInt, DB> for Audience
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        const NUMBERS: [i64; 3] = [0, 1, 2];
        ToSql::<BigInt, DB>::to_sql(&NUMBERS[*self as usize], out)
    }
}

impl<DB> FromSql<BigInt, DB> for Audience
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let number = <i64 as FromSql<BigInt, DB>>::from_sql(value)?;
        let all = [Self::Nobody, Self::Embargoed, Self::Everyone];
        let found = all.into_iter().find(|audience| *audience as i64 == number);
        found.ok_or_else(|| format!("{number} is no audience").into())
    }
}

/// What an entry says of a change.
#[derive(Debug, Clone)]
pub struct NewChange<'a> {
    pub op: Op,
    pub type_: Subject,
    pub entity_id: i64,
    pub slug: &'a str,
    pub version: i64,
    pub modified_at: Timestamp,
    pub reason: Reason,
    pub replaced_by: Option<&'a str>,
    /// Who may see it after the change.
    pub audience: Audience,
    /// Of an article: whose lists it touches, each [`Whose`] as a word.
    pub lists: String,
}

impl<'a> NewChange<'a> {
    /// Something that has no versions of its own is there, and changed.
    pub fn upsert(type_: Subject, entity_id: i64, slug: &'a str, modified_at: Timestamp, reason: Reason) -> Self {
        let audience = Audience::Everyone;
        let (op, version, replaced_by, lists) = (Op::Upsert, 1, None, String::new());
        Self { op, type_, entity_id, slug, version, modified_at, reason, replaced_by, audience, lists }
    }
}

/// An entry before it has its `seq`: a change with whom it concerns and who has ever been able to see the thing.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
pub struct Entry<'a> {
    op: Op,
    type_: Subject,
    entity_id: i64,
    slug: &'a str,
    version: i64,
    modified_at: Timestamp,
    reason: Reason,
    replaced_by: Option<&'a str>,
    audience: Audience,
    lists: String,
    known_to: Audience,
    concerns: Audience,
}

row! {
    Entry<'_> => changes {
        op, type_, entity_id, slug, version, modified_at, reason, replaced_by, audience, lists, known_to, concerns,
    }
}

impl<'a> Entry<'a> {
    /// The first one of a thing.
    pub fn first(change: NewChange<'a>) -> Self {
        let audience = change.audience;
        Self::new(change, audience, audience)
    }

    /// What is written of a change.
    pub fn new(change: NewChange<'a>, known_to: Audience, concerns: Audience) -> Self {
        let NewChange { op, type_, entity_id, slug, version, modified_at, reason, replaced_by, audience, lists } =
            change;
        Self {
            op,
            type_,
            entity_id,
            slug,
            version,
            modified_at,
            reason,
            replaced_by,
            audience,
            lists,
            known_to,
            concerns,
        }
    }
}

/// A stored entry.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct ChangeRow {
    pub seq: i64,
    pub type_: Subject,
    pub entity_id: i64,
    pub slug: String,
    pub version: i64,
    pub modified_at: Timestamp,
    pub reason: Reason,
    pub replaced_by: Option<String>,
    pub audience: Audience,
}

/// What an entry says of kept answers.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct Trace {
    pub seq: i64,
    pub op: Op,
    pub type_: Subject,
    pub entity_id: i64,
    lists: String,
}

/// Whose list of articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Tag(i64),
    Author(i64),
}

impl Trace {
    /// Whose lists of articles the change touches.
    pub fn lists(&self) -> impl Iterator<Item = Whose> {
        self.lists.split_ascii_whitespace().filter_map(|word| match word.split_at_checked(1)? {
            ("t", id) => id.parse().ok().map(Whose::Tag),
            ("w", id) => id.parse().ok().map(Whose::Author),
            _ => None,
        })
    }
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tag(id) => write!(f, "t{id}"),
            Self::Author(id) => write!(f, "w{id}"),
        }
    }
}

/// What the log says of a thing before another entry is appended.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct Before {
    pub slug: String,
    pub audience: Audience,
    pub known_to: Audience,
}

impl Default for Before {
    fn default() -> Self {
        Self { slug: String::new(), audience: Audience::Nobody, known_to: Audience::Nobody }
    }
}
