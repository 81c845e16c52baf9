//! `/v1/manage/articles`: writing.

use actix_web::{get, patch, post};

use crate::access::Scope;
use crate::articles::draft::{ArticleDraft, ArticlePatch};
use crate::articles::lifecycle::Refusal;
use crate::articles::params::managed::{ManagedParams, ManagedQuery};
use crate::articles::queries::{self, Editor, Managed, NotDone};
use crate::articles::wire::managed::{ManagedArticle, ManagedCard, ManagedList};
use crate::db::DbConnection;
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Code, Fault, NoParams, Params, PathKey, Problem, ProblemBody};
use crate::manage::{Act, Body, Call, Done, Reply, faults};

/// List articles, drafts included.
///
/// Whatever their state, the last changed first.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:read"])),
    params(ManagedQuery, PagingParams),
    responses((status = 200, description = "A page of articles.", body = ManagedList))
)]
#[get("/articles")]
pub async fn list_managed_articles(call: Call, params: Params<(ManagedParams, Paging)>) -> Result<Reply, Problem> {
    let (ManagedParams(filter), paging) = &params.value;
    let (filter, cut, now) = (filter.clone(), call.context.cut(paging, &params.given)?, call.now());
    let read = move |conn: &mut DbConnection| Ok(queries::overviews(conn, &filter, &cut)?);
    let (overviews, extent) = call.read(Scope::ContentRead, read).await?;
    let (page, links) = paging.describe(&params.given, &call.context.cursors, &extent);
    let data = overviews.into_iter().map(|overview| ManagedCard::new(overview, now)).collect();
    let list = ManagedList { data, page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}

/// Create a draft.
///
/// It is public only when it is published. Authors, tags and media that are there already are named by slug or id.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:write"])),
    request_body = ArticleDraft,
    responses((status = 201, description = "The draft, with its `ETag`.", body = ManagedArticle, headers(("Location" = String), ("ETag" = String))))
)]
#[post("/articles")]
pub async fn create_article(call: Call, _: Params<NoParams>, body: Body<ArticleDraft>) -> Result<Reply, Problem> {
    let work = |conn: &mut DbConnection, act: &Act, draft| {
        let article = queries::create(conn, &editor(act), draft)?.map_err(refused)?;
        let location = format!("/v1/manage/articles/{}", article.row.id);
        done(article, act, |wire| Reply::created(wire, location))
    };
    call.write(Scope::ContentWrite, "create_article", body, work).await
}

/// Get an article for editing.
///
/// Its words as they were written, whatever its state. The `ETag` is what a change must name in `If-Match`.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:read"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{id}")]
pub async fn get_managed_article(call: Call, id: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    let (now, key) = (call.now(), id.clone());
    let article = call.read(Scope::ContentRead, move |conn| found(conn, &key)).await?;
    let wire = ManagedArticle::new(article, now);
    Ok(Reply::ok(&wire)?.tagged(wire.etag()))
}

/// Change an article.
///
/// What is absent stays, null takes away, a value replaces; lists are replaced whole. A new slug leaves the old one leading
/// to it, if anyone could see that. What is published, scheduled or under embargo takes a key that also has `content:publish`.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:write"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = ArticlePatch,
    responses(
        (status = 200, description = "The article, with its new `ETag`.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/articles/{id}")]
pub async fn update_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<ArticlePatch>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    let work = move |conn: &mut DbConnection, act: &Act, patch| {
        let before = found(conn, &id)?;
        precondition.demand(&tag_of(&before))?;
        let article = queries::patch(conn, &editor(act), before, patch)?.map_err(refused)?;
        done(article, act, Reply::ok)
    };
    call.write(Scope::ContentWrite, "update_article", body, work).await
}

/// The article of a path.
pub(super) fn found(conn: &mut DbConnection, id: &PathKey) -> Result<Managed, Problem> {
    let article = id.id().map(|id| queries::managed(conn, id)).transpose()?.flatten();
    article.ok_or_else(|| Problem::not_found("article", &id.0))
}

/// What a change of it must name.
pub(super) fn tag_of(article: &Managed) -> String {
    crate::manage::etag::of(article.row.version, article.row.modified_at)
}

/// Who acts.
pub(super) fn editor(act: &Act) -> Editor {
    let may_publish = act.by.scopes.has(Scope::ContentPublish);
    Editor { key_id: act.by.id, name: act.by.name.clone(), now: act.now, may_publish }
}

/// The answer about an article that was written.
pub(super) fn done(
    article: Managed,
    act: &Act,
    reply: impl FnOnce(&ManagedArticle) -> Result<Reply, Problem>,
) -> Result<Done, Problem> {
    let wire = ManagedArticle::new(article, act.now);
    let reply = reply(&wire)?.tagged(wire.etag());
    Ok(Done { reply, subject: "article", id: wire.id, slug: wire.article.slug, version: wire.version })
}

/// Why nothing was written, for the caller.
pub(super) fn refused(why: NotDone) -> Problem {
    match why {
        NotDone::Invalid(invalid) => faults(&invalid),
        NotDone::Refused(Refusal::Value { field, reason }) => {
            Problem::faults(vec![Fault::of_field(format!("/{field}"), reason)])
        }
        NotDone::Refused(refusal @ Refusal::State { .. }) => Problem::new(Code::Conflict, format!("{refusal}.")),
        NotDone::Killed => Problem::new(Code::Conflict, "The article is killed; restore it first."),
        NotDone::Exposed(state) => {
            let detail = format!("The article is {}; changing it needs the scope `content:publish`.", state.as_ref());
            Problem::new(Code::Forbidden, detail)
        }
    }
}
