//! `/v1/authors`.

use actix_web::{Either, HttpResponse, get};

use crate::access::Caller;
use crate::articles::queries::next_change;
use crate::authors::params::{AuthorParams, AuthorQuery};
use crate::authors::queries::{self, Found};
use crate::authors::wire::{Author, AuthorList};
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::paging::{Paging, PagingParams};
use crate::http::sparse::{Json, keep_fields};
use crate::http::{Answer, NoParams, Params, PathKey, Problem, ProblemBody, Shared, moved};

/// List authors.
///
/// By name, or with `sort=-article_count` the most published first.
#[utoipa::path(
    tag = "authors",
    params(AuthorQuery, PagingParams),
    responses((status = 200, description = "A page of authors.", body = AuthorList))
)]
#[get("/authors")]
pub async fn list_authors(
    context: Shared,
    caller: Caller,
    mut params: Params<(AuthorParams, Paging)>,
) -> Result<Answer, Problem> {
    let audience = Audience::of(&caller);
    params.given.seen_by(audience.as_ref());
    let (AuthorParams { filter, fields }, paging) = &params.value;
    let (filter, cut) = (filter.clone(), context.cut(paging, &params.given)?);
    let read = move |conn: &mut DbConnection| {
        Ok::<_, DbError>((queries::list(conn, &filter, audience, &cut)?, next_change(conn)?))
    };
    let ((rows, extent), next_change) = context.read(read).await?;
    let slugs: Vec<String> = rows.iter().map(|row| row.slug.clone()).collect();
    let data = rows.into_iter().map(|row| keep_fields(&Author::from(row), fields));
    let data = data.collect::<Result<Vec<Json>, _>>().map_err(|error| DbError::Corrupt(error.to_string()))?;
    let (page, links) = paging.describe(&params.given, &context.cursors, &extent);
    let list = AuthorList { data, page, links };
    let answer = Answer::json(&list, context.freshness(next_change))?.paged(&list.page, &list.links);
    let answer = answer.made_of([Part::Authors, Part::Articles, Part::Schedule]);
    Ok(slugs.iter().fold(answer.key("", "list"), |answer, slug| answer.key("w-", slug)))
}

/// Get an author.
///
/// A former slug answers 301.
#[utoipa::path(
    tag = "authors",
    params(("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "dina-vetrova")),
    responses(
        (status = 200, description = "The author.", body = Author),
        (status = 301, description = "It is a former slug.", headers(("Location" = String))),
        (status = 404, description = "There is no such author.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/authors/{slug}")]
pub async fn get_author(
    context: Shared,
    caller: Caller,
    slug: PathKey,
    _: Params<NoParams>,
) -> Result<Either<Answer, HttpResponse>, Problem> {
    let (name, audience) = (slug.clone(), Audience::of(&caller));
    let read =
        move |conn: &mut DbConnection| Ok::<_, DbError>((queries::find(conn, &name.0, audience)?, next_change(conn)?));
    let (found, next_change) = context.read(read).await?;
    match found {
        Some(Found::Author(row)) => {
            let parts = [Part::Author(row.id), Part::ArticlesOfAuthor(row.id), Part::Schedule];
            let answer = Answer::json(&Author::from(*row), context.freshness(next_change))?;
            Ok(Either::Left(answer.key("w-", &slug.0).made_of(parts)))
        }
        Some(Found::Moved(to)) => Ok(Either::Right(moved(&to, |slug| format!("/v1/authors/{slug}")))),
        None => Err(Problem::not_found("author", &slug.0)),
    }
}
