//! Bodies: JSON of a known type, each fault named by its place. Nobody's body is read, and a key's is looked into only after
//! its scope is known to be the right one.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
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
        let mut payload = payload.take();
        Box::pin(async move {
            caller.key()?;
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
    if let Some(fault) = serde_json::from_slice(bytes).ok().and_then(|value| misshapen(&value, "")) {
        return Err(Problem::faults(vec![fault]));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() {
            return Problem::faults(ill_typed::<T>(error, bytes));
        }
        let inner = error.into_inner();
        Problem::new(Code::BadRequest, format!("The body is no JSON: {inner}."))
    })?;
    json.end().map_err(|error| Problem::new(Code::BadRequest, format!("The body is no JSON: {error}.")))?;
    Ok(value)
}

/// Members that are objects, or lists of objects, wherever they stand.
const OBJECTS: [&str; 6] = ["authors", "tags", "hero", "media", "rights", "renditions"];

/// Members that are looked up before they are checked.
const LOOKED_UP: [&str; 4] = ["slug", "guid", "into", "replaced_by"];

/// What would pass or do harm before the checks: a list in the place of an object, which serde takes for its members in
/// their order, and NUL in what is looked up, which PostgreSQL refuses.
fn misshapen(value: &Value, at: &str) -> Option<Fault> {
    match value {
        Value::Array(_) if at.is_empty() => Some(Fault::of_field(at, "is a list, and must be an object")),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| misshapen(item, &format!("{at}/{i}"))),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let at = format!("{at}/{name}");
            let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
            let single = matches!(name.as_str(), "hero" | "rights") && member.is_array();
            if OBJECTS.contains(&name.as_str()) && (single || items.iter().any(Value::is_array)) {
                return Some(Fault::of_field(at, "has a list in the place of an object"));
            }
            let nul = member.as_str().is_some_and(|text| text.contains('\0'));
            if nul && LOOKED_UP.contains(&name.as_str()) {
                return Some(Fault::of_field(at, "has a NUL character"));
            }
            misshapen(member, &at)
        }),
        _ => None,
    }
}

/// Bytes of a body in which all members of a wrong type are looked for; of a larger one the first is told.
const SEARCHED: usize = 256 * 1024;
/// As many are looked for.
const MOST_FAULTS: usize = 50;

/// Every member that is of a wrong type, missing or unknown. serde stops at the first, so it is asked again, each time with
/// something in the place of what it named.
fn ill_typed<T: DeserializeOwned>(first: IllTyped, bytes: &[u8]) -> Vec<Fault> {
    let found = Misfit::of(first);
    let mut all = vec![found.fault()];
    let value = if bytes.len() > SEARCHED { None } else { serde_json::from_slice::<Value>(bytes).ok() };
    let Some(mut value) = value else { return all };
    let (mut places, mut attempt) = (vec![found.place.clone()], 0);
    found.stand_in(&mut value, attempt);
    while let Err(error) = serde_path_to_error::deserialize::<_, T>(&value) {
        let found = Misfit::of(error);
        if places.last() == Some(&found.place) {
            attempt += 1;
        } else if places.len() < MOST_FAULTS && !places.contains(&found.place) {
            all.push(found.fault());
            places.push(found.place.clone());
            attempt = 0;
        } else {
            break;
        }
        if !found.stand_in(&mut value, attempt) {
            break;
        }
    }
    all
}

type IllTyped = serde_path_to_error::Error<serde_json::Error>;

/// A member that serde can't take.
struct Misfit {
    /// JSON Pointer of the member, and of what it is in.
    place: String,
    parent: String,
    name: String,
    reason: String,
}

impl Misfit {
    fn of(error: IllTyped) -> Self {
        let path = pointer(&error.path().to_string());
        let reason = without_place(error.inner());
        if let Some(name) = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            let (parent, name) = (path, name.to_owned());
            return Self { place: format!("{parent}/{name}"), parent, name, reason: "is missing".to_owned() };
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", ""));
        Self { parent: parent.to_owned(), name: name.to_owned(), place: path.clone(), reason }
    }

    fn fault(&self) -> Fault {
        Fault::of_field(self.place.clone(), self.reason.clone())
    }

    /// Puts another thing in its place, or takes it out, and says whether there was anything left to try.
    fn stand_in(&self, value: &mut Value, attempt: usize) -> bool {
        let stand_ins = [json!(""), json!(null), json!(0), json!(false), json!([]), json!({})];
        match (value.pointer_mut(&self.parent), stand_ins.into_iter().nth(attempt)) {
            (Some(Value::Object(members)), None) => members.remove(&self.name).is_some(),
            (Some(Value::Object(members)), Some(_)) if self.reason.starts_with("unknown field") => {
                members.remove(&self.name).is_some()
            }
            (Some(Value::Object(members)), Some(stand_in)) => {
                members.insert(self.name.clone(), stand_in);
                true
            }
            (Some(Value::Array(items)), Some(stand_in)) => {
                let item = self.name.parse::<usize>().ok().and_then(|index| items.get_mut(index));
                item.map(|item| *item = stand_in).is_some()
            }
            _ => false,
        }
    }
}

/// serde's sentence without its line and column, which say nothing to a program's author.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(sentence, _)| sentence.to_owned())
}

/// `authors[0].slug` as a JSON Pointer.
fn pointer(path: &str) -> String {
    if path.is_empty() || path == "." {
        return String::new();
    }
    let parts = path.replace('[', ".").replace(']', "");
    parts.split('.').map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The faults that a check found, each at its field.
pub fn faults(invalid: &[Invalid]) -> Problem {
    Problem::faults(invalid.iter().map(|one| Fault::of_field(pointer(&one.field), one.reason.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_pointer() {
        for (path, expected) in
            [(".", ""), ("title", "/title"), ("authors[0].slug", "/authors/0/slug"), ("a/b", "/a~1b")]
        {
            assert_eq!(pointer(path), expected, "{path}");
        }
    }
}
