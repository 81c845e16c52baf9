//! What an item refers to: its tags, authors, media and translations.

use std::collections::HashMap;

use isolang::Language;
use url::Url;

use crate::records::{ADDRESS, AuthorRef, MediaRecord, TagRef};
use crate::tags::TagKind;
use crate::wordpress::body::{Library, Losses};
use crate::wordpress::element::{Author, Item, ItemTerm};
use crate::wordpress::slugs::{slug, slug_from_words};

/// What WordPress, in the languages that are used here, calls the category of what was put in none.
const DEFAULT_CATEGORIES: [&str; 8] = [
    "uncategorized",
    "uncategorised",
    "без-рубрики",
    "bez-rubriki",
    "без-категорії",
    "айдарсыз",
    "ajdarsyz",
    "turkumlanmagan",
];

/// Taxonomies that organise WordPress, a plugin or a translation, and say nothing of what a post is about.
const BOOKKEEPING: [&str; 14] = [
    "author",
    "language",
    "link_category",
    "nav_menu",
    "post_format",
    "post_translations",
    "term_language",
    "term_translations",
    "wp_pattern_category",
    "wp_template_part_area",
    "wp_theme",
    "yst_prominent_words",
    "elementor_library_type",
    "elementor_library_category",
];

/// The taxonomies of an item that say what it is about, and that have no place here, once for each term.
pub fn unplaced(item: &Item) -> impl Iterator<Item = &str> {
    let unplaced = |term: &&ItemTerm| {
        let known = term.taxonomy.is_empty() || BOOKKEEPING.contains(&term.taxonomy.as_str());
        !known && kind_of(&term.taxonomy).is_none()
    };
    named(item).filter(unplaced).map(|term| term.taxonomy.as_str())
}

fn kind_of(taxonomy: &str) -> Option<TagKind> {
    Some(match taxonomy {
        "category" => TagKind::Section,
        "post_tag" | "tag" | "topic" | "topics" | "subject" => TagKind::Topic,
        "country" | "countries" => TagKind::Country,
        "person" | "people" | "persons" => TagKind::Person,
        "organisation" | "organization" | "organisations" | "organizations" | "company" => TagKind::Organisation,
        _ => return None,
    })
}

/// A term as a tag; `None` for taxonomies that organise WordPress and for the default category.
pub fn tag(taxonomy: &str, term_slug: &str, name: &str) -> Option<TagRef> {
    let kind = kind_of(taxonomy)?;
    let slug = slug(term_slug, "tag").or_else(|| slug_from_words(name, "tag"))?;
    if taxonomy == "category" && is_default_category(&slug) {
        return None;
    }
    let name = if name.is_empty() { slug.clone() } else { name.to_owned() };
    Some(TagRef { slug, name, kind })
}

/// Polylang gives each language one of its own: `uncategorized-ky`.
fn is_default_category(slug: &str) -> bool {
    let of_language = slug.rsplit_once('-').filter(|(_, language)| matches!(language.len(), 2 | 3));
    [Some(slug), of_language.map(|(slug, _)| slug)].into_iter().flatten().any(|slug| DEFAULT_CATEGORIES.contains(&slug))
}

/// The terms of an item, each of them once: WXR 1.0 writes every term twice, the first time without its slug and the category also without
/// its taxonomy.
fn named(item: &Item) -> impl Iterator<Item = &ItemTerm> {
    let has_slugs = item.terms.iter().any(|term| !term.slug.is_empty());
    item.terms.iter().filter(move |term| !term.slug.is_empty() || !has_slugs)
}

/// The tags of an item, sections first, each slug once.
pub fn tags(item: &Item) -> Vec<TagRef> {
    let mut tags: Vec<TagRef> = Vec::new();
    for term in named(item) {
        let taxonomy = if term.taxonomy.is_empty() { "category" } else { &term.taxonomy };
        if let Some(found) =
            tag(taxonomy, &term.slug, &term.name).filter(|found| tags.iter().all(|tag| tag.slug != found.slug))
        {
            tags.push(found);
        }
    }
    tags.sort_by_key(|tag| tag.kind != TagKind::Section);
    tags
}

/// A user as a byline.
pub fn author(author: &Author) -> Option<AuthorRef> {
    let slug = slug(&author.login, "author").or_else(|| slug_from_words(&author.display_name, "author"))?;
    let name = if author.display_name.is_empty() { author.login.clone() } else { author.display_name.clone() };
    Some(AuthorRef { slug, name })
}

/// The users of an export as bylines, by login. Logins that make the same slug get different ones: they are two people.
#[derive(Debug, Default)]
pub struct Users(HashMap<String, AuthorRef>);

impl Users {
    /// Takes note of a user; once is enough.
    pub fn note(&mut self, user: &Author) {
        let login = user.login.to_lowercase();
        let (Some(mut byline), false) = (author(user), self.0.contains_key(&login)) else { return };
        let wanted = byline.slug.clone();
        for number in 2_u32.. {
            if self.0.values().all(|other| other.slug != byline.slug) {
                break;
            }
            byline.slug = format!("{wanted}-{number}");
        }
        self.0.insert(login, byline);
    }

    /// The byline of a login or, where a plugin wrote that instead, of a name.
    pub fn get(&self, login: &str) -> Option<&AuthorRef> {
        self.0.get(&login.to_lowercase())
    }
}

/// The bylines of an item: those of Co-Authors Plus if it has them, else the user who wrote it.
pub fn authors(item: &Item, known: &Users) -> Vec<AuthorRef> {
    let guests = item.terms.iter().filter(|term| term.taxonomy == "author").filter_map(|term| guest(term, known));
    let mut bylines: Vec<AuthorRef> = Vec::new();
    for byline in guests {
        if bylines.iter().all(|other| other.slug != byline.slug) {
            bylines.push(byline);
        }
    }
    if bylines.is_empty() && !item.creator.is_empty() {
        bylines.extend(lookup(&item.creator, known));
    }
    bylines
}

fn guest(term: &ItemTerm, known: &Users) -> Option<AuthorRef> {
    let login = term.slug.strip_prefix("cap-").unwrap_or(&term.slug);
    match known.get(login).or_else(|| known.get(&term.name)) {
        Some(found) => Some(found.clone()),
        None => author(&Author { login: login.to_owned(), display_name: term.name.clone(), bio: String::new() }),
    }
}

fn lookup(login: &str, known: &Users) -> Option<AuthorRef> {
    match known.get(login) {
        Some(found) => Some(found.clone()),
        None => author(&Author { login: login.to_owned(), ..Author::default() }),
    }
}

/// The featured picture, and everything else that the item shows or was given, each once.
pub fn media(
    item: &Item,
    shown: &[u64],
    library: &dyn Library,
    losses: &mut Losses,
) -> (Option<MediaRecord>, Vec<MediaRecord>) {
    let mut find = |id: u64| {
        let found = library.attachment(id);
        if found.is_none() {
            losses.missing_media.insert(id);
        }
        found
    };
    let hero =
        item.meta("_thumbnail_id").and_then(|id| id.trim().parse().ok()).filter(|id| *id > 0).and_then(&mut find);
    let mut media: Vec<MediaRecord> = Vec::new();
    let shown: Vec<MediaRecord> = shown.iter().filter_map(|&id| find(id)).collect();
    let attached = if item.id > 0 { library.attached_to(item.id) } else { Vec::new() };
    for found in shown.into_iter().chain(attached) {
        let is_hero = hero.as_ref().is_some_and(|hero| hero.url == found.url);
        if !is_hero && media.iter().all(|other| other.url != found.url) {
            media.push(found);
        }
    }
    (hero, media)
}

/// Where plugins keep the address of the original.
const CANONICAL: [&str; 4] =
    ["_yoast_wpseo_canonical", "rank_math_canonical_url", "_genesis_canonical_uri", "_seopress_robots_canonical"];

/// The address of the original on another site. One of the own site is where WordPress had it, and says nothing here.
pub fn canonical(item: &Item, site: &str) -> Option<String> {
    let original = CANONICAL.iter().find_map(|key| item.meta(key)).and_then(|url| Url::parse(url.trim()).ok())?;
    let is_web = matches!(original.scheme(), "http" | "https");
    // The sites of a network may differ by their folders alone.
    let is_below =
        |own: &Url| host(own) == host(&original) && original.path().starts_with(own.path().trim_end_matches('/'));
    let is_own = Url::parse(site).ok().as_ref().is_some_and(is_below);
    (is_web && !is_own && original.as_str().len() <= ADDRESS).then(|| original.to_string())
}

fn host(url: &Url) -> Option<&str> {
    url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host))
}

/// What Polylang notes on all translations of a post.
pub fn translation_group(item: &Item) -> Option<String> {
    let group = item.terms.iter().find(|term| term.taxonomy == "post_translations")?;
    Some(group.slug.clone()).filter(|slug| !slug.is_empty())
}

/// A language tag without its region, which WordPress adds whether it means something or not: `uz-Cyrl-UZ` is `uz-Cyrl`. Of a
/// language with two codes the short one, by which it is asked for: `kir` is `ky`.
pub fn language(tag: &str) -> Option<String> {
    let mut parts = tag.split(['-', '_', '@']);
    let language = parts
        .next()
        .filter(|part| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    let script = parts.map(str::to_ascii_lowercase).find_map(|part| match part.as_str() {
        "cyrillic" => Some("Cyrl".to_owned()),
        "latin" => Some("Latn".to_owned()),
        _ if part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Some(part[..1].to_ascii_uppercase() + &part[1..])
        }
        _ => None,
    });
    let language = language.to_ascii_lowercase();
    let language = Language::from_639_3(&language).and_then(|known| known.to_639_1()).map_or(language, str::to_owned);
    Some(script.map_or_else(|| language.clone(), |script| format!("{language}-{script}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(taxonomy: &str, slug: &str, name: &str) -> ItemTerm {
        ItemTerm { taxonomy: taxonomy.into(), slug: slug.into(), name: name.into() }
    }

    #[test]
    fn sections_come_first_and_the_default_category_is_dropped() {
        let item = Item {
            terms: vec![
                term("post_tag", "%d0%ba%d1%83%d1%80%d1%81", "Курс"),
                term("category", "uncategorized", "Uncategorized"),
                term("category", "uncategorized-ky", "Uncategorized"),
                term("category", "world", "World"),
                term("post_tag", "world", "World"),
                term("post_tag", "2024", "2024"),
                term("nav_menu", "main", "Main"),
            ],
            ..Item::default()
        };
        let tag = |slug: &str, name: &str, kind| TagRef { slug: slug.into(), name: name.into(), kind };
        assert_eq!(
            tags(&item),
            [
                tag("world", "World", TagKind::Section),
                tag("курс", "Курс", TagKind::Topic),
                tag("tag-2024", "2024", TagKind::Topic)
            ]
        );
    }

    #[test]
    fn the_double_terms_of_old_exports_count_once() {
        let item = Item {
            terms: vec![
                term("", "", "World"),
                term("category", "world-news", "World"),
                term("tag", "", "Gold"),
                term("tag", "gold", "Gold"),
            ],
            ..Item::default()
        };
        let slugs: Vec<String> = tags(&item).into_iter().map(|tag| tag.slug).collect();
        assert_eq!(slugs, ["world-news", "gold"]);
        let item = Item { terms: vec![term("", "", "World News")], ..Item::default() };
        assert_eq!(tags(&item)[0].slug, "world-news");
    }

    #[test]
    fn logins_that_make_one_slug_stay_two_people() {
        let mut users = Users::default();
        for (login, name) in [("john.doe", "John Doe"), ("john-doe", "Another Doe"), ("John.Doe", "John Doe")] {
            users.note(&Author { login: login.into(), display_name: name.into(), bio: String::new() });
        }
        let slug = |login: &str| users.get(login).map(|byline| byline.slug.as_str());
        assert_eq!((slug("JOHN.DOE"), slug("john-doe")), (Some("john-doe"), Some("john-doe-2")));
    }

    #[test]
    fn guest_authors_replace_the_user_who_posted() {
        let ann = Author { login: "Ann.Lee".into(), display_name: "Ann Lee".into(), bio: String::new() };
        let mut known = Users::default();
        known.note(&ann);
        let mut item = Item { creator: "ann.lee".into(), ..Item::default() };
        let byline = |slug: &str, name: &str| AuthorRef { slug: slug.into(), name: name.into() };
        assert_eq!(authors(&item, &known), [byline("ann-lee", "Ann Lee")]);
        item.terms = vec![term("author", "cap-bek", "Bek"), term("author", "cap-ann.lee", "ann.lee")];
        assert_eq!(authors(&item, &known), [byline("bek", "Bek"), byline("ann-lee", "Ann Lee")]);
        item = Item { creator: "gone@a.example".into(), ..Item::default() };
        assert_eq!(authors(&item, &known), [byline("gone-a-example", "gone@a.example")]);
    }

    #[test]
    fn languages_lose_their_region_and_keep_their_script() {
        for (tag, expected) in [
            ("en-US", Some("en")),
            ("ky_KG", Some("ky")),
            ("uz-Cyrl-UZ", Some("uz-Cyrl")),
            ("uz_UZ@cyrillic", Some("uz-Cyrl")),
            ("kir", Some("ky")),
            ("tuk", Some("tk")),
            ("uzb-Latn", Some("uz-Latn")),
            ("kaa", Some("kaa")),
            ("", None),
            ("english", None),
        ] {
            assert_eq!(language(tag).as_deref(), expected, "{tag}");
        }
    }
}
