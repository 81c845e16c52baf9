//! `/v1/manage/keys`.

use actix_web::{get, post, web};

use super::caller::Key;
use super::guard::Guard;
use super::queries::{self, NotRotated};
use super::rows::KeyRow;
use super::scope::{Scope, Scopes};
use super::token::Token;
use super::wire::{KeyDraft, KeyInfo, KeyList, NewKey, Rotation};
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Code, NoParams, Params, PathKey, Problem, ProblemBody};
use crate::manage::{Act, Body, Call, Done, Nothing, Reply, faults};

/// List keys.
///
/// The newest first, expired and revoked ones included. The keys themselves are kept nowhere and so never shown.
#[utoipa::path(
    tag = "newsroom",
    params(PagingParams),
    security(("key" = ["keys:admin"])),
    responses((status = 200, description = "A page of keys.", body = KeyList))
)]
#[get("/keys")]
pub async fn list_keys(call: Call, params: Params<Paging>) -> Result<Reply, Problem> {
    let (now, cut) = (call.now(), call.context.cut(&params.value, &params.given)?);
    let (rows, extent) = call.read(Scope::KeysAdmin, move |conn| Ok(queries::list(conn, &cut)?)).await?;
    let (page, links) = params.describe(&params.given, &call.context.cursors, &extent);
    let data = rows.into_iter().map(|row| KeyInfo::new(row, now)).collect();
    let list = KeyList { data, page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}

/// Get a key.
///
/// What is known of it: its name and scopes, until when it is valid, when it was last used.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id of the key.", minimum = 1, example = 3)),
    security(("key" = ["keys:admin"])),
    responses(
        (status = 200, description = "The key.", body = KeyInfo),
        (status = 404, description = "There is no such key.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/keys/{id}")]
pub async fn get_key(call: Call, key: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    let (now, id) = (call.now(), key.id().unwrap_or(0));
    let row = call.read(Scope::KeysAdmin, move |conn| Ok(queries::find(conn, id)?)).await?;
    let row = row.ok_or_else(|| Problem::not_found("key", &key.0))?;
    Reply::ok(&KeyInfo::new(row, now))
}

/// Make a key.
///
/// The answer has the key itself, this once. It can have no scope that your own key has not. A call that is repeated with
/// its `Idempotency-Key` makes no second key, and is given the answer without the key.
#[utoipa::path(
    tag = "newsroom",
    request_body = KeyDraft,
    security(("key" = ["keys:admin"])),
    responses((status = 201, description = "It was made.", body = NewKey, headers(("Location" = String))))
)]
#[post("/keys")]
pub async fn create_key(
    call: Call,
    _: Params<NoParams>,
    guard: web::Data<Guard>,
    body: Body<KeyDraft>,
) -> Result<Reply, Problem> {
    let token = generate(&guard)?;
    let work = move |conn: &mut DbConnection, act: &Act, draft: KeyDraft| {
        let input = draft.checked(act.now).map_err(|invalid| faults(&invalid))?;
        may_give(&act.by, &input.scopes)?;
        let row = queries::create(conn, act.now, &input, &token)?;
        done(row.id, made(row, act.now, &token)?, input.name)
    };
    call.write(Scope::KeysAdmin, "create_key", body, work).await
}

/// Replace a key.
///
/// Makes a key with the same name, scopes and end, and lets the old one be valid for `overlap_seconds` more, so that its
/// holders can change over. The answer has the new key itself, as when one is made.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id of the key to replace.", minimum = 1, example = 3)),
    request_body = Rotation,
    security(("key" = ["keys:admin"])),
    responses(
        (status = 201, description = "The key in its place.", body = NewKey, headers(("Location" = String))),
        (status = 404, description = "There is no such key.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/keys/{id}/rotate")]
pub async fn rotate_key(
    call: Call,
    key: PathKey,
    _: Params<NoParams>,
    guard: web::Data<Guard>,
    body: Body<Rotation>,
) -> Result<Reply, Problem> {
    let (id, token) = (key.id().unwrap_or(0), generate(&guard)?);
    let work = move |conn: &mut DbConnection, act: &Act, rotation: Rotation| {
        let overlap = rotation.checked().map_err(|invalid| faults(&invalid))?;
        // Whoever rotates a key gets all that it may do.
        if let Some(old) = queries::find(conn, id)? {
            may_give(&act.by, &old.scopes)?;
        }
        let row = queries::rotate(conn, act.now, id, overlap, &token)?.map_err(|why| match why {
            NotRotated::Missing(_) => Problem::not_found("key", &key.0),
            why => Problem::new(Code::Conflict, why.to_string()),
        })?;
        let name = row.name.clone();
        done(id, made(row, act.now, &token)?, name)
    };
    call.write(Scope::KeysAdmin, "rotate_key", body, work).await
}

/// Revoke a key.
///
/// It opens nothing from now on, in any process. Revoking a revoked key changes nothing.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id of the key.", minimum = 1, example = 3)),
    request_body = Nothing,
    security(("key" = ["keys:admin"])),
    responses(
        (status = 200, description = "It is revoked.", body = KeyInfo),
        (status = 404, description = "There is no such key.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/keys/{id}/revoke")]
pub async fn revoke_key(call: Call, key: PathKey, _: Params<NoParams>, body: Body<Nothing>) -> Result<Reply, Problem> {
    let id = key.id().unwrap_or(0);
    let work = move |conn: &mut DbConnection, act: &Act, _: Nothing| {
        let row = queries::revoke(conn, act.now, id)?.ok_or_else(|| Problem::not_found("key", &key.0))?;
        let name = row.name.clone();
        done(id, Reply::ok(&KeyInfo::new(row, act.now))?, name)
    };
    call.write(Scope::KeysAdmin, "revoke_key", body, work).await
}

/// 403 when a key would get what its maker's has not.
fn may_give(by: &Key, scopes: &Scopes) -> Result<(), Problem> {
    let Some(scope) = by.scopes.lacks(scopes) else { return Ok(()) };
    let detail = format!("Your key has not the scope `{scope}`, and so can't give it to another.");
    Err(Problem::new(Code::Forbidden, detail))
}

fn generate(guard: &Guard) -> Result<Token, Problem> {
    let token = Token::generate(guard.environment);
    token.map_err(|error| DbError::Corrupt(format!("the system gives no randomness: {error}")).into())
}

/// The answer with the new key, which keeps the key to itself when it is kept.
fn made(row: KeyRow, now: Timestamp, token: &Token) -> Result<Reply, Problem> {
    let info = KeyInfo::new(row, now);
    let location = format!("/v1/manage/keys/{}", info.id);
    Reply::created(&NewKey::kept(info.clone()), location)?.first(&NewKey::shown(info, token))
}

fn done(id: i64, reply: Reply, name: String) -> Result<Done, Problem> {
    Ok(Done { reply, subject: "key", id, slug: name, version: 0 })
}
