//! What every answer says to browsers.

use actix_web::http::header::{self, HeaderMap, HeaderValue};

const EXPOSED: &str =
    "Link, ETag, X-Total-Count, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, X-Request-Id";

/// CORS is the same for every caller and so not made to depend on `Origin`: a shared cache may hold the answer.
pub fn say_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
