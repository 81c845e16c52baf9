//! Lists of tags.

use diesel::prelude::*;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use crate::changes::Audience;
use crate::cut_by;
use crate::db::schema::tags;
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position};
use crate::tags::TagKind;
use crate::tags::rows::TagRow;
use crate::text::fold::sort_key;

/// The order of tags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum TagSort {
    #[default]
    #[serde(rename = "name")]
    #[strum(serialize = "name")]
    Name,
    #[serde(rename = "-article_count")]
    #[strum(serialize = "-article_count")]
    ArticleCount,
}

/// Which tags, in which order.
#[derive(Debug, Clone, Default)]
pub struct TagFilter {
    pub kind: Option<TagKind>,
    /// Start of the name.
    pub q: Option<String>,
    pub sort: TagSort,
}

/// One page of the tags that those of an audience may see; the newsroom sees those that were merged into others, too.
pub fn list(
    conn: &mut DbConnection,
    filter: &TagFilter,
    of: Audience,
    cut: &Cut,
) -> Result<(Vec<TagRow>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter, of).count().get_result(conn)?) } else { None };
    let query = matching(filter, of).select(TagRow::as_select());
    let rows = match filter.sort {
        TagSort::Name => cut_by!(query, tags::name_key, tags::id, Position::text, descending: false, cut).load(conn)?,
        TagSort::ArticleCount => {
            cut_by!(query, tags::article_count, tags::id, Position::number, descending: true, cut).load(conn)?
        }
    };
    Ok(Extent::of(rows, cut, total, |tag| match filter.sort {
        TagSort::Name => (vec![Key::Text(tag.name_key.clone())], tag.id),
        TagSort::ArticleCount => (vec![Key::Number(tag.article_count)], tag.id),
    }))
}

fn matching(filter: &TagFilter, of: Audience) -> tags::BoxedQuery<'static, MultiBackend> {
    let mut query = tags::table.into_boxed();
    if of != Audience::NEWSROOM {
        query = query.filter(tags::merged_into.is_null()).filter(tags::audience.ge(of));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(tags::kind.eq(kind));
    }
    if let Some(prefix) = &filter.q {
        let key = sort_key(prefix);
        // Folded text has letters, digits and spaces only, so nothing in it is a wildcard. What folds to nothing is the
        // start of no name.
        query = if key.is_empty() {
            query.filter(tags::id.eq(0))
        } else {
            query.filter(tags::name_key.like(format!("{key}%")))
        };
    }
    query
}
