//! Bodies: JSON of a known type, each fault named by its place. Without a key none is read, and with one it is looked into only after
//! the key's scope is known to be the right one.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use crate::access::{Caller, Token};
use crate::http::{Code, Fault, Problem};
use crate::records::Invalid;

/// Most bytes of a body: an article's own limit, escaped, and room for the rest.
const LARGEST: usize = 16 * 1024 * 1024;

/// Extractor: a body that is to be JSON of this type. [`Call::write`](super::Call::write) reads it.
#[derive(Debug, Clone)]
pub struct Body<T> {
    /// The bytes as they came.
    pub(super) bytes: Bytes,
    form: Form,
    of: PhantomData<T>,
}

/// What a call says that takes no words: `{}`, or no body at all.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    /// No bytes, and no word of a type.
    Nothing,
    Other,
}

impl<T: DeserializeOwned> Body<T> {
    /// What it says.
    pub(super) fn value(&self) -> Result<T, Problem> {
        if Token::is_in(&self.bytes) {
            let detail = "holds a key, which would be kept and shown. It should be rotated";
            return Err(Problem::faults(vec![Fault::of_field("", detail)]));
        }
        match self.form {
            Form::Json => parse(&self.bytes),
            // An action that takes no words may be asked for without any.
            Form::Nothing => parse(b"{}"),
            Form::Other => Err(Problem::new(
                Code::UnsupportedMediaType,
                "The body must be `application/json` (for PATCH also `application/merge-patch+json`).",
            )),
        }
    }
}

impl<T: 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = req.extensions().get::<Caller>().cloned().unwrap_or_default();
        let typed = is_json(req);
        // A PATCH without words would say that it changes something, and not what.
        let untyped = req.method() != Method::PATCH && !req.headers().contains_key(CONTENT_TYPE);
        let is_coded =
            req.headers().get_all(CONTENT_ENCODING).any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        let mut payload = payload.take();
        Box::pin(async move {
            caller.key()?;
            if is_coded {
                let detail = "The body has a `Content-Encoding`, and must be sent as it is.";
                return Err(Problem::new(Code::UnsupportedMediaType, detail));
            }
            let bytes = read(&mut payload).await?;
            let form = match (typed, untyped && bytes.is_empty()) {
                (true, _) => Form::Json,
                (false, true) => Form::Nothing,
                (false, false) => Form::Other,
            };
            Ok(Self { bytes, form, of: PhantomData })
        })
    }
}

fn is_json(req: &HttpRequest) -> bool {
    let Ok(Some(mime)) = req.mime_type() else { return false };
    let utf8 = mime.get_param("charset").is_none_or(|charset| charset == "utf-8");
    let json = mime.essence_str() == "application/json";
    utf8 && req.headers().contains_key(CONTENT_TYPE)
        && (json || req.method() == Method::PATCH && mime.essence_str() == "application/merge-patch+json")
}

/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(10);
/// How long it may take altogether.
const WHOLE: Duration = Duration::from_secs(120);

/// Reads a body to its end, but not past the limit, and for as long as it comes.
async fn read(payload: &mut Payload) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    let late = |_| {
        let detail = format!("Nothing came of the body for {} seconds, or not all of it in time.", PAUSE.as_secs());
        Problem::new(Code::BadRequest, detail).with_header(CONNECTION, HeaderValue::from_static("close"))
    };
    let end = Instant::now() + WHOLE;
    while let Some(chunk) = timeout_at(end.min(Instant::now() + PAUSE), payload.next()).await.map_err(late)? {
        let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest, format!("The body broke off: {error}.")))?;
        if bytes.len() + chunk.len() > LARGEST {
            return Err(Problem::new(Code::PayloadTooLarge, format!("A body may have {LARGEST} bytes.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let no_json = |error| Problem::new(Code::BadRequest, format!("The body is no JSON: {error}."));
    let value: Value = serde_json::from_slice(bytes).map_err(no_json)?;
    let mut faults = Vec::new();
    misshapen(&value, &mut Vec::new(), &mut faults);
    if !faults.is_empty() {
        return Err(Problem::faults(faults));
    }
    // Once more from the bytes, which alone tell of a member that is there twice.
    let mut json = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|first| {
        let value = (bytes.len() <= SEARCHED).then_some(value);
        Problem::faults(ill_typed::<T>(first, value))
    })
}

/// Members that are objects, or lists of objects, wherever they stand in a body.
pub const OBJECTS: [&str; 6] = ["authors", "tags", "hero", "media", "rights", "renditions"];

/// Members that are looked up before they are checked.
const LOOKED_UP: [&str; 4] = ["slug", "guid", "into", "replaced_by"];

/// Collects what would pass or do harm before the checks: a list in the place of an object, which serde takes for its members
/// in their order, and NUL in what is looked up, which PostgreSQL refuses.
fn misshapen(value: &Value, at: &mut Vec<String>, faults: &mut Vec<Fault>) {
    let mut fault = |at: &[String], reason: &str| faults.push(Fault::of_field(pointer(at), reason));
    match value {
        Value::Array(_) if at.is_empty() => fault(at, "is a list, and must be an object"),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                at.push(i.to_string());
                misshapen(item, at, faults);
                at.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                at.push(name.clone());
                let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
                let single = matches!(name.as_str(), "hero" | "rights") && member.is_array();
                let nul = member.as_str().is_some_and(|text| text.contains('\0'));
                if OBJECTS.contains(&name.as_str()) && (single || items.iter().any(Value::is_array)) {
                    faults.push(Fault::of_field(pointer(at), "has a list in the place of an object"));
                } else if nul && LOOKED_UP.contains(&name.as_str()) {
                    faults.push(Fault::of_field(pointer(at), "has a NUL character"));
                } else {
                    misshapen(member, at, faults);
                }
                at.pop();
            }
        }
        _ => {}
    }
}

/// Bytes of a body in which all members of a wrong type are looked for; of a larger one the first is told.
const SEARCHED: usize = 256 * 1024;
/// As many are looked for.
const MOST_FAULTS: usize = 100;

type IllTyped = serde_path_to_error::Error<serde_json::Error>;

/// Every member that is of a wrong type, missing or unknown. serde stops at the first, so it is asked again, each time with
/// something in the place of what it named.
fn ill_typed<T: DeserializeOwned>(first: IllTyped, value: Option<Value>) -> Vec<Fault> {
    let mut found = Misfit::of(first);
    let (mut all, mut places) = (Vec::new(), Vec::<Vec<String>>::new());
    let Some(mut value) = value else { return vec![found.fault()] };
    let mut attempt = 0;
    loop {
        if places.last() == Some(&found.place) {
            attempt += 1;
        } else if places.len() == MOST_FAULTS || places.contains(&found.place) {
            return all;
        } else {
            // What a stand-in lacks is no fault of the body's.
            let inside = places.iter().any(|place| found.place.starts_with(place));
            all.extend((!inside).then(|| found.fault()));
            places.push(found.place.clone());
            attempt = 0;
        }
        if !found.stand_in(&mut value, attempt) {
            return all;
        }
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(_) => return all,
            Err(error) => found = Misfit::of(error),
        }
    }
}

/// A member that serde can't take.
struct Misfit {
    /// The names and numbers that lead to it.
    place: Vec<String>,
    reason: String,
}

impl Misfit {
    fn of(error: IllTyped) -> Self {
        let mut place: Vec<String> = error.path().iter().filter_map(step).collect();
        let reason = without_place(error.inner());
        if let Some(name) = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            place.push(name.to_owned());
            return Self { place, reason: "is missing".to_owned() };
        }
        Self { place, reason }
    }

    fn fault(&self) -> Fault {
        Fault::of_field(pointer(&self.place), self.reason.clone())
    }

    /// Puts another thing in its place, or takes it out, and says whether there was anything left to try.
    fn stand_in(&self, value: &mut Value, attempt: usize) -> bool {
        let Some((name, parents)) = self.place.split_last() else { return false };
        let parent = parents.iter().try_fold(value, |value, name| match value {
            Value::Object(members) => members.get_mut(name),
            Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
            _ => None,
        });
        let stand_ins = [json!(""), json!(null), json!(0), json!(false), json!([]), json!({})];
        let stand_in = stand_ins.into_iter().nth(attempt).filter(|_| !self.reason.starts_with("unknown field"));
        match (parent, stand_in) {
            (Some(Value::Object(members)), Some(stand_in)) => {
                members.insert(name.clone(), stand_in);
                true
            }
            (Some(Value::Object(members)), None) => members.remove(name).is_some(),
            (Some(Value::Array(items)), stand_in) => {
                let item = name.parse::<usize>().ok().and_then(|index| items.get_mut(index));
                match (item, stand_in) {
                    (Some(item), Some(stand_in)) => *item = stand_in,
                    // Nothing fits: the items after it are not looked at.
                    _ => items.clear(),
                }
                attempt <= MOST_FAULTS
            }
            _ => false,
        }
    }
}

fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// serde's sentence without its line and column, which say nothing to a program's author.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let sentence = text.rsplit_once(" at line ").map_or(text.as_str(), |(sentence, _)| sentence);
    // What is expected, in JSON's words.
    let (found, expected) = sentence.rsplit_once(", expected ").unwrap_or((sentence, ""));
    let expected = match expected {
        "" => return sentence.to_owned(),
        "i64" | "u64" | "u32" | "i32" | "u8" | "usize" if found.starts_with("invalid value") => "another number",
        "i64" | "u64" | "u32" | "i32" | "u8" | "usize" => "a whole number",
        "a sequence" => "a list",
        _ if expected.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{found}, expected {expected}")
}

/// Names and numbers as a JSON Pointer (RFC 6901).
fn pointer(place: &[String]) -> String {
    place.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

/// `authors[0].slug` in its parts. The paths that checks name have no other characters.
fn parts(path: &str) -> Vec<String> {
    path.replace('[', ".").replace(']', "").split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The faults that a check found, each at its field.
pub fn faults(invalid: &[Invalid]) -> Problem {
    Problem::faults(
        invalid.iter().map(|one| Fault::of_field(pointer(&parts(&one.field)), one.reason.clone())).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_pointer() {
        for (path, expected) in [("", ""), ("title", "/title"), ("authors[0].slug", "/authors/0/slug")] {
            assert_eq!(pointer(&parts(path)), expected, "{path}");
        }
        assert_eq!(pointer(&["a/b".to_owned(), "x~y".to_owned(), "a.b".to_owned(), String::new()]), "/a~1b/x~0y/a.b/");
    }
}
