//! A public answer: bytes, compressed once, named by their hash, with the headers that caches need.

use std::io::Write;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, EntityTag, Header, HeaderName, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, Responder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::accepts::{Coding, negotiate};
use super::problem::{Code, Problem};
use crate::clock::Timestamp;

/// Until when an answer may be kept: the next instant at which the clock alone changes something in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    pub now: Timestamp,
    pub next_change: Option<Timestamp>,
}

impl Freshness {
    fn cache_control(self) -> String {
        let left = self.next_change.map_or(i64::MAX, |next| self.now.seconds_until(next).max(0));
        let clip = |seconds: i64| seconds.min(left);
        format!(
            "public, max-age={}, s-maxage={}, stale-while-revalidate={}, stale-if-error={}",
            clip(30),
            clip(300),
            clip(60),
            clip(3600)
        )
    }
}

/// An answer on its way: it becomes a response by way of the request's `Accept-Encoding` and `If-None-Match`.
#[derive(Debug, Clone)]
pub struct Answer {
    body: Vec<u8>,
    content_type: &'static str,
    /// None for what no cache may keep.
    freshness: Option<Freshness>,
    keys: Vec<String>,
    headers: Vec<(HeaderName, String)>,
    vary: &'static str,
}

impl Answer {
    /// A JSON answer.
    pub fn json(value: &impl Serialize, freshness: Freshness) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| {
            Problem::from(crate::db::DbError::Corrupt(format!("an answer could not be written: {error}")))
        })?;
        Ok(Self::bytes(body, "application/json", freshness))
    }

    /// A JSON answer to this request alone, which no cache may keep.
    pub fn passing(value: &impl Serialize, now: Timestamp) -> Result<Self, Problem> {
        let answer = Self::json(value, Freshness { now, next_change: None })?;
        Ok(Self { freshness: None, ..answer })
    }

    /// An answer of another type.
    pub fn bytes(body: Vec<u8>, content_type: &'static str, freshness: Freshness) -> Self {
        Self {
            body,
            content_type,
            freshness: Some(freshness),
            keys: Vec::new(),
            headers: Vec::new(),
            vary: "Accept-Encoding",
        }
    }

    /// Says that the type of the answer was chosen by `Accept`.
    pub fn chosen_by_accept(mut self) -> Self {
        self.vary = "Accept, Accept-Encoding";
        self
    }

    /// Adds a surrogate key, such as `a-17` or `list`, by which a cache can be told to drop this answer.
    pub fn key(mut self, prefix: &str, name: &str) -> Self {
        /// What would end or split a key in the two headers.
        const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
        let key = format!("{prefix}{}", utf8_percent_encode(name, UNSAFE));
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
        self
    }

    /// Adds a surrogate key for each thing that it shows.
    pub fn keys(self, shown: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        shown.into_iter().fold(self, |answer, (prefix, name)| answer.key(prefix, &name))
    }

    /// Adds a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn respond(self, req: &HttpRequest) -> Result<HttpResponse, Problem> {
        let coding = negotiate(req).ok_or_else(|| {
            Problem::new(
                Code::NotAcceptable,
                "None of the content codings br, zstd, gzip and identity is acceptable to you.",
            )
        })?;
        let body = encode(self.body, coding)?;
        let tag = self.freshness.map(|_| etag(&body));
        let fresh = tag.as_ref().is_some_and(|tag| matches_tag(req, tag));
        let mut response = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        if let Some(tag) = tag {
            response.insert_header((header::ETAG, tag.to_string()));
        }
        let caching = self.freshness.map_or_else(|| "no-store".to_owned(), Freshness::cache_control);
        response.insert_header((header::CACHE_CONTROL, caching));
        response.insert_header((header::VARY, self.vary));
        if !self.keys.is_empty() {
            response.insert_header((HeaderName::from_static("surrogate-key"), self.keys.join(" ")));
            response.insert_header((HeaderName::from_static("cache-tag"), self.keys.join(",")));
        }
        for (name, value) in self.headers {
            response.insert_header((name, value));
        }
        if fresh {
            return Ok(response.finish());
        }
        if let Some(name) = coding.name() {
            response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(name)));
        }
        response.content_type(self.content_type);
        Ok(response.body(body))
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.respond(req).unwrap_or_else(HttpResponse::from_error)
    }
}

/// A strong tag: the hash of the bytes sent, so that each coding has its own.
fn etag(body: &[u8]) -> EntityTag {
    let hash = blake3::hash(body);
    EntityTag::new_strong(URL_SAFE_NO_PAD.encode(&hash.as_bytes()[..16]))
}

/// Whether `If-None-Match` names what would be sent. It alone decides: the answers carry no `Last-Modified`.
fn matches_tag(req: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(req) {
        Ok(IfNoneMatch::Any) => req.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(items)) => items.iter().any(|item| item.weak_eq(tag)),
        Err(_) => false,
    }
}

fn encode(body: Vec<u8>, coding: Coding) -> Result<Vec<u8>, Problem> {
    let packed = match coding {
        Coding::Identity => return Ok(body),
        Coding::Brotli => brotli(&body),
        Coding::Gzip => gzip(&body),
        Coding::Zstd => zstd::bulk::compress(&body, 3),
    };
    packed.map_err(|error| crate::db::DbError::Corrupt(format!("an answer could not be compressed: {error}")).into())
}

fn brotli(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::with_capacity(body.len() / 4);
    let params = brotli::enc::BrotliEncoderParams { quality: 5, size_hint: body.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &body[..], &mut packed, &params)?;
    Ok(packed)
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 4), flate2::Compression::new(6));
    encoder.write_all(body)?;
    encoder.finish()
}

/// A slug as a segment of a path.
pub fn segment(slug: &str) -> String {
    /// What a path segment may hold as it is.
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(slug, SEGMENT).to_string()
}

/// A permanent redirect to the path that `link` makes of the new slug.
pub fn moved(slug: &str, link: impl FnOnce(&str) -> String) -> HttpResponse {
    let location = link(&segment(slug));
    let mut response = HttpResponse::MovedPermanently();
    response.insert_header((header::LOCATION, location));
    // Short, although the redirect is permanent: the slug may be freed, and then belongs to another story.
    response.insert_header((header::CACHE_CONTROL, "public, max-age=30, s-maxage=300"));
    response.finish()
}
