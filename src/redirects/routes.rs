//! `/v1/redirects`.

use actix_web::get;

use super::params::RedirectParams;
use super::queries;
use super::wire::{Redirect, RedirectList};
use crate::articles::queries::next_change;
use crate::changes::Part;
use crate::db::{DbConnection, DbError};
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Answer, Params, Problem, Shared};

/// List redirects.
///
/// Former slugs of articles and authors, and aliases of tags, in the order in which they were made.
#[utoipa::path(
    tag = "redirects",
    params(RedirectParams, PagingParams),
    responses((status = 200, description = "A page of redirects.", body = RedirectList))
)]
#[get("/redirects")]
pub async fn list_redirects(context: Shared, params: Params<(RedirectParams, Paging)>) -> Result<Answer, Problem> {
    let (RedirectParams { kind }, paging) = &params.value;
    let (kind, cut) = (*kind, context.cut(paging, &params.given)?);
    let read = move |conn: &mut DbConnection| Ok::<_, DbError>((queries::list(conn, kind, &cut)?, next_change(conn)?));
    let ((rows, extent), next_change) = context.read(read).await?;
    let (page, links) = paging.describe(&params.given, &context.cursors, &extent);
    let list = RedirectList { data: rows.into_iter().map(Redirect::from).collect(), page, links };
    let answer = Answer::json(&list, context.freshness(next_change))?.paged(&list.page, &list.links).key("", "list");
    Ok(answer.made_of([Part::Articles, Part::Tags, Part::Authors, Part::Schedule]))
}
