//! The parameters of the audit trail.

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::{IntoParams, ToSchema};

use super::queries::AuditFilter;
use crate::clock::Timestamp;
use crate::http::params::{QueryParams, RawQuery, documented};

/// What selects rows of the audit trail.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `AuditFilter` is read from")]
pub struct AuditQuery {
    /// Id of the key that wrote.
    #[param(minimum = 1, example = 3)]
    key: Option<i64>,
    /// Name of an operation.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "create_key")]
    action: Option<String>,
    /// What was written.
    #[param(inline, example = "key")]
    r#type: Option<Written>,
    /// Id of what was written; mostly together with `type`.
    #[param(minimum = 1, example = 17)]
    id: Option<i64>,
    /// RFC 3339, inclusive.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    after: Option<Timestamp>,
    /// RFC 3339, exclusive.
    #[param(value_type = Option<String>, format = DateTime, example = "2027-01-01T00:00:00Z")]
    before: Option<Timestamp>,
}

/// What can be written.
#[derive(Debug, Clone, Copy, AsRefStr, EnumString, VariantArray, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
enum Written {
    Article,
    Tag,
    Author,
    Media,
    Key,
    Rate,
}

impl QueryParams for AuditFilter {
    fn names() -> Vec<String> {
        documented::<AuditQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self {
            key: query.integer("key", 1, i64::MAX),
            action: query.text("action"),
            type_: query.choice::<Written>("type").map(|written| written.as_ref().to_owned()),
            id: query.integer("id", 1, i64::MAX),
            after: query.parse_with("after", |text| text.parse::<Timestamp>()),
            before: query.parse_with("before", |text| text.parse::<Timestamp>()),
        }
    }
}
