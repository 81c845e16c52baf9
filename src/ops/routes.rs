//! `/health`, `/metrics`, `/v1/openapi.json`.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use prometheus::{Encoder, Registry, TextEncoder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::changes::queries::latest;
use crate::db::DbError;
use crate::http::{Answer, NoParams, Params, Problem, ProblemBody, Shared};

/// Whether the process can serve.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Is the process alive?
///
/// Answers as long as the process does; asks nothing of the database.
#[utoipa::path(tag = "operations", responses((status = 200, description = "It is.", body = Health)))]
#[get("/health/live")]
pub async fn health_live(_: Params<NoParams>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Health { status: "ok" })
}

/// Can the process serve?
///
/// Answers 200 when a read of the database succeeds now, 503 otherwise.
#[utoipa::path(
    tag = "operations",
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "The database can't be read.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/health/ready")]
pub async fn health_ready(context: Shared, _: Params<NoParams>) -> Result<HttpResponse, Problem> {
    context.db.look(latest).await.map_err(|error| match error {
        // Whatever it is that keeps the database from answering, the process is not ready, and not broken.
        DbError::Query(_) | DbError::Corrupt(_) | DbError::Conflict(_) | DbError::RolledBack | DbError::Panicked => {
            DbError::Unreachable(error.to_string())
        }
        other => other,
    })?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Health { status: "ok" }))
}

/// Get metrics.
///
/// Requests by endpoint, method and status with their durations, in the text format of Prometheus.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "Metrics.", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
pub async fn get_metrics(registry: web::Data<Registry>, _: Params<NoParams>) -> Result<HttpResponse, Problem> {
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    encoder.encode(&registry.gather(), &mut text).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store")).content_type(encoder.format_type().to_owned());
    Ok(response.body(text))
}

/// The served document.
#[derive(Debug, Clone)]
pub struct Contract(pub serde_json::Value);

/// Get the contract.
///
/// This document: OpenAPI 3.1.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The OpenAPI document.", body = Object))
)]
#[get("/openapi.json")]
pub async fn get_openapi(
    context: Shared,
    contract: web::Data<Contract>,
    _: Params<NoParams>,
) -> Result<Answer, Problem> {
    Answer::json(&contract.0, context.freshness(None))
}
