//! Header fields that actix has no names for.

use actix_web::http::header::HeaderName;

/// A request's name in the log; the client's own, where it gives one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names a place of the log: the answer to a write does, and a request whose answer must have been made after that.
pub const CONSISTENCY_TOKEN: HeaderName = HeaderName::from_static("consistency-token");
/// RFC 9211.
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// Names what an answer shows, to caches that can be told to drop it by that: Fastly and Varnish take the one, Cloudflare the other.
pub const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
pub const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
