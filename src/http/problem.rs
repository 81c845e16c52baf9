//! Errors on the wire: RFC 9457 problem documents with one table of codes.
//!
//! Which error type belongs where: the database layer has [`DbError`], a slice's queries may have an enum of their own,
//! and a handler returns [`Problem`]. A problem says what the caller can mend and nothing of what went wrong inside;
//! that is logged once, at the boundary.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::cors::said_to_all;
use super::fields::REQUEST_ID;
use super::message::{Message, begin, end, push_date, push_field, push_length};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::text::secrets::redacted;

/// What went wrong, for programs. The list may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, strum::AsRefStr, strum::VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Code {
    UnknownParameter,
    InvalidParameter,
    LimitTooLarge,
    CursorInvalid,
    CursorMismatch,
    BadRequest,
    SyncTokenInvalid,
    Unauthorized,
    Forbidden,
    NotFound,
    Gone,
    SyncTokenExpired,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    PreconditionFailed,
    PreconditionRequired,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    RateLimited,
    UriTooLong,
    Unavailable,
    Internal,
}

impl Code {
    /// The HTTP status that goes with it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::UnknownParameter
            | Self::InvalidParameter
            | Self::LimitTooLarge
            | Self::CursorInvalid
            | Self::CursorMismatch
            | Self::SyncTokenInvalid
            | Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone | Self::SyncTokenExpired => StatusCode::GONE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the caller can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::UnknownParameter => {
                "Look at <code>errors</code>: it names the parameter, those that exist and the nearest one."
            }
            Self::InvalidParameter => "Look at <code>errors</code>: it names the parameter and what it takes.",
            Self::LimitTooLarge => "Ask for less at once. Nothing is cut silently.",
            Self::CursorInvalid => {
                "Start again with <code>cursor=*</code>. Cursors are opaque: don't build or alter them."
            }
            Self::CursorMismatch => "Use a cursor only with the path, filters and order that it came from.",
            Self::BadRequest => "The request could not be read. Mend its form.",
            Self::SyncTokenInvalid => "Use a token as it was given, or start again without one.",
            Self::Unauthorized => "Send a valid key: <code>Authorization: Bearer KEY</code>.",
            Self::Forbidden => "Use a key that has the scope which <code>detail</code> names.",
            Self::SyncTokenExpired => {
                "You were away for longer than deletions are kept. Take the export, which ends with a new token."
            }
            Self::Conflict => "Look at the present state, which <code>detail</code> names, and decide anew.",
            Self::PreconditionFailed => "Somebody was faster. Read it again, and send its new <code>ETag</code>.",
            Self::PreconditionRequired => "Send the <code>ETag</code> of what you read in <code>If-Match</code>.",
            Self::PayloadTooLarge => "Send less at once.",
            Self::UnsupportedMediaType => "Send <code>Content-Type: application/json</code>.",
            Self::ValidationFailed => "Look at <code>errors</code>: one for each field that must be mended.",
            Self::RateLimited => "Wait <code>Retry-After</code> seconds.",
            Self::NotFound => "Check the address. What you may not see looks the same as what does not exist.",
            Self::Gone => {
                "Take the story down. <code>reason</code> says why, <code>replaced_by</code> what to show instead."
            }
            Self::MethodNotAllowed => "Use one of the methods in <code>Allow</code>.",
            Self::NotAcceptable => "Accept what <code>detail</code> names: a content coding, or a type of content.",
            Self::UriTooLong => "Ask for less in one request.",
            Self::Unavailable => "Try again after <code>Retry-After</code> seconds.",
            Self::Internal => "Tell us the <code>request_id</code>.",
        }
    }

    /// The short sentence that never changes with the request.
    pub fn title(self) -> &'static str {
        match self {
            Self::UnknownParameter => "Unknown parameter",
            Self::InvalidParameter => "Invalid parameter",
            Self::LimitTooLarge => "Limit too large",
            Self::CursorInvalid => "Cursor is not one of ours",
            Self::CursorMismatch => "Cursor belongs to another list",
            Self::BadRequest => "Bad request",
            Self::SyncTokenInvalid => "Token is not one of ours",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::SyncTokenExpired => "Token is too old",
            Self::Conflict => "Conflict",
            Self::PreconditionFailed => "Precondition failed",
            Self::PreconditionRequired => "Precondition required",
            Self::PayloadTooLarge => "Payload too large",
            Self::UnsupportedMediaType => "Unsupported media type",
            Self::ValidationFailed => "Validation failed",
            Self::RateLimited => "Too many requests",
            Self::NotFound => "Not found",
            Self::Gone => "Gone",
            Self::MethodNotAllowed => "Method not allowed",
            Self::NotAcceptable => "Not acceptable",
            Self::UriTooLong => "URI too long",
            Self::Unavailable => "Temporarily unavailable",
            Self::Internal => "Internal error",
        }
    }
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Fault {
    /// What is at fault.
    #[serde(flatten)]
    pub at: At,
    pub code: Code,
    /// What is wrong with it.
    pub detail: String,
    /// What would be accepted, where that can be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
}

impl Fault {
    /// A fault of a query or path parameter.
    pub fn of_parameter(name: &str, code: Code, detail: impl Into<String>) -> Self {
        Self { at: At::Parameter(name.to_owned()), code, detail: detail.into(), allowed: Vec::new() }
    }

    /// A fault of a field of the body, at a JSON Pointer.
    pub fn of_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            at: At::Pointer(pointer.into()),
            code: Code::ValidationFailed,
            detail: detail.into(),
            allowed: Vec::new(),
        }
    }
}

/// Where a fault lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// The name of a query or path parameter.
    Parameter(String),
    /// The place in the body, as a JSON Pointer (RFC 6901).
    #[schema(example = "/authors/0/slug")]
    Pointer(String),
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Parameter(name) if name.is_empty() => "the query",
            Self::Pointer(name) if name.is_empty() => "the body",
            Self::Parameter(name) | Self::Pointer(name) => name,
        })
    }
}

/// The document as it is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A page of the documentation.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors#not-found")]
    pub type_: String,
    #[schema(example = "Not found")]
    pub title: String,
    #[schema(example = 404)]
    pub status: u16,
    #[schema(example = "There is no article `nauryz-faier`.")]
    pub detail: String,
    pub code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// Why a story is gone; only with `gone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The slug of what replaces it; only with `gone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Where to begin anew; only with `sync-token-expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/v1/export/articles.ndjson")]
    pub export: Option<String>,
    /// The same as in `X-Request-Id`.
    #[schema(example = "0199f3f0-7f8e-7c3a-9d55-3f3c2f9f7a10")]
    pub request_id: String,
}

/// An answer that is an error. Boxed, since every result of a handler has room for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone, PartialEq)]
struct Parts {
    code: Code,
    detail: String,
    errors: Vec<Fault>,
    reason: Option<String>,
    replaced_by: Option<String>,
    export: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log alone.
    cause: Option<String>,
}

impl Problem {
    /// A problem with a sentence about this case.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            reason: None,
            replaced_by: None,
            export: None,
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// There is nothing of this kind under this key, or nothing that the caller may know of.
    pub fn not_found(what: &str, key: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no {what} `{key}`."))
    }

    /// There is no room now; trying again soon may help.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, detail).with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// It was public once and is no more.
    pub fn gone(reason: Option<String>, replaced_by: Option<String>) -> Self {
        let mut problem = Self::new(Code::Gone, "This story was withdrawn by the newsroom.");
        problem.0.reason = reason;
        problem.0.replaced_by = replaced_by;
        problem
    }

    /// The reader was away for too long, and has to take `export` anew.
    pub fn expired(export: &'static str) -> Self {
        let detail = "You were away for longer than deletions are kept. Take the export, which ends with a new token.";
        let mut problem = Self::new(Code::SyncTokenExpired, detail);
        problem.0.export = Some(export.to_owned());
        match HeaderValue::from_str(&format!("<{export}>; rel=\"alternate\"")) {
            Ok(link) => problem.with_header(header::LINK, link),
            Err(_) => problem,
        }
    }

    /// The request's faults, all of them at once. The first one gives the problem its code.
    pub fn faults(faults: Vec<Fault>) -> Self {
        let code = faults.first().map_or(Code::InvalidParameter, |fault| fault.code);
        let detail = match faults.as_slice() {
            [only] => format!("{}: {}", only.at, only.detail),
            many => {
                let what = if matches!(many[0].at, At::Pointer(_)) { "fields" } else { "parameters" };
                format!("{} {what} are at fault; see `errors`.", many.len())
            }
        };
        let mut problem = Self::new(code, detail);
        problem.0.errors = faults;
        problem
    }

    /// Adds a response header.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// What was wrong inside, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The finished answer.
    pub fn render(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.code.status());
        self.fields().for_each(|field| _ = response.insert_header(field));
        response.body(self.text(request_id))
    }

    /// The same in bytes, as it is sent now to the request with this id.
    pub fn message(&self, request_id: &str, now: Timestamp) -> Message {
        let (mut own, text) = (begin(self.0.code.status()), self.text(request_id));
        for (name, value) in said_to_all().into_iter().chain(self.fields()) {
            push_field(&mut own, &name, value.as_bytes());
        }
        push_length(&mut own, text.len());
        push_date(&mut own, now);
        let id = push_field(&mut own, &REQUEST_ID, request_id.as_bytes());
        end(&mut own);
        own.extend_from_slice(text.as_bytes());
        Message { own, id, shared: Bytes::new() }
    }

    fn fields(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let cached = if self.0.code == Code::Gone { "no-cache" } else { "no-store" };
        let own = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, cached)];
        let own = own.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value)));
        own.chain(self.0.headers.iter().cloned())
    }

    /// The document. Here and nowhere else a problem becomes text: a key that was sent in the wrong place is not sent back.
    fn text(&self, request_id: &str) -> String {
        let body = ProblemBody {
            type_: format!("/docs/errors#{}", self.0.code.as_ref()),
            title: self.0.code.title().to_owned(),
            status: self.0.code.status().as_u16(),
            detail: self.0.detail.clone(),
            code: self.0.code,
            errors: self.0.errors.clone(),
            reason: self.0.reason.clone(),
            replaced_by: self.0.replaced_by.clone(),
            export: self.0.export.clone(),
            request_id: request_id.to_owned(),
        };
        match serde_json::to_string(&body) {
            Ok(text) => redacted(&text).into_owned(),
            Err(error) => {
                tracing::error!(%error, "a problem could not be written: {error}");
                String::new()
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.as_ref(), self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The boundary knows the request's id and renders the document; until then the problem travels as an extension.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let mut problem = match &error {
            DbError::Busy { .. } | DbError::Unreachable(_) => {
                Self::busy("The service is busy or its database is away. Try again shortly.")
            }
            DbError::Conflict(_)
            | DbError::Query(_)
            | DbError::Corrupt(_)
            | DbError::RolledBack
            | DbError::Panicked => {
                Self::new(Code::Internal, "Something went wrong on our side. The request id helps us find it.")
            }
        };
        problem.0.cause = Some(error.to_string());
        problem
    }
}
