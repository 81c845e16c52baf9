//! From a record as it was written to one that can be stored. All faults of a record are found at once.

use std::fmt;

use super::record::{
    ArticleRecord, AuthorRecord, AuthorRef, CorrectionRecord, KillRecord, MediaRecord, TagRecord, TagRef,
};
use crate::articles::input::{ArticleInput, BodyInput, Byline, Correction, Identity, Kill, Tagging, derived_guid};
use crate::articles::{Status, read_lang};
use crate::authors::AuthorInput;
use crate::clock::Timestamp;
use crate::media::{MediaInput, Rendition, Rights};
use crate::tags::TagInput;
use crate::text::slug::{composed, is_slug};

/// Most characters of a title or name.
const LINE: usize = 2_000;
/// Most characters of an identity, which both databases index.
const KEY: usize = 500;
/// Most characters of a plain text such as a caption.
const TEXT: usize = 100_000;
/// Most bytes of an address.
pub const ADDRESS: usize = 4096;
/// Most bytes of a body.
const BODY: usize = 8 * 1024 * 1024;
/// Most entries of a list, such as the tags of an article.
const ENTRIES: usize = 500;

/// A fault of a record: the field's path and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub field: String,
    pub reason: String,
}

impl Invalid {
    /// What was checked, unless there are faults of it or found before.
    pub fn all<T>(before: Vec<Self>, checked: Result<T, Vec<Self>>) -> Result<T, Vec<Self>> {
        match checked {
            Ok(value) if before.is_empty() => Ok(value),
            Ok(_) => Err(before),
            Err(more) => Err([before, more].concat()),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

/// Checks an article.
pub fn checked(record: ArticleRecord) -> Result<ArticleInput, Vec<Invalid>> {
    let mut check = Check::default();
    check.dates(&record);
    let ArticleRecord {
        id: _,
        version: _,
        guid,
        slug,
        title,
        kind,
        lang,
        status,
        published_at,
        first_published_at,
        updated_at,
        embargo_until,
        expires_at,
        translation_group,
        standfirst,
        body,
        body_format,
        canonical_url,
        rights,
        authors,
        tags,
        hero,
        media,
        corrections,
        former_slugs,
        kill,
    } = record;
    let lang = check.lang("lang", lang);
    check.require(body.len() <= BODY, "body", format!("is larger than {BODY} bytes"));
    check.require(!body.contains('\0'), "body", "has a NUL character");
    check.few("authors", authors.len());
    check.few("tags", tags.len());
    check.few("media", media.len());
    check.few("corrections", corrections.len());
    check.few("former_slugs", former_slugs.len());
    let input = ArticleInput {
        guid: guid.map_or(Identity::Slug, |guid| Identity::Given(check.key("guid", guid))),
        slug: check.slug("slug", slug),
        kind,
        lang,
        translation_group: translation_group.map(|group| check.key("translation_group", group)),
        status,
        title: check.line("title", title),
        standfirst: standfirst.map(|text| check.text("standfirst", text)).filter(|text| !text.is_empty()),
        body: BodyInput { source: body, format: body_format },
        canonical_url: canonical_url.map(|url| check.url("canonical_url", url)),
        rights: rights.map(|rights| check.rights("rights", rights)),
        published_at,
        first_published_at,
        updated_at,
        embargo_until,
        expires_at,
        authors: authors.into_iter().enumerate().map(|(i, author)| check.byline(i, author)).collect(),
        tags: tags.into_iter().enumerate().map(|(i, tag)| check.tagging(i, tag)).collect(),
        hero: hero.map(|medium| check.medium("hero", medium)),
        media: media.into_iter().enumerate().map(|(i, medium)| check.medium(&format!("media[{i}]"), medium)).collect(),
        corrections: corrections
            .into_iter()
            .enumerate()
            .map(|(i, correction)| check.correction(i, correction))
            .collect(),
        former_slugs: former_slugs.into_iter().map(|slug| check.slug("former_slugs", slug)).collect(),
        kill: kill.map(|kill| check.kill(kill)),
    };
    check.finish(input)
}

/// Checks a tag.
pub fn checked_tag(record: TagRecord) -> Result<TagInput, Vec<Invalid>> {
    let mut check = Check::default();
    let TagRecord { slug, name, kind, description, aliases } = record;
    check.few("aliases", aliases.len());
    let input = TagInput {
        slug: check.slug("slug", slug),
        name: check.name("name", name),
        kind,
        description: check.text("description", description),
        aliases: aliases
            .into_iter()
            .enumerate()
            .map(|(i, alias)| check.slug(&format!("aliases[{i}]"), alias))
            .collect(),
    };
    check.finish(input)
}

/// Checks an author.
pub fn checked_author(record: AuthorRecord) -> Result<AuthorInput, Vec<Invalid>> {
    let mut check = Check::default();
    let AuthorRecord { slug, name, bio } = record;
    let input =
        AuthorInput { slug: check.slug("slug", slug), name: check.name("name", name), bio: check.text("bio", bio) };
    check.finish(input)
}

/// Checks a medium.
pub fn checked_media(record: MediaRecord) -> Result<MediaInput, Vec<Invalid>> {
    let mut check = Check::default();
    let input = check.medium("", record);
    check.finish(input)
}

/// The faults found so far. Each method returns its value as it is to be stored, which counts only without faults.
#[derive(Default)]
struct Check(Vec<Invalid>);

impl Check {
    fn finish<T>(self, input: T) -> Result<T, Vec<Invalid>> {
        if self.0.is_empty() { Ok(input) } else { Err(self.0) }
    }

    fn require(&mut self, holds: bool, field: &str, reason: impl Into<String>) {
        if !holds {
            self.0.push(Invalid { field: field.to_owned(), reason: reason.into() });
        }
    }

    fn few(&mut self, field: &str, entries: usize) {
        self.require(entries <= ENTRIES, field, format!("has {entries} entries; at most {ENTRIES} are allowed"));
    }

    fn lang(&mut self, field: &str, lang: String) -> String {
        match read_lang(&lang) {
            Ok(lang) => lang,
            Err(reason) => {
                self.require(false, field, reason);
                lang
            }
        }
    }

    /// Two spellings of one letter would be two addresses that look alike.
    fn slug(&mut self, field: &str, slug: String) -> String {
        let slug = composed(slug);
        let reason =
            format!("{slug:?} is no slug: lower-case letters and digits in groups joined by hyphens, not digits alone");
        self.require(is_slug(&slug), field, reason);
        slug
    }

    /// An opaque identity.
    fn key(&mut self, field: &str, key: String) -> String {
        let fits = (1..=KEY).contains(&key.chars().count()) && !key.chars().any(char::is_control);
        self.require(fits, field, format!("is not 1 to {KEY} characters without control characters"));
        key
    }

    /// One line of plain text; line breaks become spaces.
    fn line(&mut self, field: &str, text: String) -> String {
        let text =
            text.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        self.require(text.chars().count() <= LINE, field, format!("is longer than {LINE} characters"));
        self.require(!text.chars().any(char::is_control), field, "has control characters");
        text
    }

    fn name(&mut self, field: &str, text: String) -> String {
        let text = self.line(field, text);
        self.require(!text.is_empty(), field, "is empty");
        text
    }

    /// Plain text of any number of lines.
    fn text(&mut self, field: &str, text: String) -> String {
        self.require(text.chars().count() <= TEXT, field, format!("is longer than {TEXT} characters"));
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        self.require(!text.chars().any(control), field, "has control characters");
        text.trim().to_owned()
    }

    /// An address: http or https, or a path on the publisher's own site.
    fn url(&mut self, field: &str, url: String) -> String {
        let scheme = ["https://", "http://", "/"].iter().any(|start| url.len() > start.len() && url.starts_with(start));
        let plain = !url.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"'));
        self.require(scheme && plain && url.len() <= ADDRESS, field, format!("{url:?} is no http or https address"));
        url
    }

    fn dates(&mut self, record: &ArticleRecord) {
        let dated = record.published_at.is_some()
            || matches!(record.status, Status::Draft | Status::Withdrawn | Status::Killed);
        self.require(dated, "published_at", format!("is required when the status is {}", record.status.as_ref()));
        let after = |end: Option<Timestamp>| end.zip(record.published_at).is_none_or(|(end, start)| end > start);
        self.require(after(record.expires_at), "expires_at", "is not after published_at");
        let killed = record.status == Status::Killed;
        self.require(killed == record.kill.is_some(), "kill", "goes with the status `killed`, and with no other");
    }

    fn byline(&mut self, i: usize, author: AuthorRef) -> Byline {
        let AuthorRef { slug, name } = author;
        Byline {
            slug: self.slug(&format!("authors[{i}].slug"), slug),
            name: self.name(&format!("authors[{i}].name"), name),
        }
    }

    fn tagging(&mut self, i: usize, tag: TagRef) -> Tagging {
        let TagRef { slug, name, kind } = tag;
        let slug = self.slug(&format!("tags[{i}].slug"), slug);
        Tagging { slug, name: self.name(&format!("tags[{i}].name"), name), kind }
    }

    fn correction(&mut self, i: usize, correction: CorrectionRecord) -> Correction {
        let CorrectionRecord { at, text } = correction;
        Correction { at, text: self.text(&format!("corrections[{i}].text"), text) }
    }

    fn kill(&mut self, kill: KillRecord) -> Kill {
        let KillRecord { at, reason, replaced_by } = kill;
        Kill {
            at,
            reason: self.text("kill.reason", reason),
            replaced_by: replaced_by.map(|slug| self.slug("kill.replaced_by", slug)),
        }
    }

    fn rights(&mut self, field: &str, rights: Rights) -> Rights {
        let Rights { holder, licence, usage } = rights;
        let mut text = |name: &str, text: Option<String>| text.map(|text| self.text(&format!("{field}.{name}"), text));
        Rights { holder: text("holder", holder), licence: text("licence", licence), usage: text("usage", usage) }
    }

    /// A medium without an identity of its own is the same as another one when all that is shown of it is the same: one
    /// picture may have a caption in each language.
    fn medium(&mut self, field: &str, medium: MediaRecord) -> MediaInput {
        let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        let MediaRecord { guid, url, alt, caption, credit, width, height, mime_type, rights, renditions } = medium;
        let pixels = |size: Option<i64>| size.is_none_or(|size| (1..=1_000_000).contains(&size));
        self.require(pixels(width), &at("width"), "is not from 1 to 1000000");
        self.require(pixels(height), &at("height"), "is not from 1 to 1000000");
        self.few(&at("renditions"), renditions.len());
        let mut input = MediaInput {
            guid: String::new(),
            url: self.url(&at("url"), url),
            alt: self.text(&at("alt"), alt),
            caption: self.text(&at("caption"), caption),
            credit: self.text(&at("credit"), credit),
            width,
            height,
            mime_type: mime_type.map(|kind| self.line(&at("mime_type"), kind)).filter(|kind| !kind.is_empty()),
            rights: rights.map(|rights| self.rights(&at("rights"), rights)),
            renditions: renditions.into_iter().map(|rendition| self.rendition(&at("renditions"), rendition)).collect(),
        };
        input.guid = match guid {
            Some(guid) => self.key(&at("guid"), guid),
            None => derived_guid("media", &serde_json::to_string(&input).unwrap_or_default()),
        };
        input
    }

    fn rendition(&mut self, field: &str, rendition: Rendition) -> Rendition {
        let Rendition { url, width, height, mime_type } = rendition;
        let pixels = |size: Option<i64>| size.is_none_or(|size| (1..=1_000_000).contains(&size));
        self.require(pixels(width) && pixels(height), field, "has a width or height that is not from 1 to 1000000");
        Rendition {
            url: self.url(field, url),
            width,
            height,
            mime_type: mime_type.map(|kind| self.line(field, kind)).filter(|kind| !kind.is_empty()),
        }
    }
}
