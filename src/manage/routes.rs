//! `/v1/manage/audit`.

use actix_web::get;

use super::call::Call;
use super::params::AuditQuery;
use super::queries::{self, AuditFilter};
use super::reply::Reply;
use super::wire::{AuditEntry, AuditList};
use crate::access::Scope;
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Params, Problem};

/// List the audit trail.
///
/// Every call of the newsroom's that wrote, and every command, the newest first. Nothing is ever removed from it.
#[utoipa::path(
    tag = "newsroom",
    params(AuditQuery, PagingParams),
    security(("key" = ["keys:admin"])),
    responses((status = 200, description = "A page of the audit trail.", body = AuditList))
)]
#[get("/audit")]
pub async fn list_audit(call: Call, params: Params<(AuditFilter, Paging)>) -> Result<Reply, Problem> {
    let (filter, paging) = &params.value;
    let (filter, cut) = (filter.clone(), call.context.cut(paging, &params.given)?);
    let (rows, extent) = call.read(Scope::KeysAdmin, move |conn| Ok(queries::list(conn, &filter, &cut)?)).await?;
    let (page, links) = paging.describe(&params.given, &call.context.cursors, &extent);
    let list = AuditList { data: rows.into_iter().map(AuditEntry::from).collect(), page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}
