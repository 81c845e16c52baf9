//! An answer as it is sent: its bytes in each content coding, made once and named by their hash, with the headers that
//! clients and caches need.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETAG, HeaderName, HeaderValue};
use actix_web::web::{Bytes, block};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::OnceCell;
use twox_hash::XxHash3_128;

use super::accepts::Coding;
use super::answer::{Answer, BY_CODING};
use super::cors::said_to_all;
use super::fields::{CACHE_TAG, REQUEST_ID, SURROGATE_KEY};
use super::freshness::Freshness;
use super::message::{Message, begin, end, push_date, push_field, push_length};
use super::problem::Problem;
use super::topic::Topic;
use crate::clock::Timestamp;
use crate::db::DbError;

/// Up to here a body is compressed at once; a larger one would hold up the other requests of its thread.
const SMALL: usize = 64 * 1024;
/// Up to here a body is handed over whole.
const WHOLE: usize = 32 * 1024;
/// How much of a larger one is handed over at once, and how much actix holds of it that the peer has not taken.
pub const SLICE: usize = 16 * 1024;
/// Up to here head and body go in one piece: to copy the body costs less than a second one.
const PIECE: usize = 16 * 1024;
/// More bytes than the fields take that each answer has of its own.
const OWN_FIELDS: usize = 320;

/// Headers, each of them once.
type Fields = Vec<(HeaderName, HeaderValue)>;

/// A finished answer.
#[derive(Debug)]
pub struct Finished {
    body: Bytes,
    content_type: &'static str,
    freshness: Option<Freshness>,
    /// Those that are the same in every coding.
    headers: Fields,
    coded: [OnceCell<Coded>; Coding::COUNT],
    /// What it is made of; `None` when it is not to be kept.
    pub topics: Option<Vec<Topic>>,
    /// For how long it may be kept at most.
    pub seconds: Option<u32>,
}

/// The answer in one coding.
#[derive(Debug)]
pub struct Coded {
    body: Bytes,
    full: Fields,
    /// What a 304 has, made at the first one.
    unchanged: OnceLock<Fields>,
    /// Both in bytes, made at the first answer that is sent so.
    heads: OnceLock<Heads>,
}

/// The heads of an answer and of its 304 as they are sent, but for what each answer has of its own.
#[derive(Debug)]
struct Heads {
    full: Vec<u8>,
    unchanged: Vec<u8>,
}

impl Finished {
    /// Finishes an answer but for its codings, which are made when they are asked for.
    pub fn new(answer: Answer) -> Self {
        let Answer { body, content_type, freshness, keys, headers: given, vary, topics, seconds } = answer;
        // What is kept is found by its URL.
        let topics = topics.filter(|_| vary == BY_CODING);
        let mut headers = Vec::with_capacity(4 + given.len());
        headers.push((header::VARY, HeaderValue::from_static(vary)));
        let mut push = |name, value: Vec<u8>| match HeaderValue::try_from(value) {
            Ok(value) => headers.push((name, value)),
            Err(error) => tracing::error!(%error, "a header could not be written: {name}: {error}"),
        };
        push(
            header::CACHE_CONTROL,
            freshness.map_or_else(|| b"no-store".to_vec(), |until| until.cache_control().into()),
        );
        let keys = distinct(&keys);
        if !keys.is_empty() {
            push(CACHE_TAG, keys.bytes().map(|byte| if byte == b' ' { b',' } else { byte }).collect());
            push(SURROGATE_KEY, keys.into());
        }
        given.into_iter().for_each(|(name, value)| push(name, value.into()));
        Self { body: body.into(), content_type, freshness, headers, coded: Default::default(), topics, seconds }
    }

    /// The answer in a coding, made at the first call. A large body is compressed off the request's thread.
    pub async fn coded(&self, coding: Coding) -> Result<&Coded, Problem> {
        self.coded[coding as usize].get_or_try_init(|| self.code(coding)).await
    }

    /// The answer in a coding, if that was made.
    pub fn made(&self, coding: Coding) -> Option<&Coded> {
        self.coded[coding as usize].get()
    }

    async fn code(&self, coding: Coding) -> Result<Coded, Problem> {
        let body = self.body.clone();
        let tagged = self.freshness.is_some();
        let make = move || {
            let body = encode(body, coding)?;
            let tag = tagged.then(|| etag(&body));
            Ok::<_, std::io::Error>((body, tag))
        };
        let made = if self.body.len() <= SMALL || coding == Coding::Identity {
            make()
        } else {
            block(make).await.map_err(|_| Problem::from(DbError::Panicked))?
        };
        let (body, tag) =
            made.map_err(|error| DbError::Corrupt(format!("an answer could not be compressed: {error}")))?;
        let full = self.headers.iter().cloned().chain(tag.map(|tag| (ETAG, tag)));
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type))];
        let coding = coding.name().map(|name| (header::CONTENT_ENCODING, HeaderValue::from_static(name)));
        let full = said_to_all().into_iter().chain(full).chain(kind).chain(coding).collect();
        Ok(Coded { body, full, unchanged: OnceLock::new(), heads: OnceLock::new() })
    }

    /// The response to a request with these `If-None-Match`: 304 when it names the bytes that it would be sent. `late` is given
    /// where it is sent later than it was made.
    pub fn respond<'a>(
        &self,
        coded: &Coded,
        if_none_match: impl Iterator<Item = &'a HeaderValue>,
        late: Option<Freshness>,
    ) -> HttpResponse {
        let (mut response, fields) = if coded.is_among(if_none_match.map(HeaderValue::as_bytes)) {
            (HttpResponse::new(StatusCode::NOT_MODIFIED), coded.unchanged())
        } else {
            (HttpResponse::with_body(StatusCode::OK, sliced(coded.body.clone())), &coded.full)
        };
        // With the two that the boundary adds, so that it need not grow.
        response.headers_mut().reserve(fields.len() + 2);
        fields.iter().cloned().for_each(|(name, value)| _ = response.headers_mut().insert(name, value));
        if let Some(late) = late.filter(|late| late.is_clipped())
            && let Ok(value) = HeaderValue::try_from(late.cache_control())
        {
            response.headers_mut().insert(header::CACHE_CONTROL, value);
        }
        response
    }

    /// When the clock alone will make it untrue, or when it was kept for long enough.
    pub fn until(&self) -> Option<Timestamp> {
        let Freshness { now, next_change } = self.freshness?;
        let bound = self.seconds.map(|seconds| now.plus_seconds(i64::from(seconds)));
        [next_change, bound].into_iter().flatten().min()
    }

    /// How long it stays true, as it was when it was made.
    pub fn freshness(&self) -> Option<Freshness> {
        self.freshness
    }

    /// About how many bytes it takes in memory, in all its codings.
    pub fn weight(&self) -> usize {
        const HEADERS: usize = 2048;
        let fields: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        self.body.len() * 2 + HEADERS + fields * Coding::COUNT
    }
}

impl Coded {
    /// Whether these `If-None-Match` name it. They alone decide: the answers carry no `Last-Modified`.
    pub fn is_among<'a>(&self, mut if_none_match: impl Iterator<Item = &'a [u8]>) -> bool {
        field(&self.full, &ETAG).is_some_and(|tag| if_none_match.any(|list| lists(list, tag.as_bytes())))
    }

    fn unchanged(&self) -> &Fields {
        self.unchanged.get_or_init(|| repeated(&self.full))
    }

    /// An answer that is sent now, a 304 where it is the `same` as the client has, to the request with this id.
    pub fn message(&self, same: bool, late: Freshness, id: &str) -> Message {
        let heads = self.heads.get_or_init(|| Heads::of(self));
        let (head, body) = if same { (&heads.unchanged, Bytes::new()) } else { (&heads.full, self.body.clone()) };
        let (ahead, shared) = if body.len() <= PIECE { (body, Bytes::new()) } else { (Bytes::new(), body) };
        let mut own = Vec::with_capacity(head.len() + OWN_FIELDS + ahead.len());
        own.extend_from_slice(head);
        push_field(&mut own, &header::CACHE_CONTROL, late.cache_control().as_bytes());
        push_date(&mut own, late.now);
        let id = push_field(&mut own, &REQUEST_ID, id.as_bytes());
        end(&mut own);
        own.extend_from_slice(&ahead);
        Message { own, id, shared }
    }
}

impl Heads {
    fn of(coded: &Coded) -> Self {
        let head = |status, fields: &Fields| {
            let mut head = begin(status);
            let same = fields.iter().filter(|(name, _)| *name != header::CACHE_CONTROL);
            same.for_each(|(name, value)| _ = push_field(&mut head, name, value.as_bytes()));
            head
        };
        let mut full = head(StatusCode::OK, &coded.full);
        push_length(&mut full, coded.body.len());
        Self { full, unchanged: head(StatusCode::NOT_MODIFIED, coded.unchanged()) }
    }
}

/// Keys that are separated by spaces, each once.
fn distinct(keys: &str) -> String {
    /// About how long one is.
    const LENGTH: usize = 8;
    let mut seen = HashSet::with_capacity_and_hasher(keys.len() / LENGTH, foldhash::fast::RandomState::default());
    let mut distinct = String::with_capacity(keys.len());
    for key in keys.split_ascii_whitespace().filter(|key| seen.insert(*key)) {
        if !distinct.is_empty() {
            distinct.push(' ');
        }
        distinct.push_str(key);
    }
    distinct
}

/// A large body goes in slices: actix copies what it is given whole, and so a reader who takes nothing would hold a copy of
/// all of it.
fn sliced(body: Bytes) -> BoxBody {
    if body.len() <= WHOLE { BoxBody::new(body) } else { BoxBody::new(Slices(body)) }
}

/// What is left of a body.
struct Slices(Bytes);

impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.0.len().min(SLICE);
        Poll::Ready((length > 0).then(|| Ok(self.0.split_to(length))))
    }
}

/// What of an answer's headers a 304 repeats: who has the answer has the others, such as links, with it.
fn repeated(full: &Fields) -> Fields {
    let repeated = full.iter().filter(|(name, _)| [ETAG, header::CACHE_CONTROL, header::VARY].contains(name));
    said_to_all().into_iter().chain(repeated.cloned()).collect()
}

fn field<'a>(fields: &'a [(HeaderName, HeaderValue)], name: &HeaderName) -> Option<&'a HeaderValue> {
    fields.iter().find(|(of, _)| of == name).map(|(_, value)| value)
}

/// Whether a list of entity tags has this one, or is `*`; compared weakly, as RFC 9110 has it for `If-None-Match`. A tag may hold commas, so it is read quote by quote.
fn lists(list: &[u8], tag: &[u8]) -> bool {
    if list.trim_ascii() == b"*" {
        return true;
    }
    let mut rest = list;
    loop {
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(b"W/").unwrap_or(rest);
        let Some(opened) = rest.strip_prefix(b"\"") else { return false };
        let Some(length) = opened.iter().position(|byte| *byte == b'"') else { return false };
        if &rest[..length + 2] == tag {
            return true;
        }
        rest = opened[length + 1..].trim_ascii_start();
        match rest.strip_prefix(b",") {
            Some(next) => rest = next,
            None => return false,
        }
    }
}

/// A strong tag: the hash of the bytes sent, so that each coding has its own.
fn etag(body: &[u8]) -> HeaderValue {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(XxHash3_128::oneshot(body).to_be_bytes()));
    // Base64 in quotes is always a header's value.
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn encode(body: Bytes, coding: Coding) -> std::io::Result<Bytes> {
    Ok(match coding {
        Coding::Identity => body,
        Coding::Brotli => brotli(&body)?.into(),
        Coding::Gzip => gzip(&body)?.into(),
        Coding::Zstd => zstd::bulk::compress(&body, 3)?.into(),
    })
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

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;

    use super::*;

    #[test]
    fn a_list_of_tags_is_read_quote_by_quote() {
        let tag = b"\"abc\"";
        for list in ["\"abc\"", "*", " * ", "W/\"abc\"", "\"x\", \"abc\"", "\"a,b\",\"abc\" ", "W/\"x\" , W/\"abc\""] {
            assert!(lists(list.as_bytes(), tag), "{list}");
        }
        for list in ["", "abc", "\"ab\"", "\"abc", "\"x\" \"abc\"", "\"x, \"abc\"", "w/\"abc\"", "\"*\"", ","] {
            assert!(!lists(list.as_bytes(), tag), "{list}");
        }
    }

    #[test]
    fn a_tag_outlives_the_version_that_made_it() {
        // By Cyan4973's XXH3 of 128 bits, which goes another way for each of these lengths.
        let tags = [
            (0, "maoG0wFHmNhgAcMkRo1Jfw"),
            (1, "ps1ek5IAD2rES9_0B07s2w"),
            (16, "cpUGMYJ2B-KEKBLMhw3K4g"),
            (100, "2pXvFv2VZvMpsgul8D7AHg"),
            (200, "ywOVMQZDug7dl-mvNgnZ9Q"),
            (240, "ZbW-htpVQOfJK2jhb4O7tg"),
            (241, "HaHLYby4oqEC6M2VQhxtAg"),
            (10_000, "id7IKniZZeYcs6vuHC_BxA"),
        ];
        for (length, tag) in tags {
            let body: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            assert_eq!(etag(&body), format!("\"{tag}\""), "{length}");
        }
    }

    #[test]
    fn each_key_is_named_once_and_holds_nothing_that_ends_it() {
        let answer = Answer::json(&1, Freshness { now: Timestamp::EPOCH, next_change: None }).expect("an answer");
        let answer = answer.key("t-", "a b,c").shows("a-1 t-тег a-1").key("t-", "тег").shows("");
        let headers: HeaderMap = Finished::new(answer).headers.into_iter().collect();
        let header = |name| headers.get(name).map(HeaderValue::as_bytes);
        assert_eq!(header("surrogate-key"), Some(&b"t-a%20b%2Cc a-1 t-%D1%82%D0%B5%D0%B3"[..]));
        assert_eq!(header("cache-tag"), Some(&b"t-a%20b%2Cc,a-1,t-%D1%82%D0%B5%D0%B3"[..]));
    }

    #[tokio::test]
    async fn each_coding_is_made_once_and_has_its_own_tag() {
        let text = "Kyzylorda ".repeat(20_000);
        let answer = Answer::json(&text, Freshness { now: Timestamp::EPOCH, next_change: None }).expect("an answer");
        let finished = Finished::new(answer);
        let mut tags = Vec::new();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Brotli] {
            let first = finished.coded(coding).await.expect("a coding");
            let again = finished.coded(coding).await.expect("a coding");
            assert!(std::ptr::eq(first, again));
            tags.push(field(&first.full, &ETAG).cloned().expect("a tag"));
        }
        tags.dedup();
        assert_eq!(tags.len(), 4);
    }
}
