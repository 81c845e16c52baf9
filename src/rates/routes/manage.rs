//! `/v1/manage/rates`: quotes that moved too far to be served unseen.

use actix_web::{get, post};

use crate::access::Scope;
use crate::http::{Code, NoParams, Params, PathKey, Problem, ProblemBody};
use crate::manage::{Body, Call, Done, Nothing, Reply};
use crate::rates::queries::{self, NotHeld};
use crate::rates::wire::{HeldRate, HeldRateList, ReleasedRate};

/// List held rates.
///
/// Quotes that moved too far and that nothing has confirmed or replaced since, the oldest first. They are not served.
#[utoipa::path(
    tag = "newsroom",
    security(("key" = ["rates:write"])),
    responses((status = 200, description = "All that are held.", body = HeldRateList))
)]
#[get("/rates")]
pub async fn list_held_rates(call: Call, _: Params<NoParams>) -> Result<Reply, Problem> {
    let held = call.read(Scope::RatesWrite, |conn| Ok(queries::held(conn)?)).await?;
    Reply::ok(&HeldRateList { data: held.into_iter().map(HeldRate::from).collect() })
}

/// Release a held rate.
///
/// It is served from now on. One that is not held any more is a 409.
#[utoipa::path(
    tag = "newsroom",
    params(("id" = i64, Path, description = "Id of the quote.", minimum = 1, example = 1)),
    request_body = Nothing,
    security(("key" = ["rates:write"])),
    responses(
        (status = 200, description = "What is served.", body = ReleasedRate),
        (status = 404, description = "There is no such quote.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/rates/{id}/release")]
pub async fn release_rate(
    call: Call,
    key: PathKey,
    _: Params<NoParams>,
    body: Body<Nothing>,
) -> Result<Reply, Problem> {
    call.write(Scope::RatesWrite, "release_rate", body, move |conn, act, Nothing {}| {
        let id = key.id().ok_or_else(|| Problem::not_found("quote", &key.0))?;
        let pair = queries::release(conn, act.now, id)?.map_err(|why| match why {
            NotHeld::Unknown(_) => Problem::not_found("quote", &key.0),
            NotHeld::Accepted(_) | NotHeld::Replaced(_) => {
                Problem::new(Code::Conflict, format!("There is nothing to release: {why}."))
            }
        })?;
        let reply = Reply::ok(&ReleasedRate { id, pair: pair.to_string(), accepted_at: act.now })?;
        Ok(Done { reply, subject: "rate", id, slug: pair.to_string(), version: 1 })
    })
    .await
}
