//! Rows of the `redirects` table.

use super::RedirectKind;

crate::text_column!(RedirectKind);

/// A redirect with the present slug of what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectRow {
    pub id: i64,
    pub kind: RedirectKind,
    pub from: String,
    pub to: String,
}
