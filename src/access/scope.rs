//! What a key may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

/// One thing that a key may be allowed. The list may grow.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    EnumString,
    AsRefStr,
    VariantArray,
)]
pub enum Scope {
    /// Read what is not public: drafts, revisions, the newsroom's lists.
    #[serde(rename = "content:read")]
    #[strum(serialize = "content:read")]
    ContentRead,
    /// Write what is not public; tags, authors and media.
    #[serde(rename = "content:write")]
    #[strum(serialize = "content:write")]
    ContentWrite,
    /// Decide what is public, and change what is.
    #[serde(rename = "content:publish")]
    #[strum(serialize = "content:publish")]
    ContentPublish,
    /// Bring a killed story back.
    #[serde(rename = "content:restore")]
    #[strum(serialize = "content:restore")]
    ContentRestore,
    /// See stories under embargo where the public sees published ones.
    #[serde(rename = "content:embargoed")]
    #[strum(serialize = "content:embargoed")]
    ContentEmbargoed,
    /// Release rates that are held.
    #[serde(rename = "rates:write")]
    #[strum(serialize = "rates:write")]
    RatesWrite,
    /// Partners and their grants.
    #[serde(rename = "partners:admin")]
    #[strum(serialize = "partners:admin")]
    PartnersAdmin,
    /// Keys, and the audit trail.
    #[serde(rename = "keys:admin")]
    #[strum(serialize = "keys:admin")]
    KeysAdmin,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_ref())
    }
}

/// A set of scopes; stored and written as words with spaces between them, in one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    set: BTreeSet<Scope>,
    text: String,
}

impl Scopes {
    /// Whether it has this one.
    pub fn has(&self, scope: Scope) -> bool {
        self.set.contains(&scope)
    }

    /// The first of `others` that is not among them.
    pub fn lacks(&self, others: &Scopes) -> Option<Scope> {
        others.set.difference(&self.set).next().copied()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// All of them, in one order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.set.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let set: BTreeSet<Scope> = scopes.into_iter().collect();
        let text = set.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ");
        Self { set, text }
    }
}

impl AsRef<str> for Scopes {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl FromStr for Scopes {
    type Err = strum::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_whitespace().map(str::parse::<Scope>).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_in_any_order() {
        let scopes: Scopes = "keys:admin content:read".parse().expect("scopes");
        assert_eq!(scopes.as_ref(), "content:read keys:admin");
        assert!(scopes.has(Scope::KeysAdmin) && !scopes.has(Scope::ContentWrite));
        assert!("content:everything".parse::<Scopes>().is_err());
    }
}
