//! The parameters of article operations.

pub mod managed;

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

use super::filter::{Facet, Filter, Sort};
use super::queries::CardNeeds;
use super::search::Query;
use super::{Kind, read_lang};
use crate::clock::Timestamp;
use crate::http::params::{QueryParams, RawQuery, documented};
use crate::http::problem::Code;
/// Most slugs in a list of slugs.
const MOST_SLUGS: usize = 20;
/// Most characters of a slug.
const MOST_SLUG_CHARS: usize = 200;
/// Most ids at once.
const MOST_IDS: usize = 100;

/// The form that a body comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum BodyAs {
    None,
    Html,
    Text,
    Markdown,
}

/// How articles are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The members to keep; all when empty.
    pub fields: Vec<String>,
    pub body: BodyAs,
    pub excerpt_words: usize,
}

/// What selects and orders the articles of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `ListParams` is read from")]
pub struct ListQuery {
    /// Full text: words, "phrases", -not. The last word, where it has two letters or more, also matches what begins with it.
    #[param(max_length = 128, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example = "solar station")]
    q: Option<String>,
    /// Slug of a tag, or of an alias of it.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan")]
    tag: Option<String>,
    /// Comma list of tag slugs, all of which an article must have; at most 20.
    #[param(
        pattern = "^[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}(,[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}){0,19}$",
        example = "azerbaijan,energy"
    )]
    tags_all: Option<String>,
    /// Comma list of tag slugs, one of which an article must have; at most 20.
    #[param(
        pattern = "^[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}(,[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}){0,19}$",
        example = "energy,transport"
    )]
    tags_any: Option<String>,
    /// Comma list of tag slugs, none of which an article may have; at most 20.
    #[param(
        pattern = "^[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}(,[^,\\x00-\\x1f\\x7f-\\x9f]{1,200}){0,19}$",
        example = "aviation"
    )]
    tags_none: Option<String>,
    /// Slug of an author.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "dina-vetrova")]
    author: Option<String>,
    /// Without it everything but pages.
    #[param(inline, example = "news")]
    kind: Option<Kind>,
    /// BCP 47 language of the articles.
    #[param(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length = 35, example = "en")]
    lang: Option<String>,
    /// Comma list of article ids, at most 100.
    #[param(pattern = "^[0-9]{1,18}(,[0-9]{1,18}){0,99}$", example = "1,2,3")]
    ids: Option<String>,
    /// RFC 3339, inclusive.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    published_after: Option<Timestamp>,
    /// RFC 3339, exclusive.
    #[param(value_type = Option<String>, format = DateTime, example = "2027-01-01T00:00:00Z")]
    published_before: Option<Timestamp>,
    /// RFC 3339, inclusive.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    updated_after: Option<Timestamp>,
    /// `relevance` only together with `q`: the more of the words are in the title, then in the standfirst, the better;
    /// then the newest first.
    #[param(inline)]
    sort: Option<Sort>,
    /// Comma list of counts to add.
    #[param(pattern = "^(tag|author|kind|lang|year)(,(tag|author|kind|lang|year))*$", example = "kind,lang")]
    facets: Option<String>,
    /// Whether to mark in title and text what `q` matched.
    highlight: Option<bool>,
}

/// How articles of a list are shown.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Shape` is read from")]
pub struct CardShape {
    /// Comma list of the members to send; all without it.
    #[param(schema_with = card_fields_schema, required = false)]
    fields: Option<String>,
    /// The form in which the body is sent.
    #[param(inline, example = "none")]
    body: Option<BodyAs>,
    /// Words in the excerpt.
    #[param(minimum = 1, maximum = 500, default = 55, example = 55)]
    excerpt_words: Option<i64>,
}

/// How one article is shown.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Shape` is read from")]
pub struct DetailShape {
    /// Comma list of the members to send; all without it.
    #[param(schema_with = detail_fields_schema, required = false)]
    fields: Option<String>,
    /// The form in which the body is sent.
    #[param(inline, example = "none")]
    body: Option<BodyAs>,
    /// Words in the excerpt.
    #[param(minimum = 1, maximum = 500, default = 55, example = 55)]
    excerpt_words: Option<i64>,
}

const CARD_FIELDS: &[&str] = &[
    "id",
    "guid",
    "slug",
    "url",
    "kind",
    "lang",
    "translations",
    "title",
    "standfirst",
    "excerpt",
    "authors",
    "tags",
    "hero",
    "word_count",
    "reading_minutes",
    "published_at",
    "first_published_at",
    "updated_at",
    "version",
    "body",
];
const DETAIL_FIELDS: &[&str] = &["corrections", "media", "rights", "canonical_url", "previous", "next", "related"];

fn card_fields() -> Vec<&'static str> {
    [CARD_FIELDS, &["highlight"]].concat()
}

fn detail_fields() -> Vec<&'static str> {
    [CARD_FIELDS, DETAIL_FIELDS].concat()
}

fn card_fields_schema() -> Object {
    comma_list(&card_fields())
}

fn detail_fields_schema() -> Object {
    comma_list(&detail_fields())
}

/// The schema of a comma list of words of a closed list.
fn comma_list(words: &[&str]) -> Object {
    let word = words.join("|");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^({word})(,({word}))*$")))
        .description(Some("Comma list of the members to send; all without it."))
        .examples(["id,slug,title"])
        .build()
}

impl Shape {
    /// What must be read to show it.
    pub fn needs(&self) -> CardNeeds {
        CardNeeds { body: self.body != BodyAs::None }
    }

    /// Whether a detail as it is stored will do, for those who see what everyone does.
    pub fn is_stored(&self) -> bool {
        self.fields.is_empty() && matches!(self.body, BodyAs::Html | BodyAs::None)
    }

    fn read(query: &mut RawQuery, detail: bool) -> Self {
        let known = if detail { detail_fields() } else { card_fields() };
        Self {
            fields: query.fields(&known),
            body: query.choice("body").unwrap_or(if detail { BodyAs::Html } else { BodyAs::None }),
            excerpt_words: query.integer("excerpt_words", 1, 500).unwrap_or(55) as usize,
        }
    }
}

/// The shape of cards in a list.
#[derive(Debug)]
pub struct CardParams(pub Shape);

impl QueryParams for CardParams {
    fn names() -> Vec<String> {
        documented::<CardShape>()
    }

    fn presentation() -> Vec<&'static str> {
        vec!["fields", "body", "excerpt_words"]
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(Shape::read(query, false))
    }
}

/// The shape of a detail.
#[derive(Debug)]
pub struct DetailParams(pub Shape);

impl QueryParams for DetailParams {
    fn names() -> Vec<String> {
        documented::<DetailShape>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(Shape::read(query, true))
    }
}

/// The parameters of the related stories.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RelatedParams {
    /// How many.
    #[param(required = false, minimum = 1, maximum = 50, default = 5, example = 5)]
    pub limit: i64,
}

impl QueryParams for RelatedParams {
    fn names() -> Vec<String> {
        documented::<Self>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self { limit: query.integer("limit", 1, 50).unwrap_or(5) }
    }
}

/// What a list was asked for.
#[derive(Debug)]
pub struct ListParams {
    pub filter: Filter,
    pub sort: Sort,
    pub facets: Vec<Facet>,
    pub highlight: bool,
}

impl QueryParams for ListParams {
    fn names() -> Vec<String> {
        documented::<ListQuery>()
    }

    fn presentation() -> Vec<&'static str> {
        vec!["facets", "highlight"]
    }

    fn read(query: &mut RawQuery) -> Self {
        let sort = query.choice("sort").unwrap_or_default();
        if sort == Sort::Relevance && query.get("q").is_none() {
            query.fault("sort", Code::InvalidParameter, "`relevance` needs `q`", &[]);
        }
        let highlight = query.flag("highlight");
        if highlight && query.get("q").is_none() {
            query.fault("highlight", Code::InvalidParameter, "needs `q`", &[]);
        }
        Self { filter: read_filter(query), sort, facets: query.choices("facets"), highlight }
    }
}

fn read_filter(query: &mut RawQuery) -> Filter {
    let mut tags_all = slugs(query, "tags_all");
    tags_all.extend(slug(query, "tag"));
    Filter {
        q: query.text("q").and_then(|_| query.parse_with("q", Query::parse)),
        tags_all,
        tags_any: slugs(query, "tags_any"),
        tags_none: slugs(query, "tags_none"),
        author: slug(query, "author"),
        kind: query.choice("kind"),
        lang: query.parse_with("lang", read_lang),
        ids: query.get("ids").is_some().then(|| read_ids(query)),
        published_after: query.parse_with("published_after", |text| text.parse::<Timestamp>()),
        published_before: query.parse_with("published_before", |text| text.parse::<Timestamp>()),
        updated_after: query.parse_with("updated_after", |text| text.parse::<Timestamp>()),
    }
}

/// Any text can be looked up for a slug; one that can be no slug is found nowhere.
fn slug(query: &mut RawQuery, name: &str) -> Option<String> {
    let fits = |text: &str| (1..=MOST_SLUG_CHARS).contains(&text.chars().count());
    query.parse_with(
        name,
        |text| if fits(text) { Ok(text.to_owned()) } else { Err("is not a slug of 1 to 200 characters") },
    )
}

fn slugs(query: &mut RawQuery, name: &str) -> Vec<String> {
    let words = query.words(name, MOST_SLUGS, &[]);
    if words.iter().any(|word| word.chars().count() > MOST_SLUG_CHARS) {
        query.fault(name, Code::InvalidParameter, "has a slug of more than 200 characters", &[]);
        return Vec::new();
    }
    words
}

fn read_ids(query: &mut RawQuery) -> Vec<i64> {
    let words = query.words("ids", MOST_IDS, &[]);
    let id = |word: &String| {
        word.parse::<i64>().ok().filter(|_| word.len() <= 18 && word.bytes().all(|b| b.is_ascii_digit()))
    };
    let ids: Option<Vec<i64>> = words.iter().map(id).collect();
    ids.unwrap_or_else(|| {
        query.fault("ids", Code::InvalidParameter, "is not a comma list of ids", &[]);
        Vec::new()
    })
}
