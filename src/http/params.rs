//! Strict parameters: an unknown, repeated or malformed one is refused with its name, what is allowed and the nearest
//! name. Which names exist is read from the same `IntoParams` that documents them, so that the two can't differ.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};
use utoipa::IntoParams;

use super::problem::{Code, Fault, Problem};
use crate::text::secrets::holds_key;
use crate::text::slug::composed;

/// Parameters of an operation, read from its query string. A pair of them is both together.
pub trait QueryParams: Sized + 'static {
    /// The documented names.
    fn names() -> Vec<String>;

    /// Those of them that choose how rows are shown and not which rows, or in which order.
    fn presentation() -> Vec<&'static str> {
        Vec::new()
    }

    /// Reads all of them. Faults are noted in `query`; what is returned then is thrown away.
    fn read(query: &mut RawQuery) -> Self;
}

/// The names of `T`, worked out once: documenting a parameter costs more than reading a page.
fn known_names<T: QueryParams>() -> &'static [String] {
    thread_local! {
        static NAMES: RefCell<HashMap<TypeId, &'static [String]>> = RefCell::default();
    }
    let make = || -> &'static [String] { Vec::leak(T::names()) };
    NAMES.with_borrow_mut(|names| *names.entry(TypeId::of::<T>()).or_insert_with(make))
}

/// The names that `IntoParams` documents.
pub fn documented<T: IntoParams>() -> Vec<String> {
    T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
}

impl<A: QueryParams, B: QueryParams> QueryParams for (A, B) {
    fn names() -> Vec<String> {
        [A::names(), B::names()].concat()
    }

    fn presentation() -> Vec<&'static str> {
        [A::presentation(), B::presentation()].concat()
    }

    fn read(query: &mut RawQuery) -> Self {
        (A::read(query), B::read(query))
    }
}

/// Extractor: the operation's parameters, all of them valid, and the query that they came from.
#[derive(Debug)]
pub struct Params<T> {
    pub value: T,
    pub given: GivenQuery,
}

impl<T> Deref for Params<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: QueryParams> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(req.path(), req.query_string()))
    }
}

/// Reads a whole query string.
pub fn read_query<T: QueryParams>(path: &str, query_string: &str) -> Result<Params<T>, Problem> {
    let mut query = RawQuery::parse(query_string, known_names::<T>());
    let value = T::read(&mut query);
    if !query.faults.is_empty() {
        return Err(Problem::faults(query.faults));
    }
    Ok(Params {
        value,
        given: GivenQuery {
            path: path.to_owned(),
            values: query.values,
            presentation: T::presentation,
            class: String::new(),
        },
    })
}

/// The parameters as they were given, in one canonical order.
#[derive(Debug, Clone)]
pub struct GivenQuery {
    path: String,
    values: BTreeMap<String, String>,
    presentation: fn() -> Vec<&'static str>,
    /// Who asks, where that decides which rows there are.
    class: String,
}

impl GivenQuery {
    /// Says that the rows are those of a class of callers, whose cursors are of no use to another one.
    pub fn seen_by(&mut self, class: &str) {
        class.clone_into(&mut self.class);
    }

    /// The path of the request, with these parameters, those named in `instead` replaced or, where `None`, left out. The new
    /// ones come last.
    pub fn here(&self, instead: &[(&str, Option<&str>)]) -> String {
        self.link(&self.path, instead)
    }

    /// `path` with these parameters, those named in `instead` replaced or, where `None`, left out.
    pub fn link(&self, path: &str, instead: &[(&str, Option<&str>)]) -> String {
        let kept = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| instead.iter().all(|(replaced, _)| replaced != name));
        let new = instead.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let mut link = path.to_owned();
        for (place, (name, value)) in kept.chain(new).enumerate() {
            link.push(if place == 0 { '?' } else { '&' });
            link.extend(encode(name));
            link.push('=');
            link.extend(encode(value));
        }
        link
    }

    /// The same parameters of another path.
    pub fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// A text that is equal for two queries if and only if they select the same rows in the same order.
    pub fn selection(&self) -> String {
        let presentation = (self.presentation)();
        let selecting = self.values.iter().filter(|(name, _)| !presentation.contains(&name.as_str()));
        let selecting = selecting.map(|(name, value)| format!("\n{}={}", encode(name), encode(value)));
        [self.path.clone(), format!(" {}", self.class)].into_iter().chain(selecting).collect()
    }
}

/// Percent-encoding that leaves what a query may hold readable.
fn encode(text: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',').remove(b':').remove(b'*');
    utf8_percent_encode(text, RESERVED)
}

/// For operations that take no parameters.
#[derive(Debug, IntoParams)]
pub struct NoParams {}

impl QueryParams for NoParams {
    fn names() -> Vec<String> {
        Vec::new()
    }

    fn read(_: &mut RawQuery) -> Self {
        Self {}
    }
}

/// A query string whose names are known, given once and free of control characters, its values composed (NFC), and the faults found
/// so far.
#[derive(Debug, Default)]
pub struct RawQuery {
    values: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl RawQuery {
    fn parse(query_string: &str, known: &[String]) -> Self {
        let mut query = Self::default();
        for pair in query_string.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) if holds_key(&name) || holds_key(&value) => {
                    let detail = "is a key, or holds one; keys go in `Authorization` alone. This one should be rotated";
                    query.fault(&name, Code::InvalidParameter, detail, &[]);
                }
                (Some(name), Some(value)) => query.take(name, value, known),
                (decoded, _) => {
                    let name = decoded.unwrap_or_else(|| name.to_owned());
                    query.fault(&name, Code::InvalidParameter, "is not UTF-8, or has control characters", &[]);
                }
            }
        }
        query
    }

    fn take(&mut self, name: String, value: String, known: &[String]) {
        if !known.contains(&name) {
            let detail = match nearest(&name, known) {
                _ if name.is_empty() => "a parameter has no name".to_owned(),
                Some(near) => format!("there is no such parameter; did you mean `{near}`?"),
                None if known.is_empty() => "this operation takes no parameters".to_owned(),
                None => "there is no such parameter".to_owned(),
            };
            self.fault(&name, Code::UnknownParameter, detail, known);
        } else if self.values.insert(name.clone(), composed(value)).is_some() {
            self.fault(&name, Code::InvalidParameter, "is given more than once", &[]);
        }
    }

    /// Notes a fault of a parameter.
    pub fn fault(&mut self, parameter: &str, code: Code, detail: impl Into<String>, allowed: &[String]) {
        self.faults.push(Fault { allowed: allowed.to_vec(), ..Fault::of_parameter(parameter, code, detail) });
    }

    /// The raw value, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Reads a value by its `FromStr`, whose error finishes the sentence "`name` …".
    pub fn parse_with<T, E: Display>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match read(self.get(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, Code::InvalidParameter, error.to_string(), &[]);
                None
            }
        }
    }

    /// Reads one word of a closed list.
    pub fn choice<T>(&mut self, name: &str) -> Option<T>
    where
        T: std::str::FromStr + AsRef<str> + strum::VariantArray,
    {
        let text = self.get(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                let allowed: Vec<String> = T::VARIANTS.iter().map(|value| value.as_ref().to_owned()).collect();
                self.not_among(name, text.to_owned(), &allowed);
                None
            }
        }
    }

    /// Reads a comma list of words of a closed list.
    pub fn choices<T>(&mut self, name: &str) -> Vec<T>
    where
        T: std::str::FromStr + AsRef<str> + strum::VariantArray + PartialEq,
    {
        // Most requests choose nothing.
        if self.get(name).is_none() {
            return Vec::new();
        }
        let allowed: Vec<String> = T::VARIANTS.iter().map(|value| value.as_ref().to_owned()).collect();
        let words = self.words(name, usize::MAX, &allowed);
        words.iter().filter_map(|word| word.parse().ok()).collect()
    }

    /// Reads a comma list of words, each of them, unless `allowed` is empty, one of these.
    pub fn words(&mut self, name: &str, most: usize, allowed: &[String]) -> Vec<String> {
        let Some(text) = self.get(name).map(str::to_owned) else { return Vec::new() };
        let words: Vec<String> = text.split(',').map(str::to_owned).collect();
        for word in &words {
            if word.is_empty() {
                self.fault(name, Code::InvalidParameter, "has an empty item; expected a comma list", allowed);
                return Vec::new();
            }
            if !allowed.is_empty() && !allowed.contains(word) {
                self.not_among(name, word.clone(), allowed);
                return Vec::new();
            }
        }
        if words.len() > most {
            self.fault(
                name,
                Code::LimitTooLarge,
                format!("names {} items; at most {most} are allowed", words.len()),
                allowed,
            );
            return Vec::new();
        }
        words
    }

    /// Reads `fields`: a comma list of members of the answer.
    pub fn fields(&mut self, known: &[&str]) -> Vec<String> {
        const NAME: &str = "fields";
        if self.get(NAME).is_none() {
            return Vec::new();
        }
        let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        self.words(NAME, usize::MAX, &known)
    }

    /// Reads a short text of at most 128 characters.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.text_of(name, 128)
    }

    /// Reads a text of at most so many characters.
    pub fn text_of(&mut self, name: &str, most: usize) -> Option<String> {
        let short = |text: &str| {
            let fits = text.chars().count() <= most;
            if fits { Ok(text.to_owned()) } else { Err(format!("is longer than {most} characters")) }
        };
        self.parse_with(name, short)
    }

    /// Reads a whole number between `least` and `most`; above that is a `limit-too-large`.
    pub fn integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let text = self.get(name)?;
        let digits = !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(value) if digits && (least..=most).contains(&value) => Some(value),
            Ok(value) if digits && value > most => {
                let detail = format!("{value} is over the limit of {most}");
                self.fault(name, Code::LimitTooLarge, detail, &[format!("{least} to {most}")]);
                None
            }
            _ => {
                let detail = format!("is not a whole number from {least} to {most}");
                self.fault(name, Code::InvalidParameter, detail, &[format!("{least} to {most}")]);
                None
            }
        }
    }

    /// Reads `true` or `false`.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.get(name) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.fault(name, Code::InvalidParameter, "is not `true` or `false`", &["true".into(), "false".into()]);
                false
            }
        }
    }

    fn not_among(&mut self, name: &str, word: String, allowed: &[String]) {
        let detail = match nearest(&word, allowed) {
            Some(near) => format!("`{word}` is not one of the values; did you mean `{near}`?"),
            None => format!("`{word}` is not one of the values"),
        };
        self.fault(name, Code::InvalidParameter, detail, allowed);
    }
}

/// The known word that a misspelt one is nearest to, if any is near.
fn nearest<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(&word, name), name)).min()?;
    (near.0 <= 1 + near.1.len() / 3).then_some(near.1)
}

/// Percent-decoding of a form value; `None` as for [`decode_strictly`].
fn decode(text: &str) -> Option<String> {
    if text.contains('+') { decode_strictly(&text.replace('+', " ")) } else { decode_strictly(text) }
}

/// Percent-decoding; `None` when the text is broken, no UTF-8, or holds control characters.
fn decode_strictly(text: &str) -> Option<String> {
    let escapes = text.split('%').skip(1);
    let broken = |rest: &str| rest.len() < 2 || !rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if escapes.into_iter().any(broken) {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    (!decoded.chars().any(char::is_control)).then(|| decoded.into_owned())
}

/// Extractor: a key in the path, such as a slug or an id, decoded and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathKey(pub String);

impl PathKey {
    /// The key as an id, when it is all digits. One that no id can reach, or that has another spelling, is `Some(0)`,
    /// which nothing has: a thing has one address.
    pub fn id(&self) -> Option<i64> {
        let digits = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| self.0.parse().ok().filter(|_| !self.0.starts_with('0')).unwrap_or(0))
    }
}

impl FromRequest for PathKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_keys(req).map(|[key]| Self(key)))
    }
}

/// Extractor: two keys in the path, as [`PathKey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPair(pub String, pub String);

impl FromRequest for PathPair {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_keys(req).map(|[first, second]| Self(first, second)))
    }
}

/// The first keys in the path.
fn path_keys<const N: usize>(req: &HttpRequest) -> Result<[String; N], Problem> {
    // What actix matched is half decoded, and no longer shows what was not UTF-8; the path as it was sent does.
    let sent = decode_strictly(req.uri().path());
    let read = |(name, raw): (&str, &str)| {
        sent.as_ref()
            .and_then(|_| decode_strictly(raw))
            .map(composed)
            .ok_or_else(|| Fault::of_parameter(name, Code::InvalidParameter, "is not UTF-8, or has control characters"))
    };
    let keys: Result<Vec<String>, Fault> = req.match_info().iter().take(N).map(read).collect();
    let keys = keys.map_err(|fault| Problem::faults(vec![fault]))?;
    keys.try_into().map_err(|_| Problem::new(Code::NotFound, "There is nothing here."))
}
