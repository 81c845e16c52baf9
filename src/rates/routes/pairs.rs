//! Rates of pairs: lists, single ones, conversions and the ticker.

use actix_web::get;

use super::{SharedRates, answer, freshness, no_rate};
use crate::db::{DbConnection, DbError};
use crate::http::{Answer, Params, PathPair, Problem, ProblemBody, Shared};
use crate::rates::money::Exact;
use crate::rates::names;
use crate::rates::params::{
    Conversion, ConversionQuery, Moment, MomentQuery, Pairs, PairsQuery, TickerQuery, TickerShape, pair_of,
};
use crate::rates::queries::{Absent, Reader};
use crate::rates::ticker::Ticker;
use crate::rates::wire::{Converted, MissingRate, Rate, RateList, Rounding};

/// List rates.
///
/// The five against USD, or the pairs asked for. A pair that no source can price is a 404 that says why.
#[utoipa::path(
    tag = "rates",
    params(PairsQuery, MomentQuery),
    responses(
        (status = 200, description = "Rates in the order asked for.", body = RateList),
        (status = 404, description = "A pair has no rate by its nature.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates")]
pub async fn list_rates(
    context: Shared,
    rates: SharedRates,
    params: Params<(Pairs, Moment)>,
) -> Result<Answer, Problem> {
    let (asked, moment) = (params.value.0.clone(), params.value.1);
    let (when, settings) = (moment.when(context.clock.now())?, rates.clone());
    let pairs = asked.named().unwrap_or_else(|| Pairs::of_the_five(asked.quote()));
    let read = move |conn: &mut DbConnection| {
        let mut reader = Reader::new(conn, &settings, moment.basis, when);
        pairs.into_iter().map(|pair| Ok((pair, reader.quote(pair)?))).collect::<Result<Vec<_>, DbError>>()
    };
    let (mut quotes, mut missing) = (Vec::new(), Vec::new());
    for (pair, quote) in context.read(read).await? {
        match quote {
            Ok(quote) => quotes.push(quote),
            Err(Absent::NoPath(why)) if asked.named().is_some() => return Err(no_rate(&why.into())),
            Err(why) => missing.push(MissingRate::new(pair, &why)),
        }
    }
    let list = RateList { data: quotes.iter().map(Rate::new).collect(), missing };
    let complete = list.missing.is_empty();
    answer(&list, freshness(&context, &rates, &quotes, complete, &moment))
}

/// Get a pair's rate.
#[utoipa::path(
    tag = "rates",
    params(
        ("base" = String, Path, description = "The currency of which one unit is priced.", pattern = "^[A-Z]{3}$", example = "KGS"),
        ("quote" = String, Path, description = "The currency in which it is priced.", pattern = "^[A-Z]{3}$", example = "USD"),
        MomentQuery
    ),
    responses(
        (status = 200, description = "The rate.", body = Rate),
        (status = 404, description = "There is no rate; `detail` says why.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates/{base}/{quote}")]
pub async fn get_rate(
    context: Shared,
    rates: SharedRates,
    path: PathPair,
    moment: Params<Moment>,
) -> Result<Answer, Problem> {
    let pair = pair_of(&path)?;
    let (when, settings, basis) = (moment.when(context.clock.now())?, rates.clone(), moment.basis);
    let read = move |conn: &mut DbConnection| Reader::new(conn, &settings, basis, when).quote(pair);
    let quote = context.read(read).await?.map_err(|why| no_rate(&why))?;
    answer(&Rate::new(&quote), freshness(&context, &rates, &[quote], true, &moment))
}

/// Convert an amount.
///
/// By the unrounded rate; the result is rounded once, half away from zero, and says which rate it used.
#[utoipa::path(
    tag = "rates",
    params(ConversionQuery, MomentQuery),
    responses(
        (status = 200, description = "The amount in the other currency.", body = Converted),
        (status = 404, description = "There is no rate; `detail` says why.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates/convert")]
pub async fn convert(
    context: Shared,
    rates: SharedRates,
    params: Params<(Conversion, Moment)>,
) -> Result<Answer, Problem> {
    let (Conversion { pair, amount, decimals }, moment) = (params.value.0.clone(), params.value.1);
    let (when, settings) = (moment.when(context.clock.now())?, rates.clone());
    let read = move |conn: &mut DbConnection| Reader::new(conn, &settings, moment.basis, when).quote(pair);
    let quote = context.read(read).await?.map_err(|why| no_rate(&why))?;
    let decimals = decimals.unwrap_or_else(|| names::small_change(pair.quote));
    let converted = Converted {
        from: pair.base,
        to: pair.quote,
        result: (&Exact::decimal(&amount) * &quote.value).to_decimals(decimals),
        amount,
        rounding: Rounding { decimals, mode: "half-away-from-zero" },
        rate: Rate::new(&quote),
    };
    answer(&converted, freshness(&context, &rates, &[quote], true, &moment))
}

/// Get the ticker.
///
/// A finished line for each of KGS, KZT, TJS, UZS and TMT, with its parts and a sentence for screen readers.
#[utoipa::path(
    tag = "rates",
    params(TickerQuery, MomentQuery),
    responses((status = 200, description = "The ticker.", body = Ticker))
)]
#[get("/rates/ticker")]
pub async fn get_ticker(
    context: Shared,
    rates: SharedRates,
    params: Params<(TickerShape, Moment)>,
) -> Result<Answer, Problem> {
    let (shape, moment) = params.value;
    let (when, settings) = (moment.when(context.clock.now())?, rates.clone());
    let read = move |conn: &mut DbConnection| Ticker::read(conn, &settings, shape, moment.basis, when);
    let (ticker, quotes) = context.read(read).await?;
    answer(&ticker, freshness(&context, &rates, &quotes, ticker.missing.is_empty(), &moment))
}
