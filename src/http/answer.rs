//! What a handler answers: a body, how long it stays true, what it shows and what it is made of. [`super::finished`] makes
//! a response of it.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::freshness::Freshness;
use super::problem::Problem;
use super::topic::Topic;
use crate::clock::Timestamp;
use crate::text::bytes;

/// What would end or split a key in the headers that name it.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
/// The same but for the spaces between keys.
const UNSAFE_BUT_SPACES: &AsciiSet = &UNSAFE.remove(b' ');

/// The `Vary` of an answer that is found by its URL, in one of the codings.
pub(super) const BY_CODING: &str = "Accept-Encoding";

/// An answer on its way: it becomes a response by way of the request's `Accept-Encoding` and `If-None-Match`.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
    /// None for what no cache may keep.
    pub(super) freshness: Option<Freshness>,
    /// Surrogate keys, with spaces between them. One may be there more than once.
    pub(super) keys: String,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) vary: &'static str,
    /// None for what this process doesn't keep.
    pub(super) topics: Option<Vec<Topic>>,
    /// For how long this process may keep it at most.
    pub(super) seconds: Option<u32>,
}

impl Answer {
    /// A JSON answer.
    pub fn json(value: &impl Serialize, freshness: Freshness) -> Result<Self, Problem> {
        Self::written(|out| serde_json::to_writer(out, value), freshness)
    }

    /// A JSON answer that writes itself.
    pub fn written(
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
        freshness: Freshness,
    ) -> Result<Self, Problem> {
        let mut body = Vec::new();
        write(&mut body).map_err(unwritten)?;
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
            keys: String::new(),
            headers: Vec::new(),
            vary: BY_CODING,
            topics: None,
            seconds: None,
        }
    }

    /// Says that the type of the answer was chosen by `Accept`.
    pub fn chosen_by_accept(mut self) -> Self {
        self.vary = "Accept, Accept-Encoding";
        self
    }

    /// Adds a surrogate key, such as `a-17` or `list`, by which a cache can be told to drop this answer.
    pub fn key(mut self, prefix: &str, name: &str) -> Self {
        self.keys.push_str(prefix);
        self.keys.extend(utf8_percent_encode(name, UNSAFE));
        self.keys.push(' ');
        self
    }

    /// Adds the surrogate keys of what it shows, separated by spaces.
    pub fn shows(mut self, keys: &str) -> Self {
        self.keys.reserve(keys.len() + 1);
        // Most often nothing is to be encoded, and that is seen many bytes at a time.
        let marks = |byte| (byte == b'-') | (byte == b'_') | (byte == b'.') | (byte == b' ');
        match bytes::find(keys.as_bytes(), |byte| !(byte.is_ascii_alphanumeric() | marks(byte))) {
            None => self.keys.push_str(keys),
            Some(_) => self.keys.extend(utf8_percent_encode(keys, UNSAFE_BUT_SPACES)),
        }
        self.keys.push(' ');
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says what it is made of. Only an answer that says so is kept: it stays true until one of these changes.
    pub fn made_of<T: Into<Topic>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.topics.get_or_insert_default().extend(topics.into_iter().map(T::into));
        self
    }

    /// Bounds how long it is kept, for what follows from too much to be named.
    pub fn for_seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    /// It travels as an extension: the boundary makes bytes of it, as it does of problems.
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::OK);
        response.extensions_mut().insert(self);
        response
    }
}

fn unwritten(error: serde_json::Error) -> Problem {
    crate::db::DbError::Corrupt(format!("an answer could not be written: {error}")).into()
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
