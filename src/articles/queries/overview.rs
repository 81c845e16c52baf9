//! The newsroom's list: every article in whatever state, the last changed first.

use diesel::prelude::*;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::cards::{authors_of, tags_of};
use crate::articles::lifecycle::State;
use crate::articles::rows::{ManagedRow, Named, TagOnCard};
use crate::articles::{Kind, Status};
use crate::cut_by;
use crate::db::schema::articles;
use crate::db::{Cut, DbConnection, DbError, Extent, Key, MultiBackend, Position};

/// The order of the newsroom's list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
pub enum ManagedSort {
    #[default]
    #[serde(rename = "-modified_at")]
    #[strum(serialize = "-modified_at")]
    Modified,
    #[serde(rename = "-created_at")]
    #[strum(serialize = "-created_at")]
    Created,
}

/// Which articles, in which order.
#[derive(Debug, Clone, Default)]
pub struct ManagedFilter {
    pub state: Option<State>,
    pub kind: Option<Kind>,
    pub lang: Option<String>,
    pub slug: Option<String>,
    pub sort: ManagedSort,
}

/// What the list shows of an article.
#[derive(Debug, Clone)]
pub struct Overview {
    pub row: ManagedRow,
    pub authors: Vec<Named>,
    pub tags: Vec<TagOnCard>,
}

/// One page.
pub fn overviews(
    conn: &mut DbConnection,
    filter: &ManagedFilter,
    cut: &Cut,
) -> Result<(Vec<Overview>, Extent), DbError> {
    let total = if cut.count { Some(matching(filter).count().get_result(conn)?) } else { None };
    let query = matching(filter).select(ManagedRow::as_select());
    let rows: Vec<ManagedRow> = match filter.sort {
        ManagedSort::Modified => {
            cut_by!(query, articles::modified_at, articles::id, Position::instant, descending: true, cut).load(conn)?
        }
        ManagedSort::Created => {
            cut_by!(query, articles::created_at, articles::id, Position::instant, descending: true, cut).load(conn)?
        }
    };
    let (rows, extent) = Extent::of(rows, cut, total, |row| {
        let at = if filter.sort == ManagedSort::Created { row.created_at } else { row.modified_at };
        (vec![Key::Number(at.micros())], row.id)
    });
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let (mut authors, mut tags) = (authors_of(conn, &ids)?, tags_of(conn, &ids)?);
    let overview = |row: ManagedRow| Overview {
        authors: authors.remove(&row.id).unwrap_or_default(),
        tags: tags.remove(&row.id).unwrap_or_default(),
        row,
    };
    Ok((rows.into_iter().map(overview).collect(), extent))
}

/// A state as a predicate over what is stored; the job that follows the clock keeps the two alike to the half second.
fn matching(filter: &ManagedFilter) -> articles::BoxedQuery<'static, MultiBackend> {
    let mut query = articles::table.into_boxed();
    query = match filter.state {
        None => query,
        Some(State::Draft) => query.filter(articles::status.eq(Status::Draft)),
        Some(State::Scheduled) => query.filter(articles::status.eq(Status::Scheduled)),
        Some(State::Unpublished) => query.filter(articles::status.eq(Status::Withdrawn)),
        Some(State::Killed) => query.filter(articles::status.eq(Status::Killed)),
        Some(State::Published) => query.filter(articles::public),
        Some(State::Embargoed) => query.filter(articles::embargoed),
        Some(State::Expired) => query
            .filter(articles::status.eq(Status::Published))
            .filter(articles::public.eq(false))
            .filter(articles::embargoed.eq(false)),
    };
    if let Some(kind) = filter.kind {
        query = query.filter(articles::kind.eq(kind));
    }
    if let Some(lang) = &filter.lang {
        query = query.filter(articles::lang.eq(lang.clone()));
    }
    if let Some(slug) = &filter.slug {
        query = query.filter(articles::slug.eq(slug.clone()));
    }
    query
}
