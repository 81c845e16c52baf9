//! Answers to the newsroom's tools: never cached, and small enough to be kept for a repeated call.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};

use super::etag;
use crate::db::DbError;
use crate::http::Problem;

/// An answer that can be kept and given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// Given before, to the same call.
    #[serde(skip)]
    pub(super) replayed: bool,
}

impl Reply {
    /// 200 with JSON.
    pub fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, value)
    }

    /// 201 with JSON, and where the new thing is.
    pub fn created(value: &impl Serialize, location: String) -> Result<Self, Problem> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::CREATED, value)? })
    }

    fn new(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(value)
            .map_err(|error| Problem::from(DbError::Corrupt(format!("an answer could not be written: {error}"))))?;
        Ok(Self { status: status.as_u16(), body, tag: None, location: None, replayed: false })
    }

    /// Adds the entity tag that a later change must name.
    pub fn tagged(mut self, tag: String) -> Self {
        self.tag = Some(tag);
        self
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(tag) = self.tag.as_deref().and_then(etag::header) {
            response.insert_header((ETAG, tag));
        }
        if let Some(location) = self.location.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            response.insert_header((LOCATION, location));
        }
        if self.replayed {
            response.insert_header((HeaderName::from_static("idempotent-replayed"), "true"));
        }
        response.content_type("application/json").body(self.body)
    }
}
