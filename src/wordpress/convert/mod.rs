//! Makes records of items: posts and pages become articles, attachments media, terms tags and users authors.

mod attachment;
mod dates;
mod php;
mod references;

use std::collections::HashMap;

use self::attachment::media_record;
use self::php::Php;
use self::references::Users;
use super::body::{self, BodySource, Library, Losses};
use super::element::{Author, Element, Item, Site, Term};
use super::plain::plain;
use super::slugs::{SlugBook, slug, slug_from_words};
use crate::articles::{BodyFormat, Kind, Status};
use crate::clock::Timestamp;
use crate::records::{ArticleRecord, AuthorRecord, MediaRecord, TagRecord};

/// What became of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Converted {
    Article(Box<Article>),
    Media(Box<Media>),
    Skipped(Skipped),
}

/// A post or page as a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    pub record: ArticleRecord,
    /// Its slug in WordPress, which another post of the file may have too.
    pub wanted_slug: String,
    pub post: u64,
    pub privacy: Privacy,
    /// Published, but without any date, so that it was kept as a draft.
    pub undated: bool,
    /// Comments left behind.
    pub comments: u64,
    /// The taxonomies without a place here, once for each of its terms.
    pub unplaced: Vec<String>,
    /// The custom fields without a place here.
    pub left_out: Vec<String>,
    pub losses: Losses,
}

/// Why a post that readers of WordPress could reach isn't public here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    Open,
    Private,
    Password,
}

/// An attachment as a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    pub record: MediaRecord,
    /// The id by which bodies and `_thumbnail_id` name it.
    pub post: u64,
    /// The post it was uploaded to; 0 for none.
    pub parent: u64,
}

/// An item without a place here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub title: String,
    pub post_type: String,
    pub reason: &'static str,
}

/// Converts items, knowing the site and its authors, which come before them in the file.
#[derive(Debug, Default)]
pub struct Converter {
    site: Site,
    lang: Option<String>,
    users: Users,
    slugs: SlugBook,
    guids: SlugBook,
    /// What the slugs of Polylang's languages stand for.
    languages: HashMap<String, String>,
}

impl Converter {
    /// `lang` stands in for the language of the channel; the language that Polylang gave a post comes before both.
    pub fn new(lang: Option<String>) -> Self {
        Self { lang, ..Self::default() }
    }

    /// Takes note of what later items refer to. Every element of the file may be passed.
    pub fn note(&mut self, element: &Element) {
        match element {
            Element::Site(site) => self.site = site.clone(),
            Element::Author(author) => self.users.note(author),
            Element::Term(term) if term.taxonomy == "language" => {
                // Polylang lets a language's slug be anything, and notes its locale here.
                let noted = Php::parse(&term.description);
                let locale = noted.as_ref().and_then(|noted| noted.get("locale")?.text());
                if let Some(language) = locale.and_then(references::language) {
                    self.languages.insert(term.slug.clone(), language);
                }
            }
            Element::Item(item) => {
                if let Some(guest) = guest_author(item) {
                    self.users.note(&guest);
                }
                // A draft takes no name that readers know another post by.
                if reason_to_skip(item).is_none() && item.post_type != "attachment" && is_for_readers(item) {
                    self.slugs.claim(&wanted_slug(item), item.id);
                }
            }
            Element::Term(_) => {}
        }
    }

    /// Converts an item. Items must come in file order: the first one with a slug keeps it, but for those that were noted, which come
    /// first if readers know them.
    pub fn convert(&mut self, item: &Item, library: &dyn Library) -> Converted {
        if let Some(reason) = reason_to_skip(item) {
            return skipped(item, reason);
        }
        if item.post_type != "attachment" {
            return Converted::Article(Box::new(self.article(item, library)));
        }
        match media_record(item) {
            Some(record) => Converted::Media(Box::new(Media { record, post: item.id, parent: item.parent })),
            None => skipped(item, "attachment without the address of a file"),
        }
    }

    fn article(&mut self, item: &Item, library: &dyn Library) -> Article {
        let address = if item.link.is_empty() { &self.site.base_url } else { &item.link };
        let source = BodySource { raw: &item.content, post: item.id, footnotes: item.meta("footnotes"), address };
        let body = body::convert(source, library);
        let privacy = privacy(item);
        let mut losses = body.losses;
        let (hero, media) = references::media(item, &body.media, library, &mut losses);
        let published_at = dates::published(item);
        let status = status(item, privacy, published_at);
        let wanted_slug = wanted_slug(item);
        let slug = self.slugs.claim(&wanted_slug, item.id);
        let record = ArticleRecord {
            id: None,
            version: None,
            guid: Some(self.guid(item)),
            title: line(&item.title),
            kind: kind(item),
            lang: self.language(item),
            status,
            // WordPress dates a draft by when it was begun.
            published_at: published_at.filter(|_| status != Status::Draft || privacy != Privacy::Open),
            first_published_at: None,
            updated_at: dates::updated(item),
            embargo_until: None,
            expires_at: None,
            translation_group: references::translation_group(item),
            standfirst: Some(body::plain_without_shortcodes(&item.excerpt)).filter(|text| !text.is_empty()),
            body: body.html,
            body_format: BodyFormat::Html,
            canonical_url: references::canonical(item, &self.site.base_url),
            rights: None,
            authors: references::authors(item, &self.users),
            tags: references::tags(item),
            hero,
            media,
            corrections: Vec::new(),
            former_slugs: former_slugs(item, &slug),
            kill: None,
            slug,
        };
        let undated = item.status == "publish" && published_at.is_none();
        let unplaced = references::unplaced(item).map(str::to_owned).collect();
        Article {
            record,
            wanted_slug,
            post: item.id,
            privacy,
            undated,
            comments: item.comments,
            unplaced,
            left_out: item.left_out.clone(),
            losses,
        }
    }

    /// Its own, for feed readers know it; but WordPress lets two posts have the same one, and then the id tells them apart.
    fn guid(&mut self, item: &Item) -> String {
        let by_id = format!("{}/?p={}", self.site.base_url, item.id);
        let own = if item.guid.is_empty() { &by_id } else { &item.guid };
        if self.guids.take(own, item.id) { own.clone() } else { format!("{by_id}#{}", item.id) }
    }

    /// The user as an author; `None` when there is neither a login nor a name.
    pub fn author_record(&self, user: &Author) -> Option<AuthorRecord> {
        let byline = self.users.get(&user.login)?.clone();
        Some(AuthorRecord { slug: byline.slug, name: line(&byline.name), bio: line(&user.bio) })
    }

    fn language(&self, item: &Item) -> String {
        let own = item.terms.iter().find(|term| term.taxonomy == "language").map(|term| term.slug.as_str());
        if let Some(language) = own.and_then(|own| self.languages.get(own)) {
            return language.clone();
        }
        let tags = [own, self.lang.as_deref(), Some(self.site.language.as_str())];
        tags.into_iter().flatten().find_map(references::language).unwrap_or_else(|| "und".to_owned())
    }
}

/// The author whom an item of Co-Authors Plus describes, who is no user of WordPress.
pub fn guest_author(item: &Item) -> Option<Author> {
    if item.post_type != "guest-author" {
        return None;
    }
    let named = item.name.strip_prefix("cap-").unwrap_or(&item.name);
    Some(Author {
        login: plain(item.meta("cap-user_login").unwrap_or(named)),
        display_name: item.meta("cap-display_name").map_or_else(|| item.title.clone(), plain),
        bio: item.meta("cap-description").map(body::plain_without_shortcodes).unwrap_or_default(),
    })
}

fn wanted_slug(item: &Item) -> String {
    slug(&item.name, "post")
        .or_else(|| slug_from_words(&item.title, "post"))
        .unwrap_or_else(|| format!("post-{}", item.id))
}

fn is_for_readers(item: &Item) -> bool {
    matches!(status(item, privacy(item), dates::published(item)), Status::Published | Status::Scheduled)
}

/// A term as a tag with its description; `None` when it isn't for readers.
pub fn tag_record(term: &Term) -> Option<TagRecord> {
    let reference = references::tag(&term.taxonomy, &term.slug, &term.name)?;
    let description = body::plain_without_shortcodes(&term.description);
    Some(TagRecord {
        slug: reference.slug,
        name: line(&reference.name),
        kind: reference.kind,
        description,
        aliases: Vec::new(),
    })
}

/// One line of plain text without shortcodes, which WordPress itself would not render there.
fn line(text: &str) -> String {
    if !text.contains('[') {
        return text.to_owned();
    }
    body::plain_without_shortcodes(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

fn skipped(item: &Item, reason: &'static str) -> Converted {
    Converted::Skipped(Skipped { title: item.title.clone(), post_type: item.post_type.clone(), reason })
}

/// Why a post that was thrown away is skipped. One that is here already is withdrawn.
pub const IN_THE_TRASH: &str = "in the trash";

fn reason_to_skip(item: &Item) -> Option<&'static str> {
    match item.post_type.as_str() {
        "post" | "page" | "attachment" | "" => {}
        "revision" => return Some("an older version of a post"),
        "nav_menu_item" | "wp_navigation" => return Some("a menu; the front end has its own"),
        "guest-author" => return Some("a guest author; an author here"),
        "wp_block" => return Some("a reusable block; shown where posts use it"),
        "wp_template"
        | "wp_template_part"
        | "wp_global_styles"
        | "custom_css"
        | "customize_changeset"
        | "wp_font_family"
        | "wp_font_face" => return Some("part of the theme"),
        "oembed_cache" | "user_request" => return Some("WordPress's own bookkeeping"),
        _ => return Some("a custom post type, of which nothing is known here"),
    }
    match item.status.as_str() {
        "trash" => Some(IN_THE_TRASH),
        "auto-draft" => Some("begun and never saved"),
        "inherit" if item.post_type != "attachment" => Some("an older version of a post"),
        "private" if item.post_type == "attachment" => Some("a private attachment"),
        _ if item.post_type == "attachment" && !item.password.is_empty() => Some("an attachment under a password"),
        _ => None,
    }
}

fn privacy(item: &Item) -> Privacy {
    match () {
        () if item.status == "private" => Privacy::Private,
        () if !item.password.is_empty() => Privacy::Password,
        () => Privacy::Open,
    }
}

/// A status that a plugin made up (`pitch`, `in-progress`) is a draft: nothing goes public by accident.
fn status(item: &Item, privacy: Privacy, published_at: Option<Timestamp>) -> Status {
    match item.status.as_str() {
        _ if privacy != Privacy::Open || published_at.is_none() => Status::Draft,
        "publish" => Status::Published,
        "future" => Status::Scheduled,
        _ => Status::Draft,
    }
}

fn kind(item: &Item) -> Kind {
    let format = item.terms.iter().find(|term| term.taxonomy == "post_format").map(|term| term.slug.as_str());
    match format {
        _ if item.post_type == "page" => Kind::Page,
        Some("post-format-video") => Kind::Video,
        Some("post-format-gallery" | "post-format-image") => Kind::Photo,
        _ => Kind::News,
    }
}

fn former_slugs(item: &Item, present: &str) -> Vec<String> {
    let mut former: Vec<String> = Vec::new();
    for old in item.meta_all("_wp_old_slug").filter_map(|old| slug(old, "post")) {
        if old != present && !former.contains(&old) {
            former.push(old);
        }
    }
    former
}

#[cfg(test)]
mod tests;
