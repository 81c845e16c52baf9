//! Rates as they change.

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::stream;

use super::{SharedRates, no_rate};
use crate::changes::live::Follower;
use crate::http::{Params, Problem, ProblemBody, Shared, events};
use crate::rates::live::Listener;
use crate::rates::params::{BasisParam, Pairs, PairsQuery};
use crate::rates::pricing::{Basis, NoPath, legs};

/// Listen to rates.
///
/// Server-sent events named `rate`, each a pair's `Rate`: at first one for each pair, and then one whenever something about a
/// rate changes, be it by a publication or at midnight. Silence is broken by comments every 15 seconds.
#[utoipa::path(
    tag = "rates",
    params(PairsQuery, ("source" = inline(Option<Basis>), Query, description = "Whose quotes.", example = "official")),
    responses(
        (status = 200, description = "Events, until you close the connection.", body = String, content_type = "text/event-stream",
            example = "event: rate\nid: 4711\ndata: {\"pair\":\"KGS/USD\",\"rate\":\"0.0114351\"}\n\n"),
        (status = 404, description = "A pair has no rate by its nature.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/rates/stream")]
pub async fn stream_rates(
    req: HttpRequest,
    context: Shared,
    rates: SharedRates,
    follower: web::Data<Follower>,
    params: Params<(Pairs, BasisParam)>,
) -> Result<HttpResponse, Problem> {
    let (asked, BasisParam(basis)) = &params.value;
    let pairs = asked.named().unwrap_or_else(|| Pairs::of_the_five(asked.quote()));
    if asked.named().is_some() {
        let paths: Result<Vec<_>, NoPath> = pairs.iter().map(|pair| legs(*pair, *basis)).collect();
        paths.map_err(|why| no_rate(&why.into()))?;
    }
    let (db, clock) = (context.db.clone(), context.clock.clone());
    let listener = Listener::new(db, clock, rates.into_inner(), (pairs, *basis), follower.listen()?);
    Ok(events::respond(&req, stream::unfold(listener, Listener::next)))
}
