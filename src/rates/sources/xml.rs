//! An XML document as a small tree. Beyond what makes it well-formed it may have no DOCTYPE, hence no entities of its
//! own, no deep nesting, and no text beside elements.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Refusal;
use super::document::{self, malformed, shown};

/// Most elements around a text, and most attributes of one element. The tables have four and two.
const DEEPEST: usize = 16;
const WIDEST: usize = 16;

/// An element: either its text or its children are of interest.
#[derive(Debug, Default)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a payload; gives its root.
    pub fn read(payload: &[u8]) -> Result<Self, Refusal> {
        let text = document::text(payload)?;
        let mut reader = Reader::from_str(&text);
        // The outermost stands for the document, whose only child is the root.
        let mut open = vec![Self::default()];
        loop {
            let at_start = reader.buffer_position() == 0;
            match reader.read_event().map_err(malformed)? {
                Event::Start(tag) => open.push(Self::opened(&tag)?),
                Event::Empty(tag) => innermost(&mut open)?.children.push(Self::opened(&tag)?),
                Event::End(_) => close(&mut open)?,
                Event::Text(text) => innermost(&mut open)?.text.push_str(&text.xml10_content()),
                Event::CData(text) => innermost(&mut open)?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(name) => innermost(&mut open)?.text.push_str(&unescaped(&name.into_inner())?),
                Event::DocType(_) => return Err(Refusal::Doctype),
                Event::Decl(_) if !at_start => return Err(malformed("an XML declaration amidst the text")),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return only_root(open),
            }
            if open.len() > DEEPEST {
                return Err(malformed("it is nested too deeply"));
            }
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Itself, if that is its name.
    pub fn named(self, name: &'static str) -> Result<Self, Refusal> {
        if self.name == name { Ok(self) } else { Err(Refusal::Root(shown(&self.name), name)) }
    }

    /// Its children of one name.
    pub fn children(&self, name: &'static str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The text of the one child of this name, without the white space around it.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut found = self.children(name);
        let text = found.next().map(|child| child.text.trim_ascii());
        if found.next().is_some() { Err(Refusal::Twice(name.to_owned())) } else { Ok(text) }
    }

    /// The same of a child that must be there.
    pub fn need(&self, name: &'static str) -> Result<&str, Refusal> {
        self.text(name)?.ok_or(Refusal::Missing(name))
    }

    fn opened(tag: &BytesStart<'_>) -> Result<Self, Refusal> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(malformed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(malformed)?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
            if attributes.len() > WIDEST {
                return Err(malformed("an element has too many attributes"));
            }
        }
        Ok(Self { name: tag.name().as_ref().to_owned(), attributes, ..Self::default() })
    }

    /// Whether text stands beside its children.
    fn is_mixed(&self) -> bool {
        !self.children.is_empty() && !self.text.trim_ascii().is_empty()
    }
}

/// What `&name;` stands for: a character, or one of XML's own five entities.
fn unescaped(name: &str) -> Result<String, Refusal> {
    quick_xml::escape::unescape(&format!("&{name};")).map(Into::into).map_err(malformed)
}

fn innermost(open: &mut [Element]) -> Result<&mut Element, Refusal> {
    open.last_mut().ok_or_else(|| malformed("an element is closed that isn't open"))
}

/// Hands the innermost element to the one around it.
fn close(open: &mut Vec<Element>) -> Result<(), Refusal> {
    let closed = open.pop().unwrap_or_default();
    if closed.is_mixed() {
        return Err(malformed("text stands beside elements"));
    }
    innermost(open)?.children.push(closed);
    Ok(())
}

/// The root of a document that has ended.
fn only_root(mut open: Vec<Element>) -> Result<Element, Refusal> {
    let mut document = open.pop().unwrap_or_default();
    if !open.is_empty() {
        return Err(malformed(format_args!("`{}` isn't closed", document.name)));
    }
    match document.children.pop() {
        Some(root) if document.children.is_empty() && document.text.trim_ascii().is_empty() => Ok(root),
        Some(_) => Err(malformed("something stands beside the root element")),
        None => Err(malformed("it has no root element")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element, Refusal> {
        Element::read(text.as_bytes())
    }

    #[test]
    fn reads_texts_and_attributes() {
        let root =
            read("<?xml version=\"1.0\"?>\n<!-- c --><r a='1&amp;2'><b> x<![CDATA[<y>]]>&#122;&lt;<?p?></b><c/></r>\n")
                .expect("well-formed");
        assert_eq!((root.name(), root.attribute("a"), root.attribute("b")), ("r", Some("1&2"), None));
        assert_eq!((root.text("b"), root.text("c"), root.text("d")), (Ok(Some("x<y>z<")), Ok(Some("")), Ok(None)));
        assert_eq!((root.need("c"), root.need("d")), (Ok(""), Err(Refusal::Missing("d"))));
        assert!(matches!(root.named("s"), Err(Refusal::Root(name, "s")) if name == "r"));
    }

    #[test]
    fn refuses_what_is_no_document() {
        for text in [
            "",
            " ",
            "text",
            "<!-- -->",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/></a>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a/>&#65;",
            "<a/><![CDATA[x]]>",
            "<a",
            "<a>&",
            "<a>&b",
            "<a/><?xml version='1.0'?>",
            " <?xml version='1.0'?><a/>",
            "<a b='1' b='2'/>",
            "<a b=1/>",
            "<a b/>",
            "<a b='&c;'/>",
            "<a><!--</a>",
            "<a><![CDATA[</a>",
            "<a><b></a></b>",
        ] {
            assert!(matches!(read(text), Err(Refusal::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn refuses_doctypes_and_entities() {
        for text in [
            "<!DOCTYPE r><r/>",
            "<!DOCTYPE r [<!ENTITY e \"1\">]><r>&e;</r>",
            "<!DOCTYPE r SYSTEM \"/etc/passwd\"><r/>",
        ] {
            assert!(matches!(read(text), Err(Refusal::Doctype)), "{text}");
        }
        for text in ["<r>&e;</r>", "<r>&#0;</r>", "<r>&#xd800;</r>", "<r>&#x110000;</r>", "<r>&;</r>"] {
            assert!(matches!(read(text), Err(Refusal::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        let twice = read("<r><b>1</b><b>2</b></r>").expect("well-formed");
        assert_eq!(twice.text("b"), Err(Refusal::Twice("b".to_owned())));
        for text in ["<r><b>8<c/>7</b></r>", "<r>8<c/></r>", "<r><c/>&#55;</r>"] {
            assert!(matches!(read(text), Err(Refusal::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn bounds_depth_and_width() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read(&nested(DEEPEST - 1)).is_ok());
        assert!(read(&nested(DEEPEST)).is_err());
        assert!(read(&nested(200_000)).is_err());
        let wide: String = (0..=WIDEST).map(|i| format!(" a{i}=''")).collect();
        assert!(read(&format!("<a{wide}/>")).is_err());
    }
}
