//! Pages by number and by cursor, and the links between them.

use actix_web::http::header::{self, HeaderName};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::answer::Answer;
use super::cursor::Cursors;
use super::params::{GivenQuery, QueryParams, RawQuery, documented};
use super::problem::{Code, Problem};
use crate::db::{Extent, Position, Window};

/// The most items that a page may have.
pub const MOST: i64 = 100;
/// What starts a walk by cursor.
const START: &str = "*";

/// How a list is cut into pages.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Paging` is read from")]
pub struct PagingParams {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 6)]
    limit: Option<i64>,
    /// Number of the page, from 1. Not together with `cursor`.
    #[param(minimum = 1, example = 1)]
    page: Option<i64>,
    /// Walks the list by cursor, which stays exact while stories come and go: `*` (or nothing) gives the first page,
    /// `links.next` and `links.prev` hold the cursors after it. Opaque; it never expires. Not together with `page`.
    #[param(max_length = 4096, example = "*")]
    cursor: Option<String>,
    /// `exact` adds the total to a page by cursor.
    #[param(inline)]
    count: Option<Count>,
}

/// Whether a page by cursor says how many items there are in all.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ToSchema, Serialize, strum::EnumString, strum::AsRefStr, strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Count {
    Exact,
}

/// The page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub limit: i64,
    mode: Mode,
    count: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mode {
    Page(i64),
    /// A sealed cursor; `None` at the start.
    Cursor(Option<String>),
}

impl QueryParams for Paging {
    fn names() -> Vec<String> {
        documented::<PagingParams>()
    }

    fn presentation() -> Vec<&'static str> {
        vec!["limit", "page", "cursor", "count"]
    }

    fn read(query: &mut RawQuery) -> Self {
        let limit = query.integer("limit", 1, MOST).unwrap_or(20);
        let page = query.integer("page", 1, i64::MAX);
        let count = query.choice::<Count>("count").is_some();
        let cursor = query.get("cursor").map(str::to_owned);
        if query.get("page").is_some() && cursor.is_some() {
            query.fault("cursor", Code::InvalidParameter, "can't be given together with `page`", &[]);
        }
        let mode = match cursor {
            Some(cursor) => Mode::Cursor(Some(cursor).filter(|cursor| !cursor.is_empty() && cursor != START)),
            None => Mode::Page(page.unwrap_or(1)),
        };
        Self { limit, mode, count }
    }
}

impl Paging {
    /// Opens the cursor, if there is one.
    pub fn window(&self, cursors: &Cursors, given: &GivenQuery) -> Result<Window, Problem> {
        Ok(match &self.mode {
            Mode::Page(number) => Window::Offset((number - 1).saturating_mul(self.limit)),
            Mode::Cursor(None) => Window::Start,
            Mode::Cursor(Some(cursor)) => Window::Beyond(cursors.open(cursor, &given.selection())?),
        })
    }

    /// Whether the answer shows the total.
    pub fn wants_total(&self) -> bool {
        self.count || matches!(self.mode, Mode::Page(_))
    }
}

/// Where a list's page stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum PageInfo {
    /// By number: "Viewing results {from} - {to} of {total}".
    Page {
        #[schema(example = 1)]
        number: i64,
        #[schema(example = 6)]
        limit: i64,
        /// Of the first item, counted from 1; 0 when the page is empty.
        #[schema(example = 1)]
        from: i64,
        /// Of the last item; 0 when the page is empty.
        #[schema(example = 6)]
        to: i64,
        #[schema(example = 71)]
        total: i64,
        #[schema(example = 12)]
        pages: i64,
    },
    /// By cursor.
    Cursor {
        limit: i64,
        /// Whether more follows in the direction of the walk.
        has_more: bool,
        /// Only with `count=exact`.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<i64>,
    },
}

/// Other pages of the list, as paths on this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Links {
    #[serde(rename = "self")]
    #[schema(example = "/v1/articles?limit=6&tag=azerbaijan&page=1")]
    pub this: String,
    pub first: String,
    pub prev: Option<String>,
    pub next: Option<String>,
    /// Absent from pages by cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

impl Paging {
    /// The page's description and its links.
    pub fn describe(&self, given: &GivenQuery, cursors: &Cursors, extent: &Extent) -> (PageInfo, Links) {
        match &self.mode {
            Mode::Page(number) => self.by_number(*number, given, extent),
            Mode::Cursor(cursor) => self.by_cursor(cursor.as_deref(), given, cursors, extent),
        }
    }

    /// The path to which the list has moved with the same parameters. A cursor is sealed anew, since it is of one path.
    pub fn moved(&self, given: &GivenQuery, cursors: &Cursors, path: &str) -> String {
        let there = given.at(path);
        let position = match &self.mode {
            Mode::Cursor(Some(cursor)) => cursors.open(cursor, &given.selection()).ok(),
            Mode::Cursor(None) | Mode::Page(_) => None,
        };
        let cursor = position.map(|position| cursors.seal(&position, &there.selection()));
        there.here(&cursor.as_deref().map(|cursor| ("cursor", Some(cursor))).into_iter().collect::<Vec<_>>())
    }

    fn by_number(&self, number: i64, given: &GivenQuery, extent: &Extent) -> (PageInfo, Links) {
        let total = extent.total.unwrap_or(0);
        let pages = (total + self.limit - 1) / self.limit;
        let from = if extent.rows == 0 { 0 } else { (number - 1) * self.limit + 1 };
        let to = if extent.rows == 0 { 0 } else { from + extent.rows as i64 - 1 };
        let link = given.here(&[("page", Some(""))]);
        let link = |page: i64| [link.as_str(), page.to_string().as_str()].concat();
        let links = Links {
            this: link(number),
            first: link(1),
            prev: (number > 1).then(|| link((number - 1).min(pages.max(1)))),
            next: (number < pages).then(|| link(number + 1)),
            last: Some(link(pages.max(1))),
        };
        (PageInfo::Page { number, limit: self.limit, from, to, total, pages }, links)
    }

    fn by_cursor(
        &self,
        cursor: Option<&str>,
        given: &GivenQuery,
        cursors: &Cursors,
        extent: &Extent,
    ) -> (PageInfo, Links) {
        let selection = given.selection();
        let link = |cursor: &str| given.here(&[("cursor", Some(cursor))]);
        let seal = |position: &Option<Position>, backward: bool| {
            position.clone().map(|position| link(&cursors.seal(&Position { backward, ..position }, &selection)))
        };
        let backward =
            cursor.and_then(|cursor| cursors.open(cursor, &selection).ok()).is_some_and(|position| position.backward);
        let this = link(cursor.unwrap_or(START));
        // The page before a first page is empty now, and holds what is published later. A walk back that has come to
        // its end keeps its place in the same way, and goes forward again from the start.
        let (prev, next) = match (extent.rows, backward) {
            (0, false) => (None, None),
            (0, true) => (Some(this.clone()), Some(link(START))),
            (_, false) => (seal(&extent.first, true), seal(&extent.last, false).filter(|_| extent.has_more)),
            (_, true) => (seal(&extent.first, true), seal(&extent.last, false)),
        };
        let links = Links { this, first: link(START), prev, next, last: None };
        let total = extent.total.filter(|_| self.count);
        (PageInfo::Cursor { limit: self.limit, has_more: extent.has_more, total }, links)
    }
}

/// `Link` (RFC 8288) and `X-Total-Count`.
pub fn headers(page: &PageInfo, links: &Links) -> Vec<(HeaderName, String)> {
    let named = [
        ("self", Some(&links.this)),
        ("first", Some(&links.first)),
        ("prev", links.prev.as_ref()),
        ("next", links.next.as_ref()),
        ("last", links.last.as_ref()),
    ];
    /// What a link takes beside its target.
    const BESIDE: usize = 16;
    let mut link = String::with_capacity(named.iter().flat_map(|(_, target)| target).map(|t| t.len() + BESIDE).sum());
    for (rel, target) in named {
        let Some(target) = target else { continue };
        let joint = if link.is_empty() { "<" } else { ", <" };
        [joint, target, ">; rel=\"", rel, "\""].iter().for_each(|part| link.push_str(part));
    }
    let mut headers = vec![(header::LINK, link)];
    if let PageInfo::Page { total, .. } | PageInfo::Cursor { total: Some(total), .. } = page {
        headers.push((HeaderName::from_static("x-total-count"), total.to_string()));
    }
    headers
}

impl Answer {
    /// Adds the headers of a list.
    pub fn paged(self, page: &PageInfo, links: &Links) -> Self {
        headers(page, links).into_iter().fold(self, |answer, (name, value)| answer.header(name, value))
    }
}
