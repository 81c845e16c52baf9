//! Requests, valid and invalid, made from the document; and links and entity tags taken from earlier answers.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;

use super::document::{Operation, Parameter, operations};
use super::values::Values;
use crate::support::Answer;

const NOWHERE: [&str; 10] = [
    "/",
    "/v1",
    "/v1/",
    "/v1/articles/",
    "/v1//articles",
    "/v2/articles",
    "/v1/articles/a/b/c",
    "/v1/nothing",
    "/%00",
    "/v1/tags/%ff",
];
/// Pieces of a query string that are wrong wherever they stand.
const BROKEN: [&str; 14] = [
    "%",
    "%zz=1",
    "q=%ff",
    "tag=%c0%af",
    "q=%00",
    "q=a%0Ab",
    "tag=%7f",
    "q=%c2%85",
    "=",
    "=x",
    "tag",
    "limit=",
    "&",
    "page=1;limit=2",
];
const CODINGS: [&str; 12] = [
    "gzip",
    "br",
    "zstd",
    "gzip, br, zstd",
    "gzip;q=0.5, br;q=0.1",
    "identity;q=0",
    "*;q=0",
    "*",
    "identity;q=0, *;q=0",
    "deflate",
    ";;q=,x",
    "GZIP;Q=1",
];
const TAGS: [&str; 5] = ["*", "\"x\"", "W/\"x\", \"y\"", "x", ""];

/// A request without a body.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Path and query, encoded.
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    /// The operation that it was made for.
    pub operation: Option<usize>,
}

/// Makes requests.
pub struct Requests<'a> {
    pub operations: Vec<Operation>,
    values: Values<'a>,
    /// Links that lists gave: the operation, and where to go on.
    links: Vec<(usize, String)>,
    /// Entity tags, and the request that each was given for.
    tags: Vec<(Request, String)>,
    made: usize,
}

impl<'a> Requests<'a> {
    /// From the served document.
    pub fn new(values: Values<'a>) -> Self {
        Self { operations: operations(), values, links: Vec::new(), tags: Vec::new(), made: 0 }
    }

    /// The next request.
    pub fn make(&mut self) -> Request {
        self.made += 1;
        let mut request = match self.values.random.below(40) {
            0..5 if !self.links.is_empty() => self.follow(),
            5..8 if !self.tags.is_empty() => self.ask_again(),
            8 => {
                let nowhere = self.values.random.pick(&NOWHERE).to_owned();
                self.plain(nowhere, None)
            }
            _ => self.generate(),
        };
        let random = &mut self.values.random;
        if random.one_in(4) && !request.headers.iter().any(|(name, _)| *name == "accept-encoding") {
            request.headers.push(("accept-encoding", random.pick(&CODINGS).to_owned()));
        }
        if random.one_in(16) && !request.headers.iter().any(|(name, _)| *name == "if-none-match") {
            request.headers.push(("if-none-match", random.pick(&TAGS).to_owned()));
        }
        request.method = match random.below(48) {
            0..2 => Method::HEAD,
            2 => Method::OPTIONS,
            3 => [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE][random.below(5)].clone(),
            _ => Method::GET,
        };
        // So that problems have the same id.
        request.headers.push(("x-request-id", format!("r-{}", self.made)));
        request
    }

    /// Keeps the links and the entity tag of an answer.
    pub fn learn(&mut self, request: &Request, answer: &Answer) {
        let Some(operation) = request.operation.filter(|_| answer.status == 200) else { return };
        if self.values.random.one_in(3) && !answer.header("etag").is_empty() {
            self.tags.push((request.clone(), answer.header("etag").to_owned()));
        }
        for link in answer
            .header("link")
            .split(", ")
            .filter(|link| link.contains("rel=\"next\"") || link.contains("rel=\"prev\""))
        {
            let target = link.trim_start_matches('<').split('>').next().unwrap_or_default();
            self.links.push((operation, target.to_owned()));
        }
        // The latest are the deepest in a walk.
        let surplus = self.links.len().saturating_sub(200);
        self.links.drain(..surplus);
    }

    fn plain(&self, target: String, operation: Option<usize>) -> Request {
        Request { method: Method::GET, target, headers: Vec::new(), operation }
    }

    /// A link as it was given, or with its cursor or another parameter changed.
    fn follow(&mut self) -> Request {
        let (operation, link) = self.values.random.choose(&self.links).clone();
        let random = &mut self.values.random;
        let target = match random.below(8) {
            0 => {
                let at = random.below(link.len());
                let letter = ["A", "b", "-", "_", "%41"][random.below(5)];
                if link.is_char_boundary(at + 1) && at > 0 {
                    format!("{}{letter}{}", &link[..at], &link[at + 1..])
                } else {
                    link
                }
            }
            1 => format!("{link}&kind=opinion"),
            2 => format!("{link}&count=exact"),
            3 => format!("{link}&limit=100").replacen("limit=", "excerpt_words=", 1),
            4 => link.replacen("/v1/articles?", "/v1/tags?", 1),
            _ => link,
        };
        self.plain(target, Some(operation))
    }

    /// An earlier request with the entity tag that it was answered with, in any coding.
    fn ask_again(&mut self) -> Request {
        let (mut request, tag) = self.values.random.choose(&self.tags).clone();
        request.headers.retain(|(name, _)| *name == "accept-encoding" && !self.values.random.one_in(4));
        let random = &mut self.values.random;
        let tag =
            [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), tag.replace('"', "")][random.below(4)].clone();
        request.headers.push(("if-none-match", tag));
        request
    }

    fn generate(&mut self) -> Request {
        // Lists have the most to say, and so does what has the most parameters.
        let weights: Vec<usize> = self.operations.iter().map(|operation| 6 + operation.parameters.len()).collect();
        let mut nth = self.values.random.below(weights.iter().sum());
        let mut chosen = 0;
        while nth >= weights[chosen] {
            nth -= weights[chosen];
            chosen += 1;
        }
        let target = self.target(chosen);
        self.plain(target, Some(chosen))
    }

    fn target(&mut self, chosen: usize) -> String {
        let operation = &self.operations[chosen];
        let invalid = self.values.random.one_in(7);
        let mut path = operation.path.clone();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.in_path) {
            let value = match self.values.random.below(12) {
                0 => self.values.wrong(),
                _ => self.values.valid(parameter, &operation.path),
            };
            path = path.replace(&format!("{{{}}}", parameter.name), &encode(&value));
        }
        let mut pairs = pairs(&mut self.values, operation);
        if invalid {
            spoil(&mut self.values, operation, &mut pairs);
        }
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// Those parameters that must be there, and up to five that go together.
fn pairs(values: &mut Values<'_>, operation: &Operation) -> Vec<String> {
    let known: Vec<&Parameter> = operation.query();
    let required = known.iter().filter(|parameter| parameter.required);
    let mut chosen: BTreeMap<&str, String> =
        required.map(|parameter| (parameter.name.as_str(), values.valid(parameter, &operation.path))).collect();
    // Few more often than many, which together select nothing.
    let count = if known.is_empty() { 0 } else { values.random.below(6) };
    let count = if count > 2 && values.random.one_in(2) { count - 2 } else { count };
    for _ in 0..count {
        let parameter = values.random.choose(&known);
        chosen.insert(parameter.name.as_str(), values.valid(parameter, &operation.path));
    }
    if operation.is_list() && values.random.one_in(3) {
        chosen.insert("cursor", "*".to_owned());
    }
    if chosen.contains_key("cursor") {
        chosen.remove("page");
    }
    if !chosen.contains_key("q") {
        chosen.remove("highlight");
        chosen.retain(|name, value| *name != "sort" || value != "relevance");
    }
    // In any order.
    let mut pairs: Vec<String> = chosen.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let turn = values.random.below(pairs.len().max(1));
    pairs.rotate_left(turn);
    pairs
}

/// Adds what makes them wrong.
fn spoil(values: &mut Values<'_>, operation: &Operation, pairs: &mut Vec<String>) {
    let known = operation.query();
    let broken = match values.random.below(6) {
        0 => values.random.pick(&BROKEN).to_owned(),
        1 => format!(
            "{}={}",
            ["limt", "tags", "Tag", "sort ", "тег", "fields[]"][values.random.below(6)],
            encode(&values.wrong())
        ),
        2 if !pairs.is_empty() => values.random.choose(pairs).clone(),
        _ if known.is_empty() => "q=1".to_owned(),
        _ => {
            let parameter = *values.random.choose(&known);
            pairs.retain(|pair| !pair.starts_with(&format!("{}=", parameter.name)));
            format!("{}={}", parameter.name, encode(&values.wrong()))
        }
    };
    pairs.push(broken);
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
