//! What every answer says to browsers.

use actix_web::http::header::{self, HeaderName, HeaderValue};

const EXPOSED: &str =
    "Link, ETag, X-Total-Count, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, X-Request-Id";

/// CORS is the same for every caller and so not made to depend on `Origin`: a shared cache may hold the answer.
pub fn said_to_all() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}
