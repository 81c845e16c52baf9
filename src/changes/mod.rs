//! The change log: one row for every write, appended in the write's own transaction, and those who read it.
//!
//! A reader is told each thing's present state, in commit order, and of what it may not see nothing but that it has gone.
//! [`live`] wakes those who wait; [`page`] reads for them.

mod full;
pub mod live;
mod page;
mod params;
pub mod queries;
pub mod routes;
pub mod rows;
mod stream;
mod token;
mod topics;
mod viewer;
mod wire;

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

pub use token::{Place, Tokens};
pub use topics::Part;
pub use viewer::Viewer;

use crate::access::{Caller, Scope};

/// Where a reader begins anew whose token is too old.
pub const EXPORT: &str = "/v1/export/articles.ndjson";

/// Whether the thing is there after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[schema(as = ChangeOp)]
pub enum Op {
    Upsert,
    Delete,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[schema(as = ChangeType)]
pub enum Subject {
    Article,
    Tag,
    Author,
    Media,
    Rate,
}

/// Why. The list may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[schema(as = ChangeReason)]
pub enum Reason {
    Published,
    Updated,
    Corrected,
    Unpublished,
    Killed,
    Expired,
    Rights,
    Merged,
}

/// Who may see something. Each sees what those before it see. The numbers are stored, and sealed into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsRefStr)]
#[strum(serialize_all = "lowercase")]
pub enum Audience {
    Nobody = 0,
    /// Keys that may see what is under embargo.
    Embargoed = 1,
    Everyone = 2,
}

impl Audience {
    /// Those who see what nobody else may: the newsroom itself.
    pub const NEWSROOM: Self = Self::Nobody;

    /// The narrowest audience that a caller belongs to: what that may see, the caller may.
    pub fn of(caller: &Caller) -> Self {
        if caller.may(Scope::ContentEmbargoed) { Self::Embargoed } else { Self::Everyone }
    }
}
