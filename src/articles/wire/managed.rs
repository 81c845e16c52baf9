//! Articles on the wire, as editors see them.

use serde::Serialize;
use serde_json::Value;
use similar::TextDiff;
use utoipa::ToSchema;

use crate::articles::Kind;
use crate::articles::card::{NamedLink, TagLink};
use crate::articles::lifecycle::State;
use crate::articles::queries::{Managed, Overview};
use crate::articles::rows::{ManagedRow, Named, RevisionRow, TagOnCard};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::json::from_json;
use crate::http::{Links, PageInfo};
use crate::manage::etag;
use crate::records::ArticleRecord;

/// An article with everything that can be written of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedArticle {
    #[schema(example = 128)]
    pub id: i64,
    pub state: State,
    /// Grows with every change.
    #[schema(example = 3)]
    pub version: i64,
    pub created_at: Timestamp,
    /// Of the last change of any kind.
    pub modified_at: Timestamp,
    #[schema(example = 412)]
    pub word_count: i64,
    #[serde(flatten)]
    pub article: ArticleRecord,
}

impl ManagedArticle {
    /// As it stands at an instant.
    pub fn new(article: Managed, now: Timestamp) -> Self {
        let Managed { row, record } = article;
        Self {
            id: row.id,
            state: row.state(now),
            version: row.version,
            created_at: row.created_at,
            modified_at: row.modified_at,
            word_count: row.word_count,
            article: record,
        }
    }

    /// What a later change must name in `If-Match`.
    pub fn etag(&self) -> String {
        etag::of(self.version, self.modified_at)
    }
}

/// An article in the newsroom's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedCard {
    pub id: i64,
    pub guid: String,
    pub slug: String,
    pub state: State,
    pub kind: Kind,
    pub lang: String,
    pub title: String,
    pub standfirst: Option<String>,
    /// In byline order.
    pub authors: Vec<NamedLink>,
    pub tags: Vec<TagLink>,
    pub word_count: i64,
    pub published_at: Option<Timestamp>,
    pub embargo_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub modified_at: Timestamp,
    pub version: i64,
}

impl ManagedCard {
    /// As it stands at an instant.
    pub fn new(overview: Overview, now: Timestamp) -> Self {
        let Overview { row, authors, tags } = overview;
        let state = row.state(now);
        let ManagedRow { id, guid, slug, kind, lang, title, standfirst, word_count, .. } = row;
        let named = |Named { slug, name }| NamedLink { slug, name };
        let tag = |TagOnCard { slug, name, kind }| TagLink { slug, name, kind };
        Self {
            id,
            guid,
            slug,
            state,
            kind,
            lang,
            title,
            standfirst,
            authors: authors.into_iter().map(named).collect(),
            tags: tags.into_iter().map(tag).collect(),
            word_count,
            published_at: row.published_at,
            embargo_until: row.embargo_until,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            modified_at: row.modified_at,
            version: row.version,
        }
    }
}

/// A page of the newsroom's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManagedList {
    pub data: Vec<ManagedCard>,
    pub page: PageInfo,
    pub links: Links,
}

/// Whose key made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct By {
    pub id: i64,
    #[schema(example = "Desk")]
    pub name: String,
}

/// A change of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionCard {
    #[schema(example = 3)]
    pub version: i64,
    pub at: Timestamp,
    /// Null for what an import brought.
    pub by: Option<By>,
    #[schema(example = "update_article")]
    pub action: String,
}

impl From<&RevisionRow> for RevisionCard {
    fn from(row: &RevisionRow) -> Self {
        let RevisionRow { version, at, key_id, key_name, action, record: _ } = row;
        let by = key_id.map(|id| By { id, name: key_name.clone() });
        Self { version: *version, at: *at, by, action: action.clone() }
    }
}

/// The revisions of an article, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionList {
    pub data: Vec<RevisionCard>,
}

/// An article as it stood after a change, and what the change was.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revision {
    #[serde(flatten)]
    pub card: RevisionCard,
    pub article: ArticleRecord,
    /// Against the revision before; empty for the first one.
    pub changes: Vec<FieldChange>,
}

/// A field that a change touched.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    #[schema(example = "title")]
    pub field: String,
    /// Null when it was empty.
    pub before: Value,
    pub after: Value,
    /// Of a text: a unified diff, with a line for each block of HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Revision {
    /// A revision beside the one before it.
    pub fn new(row: &RevisionRow, before: Option<&RevisionRow>) -> Result<Self, DbError> {
        let changes = match before {
            Some(before) => differences(&from_json(&before.record)?, &from_json(&row.record)?),
            None => Vec::new(),
        };
        Ok(Self { card: row.into(), article: from_json(&row.record)?, changes })
    }
}

/// The members that differ, in the order of their names.
fn differences(before: &Value, after: &Value) -> Vec<FieldChange> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (members(before), members(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let value = |members: &serde_json::Map<String, Value>, name: &str| members.get(name).cloned().unwrap_or_default();
    let change = |name: &String| {
        let (before, after) = (value(&before, name), value(&after, name));
        // It moves with every change of words, and says nothing of its own.
        (before != after && name != "updated_at").then(|| {
            let diff = before.as_str().zip(after.as_str()).map(|(old, new)| diff(old, new));
            FieldChange { field: name.clone(), before, after, diff }
        })
    };
    names.into_iter().filter_map(change).collect()
}

fn diff(old: &str, new: &str) -> String {
    let lines = |text: &str| text.replace("><", ">\n<") + "\n";
    let (old, new) = (lines(old), lines(new));
    TextDiff::from_lines(&old, &new).unified_diff().context_radius(1).to_string()
}

/// Leave to read one version of one article for some minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewLink {
    pub token: String,
    /// On this server; it needs no key.
    #[schema(example = "/v1/preview/AbCd")]
    pub url: String,
    pub version: i64,
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_diff_names_what_changed_and_shows_lines() {
        let before = json!({"title": "A", "body": "<p>One.</p><p>Two.</p>", "tags": [], "updated_at": "x"});
        let after =
            json!({"title": "A", "body": "<p>One.</p><p>Three.</p>", "tags": ["t"], "updated_at": "y", "rights": {}});
        let changes = differences(&before, &after);
        let names: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(names, ["body", "rights", "tags"]);
        assert_eq!(changes[0].diff.as_deref(), Some("@@ -1,2 +1,2 @@\n <p>One.</p>\n-<p>Two.</p>\n+<p>Three.</p>\n"));
        assert_eq!((&changes[1].before, &changes[1].diff), (&Value::Null, &None));
    }
}
