//! Redirects on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::RedirectKind;
use super::rows::RedirectRow;
use crate::http::{Links, PageInfo};

/// A slug that leads to another one, for a front end that keeps its own addresses alive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redirect {
    #[serde(rename = "type")]
    pub kind: RedirectKind,
    #[schema(example = "baku-grain-silos-open")]
    pub from: String,
    /// The present slug.
    #[schema(example = "baku-port-grain-terminal")]
    pub to: String,
    /// Always 301: permanent.
    #[schema(example = 301)]
    pub status: u16,
}

/// A page of redirects.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedirectList {
    pub data: Vec<Redirect>,
    pub page: PageInfo,
    pub links: Links,
}

impl From<RedirectRow> for Redirect {
    fn from(row: RedirectRow) -> Self {
        let RedirectRow { id: _, kind, from, to } = row;
        Self { kind, from, to, status: 301 }
    }
}
