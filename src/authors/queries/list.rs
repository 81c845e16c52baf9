//! Lists of authors.

use diesel::prelude::*;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use crate::authors::rows::AuthorRow;
use crate::changes::Audience;
use crate::cut_by;
use crate::db::schema::authors;
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position, id_in};
use crate::text::fold::sort_key;

/// The order of authors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum AuthorSort {
    #[default]
    #[serde(rename = "name")]
    #[strum(serialize = "name")]
    Name,
    #[serde(rename = "-article_count")]
    #[strum(serialize = "-article_count")]
    ArticleCount,
}

/// Which authors, in which order.
#[derive(Debug, Clone, Default)]
pub struct AuthorFilter {
    /// Start of the name.
    pub q: Option<String>,
    pub sort: AuthorSort,
}

/// Authors by their ids, in no order.
pub fn by_ids(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<AuthorRow>, DbError> {
    Ok(authors::table.filter(id_in(authors::id, ids)).select(AuthorRow::as_select()).load(conn)?)
}

/// One page of the authors that those of an audience may see.
pub fn list(
    conn: &mut DbConnection,
    filter: &AuthorFilter,
    of: Audience,
    cut: &Cut,
) -> Result<(Vec<AuthorRow>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter, of).count().get_result(conn)?) } else { None };
    let query = matching(filter, of).select(AuthorRow::as_select());
    let rows = match filter.sort {
        AuthorSort::Name => {
            cut_by!(query, authors::name_key, authors::id, Position::text, descending: false, cut).load(conn)?
        }
        AuthorSort::ArticleCount => {
            cut_by!(query, authors::article_count, authors::id, Position::number, descending: true, cut).load(conn)?
        }
    };
    Ok(Extent::of(rows, cut, total, |author| match filter.sort {
        AuthorSort::Name => (vec![Key::Text(author.name_key.clone())], author.id),
        AuthorSort::ArticleCount => (vec![Key::Number(author.article_count)], author.id),
    }))
}

fn matching(filter: &AuthorFilter, of: Audience) -> authors::BoxedQuery<'static, MultiBackend> {
    let mut query = authors::table.into_boxed();
    if of != Audience::NEWSROOM {
        query = query.filter(authors::audience.ge(of));
    }
    if let Some(prefix) = &filter.q {
        let key = sort_key(prefix);
        // Folded text has letters, digits and spaces only, so nothing in it is a wildcard. What folds to nothing is the
        // start of no name.
        query = if key.is_empty() {
            query.filter(authors::id.eq(0))
        } else {
            query.filter(authors::name_key.like(format!("{key}%")))
        };
    }
    query
}
