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
        let number: &'static i64 = match self {
            Self::Nobody => &0,
            Self::Embargoed => &1,
            Self::Everyone => &2,
        };
        ToSql::<BigInt, DB>::to_sql(number, out)
    }
}

impl<DB> FromSql<BigInt, DB> for Audience
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        match <i64 as FromSql<BigInt, DB>>::from_sql(value)? {
            0 => Ok(Self::Nobody),
            1 => Ok(Self::Embargoed),
            2 => Ok(Self::Everyone),
            other => Err(format!("{other} is no audience").into()),
        }
    }
}

/// An entry before it has its `seq`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = changes)]
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
}

impl<'a> NewChange<'a> {
    /// Something that has no versions of its own is there, and changed.
    pub fn upsert(type_: Subject, entity_id: i64, slug: &'a str, modified_at: Timestamp, reason: Reason) -> Self {
        let audience = Audience::Everyone;
        Self { op: Op::Upsert, type_, entity_id, slug, version: 1, modified_at, reason, replaced_by: None, audience }
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
