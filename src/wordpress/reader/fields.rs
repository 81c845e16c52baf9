//! The values inside one element of the channel: an item, an author or a term.

use std::io::BufRead;

use quick_xml::events::BytesRef;

use super::{Happening, ITEM_LIMIT, Tag, WxrError, WxrReader};
use crate::wordpress::element::{Author, Item, ItemTerm, Term};
use crate::wordpress::plain::{clean, plain};

/// The post meta that an import uses. Page builders keep megabytes in other keys, which are read past.
const USED_META: [&str; 21] = [
    "_thumbnail_id",
    "_wp_old_slug",
    "footnotes",
    "_yoast_wpseo_canonical",
    "rank_math_canonical_url",
    "_genesis_canonical_uri",
    "_seopress_robots_canonical",
    "_wp_attachment_image_alt",
    "_wp_attachment_metadata",
    "_wp_attached_file",
    "_media_credit",
    "media_credit",
    "_credit",
    "credit",
    "photo_credit",
    "_wp_attachment_credit",
    "isc_image_source",
    "photographer",
    "cap-user_login",
    "cap-display_name",
    "cap-description",
];

/// Where page builders and themes keep a text, or the film above it, under a name that WordPress hides.
const HIDDEN_TEXTS: [&str; 8] = [
    "_elementor_data",
    "_bricks_page_content_2",
    "_fl_builder_data",
    "_ct_builder_json",
    "_breakdance_data",
    "_format_video_embed",
    "_format_audio_embed",
    "_format_link_url",
];

/// Reads an element whose start tag was read already, up to and including its end tag.
pub struct Fields<'a, R: BufRead> {
    reader: &'a mut WxrReader<R>,
    name: String,
    empty: bool,
    position: u64,
    kept: usize,
}

/// Most bytes of a key that WordPress stores.
const LONGEST_KEY: usize = 255 * 4;

/// What becomes of a row of post meta.
enum Meta {
    Used(String, String),
    LeftOut(String),
    Nothing,
}

impl<'a, R: BufRead> Fields<'a, R> {
    pub fn new(reader: &'a mut WxrReader<R>, tag: &Tag) -> Self {
        let position = reader.xml.buffer_position();
        Self { reader, name: tag.local.clone(), empty: tag.empty, position, kept: 0 }
    }

    /// The text of the element itself.
    pub fn text(&mut self) -> Result<String, WxrError> {
        let empty = self.empty;
        self.text_of(&Tag { local: self.name.clone(), empty, ..Tag::default() })
    }

    pub fn author(&mut self) -> Result<Author, WxrError> {
        let mut author = Author::default();
        let (mut first, mut last) = (String::new(), String::new());
        while let Some(tag) = self.child()? {
            let value = self.text_of(&tag)?;
            match tag.local.as_str() {
                "author_login" => author.login = plain(&value),
                "author_display_name" => author.display_name = plain(&value),
                "author_first_name" => first = plain(&value),
                "author_last_name" => last = plain(&value),
                "author_description" => author.bio = plain(&value),
                _ => {}
            }
        }
        if author.display_name.is_empty() {
            author.display_name = format!("{first} {last}").trim().to_owned();
        }
        if author.display_name.is_empty() {
            author.display_name.clone_from(&author.login);
        }
        Ok(author)
    }

    pub fn term(&mut self, taxonomy: &str) -> Result<Term, WxrError> {
        let mut term = Term { taxonomy: taxonomy.to_owned(), ..Term::default() };
        while let Some(tag) = self.child()? {
            let value = self.text_of(&tag)?;
            match tag.local.as_str() {
                "term_taxonomy" => term.taxonomy = value,
                "category_nicename" | "tag_slug" | "term_slug" => term.slug = value,
                "cat_name" | "tag_name" | "term_name" => term.name = plain(&value),
                "category_description" | "tag_description" | "term_description" => term.description = plain(&value),
                "category_parent" | "term_parent" => term.parent = value,
                _ => {}
            }
        }
        Ok(term)
    }

    pub fn item(&mut self) -> Result<Item, WxrError> {
        let mut item = Item::default();
        while let Some(tag) = self.child()? {
            match tag.local.as_str() {
                "comment" => {
                    self.skip(&tag)?;
                    item.comments += 1;
                }
                "postmeta" => match self.post_meta(&tag)? {
                    Meta::Used(key, value) => item.meta.push((key, value)),
                    Meta::LeftOut(key) => item.left_out.push(key),
                    Meta::Nothing => {}
                },
                "category" => {
                    let name = plain(&self.text_of(&tag)?);
                    let taxonomy = tag.attribute("domain").unwrap_or_default().to_owned();
                    let slug = tag.attribute("nicename").unwrap_or_default().to_owned();
                    item.terms.push(ItemTerm { taxonomy, slug, name });
                }
                _ => {
                    let value = self.text_of(&tag)?;
                    self.set(&mut item, &tag, value);
                }
            }
        }
        Ok(item)
    }

    fn set(&self, item: &mut Item, tag: &Tag, value: String) {
        match tag.local.as_str() {
            "encoded" if tag.prefix == self.reader.excerpt_prefix => item.excerpt = value,
            "encoded" => item.content = value,
            "title" if tag.prefix.is_empty() => item.title = plain(&value),
            "pubDate" => item.pub_date = value,
            "creator" => item.creator = plain(&value),
            "link" if tag.prefix.is_empty() => item.link = value,
            "guid" => item.guid = value,
            "post_id" => item.id = value.parse().unwrap_or_default(),
            "post_date" => item.date = value,
            "post_date_gmt" => item.date_gmt = value,
            "post_modified_gmt" => item.modified_gmt = value,
            "post_name" => item.name = value,
            "status" => item.status = value,
            "post_parent" => item.parent = value.parse().unwrap_or_default(),
            "post_type" => item.post_type = value,
            "post_password" => item.password = value,
            "attachment_url" => item.attachment_url = value,
            _ => {}
        }
    }

    fn post_meta(&mut self, container: &Tag) -> Result<Meta, WxrError> {
        let (mut key, mut value) = (String::new(), String::new());
        let kept = self.kept;
        if container.empty {
            return Ok(Meta::Nothing);
        }
        while let Some(tag) = self.child()? {
            let text = self.text_of(&tag)?;
            match tag.local.as_str() {
                "meta_key" => key = text,
                "meta_value" => value = text,
                _ => {}
            }
        }
        if USED_META.contains(&key.as_str()) {
            return Ok(Meta::Used(key, value));
        }
        self.kept = kept;
        // What begins with an underscore is a plugin's own, and no author sees it.
        let is_written = !key.is_empty() && (!key.starts_with('_') || HIDDEN_TEXTS.contains(&key.as_str()));
        if !is_written || key.len() > LONGEST_KEY || matches!(value.as_str(), "" | "[]" | "0") {
            return Ok(Meta::Nothing);
        }
        self.keep(key.len())?;
        Ok(Meta::LeftOut(key))
    }

    /// The next start tag inside the element, `None` at its end.
    fn child(&mut self) -> Result<Option<Tag>, WxrError> {
        if self.empty {
            return Ok(None);
        }
        loop {
            match self.reader.event()? {
                Happening::Start(tag) => return Ok(Some(tag)),
                Happening::End => return Ok(None),
                Happening::Text(_) => {}
                Happening::Eof => return Err(self.cut_off(&self.name)),
            }
        }
    }

    /// The text of a child, trimmed and free of control characters.
    fn text_of(&mut self, tag: &Tag) -> Result<String, WxrError> {
        let value = self.whole_text_of(tag)?;
        // A password of spaces is one too, and hides its post; line breaks are the exporter's layout.
        let password = tag.local == "post_password" && !value.contains('\n');
        Ok(if password { clean(&value) } else { clean(value.trim()) })
    }

    /// The text of a child as it stands there. Markup that stands in it unescaped counts as text only.
    fn whole_text_of(&mut self, tag: &Tag) -> Result<String, WxrError> {
        let mut value = String::new();
        let mut depth = usize::from(!tag.empty);
        while depth > 0 {
            match self.reader.event()? {
                Happening::Start(inner) => depth += usize::from(!inner.empty),
                Happening::End => depth -= 1,
                Happening::Text(text) => {
                    self.keep(text.len())?;
                    value.push_str(&text);
                }
                Happening::Eof => return Err(self.cut_off(&tag.local)),
            }
        }
        Ok(value)
    }

    fn skip(&mut self, tag: &Tag) -> Result<(), WxrError> {
        let kept = self.kept;
        self.text_of(tag)?;
        self.kept = kept;
        Ok(())
    }

    fn keep(&mut self, bytes: usize) -> Result<(), WxrError> {
        self.kept += bytes;
        if self.kept > ITEM_LIMIT {
            return Err(WxrError::TooLarge { what: format!("`{}`", self.name), position: self.position });
        }
        Ok(())
    }

    fn cut_off(&self, inside: &str) -> WxrError {
        WxrError::Truncated { inside: format!("`{inside}`"), position: self.position }
    }
}

/// The text of `&name;`. Names that XML doesn't know stay as they are: in titles and bodies they are HTML's.
pub fn resolved(reference: &BytesRef<'_>) -> String {
    let name: &str = reference;
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(String::from).unwrap_or_default();
    }
    match quick_xml::escape::resolve_xml_entity(name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

/// An attribute's value without entities; as it stands when an entity in it is broken.
pub fn unescaped(value: &str) -> String {
    quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), |text| text.into_owned())
}
