//! `/v1/manage/articles/{id}/…`: what is done with an article beyond editing it. `If-Match` may be given and is then held.

use actix_web::post;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::manage::{done, editor, found, refused, tag_of};
use crate::access::Scope;
use crate::articles::lifecycle::Action;
use crate::articles::queries;
use crate::articles::wire::managed::ManagedArticle;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::http::{NoParams, Params, PathKey, Problem, ProblemBody};
use crate::manage::{Act, Body, Call, Nothing, Reply};

async fn act<T>(
    call: Call,
    id: PathKey,
    scope: Scope,
    name: &'static str,
    body: Body<T>,
    action: fn(T) -> Action,
) -> Result<Reply, Problem>
where
    T: DeserializeOwned + Send + 'static,
{
    let precondition = call.precondition.clone();
    let work = move |conn: &mut DbConnection, act: &Act, words| {
        let (before, action) = (found(conn, &id)?, action(words));
        precondition.check(&tag_of(&before))?;
        let article = queries::act(conn, &editor(act), before, action)?.map_err(refused)?;
        done(article, act, Reply::ok)
    };
    call.write(scope, name, body, work).await
}

/// When an article is to be public.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticlePublication {
    /// The date that it carries, not in the future; of a new story now, of one that was public before the old one.
    #[serde(default)]
    published_at: Option<Timestamp>,
    /// When it is taken back by itself.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// Publish an article.
///
/// Now: at once public, or, with an embargo that is not over, visible to keys with `content:embargoed`.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = ArticlePublication,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/publish")]
pub async fn publish_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<ArticlePublication>,
) -> Result<Reply, Problem> {
    let action = |ArticlePublication { published_at: at, expires_at }| Action::Publish { at, expires_at };
    act(call, id, Scope::ContentPublish, "publish_article", body, action).await
}

/// When an article is to go live by itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// In the future.
    published_at: Timestamp,
    /// When it is taken back by itself.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// Schedule an article.
///
/// It goes live by itself: never before `published_at`, and at most a second after.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = Appointment,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/schedule")]
pub async fn schedule_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<Appointment>,
) -> Result<Reply, Problem> {
    let action = |Appointment { published_at: at, expires_at }| Action::Schedule { at, expires_at };
    act(call, id, Scope::ContentPublish, "schedule_article", body, action).await
}

/// Unpublish an article.
///
/// It is taken back, and may be published again. Its address answers 404.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/unpublish")]
pub async fn unpublish_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<Nothing>,
) -> Result<Reply, Problem> {
    act(call, id, Scope::ContentPublish, "unpublish_article", body, |Nothing {}| Action::Unpublish).await
}

/// An embargo.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Embargo {
    /// In the future; null lifts it.
    #[serde(deserialize_with = "Option::deserialize")]
    until: Option<Timestamp>,
}

/// Set or lift an embargo.
///
/// Until then a published article is visible to keys with `content:embargoed` alone. One that is public already is hidden.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = Embargo,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/embargo")]
pub async fn embargo_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<Embargo>,
) -> Result<Reply, Problem> {
    let action = |Embargo { until }| Action::Embargo { until };
    act(call, id, Scope::ContentPublish, "embargo_article", body, action).await
}

/// A public correction.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionText {
    /// Plain text.
    #[schema(example = "An earlier version gave the wrong depth of the harbour.")]
    text: String,
}

/// Correct an article.
///
/// Adds a public correction, dated now. Change the words themselves by a PATCH.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = CorrectionText,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/correct")]
pub async fn correct_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<CorrectionText>,
) -> Result<Reply, Problem> {
    let action = |CorrectionText { text }| Action::Correct { text };
    act(call, id, Scope::ContentPublish, "correct_article", body, action).await
}

/// Why a story is killed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillNotice {
    /// Plain text, shown with the 410.
    #[schema(example = "The story was about the wrong bridge.")]
    reason: String,
    /// Slug of the article that replaces it.
    #[serde(default)]
    replaced_by: Option<String>,
}

/// Kill an article.
///
/// It is withdrawn for good: its address answers 410 with the reason, and every reader of the change log is told. Only a key
/// with `content:restore` brings it back.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:publish"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = KillNotice,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/kill")]
pub async fn kill_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<KillNotice>,
) -> Result<Reply, Problem> {
    let action = |KillNotice { reason, replaced_by }| Action::Kill { reason, replaced_by };
    act(call, id, Scope::ContentPublish, "kill_article", body, action).await
}

/// Restore a killed article.
///
/// It comes back unpublished.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:restore"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = Nothing,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/restore")]
pub async fn restore_article(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<Nothing>,
) -> Result<Reply, Problem> {
    act(call, id, Scope::ContentRestore, "restore_article", body, |Nothing {}| Action::Restore).await
}
