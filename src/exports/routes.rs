//! `/v1/export`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::{TryStreamExt, stream};

use super::Exports;
use super::stream::Export;
use crate::access::Caller;
use crate::changes::queries::latest;
use crate::changes::{Place, Tokens, Viewer};
use crate::http::{NoParams, Params, Problem, Shared, events};

/// Export all articles.
///
/// Every article that you may see, pages among them, as NDJSON: an `ArticleRecord` a line, which `xabar import ndjson` reads.
/// The last line is `{"type":"end","token":"..."}`: the export and the changes since that token are the present state. An
/// export without that line is not complete.
#[utoipa::path(
    tag = "changes",
    responses(
        (status = 200, description = "Records, one a line, and the end.", body = String, content_type = "application/x-ndjson",
            example = "{\"id\":128,\"version\":1,\"slug\":\"grain-terminal-opens-in-alat\"}\n{\"type\":\"end\",\"token\":\"9Zk0V8cYd2mJ2m3xk5Jq6ls0NzExLDAsMl0\"}\n"),
    )
)]
#[get("/export/articles.ndjson")]
pub async fn export_articles(
    req: HttpRequest,
    context: Shared,
    tokens: web::Data<Tokens>,
    exports: web::Data<Exports>,
    caller: Caller,
    _: Params<NoParams>,
) -> Result<HttpResponse, Problem> {
    let viewer = Viewer::of(&caller);
    let place = exports.0.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::busy("As many export as this server takes."))?;
    let seq = context.db.read(latest).await?;
    let (db, clock) = (context.db.clone(), context.clock.clone());
    let token = tokens.seal(viewer.audience, Place::at(seq));
    let export = Export::new(db, clock, viewer, token, place);
    let batches = stream::try_unfold(export, Export::next).map_ok(web::Bytes::from);
    Ok(events::stream(&req, "application/x-ndjson", batches))
}
