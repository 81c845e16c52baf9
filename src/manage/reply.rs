//! Answers to the newsroom's tools: never cached, and small enough to be kept for a repeated call.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};

use super::etag;
use crate::db::DbError;
use crate::http::fields::CONSISTENCY_TOKEN;
use crate::http::{Links, PageInfo, Problem, paging};

/// An answer that can be kept and given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// Headers of a list; such an answer is not kept.
    #[serde(skip)]
    headers: Vec<(HeaderName, String)>,
    /// What is sent the first time, when not all of it may be kept.
    #[serde(skip)]
    once: Once,
    /// Given before, to the same call.
    #[serde(skip)]
    pub(super) replayed: bool,
    /// The place of the change log at which what was written can be seen.
    #[serde(skip)]
    seq: Option<i64>,
}

/// A body with a secret, which stays out of the log as well.
#[derive(Clone, Default, PartialEq, Eq)]
struct Once(Option<String>);

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "(secret)" } else { "(nothing)" })
    }
}

impl Reply {
    /// Says at which place of the change log what was written can be seen.
    pub(super) fn seen_at(self, seq: i64) -> Self {
        Self { seq: Some(seq), ..self }
    }

    /// 200 with JSON.
    pub fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, value)
    }

    /// 201 with JSON, and where the new thing is.
    pub fn created(value: &impl Serialize, location: String) -> Result<Self, Problem> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::CREATED, value)? })
    }

    /// 301: it has another address.
    pub fn moved(location: String) -> Self {
        let (status, body) = (StatusCode::MOVED_PERMANENTLY.as_u16(), String::new());
        let (headers, once) = (Vec::new(), Once::default());
        Self { status, body, tag: None, location: Some(location), headers, once, replayed: false, seq: None }
    }

    fn new(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let (status, body) = (status.as_u16(), written(value)?);
        let (headers, once) = (Vec::new(), Once::default());
        Ok(Self { status, body, tag: None, location: None, headers, once, replayed: false, seq: None })
    }

    /// Sends `value` instead, this once: what is kept for a repeated call is what stood here before.
    pub fn first(mut self, value: &impl Serialize) -> Result<Self, Problem> {
        self.once = Once(Some(written(value)?));
        Ok(self)
    }

    /// Adds the headers of a list.
    pub fn paged(mut self, page: &PageInfo, links: &Links) -> Self {
        self.headers = paging::headers(page, links);
        self
    }

    /// Adds the entity tag that a later change must name.
    pub fn tagged(mut self, tag: String) -> Self {
        self.tag = Some(tag);
        self
    }
}

fn written(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value)
        .map_err(|error| DbError::Corrupt(format!("an answer could not be written: {error}")).into())
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
        if let Some(seq) = self.seq {
            response.insert_header((CONSISTENCY_TOKEN, seq));
        }
        for (name, value) in self.headers {
            response.insert_header((name, value));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.content_type("application/json").body(self.once.0.unwrap_or(self.body))
    }
}
