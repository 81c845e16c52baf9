//! `/v1/manage/authors`.
//!
//! `content:write` is enough for all of it, also where the bylines of public articles change.

use actix_web::{get, patch, post};

use crate::access::Scope;
use crate::authors::params::{ManagedAuthorParams, ManagedAuthorQuery};
use crate::authors::queries::{self, Found, Taken};
use crate::authors::rows::AuthorRow;
use crate::authors::wire::{AuthorPatch, ManagedAuthor, ManagedAuthorList, NewAuthor};
use crate::changes::Audience;
use crate::db::DbConnection;
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Code, NoParams, Params, PathKey, Problem, ProblemBody, segment};
use crate::manage::{Body, Call, Done, Reply, etag, faults};
use crate::records::Invalid;
use crate::text::slug::first_free;

/// List authors as the newsroom sees them.
///
/// By name, or with `sort=-article_count` the most published first.
#[utoipa::path(
    tag = "newsroom",
    params(ManagedAuthorQuery, PagingParams),
    security(("key" = ["content:read"])),
    responses((status = 200, description = "A page of authors.", body = ManagedAuthorList))
)]
#[get("/authors")]
pub async fn list_managed_authors(call: Call, params: Params<(ManagedAuthorParams, Paging)>) -> Result<Reply, Problem> {
    let (ManagedAuthorParams(filter), paging) = &params.value;
    let (filter, cut) = (filter.clone(), call.context.cut(paging, &params.given)?);
    let read = move |conn: &mut DbConnection| Ok(queries::list(conn, &filter, Audience::NEWSROOM, &cut)?);
    let (rows, extent) = call.read(Scope::ContentRead, read).await?;
    let (page, links) = paging.describe(&params.given, &call.context.cursors, &extent);
    let list = ManagedAuthorList { data: rows.into_iter().map(ManagedAuthor::from).collect(), page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}

/// Get an author as the newsroom sees it.
///
/// A former slug answers 301.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "dina-vetrova")),
    security(("key" = ["content:read"])),
    responses(
        (status = 200, description = "The author.", body = ManagedAuthor, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 301, description = "It is a former slug.", headers(("Location" = String))),
        (status = 404, description = "There is no such author.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/authors/{slug}")]
pub async fn get_managed_author(call: Call, slug: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    call.read(Scope::ContentRead, move |conn| match queries::find(conn, &slug.0, Audience::NEWSROOM)? {
        Some(Found::Author(row)) => {
            let tag = tag_of(&row);
            Ok(Reply::ok(&ManagedAuthor::from(*row))?.tagged(tag))
        }
        Some(Found::Moved(to)) => Ok(Reply::moved(address(&to))),
        None => Err(Problem::not_found("author", &slug.0)),
    })
    .await
}

/// Create an author.
///
/// Without a `slug` it gets one made of the name. A slug that is in use is a 422 that names the author it leads to.
#[utoipa::path(
    tag = "newsroom",
    request_body = NewAuthor,
    security(("key" = ["content:write"])),
    responses((status = 201, description = "The new author.", body = ManagedAuthor,
        headers(("Location" = String), ("ETag" = String, description = "For `If-Match`."))))
)]
#[post("/authors")]
pub async fn create_author(call: Call, _: Params<NoParams>, body: Body<NewAuthor>) -> Result<Reply, Problem> {
    call.write(Scope::ContentWrite, "create_author", body, move |conn, act, value| {
        let taken = |slug: &str| Ok::<_, Problem>(queries::find(conn, slug, Audience::NEWSROOM)?.is_some());
        let made = if value.slug.is_none() { first_free(&value.name, taken)? } else { None };
        let input = value.checked(made).map_err(|invalid| faults(&invalid))?;
        queries::create(conn, act.now, &input)?.map_err(|Taken(by)| in_use(&input.slug, &by))?;
        let row = present(conn, &input.slug)?;
        let location = address(&row.slug);
        done(row, |author| Reply::created(author, location))
    })
    .await
}

/// Change an author.
///
/// A changed slug leaves a redirect behind. Articles that show the author are entries of the change log too.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "dina-vetrova")),
    request_body(content = AuthorPatch, content_type = "application/json"),
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The author as it is now.", body = ManagedAuthor, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such author.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/authors/{slug}")]
pub async fn update_author(
    call: Call,
    slug: PathKey,
    _: Params<NoParams>,
    body: Body<AuthorPatch>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "update_author", body, move |conn, act, value| {
        let row = present(conn, &slug.0)?;
        precondition.demand(&tag_of(&row))?;
        let input = value.checked(row.input()).map_err(|invalid| faults(&invalid))?;
        queries::update(conn, act.now, &row, &input)?.map_err(|Taken(by)| in_use(&input.slug, &by))?;
        done(present(conn, &input.slug)?, Reply::ok)
    })
    .await
}

/// The tag of a row. Its count moves with articles and is left out: nobody edits it.
fn tag_of(row: &AuthorRow) -> String {
    etag::of(row.id, row.modified_at)
}

fn address(slug: &str) -> String {
    format!("/v1/manage/authors/{}", segment(slug))
}

fn present(conn: &mut DbConnection, slug: &str) -> Result<AuthorRow, Problem> {
    match queries::find(conn, slug, Audience::NEWSROOM)? {
        Some(Found::Author(row)) => Ok(*row),
        Some(Found::Moved(to)) => Err(Problem::new(Code::Conflict, format!("`{slug}` leads to the author `{to}`."))),
        None => Err(Problem::not_found("author", slug)),
    }
}

fn done(row: AuthorRow, reply: impl FnOnce(&ManagedAuthor) -> Result<Reply, Problem>) -> Result<Done, Problem> {
    let (id, slug, tag) = (row.id, row.slug.clone(), tag_of(&row));
    let reply = reply(&ManagedAuthor::from(row))?.tagged(tag);
    Ok(Done { reply, subject: "author", id, slug, version: 1 })
}

fn in_use(slug: &str, by: &str) -> Problem {
    let reason = format!("`{slug}` leads to the author `{by}` already");
    faults(&[Invalid { field: "slug".to_owned(), reason }])
}
