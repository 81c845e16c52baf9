//! Reads a WXR export as a stream of [`Element`]s, holding one item at a time.
//!
//! An export is RSS with WordPress's own elements. What is refused: a DOCTYPE (entities that expand without end), anything
//! but RSS with a known `wp:wxr_version`, a file that ends early, and a single item over [`ITEM_LIMIT`].

mod fields;
mod input;

use std::io::{self, BufRead};

use quick_xml::events::Event;

use self::fields::Fields;
use self::input::{AllowanceSpent, Utf8Input};
use super::element::{Element, Site};
use super::plain::plain;

/// The most that one item, or one value in it, may hold. The longest article is a thousandth of it.
pub const ITEM_LIMIT: usize = 16 << 20;

/// Why a file can't be read on. Positions count bytes from the start of the file, after decoding to UTF-8.
#[derive(Debug, thiserror::Error)]
pub enum WxrError {
    #[error("the file can't be read")]
    Io(#[source] io::Error),
    #[error("this is not a WordPress export: {found} (at byte {position})")]
    NotWxr { found: String, position: u64 },
    #[error("the file has a DOCTYPE at byte {position}; an export has none, so it is refused")]
    Doctype { position: u64 },
    #[error("WXR version `{found}` is not known here; 1.0, 1.1 and 1.2 are")]
    Version { found: String },
    #[error("the file ends too early: {inside} at byte {position} is never closed")]
    Truncated { inside: String, position: u64 },
    #[error("the XML is broken at byte {position}: {reason}")]
    Malformed { reason: String, position: u64 },
    #[error("{what} that starts at byte {position} is larger than {ITEM_LIMIT} bytes")]
    TooLarge { what: String, position: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Channel,
    Done,
}

/// Iterates over the elements of an export.
pub struct WxrReader<R: BufRead> {
    xml: quick_xml::Reader<Utf8Input<R>>,
    buffer: Vec<u8>,
    stage: Stage,
    site: Site,
    link: String,
    site_told: bool,
    waiting: Option<Element>,
    excerpt_prefix: String,
}

impl<R: BufRead> WxrReader<R> {
    /// Starts at the beginning of an export.
    pub fn new(input: R) -> Self {
        let mut xml = quick_xml::Reader::from_reader(Utf8Input::new(input, ITEM_LIMIT));
        xml.config_mut().allow_dangling_amp = true;
        Self {
            xml,
            buffer: Vec::new(),
            stage: Stage::Start,
            site: Site::default(),
            link: String::new(),
            site_told: false,
            waiting: None,
            excerpt_prefix: "excerpt".to_owned(),
        }
    }

    /// How many bytes have been read, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.xml.buffer_position()
    }

    fn advance(&mut self) -> Result<Option<Element>, WxrError> {
        if let Some(element) = self.waiting.take() {
            return Ok(Some(element));
        }
        if self.stage == Stage::Start {
            self.enter_channel()?;
            self.stage = Stage::Channel;
        }
        if self.stage == Stage::Done {
            return Ok(None);
        }
        let element = self.next_in_channel()?;
        if self.site_told {
            return Ok(element);
        }
        self.tell_site().map(|site| {
            self.waiting = element;
            Some(site)
        })
    }

    /// The site is complete when something else follows, because the head comes first in the channel.
    fn tell_site(&mut self) -> Result<Element, WxrError> {
        let version = &self.site.wxr_version;
        if version.is_empty() {
            return Err(self.not_wxr("RSS without a wp:wxr_version"));
        }
        if !matches!(version.as_str(), "1.0" | "1.1" | "1.2") {
            return Err(WxrError::Version { found: version.clone() });
        }
        if self.site.base_url.is_empty() {
            self.site.base_url = std::mem::take(&mut self.link);
        }
        self.site.base_url.truncate(self.site.base_url.trim_end_matches('/').len());
        self.site_told = true;
        Ok(Element::Site(self.site.clone()))
    }

    fn enter_channel(&mut self) -> Result<(), WxrError> {
        let root = self.opening_tag()?;
        if root.local == "html" {
            return Err(self.not_wxr("an HTML page"));
        }
        if root.local != "rss" {
            return Err(self.not_wxr(&format!("the root element is `{}` and not `rss`", root.local)));
        }
        let declared = root.attributes.iter().find(|(_, uri)| uri.contains("wordpress") && uri.ends_with("/excerpt/"));
        if let Some(prefix) = declared.and_then(|(name, _)| name.strip_prefix("xmlns:")) {
            self.excerpt_prefix = prefix.to_owned();
        }
        let channel = self.opening_tag()?;
        if channel.local != "channel" {
            return Err(self.not_wxr(&format!("`{}` stands where the channel should", channel.local)));
        }
        Ok(())
    }

    /// The next start tag, with nothing but white space and comments before it.
    fn opening_tag(&mut self) -> Result<Tag, WxrError> {
        loop {
            match self.event()? {
                Happening::Start(tag) => return Ok(tag),
                // A byte order mark may follow blank lines that a plugin wrote first.
                Happening::Text(text) if !text.trim_matches(is_blank).is_empty() => {
                    let seen: String = text.trim().chars().take(40).collect();
                    let found = if text.starts_with("\u{1f}") { "a gzip archive".into() } else { format!("`{seen}`") };
                    return Err(self.not_wxr(&found));
                }
                Happening::Text(_) => {}
                Happening::End => return Err(self.not_wxr("an empty feed")),
                Happening::Eof => return Err(self.not_wxr("the file holds no element")),
            }
        }
    }

    fn next_in_channel(&mut self) -> Result<Option<Element>, WxrError> {
        loop {
            match self.event()? {
                Happening::Start(tag) => {
                    if let Some(element) = self.channel_child(&tag)? {
                        return Ok(Some(element));
                    }
                }
                Happening::Text(_) => {}
                Happening::End => {
                    self.stage = Stage::Done;
                    return self.leave_rss().map(|()| None);
                }
                Happening::Eof => return Err(self.truncated("the channel")),
            }
        }
    }

    fn channel_child(&mut self, tag: &Tag) -> Result<Option<Element>, WxrError> {
        let wordpress = !tag.prefix.is_empty();
        let mut fields = Fields::new(self, tag);
        match tag.local.as_str() {
            "item" => return fields.item().map(|item| Some(Element::Item(Box::new(item)))),
            "author" if wordpress => return fields.author().map(|author| Some(Element::Author(author))),
            "category" if wordpress => return fields.term("category").map(|term| Some(Element::Term(term))),
            "tag" if wordpress => return fields.term("post_tag").map(|term| Some(Element::Term(term))),
            "term" if wordpress => return fields.term("").map(|term| Some(Element::Term(term))),
            _ => {}
        }
        let value = fields.text()?;
        match tag.local.as_str() {
            "title" if !wordpress => self.site.title = plain(&value),
            "link" if !wordpress => self.link = value,
            "language" => self.site.language = value,
            "wxr_version" => self.site.wxr_version = value,
            "base_blog_url" => self.site.base_url = value,
            _ => {}
        }
        Ok(None)
    }

    /// What follows `</rss>`, such as the trace of a caching plugin, is of no interest.
    fn leave_rss(&mut self) -> Result<(), WxrError> {
        loop {
            match self.event()? {
                Happening::End => return Ok(()),
                Happening::Eof => return Err(self.truncated("rss")),
                Happening::Start(tag) => Fields::new(self, &tag).text().map(drop)?,
                Happening::Text(_) => {}
            }
        }
    }

    /// The next event that means something, with its own allowance of bytes.
    fn event(&mut self) -> Result<Happening, WxrError> {
        loop {
            self.buffer.clear();
            self.xml.get_mut().allow(ITEM_LIMIT);
            let start = self.xml.buffer_position();
            let happening = match self.xml.read_event_into(&mut self.buffer) {
                Ok(Event::Start(tag)) => Happening::Start(Tag::read(&tag)),
                // Read as an element without content, so that callers need not tell the two spellings apart.
                Ok(Event::Empty(tag)) => Happening::Start(Tag { empty: true, ..Tag::read(&tag) }),
                Ok(Event::End(_)) => Happening::End,
                Ok(Event::Text(text)) => Happening::Text(text.into_inner().into_owned()),
                Ok(Event::CData(text)) => Happening::Text(text.into_inner().into_owned()),
                Ok(Event::GeneralRef(reference)) => Happening::Text(fields::resolved(&reference)),
                Ok(Event::DocType(_)) => return Err(WxrError::Doctype { position: start }),
                Ok(Event::Eof) => Happening::Eof,
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                Err(error) => return Err(self.explain(error, start)),
            };
            return Ok(happening);
        }
    }

    fn explain(&self, error: quick_xml::Error, position: u64) -> WxrError {
        match error {
            quick_xml::Error::Io(error) if error.get_ref().is_some_and(|cause| cause.is::<AllowanceSpent>()) => {
                WxrError::TooLarge { what: "a value".into(), position }
            }
            quick_xml::Error::Io(error) => WxrError::Io(io::Error::new(error.kind(), error)),
            quick_xml::Error::Syntax(error) => {
                let position = self.xml.error_position();
                WxrError::Truncated { inside: unclosed(error).into(), position }
            }
            error => {
                WxrError::Malformed { reason: error.to_string(), position: self.xml.error_position().max(position) }
            }
        }
    }

    fn not_wxr(&self, found: &str) -> WxrError {
        WxrError::NotWxr { found: found.to_owned(), position: self.xml.buffer_position() }
    }

    fn truncated(&self, inside: &str) -> WxrError {
        WxrError::Truncated { inside: inside.to_owned(), position: self.xml.buffer_position() }
    }
}

impl<R: BufRead> Iterator for WxrReader<R> {
    type Item = Result<Element, WxrError>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = self.advance();
        if result.is_err() {
            self.stage = Stage::Done;
            self.waiting = None;
        }
        result.transpose()
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// quick-xml reports broken syntax only where it met the end of the file.
fn unclosed(error: quick_xml::errors::SyntaxError) -> &'static str {
    use quick_xml::errors::SyntaxError;
    match error {
        SyntaxError::UnclosedCData => "a CDATA section",
        SyntaxError::UnclosedComment => "a comment",
        SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => "a processing instruction",
        SyntaxError::UnclosedDoctype | SyntaxError::InvalidBangMarkup => "a declaration",
        _ => "a tag",
    }
}

/// An event as far as a reader of exports cares.
enum Happening {
    Start(Tag),
    End,
    Text(String),
    Eof,
}

/// A start tag.
#[derive(Debug, Default)]
struct Tag {
    prefix: String,
    local: String,
    attributes: Vec<(String, String)>,
    empty: bool,
}

impl Tag {
    fn read(start: &quick_xml::events::BytesStart<'_>) -> Self {
        let name = start.name();
        let (prefix, local) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
        let mut attributes = Vec::new();
        for attribute in start.html_attributes().with_checks(false).flatten() {
            attributes.push((attribute.key.as_ref().to_owned(), fields::unescaped(&attribute.value)));
        }
        Self { prefix: prefix.to_owned(), local: local.to_owned(), attributes, empty: false }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests;
