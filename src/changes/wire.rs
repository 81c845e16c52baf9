//! The change log on the wire.

use serde::Serialize;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::rows::ChangeRow;
use super::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::http::sparse::Json;

/// Something is there, in a new state, or is there no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Change {
    /// Its place in the log, in the order of commits. Numbers are left out.
    #[schema(example = 4711)]
    pub seq: i64,
    pub op: Op,
    #[serde(rename = "type")]
    pub type_: Subject,
    /// Of the thing; of a rate, that of the quote that is new.
    #[schema(example = 128)]
    pub id: i64,
    /// The slug, a medium's id, or a rate's published pair.
    #[schema(example = "grain-terminal-opens-in-alat")]
    pub slug: String,
    #[schema(example = 2)]
    pub version: i64,
    pub modified_at: Timestamp,
    pub reason: Reason,
    /// The slug of what replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// The thing as it is now, as its own endpoint or list shows it; of a rate the pair's `Rate`. Only with `mode=full`,
    /// and never of what is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ChangeData>)]
    pub data: Option<Json>,
}

/// Documents what `data` holds.
struct ChangeData;

impl PartialSchema for ChangeData {
    fn schema() -> RefOr<Schema> {
        let names = ["ArticleCard", "SparseArticleCard", "Tag", "Author", "Media", "Rate"];
        let shown = names.iter().fold(AnyOfBuilder::new(), |any, name| any.item(Ref::from_schema_name(*name)));
        shown.description(Some("What changed, as its own endpoint or list shows it.")).into()
    }
}

impl ToSchema for ChangeData {}

/// A part of the change log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeList {
    /// In the order of the log, each thing at most once.
    pub data: Vec<Change>,
    /// Where this part ends. Send it as `since` to go on from there.
    #[schema(example = "9Zk0V8cYd2mJ2m3xk5Jq6ls0NzExLDAsMl0")]
    pub token: String,
    /// Whether there is more already; the rest may hold nothing for you.
    pub has_more: bool,
}

impl Change {
    /// What an entry says to those who see what `audience` does.
    pub fn new(row: ChangeRow, audience: Audience, data: Option<Json>) -> Self {
        let ChangeRow { seq, type_, entity_id, slug, version, modified_at, reason, replaced_by, audience: seen_by } =
            row;
        let op = if seen_by >= audience { Op::Upsert } else { Op::Delete };
        // What an embargo takes from everyone else is still there.
        let reason = match (op, reason) {
            (Op::Upsert, Reason::Unpublished | Reason::Expired) => Reason::Updated,
            (_, reason) => reason,
        };
        Self { seq, op, type_, id: entity_id, slug, version, modified_at, reason, replaced_by, data }
    }
}
