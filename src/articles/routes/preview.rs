//! Previews: one version of one article, for whoever holds its link, for some minutes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::manage::{found, tag_of};
use crate::access::Scope;
use crate::articles::Status;
use crate::articles::params::{DetailParams, DetailShape};
use crate::articles::queries;
use crate::articles::wire::managed::PreviewLink;
use crate::articles::wire::{ArticleDetail, Render};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::db::json::to_json;
use crate::http::{Code, Fault, NoParams, Params, PathKey, Problem, ProblemBody, Shared};
use crate::manage::{Act, Body, Call, Done, Reply};

/// The longest that a link is good, in minutes.
const LONGEST: i64 = 60;

/// Which version to show, and for how long.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The present one when absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    version: Option<i64>,
    /// 15 when absent, 60 at most.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    minutes: Option<i64>,
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Leave {
    #[serde(rename = "a")]
    article: i64,
    #[serde(rename = "v")]
    version: i64,
    #[serde(rename = "e")]
    expires_at: Timestamp,
}

/// Make a preview link.
///
/// Whoever holds it may read this one version without a key, until it expires.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:read"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    request_body = PreviewRequest,
    responses(
        (status = 200, description = "The link.", body = PreviewLink),
        (status = 404, description = "There is no such article or version.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The article was killed.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/preview")]
pub async fn create_preview(
    call: Call,
    id: PathKey,
    _: Params<NoParams>,
    body: Body<PreviewRequest>,
) -> Result<Reply, Problem> {
    let (seal, precondition) = (call.context.previews.clone(), call.precondition.clone());
    let work = move |conn: &mut DbConnection, act: &Act, asked: PreviewRequest| {
        let minutes = asked.minutes.unwrap_or(15);
        if !(1..=LONGEST).contains(&minutes) {
            let detail = format!("is not from 1 to {LONGEST}");
            return Err(Problem::faults(vec![Fault::of_field("/minutes", detail)]));
        }
        let article = found(conn, &id)?;
        precondition.check(&tag_of(&article))?;
        if article.row.status == Status::Killed {
            let detail = "The article was killed, and is not shown to anyone by a link.";
            return Err(Problem::new(Code::Conflict, detail));
        }
        let version = asked.version.unwrap_or(article.row.version);
        if queries::preview(conn, article.row.id, version)?.is_none() {
            return Err(Problem::not_found("revision", &version.to_string()));
        }
        let expires_at = act.now.plus_seconds(minutes * 60);
        let token = seal.seal(to_json(&Leave { article: article.row.id, version, expires_at })?.as_bytes());
        let link = PreviewLink { url: format!("/v1/preview/{token}"), token, version, expires_at };
        let reply = Reply::ok(&link)?;
        Ok(Done { reply, subject: "article", id: article.row.id, slug: article.row.slug, version })
    };
    call.write(Scope::ContentRead, "create_preview", body, work).await
}

/// Get a preview.
///
/// One version of an article as it would be shown, public or not. Never cached. What is not there, or no longer, is a 404.
#[utoipa::path(
    tag = "pages",
    params(("token" = String, Path, description = "From a preview link.", min_length = 1, max_length = 500, pattern = "^[A-Za-z0-9_-]+$", example = "AbCd"), DetailShape),
    responses(
        (status = 200, description = "The article.", body = ArticleDetail, headers(("Cache-Control" = String, description = "`no-store`"))),
        (status = 404, description = "The link is not, or no longer, good.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/preview/{token}")]
pub async fn get_preview(context: Shared, token: PathKey, params: Params<DetailParams>) -> Result<Reply, Problem> {
    let no_leave = || Problem::new(Code::NotFound, "This preview link is not, or no longer, good.");
    let leave = context.previews.open(&token.0).and_then(|text| serde_json::from_slice::<Leave>(&text).ok());
    let now = context.clock.now();
    let leave = leave.filter(|leave| now < leave.expires_at).ok_or_else(no_leave)?;
    let read = move |conn: &mut DbConnection| queries::preview(conn, leave.article, leave.version);
    let detail = context.db.read(read).await?.ok_or_else(no_leave)?;
    let render = Render { shape: &params.0, query: None, url_template: &context.article_url };
    Reply::ok(&render.detail(detail)?)
}
