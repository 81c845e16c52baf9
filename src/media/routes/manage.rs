//! `/v1/manage/media`. A medium is an address and what is to be said of it; files are kept elsewhere.
//!
//! `content:write` is enough for all of it, also where public articles show the medium.

use actix_web::{get, patch, post};

use crate::access::Scope;
use crate::db::{DbConnection, DbError};
use crate::http::paging::{Paging, PagingParams};
use crate::http::{NoParams, Params, PathKey, Problem, ProblemBody};
use crate::manage::{Body, Call, Done, Reply, etag, faults};
use crate::media::MediaInput;
use crate::media::queries;
use crate::media::rows::StoredMedia;
use crate::media::wire::{ManagedMedia, ManagedMediaList, MediaPatch};
use crate::records::{Invalid, MediaRecord, checked_media};

/// List all media.
///
/// The newest first, with those that no public article uses.
#[utoipa::path(
    tag = "newsroom",
    params(PagingParams),
    security(("key" = ["content:read"])),
    responses((status = 200, description = "A page of media.", body = ManagedMediaList))
)]
#[get("/media")]
pub async fn list_managed_media(call: Call, params: Params<Paging>) -> Result<Reply, Problem> {
    let cut = call.context.cut(&params.value, &params.given)?;
    let read = move |conn: &mut DbConnection| {
        let (rows, extent) = queries::list(conn, &cut)?;
        let media = rows.into_iter().map(ManagedMedia::try_from).collect::<Result<Vec<_>, DbError>>()?;
        Ok((media, extent))
    };
    let (data, extent) = call.read(Scope::ContentRead, read).await?;
    let (page, links) = params.value.describe(&params.given, &call.context.cursors, &extent);
    let list = ManagedMediaList { data, page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}

/// Get a medium as the newsroom sees it.
///
/// Also one that no public article uses.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 1)),
    security(("key" = ["content:read"])),
    responses(
        (status = 200, description = "The medium.", body = ManagedMedia, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such medium.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/media/{id}")]
pub async fn get_managed_media(call: Call, key: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    call.read(Scope::ContentRead, move |conn| {
        let row = present(conn, &key)?;
        let tag = tag_of(&row);
        Ok(Reply::ok(&ManagedMedia::try_from(row)?)?.tagged(tag))
    })
    .await
}

/// Create a medium.
///
/// Without a `guid` it gets one of its own. A `guid` that is in use is a 422 that names the medium.
#[utoipa::path(
    tag = "newsroom",
    request_body = MediaRecord,
    security(("key" = ["content:write"])),
    responses((status = 201, description = "The new medium.", body = ManagedMedia,
        headers(("Location" = String), ("ETag" = String, description = "For `If-Match`."))))
)]
#[post("/media")]
pub async fn create_media(call: Call, _: Params<NoParams>, body: Body<MediaRecord>) -> Result<Reply, Problem> {
    call.write(Scope::ContentWrite, "create_media", body, move |conn, act, mut value| {
        // Not derived from its content, as an article's unnamed picture's is: that one goes with its last article.
        value.guid.get_or_insert_with(|| format!("media:{}", uuid::Uuid::new_v4()));
        let input = checked_media(value).map_err(|invalid| faults(&invalid))?;
        let id = queries::create(conn, act.now, &input)?.map_err(|owner| in_use(&input.guid, owner))?;
        done(stored(conn, id)?, |medium| Reply::created(medium, format!("/v1/manage/media/{id}")))
    })
    .await
}

/// Change a medium.
///
/// Articles that show it are entries of the change log too; with the reason `rights` when its rights change.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 1)),
    request_body(content = MediaPatch, content_type = "application/json"),
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The medium as it is now.", body = ManagedMedia, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such medium.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/media/{id}")]
pub async fn update_media(
    call: Call,
    key: PathKey,
    _: Params<NoParams>,
    body: Body<MediaPatch>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "update_media", body, move |conn, act, value| {
        let row = present(conn, &key)?;
        precondition.demand(&tag_of(&row))?;
        let id = row.id;
        let input = value.checked(MediaInput::try_from(row.clone())?).map_err(|invalid| faults(&invalid))?;
        queries::update(conn, act.now, row, &input)?;
        done(stored(conn, id)?, Reply::ok)
    })
    .await
}

fn tag_of(row: &StoredMedia) -> String {
    etag::of(row.id, row.modified_at)
}

fn present(conn: &mut DbConnection, key: &PathKey) -> Result<StoredMedia, Problem> {
    let found = key.id().map(|id| queries::find(conn, id)).transpose()?.flatten();
    found.ok_or_else(|| Problem::not_found("medium", &key.0))
}

fn stored(conn: &mut DbConnection, id: i64) -> Result<StoredMedia, Problem> {
    let found = queries::find(conn, id)?;
    found.ok_or_else(|| DbError::Corrupt(format!("medium {id} was not stored")).into())
}

fn done(row: StoredMedia, reply: impl FnOnce(&ManagedMedia) -> Result<Reply, Problem>) -> Result<Done, Problem> {
    let (id, tag) = (row.id, tag_of(&row));
    let reply = reply(&ManagedMedia::try_from(row)?)?.tagged(tag);
    Ok(Done { reply, subject: "media", id, slug: id.to_string(), version: 1 })
}

fn in_use(guid: &str, owner: i64) -> Problem {
    let reason = format!("`{guid}` is the identity of the medium {owner} already");
    faults(&[Invalid { field: "guid".to_owned(), reason }])
}
