//! Rates day by day, as numbers and as a drawing.

use actix_web::{HttpRequest, get};

use super::{SharedRates, answer, freshness, keyed, no_rate};
use crate::db::{DbConnection, DbError};
use crate::http::accepts::preferred;
use crate::http::{Answer, Code, Params, PathPair, Problem, ProblemBody, Shared};
use crate::rates::params::{
    Format, HistoryParams, HistoryQuery, Moment, MomentQuery, SparklineParams, SparklineQuery, pair_of,
};
use crate::rates::pricing::{Day, Gaps, Quote};
use crate::rates::queries::Reader;
use crate::rates::sparkline::{self, Frame};
use crate::rates::wire::RateHistory;

/// List a pair's rates by day.
///
/// Days on which nothing was published carry the rate that is in force, or are left out. JSON, or CSV by `format` or `Accept`.
#[utoipa::path(
    tag = "rates",
    params(
        ("base" = String, Path, description = "The currency of which one unit is priced.", pattern = "^[A-Z]{3}$", example = "UZS"),
        ("quote" = String, Path, description = "The currency in which it is priced.", pattern = "^[A-Z]{3}$", example = "USD"),
        HistoryQuery
    ),
    responses(
        (status = 200, description = "The rates of the range.", content(
            (RateHistory = "application/json"),
            (String = "text/csv", example = "date,rate,effective_date\r\n2026-04-01,0.0000820061,2026-04-01\r\n")
        )),
        (status = 404, description = "There is no rate; `detail` says why.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates/{base}/{quote}/history")]
pub async fn list_rate_history(
    req: HttpRequest,
    context: Shared,
    rates: SharedRates,
    path: PathPair,
    params: Params<HistoryParams>,
) -> Result<Answer, Problem> {
    let (pair, moment, gaps) = (pair_of(&path)?, params.moment, params.gaps);
    let when = moment.when(context.clock.now())?;
    let range = params.range(rates.today(pair, moment.basis, &when))?;
    let settings = rates.clone();
    let read = move |conn: &mut DbConnection| {
        let mut reader = Reader::new(conn, &settings, moment.basis, when);
        // The present rate says until when the range stays as it is.
        Ok::<_, DbError>((reader.history(pair, range, gaps)?, reader.quote(pair)?))
    };
    let (data, now) = context.read(read).await?;
    let data = data.map_err(|why| no_rate(&why))?;
    let quotes: Vec<Quote> = now.into_iter().collect();
    let freshness = freshness(&context, &rates, &quotes, !quotes.is_empty(), &moment);
    match params
        .format
        .or_else(|| preferred(&req, &[(Format::Json, "application", "json"), (Format::Csv, "text", "csv")]))
    {
        Some(Format::Csv) => Ok(keyed(Answer::bytes(csv(&data), "text/csv; charset=utf-8; header=present", freshness))),
        Some(Format::Json) => {
            let (from, to) = range;
            answer(
                &RateHistory { pair: pair.to_string(), base: pair.base, quote: pair.quote, from, to, gaps, data },
                freshness,
            )
        }
        None => Err(Problem::new(Code::NotAcceptable, "A history is `application/json` or `text/csv`.")),
    }
    .map(|answer| if params.format.is_none() { answer.chosen_by_accept() } else { answer })
}

/// Draw a pair's rates.
///
/// An SVG with a title and a description for screen readers, in light and dark.
#[utoipa::path(
    tag = "rates",
    params(
        ("base" = String, Path, description = "The currency of which one unit is priced.", pattern = "^[A-Z]{3}$", example = "KGS"),
        ("quote" = String, Path, description = "The currency in which it is priced.", pattern = "^[A-Z]{3}$", example = "USD"),
        SparklineQuery,
        MomentQuery
    ),
    responses(
        (status = 200, description = "The chart.", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "There is no rate; `detail` says why.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates/{base}/{quote}/sparkline.svg")]
pub async fn get_sparkline(
    context: Shared,
    rates: SharedRates,
    path: PathPair,
    params: Params<(SparklineParams, Moment)>,
) -> Result<Answer, Problem> {
    let (pair, (shape, moment)) = (pair_of(&path)?, params.value);
    let when = moment.when(context.clock.now())?;
    let to = moment.date.unwrap_or_else(|| rates.today(pair, moment.basis, &when));
    let from = to.saturating_sub(jiff::Span::new().days(shape.days - 1));
    let settings = rates.clone();
    let read = move |conn: &mut DbConnection| {
        let mut reader = Reader::new(conn, &settings, moment.basis, when);
        // A range without a rate says why as a single day does.
        Ok::<_, DbError>((reader.history(pair, (from, to), Gaps::Carry)?, reader.quote(pair)?))
    };
    let (days, now) = context.read(read).await?;
    let days = days.map_err(|why| no_rate(&why))?;
    let frame = Frame { width: shape.width, height: shape.height, lang: shape.lang };
    let Some(svg) = sparkline::draw(pair, &days, frame) else {
        return Err(now.err().map_or_else(|| Problem::not_found("rate of", &pair.to_string()), |why| no_rate(&why)));
    };
    let quotes: Vec<Quote> = now.into_iter().collect();
    let freshness = freshness(&context, &rates, &quotes, !quotes.is_empty(), &moment);
    Ok(keyed(Answer::bytes(svg.into_bytes(), "image/svg+xml", freshness)))
}

/// RFC 4180, with a header. Nothing in it needs quoting.
fn csv(days: &[Day]) -> Vec<u8> {
    let lines = days.iter().map(|day| format!("{},{},{}\r\n", day.date, day.rate, day.effective_date));
    std::iter::once("date,rate,effective_date\r\n".to_owned()).chain(lines).collect::<String>().into_bytes()
}
