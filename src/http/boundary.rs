//! The boundary that every request crosses once: its id, HEAD and OPTIONS, a panic's answer, problems in full, CORS, and
//! the one log line, with what is counted.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;
use tracing::{Instrument, Span};

use super::accepts::negotiate;
use super::answer::Answer;
use super::context::{AnswerHeaders, Operational, RequestId};
use super::cors::said_to_all;
use super::events::HeadOnly;
use super::fields::{CACHE_TAG, REQUEST_ID, SURROGATE_KEY};
use super::finished::Finished;
use super::methods::{Route, Routes};
use super::metrics::RequestMetrics;
use super::problem::{Code, Problem};
use crate::clock::{Clock, Timestamp};
use crate::text::secrets::holds_key;

const ALLOWED: &str = "Accept, Authorization, Consistency-Token, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id";

/// Middleware: see the module.
pub async fn boundary(
    routes: web::Data<Routes>,
    metrics: web::Data<RequestMetrics>,
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id(given_id(req.headers()), Clock::system().now());
    let method = req.method().clone();
    let path = req.path().to_owned();
    req.extensions_mut().insert(RequestId(id.clone()));
    let route = routes.find(&path);
    if route.is_some_and(|route| route.operational) {
        req.extensions_mut().insert(Operational);
    }
    // What is logged of it.
    let shown = routes.shown(&path, route);
    let answered = |status| {
        metrics.count(route.map(|route| route.path.as_str()).or(page(&path)), &method, status, started.elapsed());
        log(&method, shown, status, started);
    };
    let span = span(&id);
    let res = match answer_without_handler(route, &method, &path) {
        Some(response) => req.into_response(response),
        None => {
            if method == Method::HEAD {
                // The codec knows that it answers a HEAD: it keeps the length and sends no body.
                req.head_mut().method = Method::GET;
                req.extensions_mut().insert(HeadOnly);
            }
            match AssertUnwindSafe(next.call(req).instrument(span.clone())).catch_unwind().await {
                Ok(Ok(res)) => res.map_into_boxed_body(),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    return Err(after_panic(&id, || answered(status)));
                }
            }
        }
    };
    let mut res = in_full(finished(res).await, &id);
    let further = res.request().extensions().get::<AnswerHeaders>().cloned().unwrap_or_default();
    for (name, value) in further.0 {
        res.headers_mut().insert(name, value);
    }
    decorate(res.headers_mut(), &id);
    span.in_scope(|| answered(res.status()));
    Ok(res)
}

/// The request went down with the handler: a copy may not be kept while actix routes it. So the answer travels as an error.
fn after_panic(id: &str, answered: impl FnOnce()) -> Error {
    let problem = Problem::from(crate::db::DbError::Panicked);
    tracing::error!(request_id = id, "a handler panicked");
    answered();
    InternalError::from_response("a handler panicked", rendered(&problem, id)).into()
}

/// A problem as it is sent, where no request comes by here again.
pub(super) fn rendered(problem: &Problem, id: &str) -> HttpResponse {
    let mut response = problem.render(id);
    decorate(response.headers_mut(), id);
    response
}

/// Where the pages for people stand: they are not in the document that the routes are read from.
fn page(path: &str) -> Option<&'static str> {
    (path == "/docs" || path.starts_with("/docs/")).then_some("/docs")
}

/// OPTIONS for what exists; 404 and 405 for what doesn't. Answered here, since a route with another method is no match
/// for actix's router, and its own answer to that would be a bare 404.
fn answer_without_handler(route: Option<&Route>, method: &Method, path: &str) -> Option<HttpResponse> {
    let Some(allow) = route.map(|route| route.allow.as_str()).or(page(path).map(|_| "GET, HEAD, OPTIONS")) else {
        return Some(Problem::new(Code::NotFound, format!("There is nothing at `{path}`.")).into_response());
    };
    if *method == Method::OPTIONS {
        let mut response = HttpResponse::NoContent();
        response.insert_header((header::ALLOW, allow));
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, allow));
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
        return Some(response.finish());
    }
    let asked = if *method == Method::HEAD { "GET" } else { method.as_str() };
    if allow.split(", ").any(|name| name == asked) {
        return None;
    }
    let problem = Problem::new(Code::MethodNotAllowed, format!("`{asked}` is not for this path; it takes {allow}."));
    let allow = HeaderValue::from_str(allow).unwrap_or(HeaderValue::from_static("GET, HEAD, OPTIONS"));
    Some(problem.with_header(header::ALLOW, allow).into_response())
}

impl Problem {
    fn into_response(self) -> HttpResponse {
        HttpResponse::from_error(self)
    }
}

/// What the client calls its request.
pub(super) fn given_id(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(REQUEST_ID).map(HeaderValue::as_bytes)
}

/// The client's own id when it is short and plain, a new one otherwise.
pub(super) fn request_id(given: Option<&[u8]>, now: Timestamp) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    // It is logged, sent back and kept in the audit trail.
    given
        .and_then(|id| std::str::from_utf8(id).ok())
        .filter(|id| plain(id) && !holds_key(id))
        .map_or_else(|| new_id(now), str::to_owned)
}

/// Makes bytes of an answer that a handler returned. What the layers between have said of it, such as that it is private,
/// stands over what it says itself.
pub(super) async fn finished(mut res: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(answer) = res.response_mut().extensions_mut().remove::<Answer>() else { return res };
    let finished = Arc::new(Finished::new(answer));
    let coded = match negotiate(res.request()) {
        Some(coding) => finished.coded(coding).await,
        None => Err(Problem::new(
            Code::NotAcceptable,
            "None of the content codings br, zstd, gzip and identity is acceptable to you.",
        )),
    };
    let mut response = match coded {
        Ok(coded) => finished.respond(coded, res.request().headers().get_all(header::IF_NONE_MATCH), None),
        Err(problem) => return res.into_response(problem.into_response()),
    };
    said_between(res.headers().iter(), response.headers_mut());
    response.extensions_mut().insert(finished);
    res.into_response(response)
}

fn said_between<'a>(said: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>, headers: &mut HeaderMap) {
    for (name, value) in said {
        if *name == header::VARY {
            headers.append(header::VARY, value.clone());
            continue;
        }
        if *name == header::CACHE_CONTROL {
            headers.remove(SURROGATE_KEY);
            headers.remove(CACHE_TAG);
        }
        if *name != header::CACHE_CONTROL || headers.get(name).is_none_or(|own| own != "no-store") {
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// A UUID of version 7. Its random bits are drawn in advance: a system call for each would cost more than all else of it.
fn new_id(now: Timestamp) -> String {
    const DRAWN: usize = 4096;
    thread_local! {
        static BITS: RefCell<(Vec<u8>, usize)> = const { RefCell::new((Vec::new(), 0)) };
    }
    let bits = BITS.with_borrow_mut(|(drawn, used)| {
        if *used + 10 > drawn.len() {
            drawn.resize(DRAWN, 0);
            getrandom::fill(drawn).ok()?;
            *used = 0;
        }
        let bits: [u8; 10] = drawn.get(*used..*used + 10)?.try_into().ok()?;
        *used += 10;
        Some(bits)
    });
    let millis = u64::try_from(now.micros() / 1000).unwrap_or_default();
    match bits {
        Some(bits) => uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid().to_string(),
        None => uuid::Uuid::now_v7().to_string(),
    }
}

/// Writes out a problem that a handler or extractor returned, and gives one to any bare error of the framework's own.
fn in_full(res: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let problem = res.response().extensions().get::<Problem>().cloned();
    let problem = problem.or_else(|| bare(res.status()));
    let Some(problem) = problem else { return res };
    match problem.cause() {
        // An overload is met by saying so; a line of alarm for each refusal would add to it.
        Some(cause) if problem.code() == Code::Unavailable => tracing::warn!(request_id = id, cause, "{problem}"),
        Some(cause) => tracing::error!(request_id = id, cause, "{problem}: {cause}"),
        None => {}
    }
    let mut rendered = problem.render(id);
    // Whose it is the guard knows. All else is of an error that another one may have written.
    let whose = res.headers().iter().filter(|(name, _)| [header::CACHE_CONTROL, header::VARY].contains(name));
    said_between(whose, rendered.headers_mut());
    res.into_response(rendered)
}

fn bare(status: StatusCode) -> Option<Problem> {
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::URI_TOO_LONG => Code::UriTooLong,
        status if status.is_client_error() => Code::BadRequest,
        status if status.is_server_error() => Code::Internal,
        _ => return None,
    };
    Some(Problem::new(code, code.title()))
}

fn decorate(headers: &mut HeaderMap, id: &str) {
    // A finished answer has it already.
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        said_to_all().into_iter().for_each(|(name, value)| _ = headers.insert(name, value));
    }
    identify(headers, id);
}

/// Each answer has its request's own id.
pub(super) fn identify(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// What everything that is logged of a request stands in.
fn span(id: &str) -> Span {
    tracing::info_span!("request", request_id = %id)
}

/// Now, where the line of a request that does not come by here is to be written: the clock is asked for no line that nobody reads.
pub(super) fn noted_from() -> Option<Instant> {
    tracing::enabled!(tracing::Level::INFO).then(Instant::now)
}

/// The line of a request that did not come by here.
pub(super) fn note(id: &str, (method, path): (&Method, &str), status: StatusCode, started: Instant) {
    if tracing::enabled!(tracing::Level::INFO) {
        span(id).in_scope(|| log(method, path, status, started));
    }
}

/// The path and never the query: a query may hold a token. The clock is asked for no line that nobody reads.
fn log(method: &Method, path: &str, status: StatusCode, started: Instant) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let micros = started.elapsed().as_micros() as u64;
    let status = status.as_u16();
    tracing::info!(%method, path, status, micros, "{method} {path} {status} in {micros} us");
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, dev::Service};
    use prometheus::{Registry, TextEncoder};
    use serde_json::json;

    use super::*;

    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }

    #[actix_web::test]
    async fn a_handler_that_panics_is_answered_and_counted_as_a_500() {
        let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}});
        let routes = Routes::of(&serde_json::from_value(document).expect("a document"));
        let registry = Registry::new();
        let metrics = RequestMetrics::new(&registry).expect("metrics");
        let app = App::new().app_data(web::Data::new(routes)).app_data(web::Data::new(metrics));
        let app = init_service(app.route("/a", web::get().to(panics)).wrap(from_fn(boundary))).await;
        let error = app.call(TestRequest::get().uri("/a").to_request()).await.expect_err("a panic");
        assert_eq!(error.error_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
        let text = TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
        let counted = "xabar_http_requests_total{endpoint=\"/a\",method=\"GET\",status=\"500\"} 1\n";
        assert!(text.contains(counted), "{text}");
    }
}
