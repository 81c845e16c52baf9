//! Header fields that actix has no names for.

use actix_web::http::header::HeaderName;

/// A request's name in the log; the client's own, where it gives one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names a place of the log: the answer to a write does, and a request whose answer must have been made after that.
pub const CONSISTENCY_TOKEN: HeaderName = HeaderName::from_static("consistency-token");
/// RFC 9211.
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
