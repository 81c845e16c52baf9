//! Keys on the wire. The key itself stands in one answer, the first one to the call that made it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::new_key::{LONGEST_OVERLAP, OVERLAP, checked_expiry, checked_name, checked_scope};
use super::queries::KeyInput;
use super::rows::KeyRow;
use super::scope::Scope;
use super::state::KeyState;
use super::token::Token;
use crate::clock::Timestamp;
use crate::http::{Links, PageInfo};
use crate::records::Invalid;

/// A key, all of it but the key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyInfo {
    #[schema(example = 3)]
    pub id: i64,
    #[schema(example = "Front end")]
    pub name: String,
    /// Its start, by which its owner recognises it.
    #[schema(example = "xabar_live_4fZk0Q")]
    pub hint: String,
    pub state: KeyState,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To half a minute or so.
    pub last_used_at: Option<Timestamp>,
    /// The id of the key in whose place it was made.
    pub replaces: Option<i64>,
}

impl KeyInfo {
    /// A stored key as it stands at an instant.
    pub fn new(row: KeyRow, now: Timestamp) -> Self {
        let state = row.state(now);
        let KeyRow { id, name, hint, digest: _, scopes, created_at, expires_at, revoked_at, last_used_at, replaces } =
            row;
        let scopes = scopes.iter().collect();
        Self { id, name, hint, state, scopes, created_at, expires_at, revoked_at, last_used_at, replaces }
    }
}

/// A page of keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyList {
    pub data: Vec<KeyInfo>,
    pub page: PageInfo,
    pub links: Links,
}

/// A key that was made just now.
#[derive(Serialize, ToSchema)]
pub struct NewKey {
    #[serde(flatten)]
    pub info: KeyInfo,
    /// The key itself. It is shown this once and kept nowhere: null when the answer is given again to a call that was
    /// repeated with its `Idempotency-Key`.
    #[schema(example = "xabar_live_4fZk0Q…")]
    pub key: Option<String>,
    /// What to do when `key` is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<&'static str>,
}

impl NewKey {
    /// As it is shown once.
    pub fn shown(info: KeyInfo, token: &Token) -> Self {
        Self { info, key: Some(token.reveal().to_owned()), notice: None }
    }

    /// As it is kept for a repeated call.
    pub fn kept(info: KeyInfo) -> Self {
        let notice = "The key was shown in the first answer to this call and is kept nowhere. If you did not get that \
                      answer, rotate or revoke the key.";
        Self { info, key: None, notice: Some(notice) }
    }
}

/// A key to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyDraft {
    /// For people: who has it, and what for.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Front end"
    )]
    pub name: String,
    /// What it may do; nothing that your own key may not.
    #[schema(value_type = Vec<Scope>, min_items = 1, max_items = 64)]
    pub scopes: Vec<String>,
    /// Until when it is valid; for ever without it.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Option<String>,
}

impl KeyDraft {
    /// What to store, or all that is wrong.
    pub fn checked(&self, now: Timestamp) -> Result<KeyInput, Vec<Invalid>> {
        let mut invalid = Vec::new();
        let mut note = |field: String, reason: String| invalid.push(Invalid { field, reason });
        let name = checked_name(&self.name).map_err(|reason| note("name".into(), reason)).unwrap_or_default();
        if self.scopes.is_empty() || self.scopes.len() > 64 {
            note("scopes".into(), "has not 1 to 64 entries".into());
        }
        let scopes = self.scopes.iter().enumerate();
        let scopes = scopes
            .filter_map(|(i, text)| checked_scope(text).map_err(|reason| note(format!("scopes[{i}]"), reason)).ok());
        let scopes = scopes.collect();
        let expires_at = self.expires_at.as_deref().map(|text| {
            let at = text.parse::<Timestamp>().map_err(|error| error.to_string());
            at.and_then(|at| checked_expiry(at, now)).map_err(|reason| note("expires_at".into(), reason))
        });
        let expires_at = expires_at.and_then(Result::ok);
        if invalid.is_empty() { Ok(KeyInput { name, scopes, expires_at }) } else { Err(invalid) }
    }
}

/// How a key is to be replaced.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// For how many seconds the old key is still valid; 0 ends it now.
    #[serde(default = "overlap")]
    #[schema(minimum = 0, maximum = 2_592_000, default = 86_400)]
    pub overlap_seconds: i64,
}

fn overlap() -> i64 {
    OVERLAP
}

impl Rotation {
    /// The overlap, or what is wrong with it.
    pub fn checked(&self) -> Result<i64, Vec<Invalid>> {
        if (0..=LONGEST_OVERLAP).contains(&self.overlap_seconds) {
            return Ok(self.overlap_seconds);
        }
        let reason = format!("is not from 0 to {LONGEST_OVERLAP}");
        Err(vec![Invalid { field: "overlap_seconds".into(), reason }])
    }
}
