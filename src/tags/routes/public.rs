//! `/v1/tags`.

use actix_web::{Either, HttpResponse, get};

use crate::access::Caller;
use crate::articles::queries::next_change;
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::paging::{Paging, PagingParams};
use crate::http::sparse::{Json, keep_fields};
use crate::http::{Answer, NoParams, Params, PathKey, Problem, ProblemBody, Shared, moved};
use crate::tags::params::{TagParams, TagQuery};
use crate::tags::queries::{self, Found};
use crate::tags::wire::{Tag, TagList};

/// List tags.
///
/// By name, or with `sort=-article_count` the most used first. Tags that were merged into others are left out.
#[utoipa::path(
    tag = "tags",
    params(TagQuery, PagingParams),
    responses((status = 200, description = "A page of tags.", body = TagList))
)]
#[get("/tags")]
pub async fn list_tags(
    context: Shared,
    caller: Caller,
    mut params: Params<(TagParams, Paging)>,
) -> Result<Answer, Problem> {
    let audience = Audience::of(&caller);
    params.given.seen_by(audience.as_ref());
    let (TagParams { filter, fields }, paging) = &params.value;
    let (filter, cut) = (filter.clone(), context.cut(paging, &params.given)?);
    let read = move |conn: &mut DbConnection| {
        let (rows, extent) = queries::list(conn, &filter, audience, &cut)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        Ok::<_, DbError>((queries::aliases(conn, &ids)?, rows, extent, next_change(conn)?))
    };
    let (aliases, rows, extent, next_change) = context.read(read).await?;
    let slugs: Vec<String> = rows.iter().map(|row| row.slug.clone()).collect();
    let data = rows.into_iter().map(|row| keep_fields(&Tag::new(row, &aliases), fields));
    let data = data.collect::<Result<Vec<Json>, _>>().map_err(|error| DbError::Corrupt(error.to_string()))?;
    let (page, links) = paging.describe(&params.given, &context.cursors, &extent);
    let list = TagList { data, page, links };
    let answer = Answer::json(&list, context.freshness(next_change))?.paged(&list.page, &list.links);
    let answer = answer.made_of([Part::Tags, Part::Articles, Part::Schedule]);
    Ok(slugs.iter().fold(answer.key("", "list"), |answer, slug| answer.key("t-", slug)))
}

/// Get a tag.
///
/// With its aliases and the number of its public articles. An alias answers 301.
#[utoipa::path(
    tag = "tags",
    params(("slug" = String, Path, description = "Slug, or an alias.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan")),
    responses(
        (status = 200, description = "The tag.", body = Tag),
        (status = 301, description = "It is an alias.", headers(("Location" = String))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/tags/{slug}")]
pub async fn get_tag(
    context: Shared,
    caller: Caller,
    slug: PathKey,
    _: Params<NoParams>,
) -> Result<Either<Answer, HttpResponse>, Problem> {
    let (name, audience) = (slug.clone(), Audience::of(&caller));
    let read = move |conn: &mut DbConnection| {
        Ok::<_, DbError>((queries::find_with_aliases(conn, &name.0, audience)?, next_change(conn)?))
    };
    let (found, next_change) = context.read(read).await?;
    match found {
        Some((Found::Tag(row), aliases)) => {
            let parts = [Part::Tag(row.id), Part::ArticlesOfTag(row.id), Part::Schedule];
            let answer = Answer::json(&Tag::new(*row, &aliases), context.freshness(next_change))?;
            Ok(Either::Left(answer.key("t-", &slug.0).made_of(parts)))
        }
        Some((Found::Moved(to), _)) => Ok(Either::Right(moved(&to, |slug| format!("/v1/tags/{slug}")))),
        None => Err(Problem::not_found("tag", &slug.0)),
    }
}
