//! How the sources stand, and what currencies there are.

use actix_web::get;

use super::SharedRates;
use crate::changes::Part;
use crate::http::{Answer, NoParams, Params, Problem, Shared};
use crate::rates::wire::{CurrencyEntry, CurrencyList, FeedStatus, SourceList};
use crate::rates::{names, queries};

/// List the sources of rates.
///
/// How each feed stands: its last publication, what is expected next, what was missed, and how fetching goes.
#[utoipa::path(
    tag = "rates",
    responses((status = 200, description = "Every feed.", body = SourceList))
)]
#[get("/rates/sources")]
pub async fn list_rate_sources(context: Shared, rates: SharedRates, _: Params<NoParams>) -> Result<Answer, Problem> {
    let now = context.clock.now();
    let standings = context.read(queries::standings).await?;
    let data = standings.into_iter().map(|standing| FeedStatus::new(standing, &rates, now)).collect();
    // A poll may end at any time, and nobody is told.
    let freshness = context.freshness(Some(now.plus_seconds(10)));
    Ok(Answer::json(&SourceList { data }, freshness)?.key("", "rates"))
}

/// List currencies.
///
/// The active currencies of ISO 4217 with their names in eight languages, from CLDR.
#[utoipa::path(
    tag = "rates",
    responses((status = 200, description = "Every active currency, by code.", body = CurrencyList))
)]
#[get("/currencies")]
pub async fn list_currencies(context: Shared, _: Params<NoParams>) -> Result<Answer, Problem> {
    let data = names::all().iter().map(CurrencyEntry::new).collect();
    Ok(Answer::json(&CurrencyList { data }, context.freshness(None))?.key("", "currencies").made_of([Part::Rates; 0]))
}
