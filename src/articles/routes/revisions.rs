//! `/v1/manage/articles/{id}/revisions`.

use actix_web::{get, post};

use super::manage::{done, editor, found, refused, tag_of};
use crate::access::Scope;
use crate::articles::queries::{self, revisions};
use crate::articles::rows::RevisionRow;
use crate::articles::wire::managed::{ManagedArticle, Revision, RevisionCard, RevisionList};
use crate::db::DbConnection;
use crate::db::json::from_json;
use crate::http::{NoParams, Params, PathKey, PathPair, Problem, ProblemBody};
use crate::manage::{Act, Body, Call, Nothing, Reply};

/// List the revisions of an article.
///
/// Who changed it, when and by which action, the newest first.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:read"])),
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 17)),
    responses(
        (status = 200, description = "The revisions.", body = RevisionList),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{id}/revisions")]
pub async fn list_revisions(call: Call, id: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    let read = move |conn: &mut DbConnection| {
        let article = found(conn, &id)?;
        Ok(revisions::list(conn, article.row.id)?)
    };
    let rows = call.read(Scope::ContentRead, read).await?;
    Reply::ok(&RevisionList { data: rows.iter().map(RevisionCard::from).collect() })
}

/// Get a revision.
///
/// The article as it stood then, and what differs from the revision before.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:read"])),
    params(
        ("id" = i64, Path, description = "Id.", minimum = 1, example = 17),
        ("version" = i64, Path, description = "The version that the change made.", minimum = 1, example = 2)
    ),
    responses(
        (status = 200, description = "The revision.", body = Revision),
        (status = 404, description = "There is no such article or revision.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{id}/revisions/{version}")]
pub async fn get_revision(call: Call, path: PathPair, _: Params<NoParams>) -> Result<Reply, Problem> {
    let read = move |conn: &mut DbConnection| {
        let row = revision(conn, &path)?;
        let id = found(conn, &PathKey(path.0))?.row.id;
        Ok((revisions::before(conn, id, row.version)?, row))
    };
    let (before, row) = call.read(Scope::ContentRead, read).await?;
    Reply::ok(&Revision::new(&row, before.as_ref())?)
}

/// Restore a revision.
///
/// The words of then, in the article's place of now: its slug, state, dates and corrections stay. It is a change like any
/// other, with a revision of its own.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["content:write"])),
    params(
        ("id" = i64, Path, description = "Id.", minimum = 1, example = 17),
        ("version" = i64, Path, description = "The version whose words are wanted.", minimum = 1, example = 2)
    ),
    request_body = Nothing,
    responses(
        (status = 200, description = "The article.", body = ManagedArticle, headers(("ETag" = String))),
        (status = 404, description = "There is no such article or revision.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/articles/{id}/revisions/{version}/restore")]
pub async fn restore_revision(
    call: Call,
    path: PathPair,
    _: Params<NoParams>,
    body: Body<Nothing>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    let work = move |conn: &mut DbConnection, act: &Act, _: Nothing| {
        let old = from_json(&revision(conn, &path)?.record)?;
        let before = found(conn, &PathKey(path.0))?;
        precondition.check(&tag_of(&before))?;
        let article = queries::restore(conn, &editor(act), before, old)?.map_err(refused)?;
        done(article, act, Reply::ok)
    };
    call.write(Scope::ContentWrite, "restore_revision", body, work).await
}

fn revision(conn: &mut DbConnection, PathPair(id, version): &PathPair) -> Result<RevisionRow, Problem> {
    let article = found(conn, &PathKey(id.clone()))?;
    let version = PathKey(version.clone());
    let row = version.id().map(|version| revisions::find(conn, article.row.id, version)).transpose()?.flatten();
    row.ok_or_else(|| Problem::not_found("revision", &version.0))
}
