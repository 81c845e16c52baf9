//! The inside of a shortcode's brackets: its name and its attributes in three quotings.

use crate::wordpress::plain::plain;

/// How far the closing quote of an attribute may be from the opening one.
const LONGEST_VALUE: usize = 4096;

/// `[name attributes]` or `[name attributes /]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opener<'a> {
    pub name: &'a str,
    pub attributes: &'a str,
    pub self_closing: bool,
    /// With both brackets.
    pub length: usize,
}

/// A space that editors put where a reader would: WordPress takes it for the end of a name, as it does any sign that no name
/// has.
const SPACES: [&str; 3] = ["&nbsp;", "&#160;", "&#xa0;"];

/// The opener that the text starts with, if its brackets could be one.
pub fn opener(text: &str) -> Option<Opener<'_>> {
    let inside = text.strip_prefix('[')?;
    let name = &inside[..name_length(inside)?];
    let rest = &inside[name.len()..];
    let next = rest.chars().next()?;
    let spaced = next.is_whitespace() || SPACES.iter().any(|space| rest.starts_with(space));
    if !(spaced || matches!(next, ']' | '/' | '=') || next == ':' && name == "audio") {
        return None;
    }
    let end = attributes_end(rest)?;
    let attributes = rest[..end].trim();
    let self_closing = attributes.ends_with('/') && !attributes.ends_with("=/");
    // `[and/or]` and `[km/h]` are words.
    if next == '/' && attributes != "/" {
        return None;
    }
    let attributes = if self_closing { attributes[..attributes.len() - 1].trim_end() } else { attributes };
    Some(Opener { name, attributes, self_closing, length: 1 + name.len() + end + 1 })
}

/// The name in the `[/name]` that the text starts with, and its length with both brackets.
pub fn closer(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix("[/")?;
    let name = &inside[..name_length(inside)?];
    let rest = &inside[name.len()..];
    let space = rest.len() - rest.trim_start_matches(' ').len();
    rest[space..].starts_with(']').then_some((name, 2 + name.len() + space + 1))
}

fn name_length(text: &str) -> Option<usize> {
    let length = text.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-').count();
    (length > 0 && !matches!(text.as_bytes()[0], b'0'..=b'9' | b'-')).then_some(length)
}

/// Where the bracket closes. WordPress stops at the first `]`; here one in a quoted value doesn't count, as long as the
/// quotes are sound, because captions do hold brackets.
fn attributes_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b']' => return Some(at),
            b'[' => return None,
            b'"' | b'\'' if bytes[..at].trim_ascii_end().ends_with(b"=") => at = quote_end(bytes, at).unwrap_or(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the value ends that starts with the quote at `at`: before white space or the end of the shortcode.
fn quote_end(bytes: &[u8], at: usize) -> Option<usize> {
    let reach = bytes.len().min(at + LONGEST_VALUE);
    let length = bytes[at + 1..reach].iter().position(|&byte| byte == bytes[at])?;
    let end = at + 1 + length;
    let after = bytes.get(end + 1)?;
    (after.is_ascii_whitespace() || matches!(after, b']' | b'/') || !after.is_ascii()).then_some(end)
}

/// One attribute: with its name, or by position.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    name: Option<String>,
    value: String,
    quoted: bool,
}

impl Attribute {
    fn is_number(&self) -> bool {
        !self.value.is_empty() && self.value.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The attributes of a shortcode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// Reads what stands between a shortcode's name and its closing bracket.
    pub fn read(text: &str) -> Self {
        // Editors put non-breaking spaces and tags between attributes.
        let text = text
            .replace(['\u{a0}', '\u{200b}'], " ")
            .replace(SPACES[0], " ")
            .replace(SPACES[1], " ")
            .replace(SPACES[2], " ");
        let text = text.replace("<br>", " ").replace("<br />", " ").replace("<br/>", " ");
        let mut attributes = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let length = rest.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)).count();
            let named = rest[length..].trim_start().strip_prefix('=').filter(|_| length > 0);
            let (value, quoted, after) = value(named.map_or(rest, str::trim_start));
            let name = named.map(|_| rest[..length].to_ascii_lowercase());
            attributes.push(Attribute { name, value: value.to_owned(), quoted });
            rest = after.trim_start();
        }
        Self(attributes)
    }

    /// The value of an attribute as plain text.
    pub fn get(&self, name: &str) -> Option<String> {
        self.raw(name).map(plain)
    }

    /// The value of an attribute as it stands, which may be HTML.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|attribute| attribute.name.as_deref() == Some(name))
            .map(|attribute| attribute.value.as_str())
    }

    /// The values without a name. `[youtube=address]` has one, too.
    pub fn positional(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .filter(|attribute| attribute.name.is_none())
            .map(|attribute| plain(attribute.value.trim_start_matches('=')))
    }

    /// The ids in the first of these attributes that lists any.
    pub fn ids(&self, names: &[&str]) -> Vec<u64> {
        let lists = names.iter().filter_map(|name| self.get(name));
        let lists = lists.map(|list| list.split([',', ' ', ';']).filter_map(|id| id.trim().parse().ok()).collect());
        lists.into_iter().find(|ids: &Vec<u64>| !ids.is_empty()).unwrap_or_default()
    }

    /// Whether an attribute has a name and a value in quotes.
    pub fn has_quoted_pair(&self) -> bool {
        self.0.iter().any(|attribute| attribute.name.is_some() && attribute.quoted)
    }

    /// Whether there are attributes, and all of them have a name.
    pub fn has_only_pairs(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|attribute| attribute.name.is_some())
    }

    /// Whether there are attributes, and all of them are numbers or values in quotes, without a name.
    pub fn has_only_numbers_and_quotes(&self) -> bool {
        let fits = |attribute: &Attribute| attribute.name.is_none() && (attribute.quoted || attribute.is_number());
        !self.0.is_empty() && self.0.iter().all(fits)
    }

    /// Whether there is a value in quotes beside one without.
    pub fn has_both_quotings(&self) -> bool {
        self.0.iter().any(|attribute| attribute.quoted) && self.0.iter().any(|attribute| !attribute.quoted)
    }

    pub fn has_pair(&self) -> bool {
        self.0.iter().any(|attribute| attribute.name.is_some())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The value that the text starts with, whether it was quoted, and what follows.
fn value(text: &str) -> (&str, bool, &str) {
    for quote in ['"', '\''] {
        if let Some((value, rest)) = text.strip_prefix(quote).and_then(|inside| inside.split_once(quote)) {
            return (value, true, rest);
        }
    }
    // Typographic quotes come from pasting; to WordPress they are part of the value, and nobody means that.
    for (open, close) in [("“", "”"), ("”", "”"), ("«", "»"), ("„", "“"), ("″", "″"), ("‘", "’"), ("’", "’")]
    {
        if let Some((value, rest)) = text.strip_prefix(open).and_then(|inside| inside.split_once(close)) {
            return (value, true, rest);
        }
    }
    for quote in ["&quot;", "&#8221;", "&#8220;", "&#8243;", "&#039;", "&#8217;"] {
        let ends = ["&quot;", "&#8221;", "&#8243;", "&#039;", "&#8217;"];
        let Some(inside) = text.strip_prefix(quote) else { continue };
        if let Some((at, end)) = ends.iter().filter_map(|end| Some((inside.find(end)?, end))).min() {
            return (&inside[..at], true, &inside[at + end.len()..]);
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], false, &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(Option<&str>, String)> {
        let attributes = Attributes::read(text);
        let pairs = attributes.0.into_iter().map(|attribute| (attribute.name, attribute.value));
        pairs.map(|(name, value)| (name.map(|name| &*name.leak()), value)).collect()
    }

    #[test]
    fn values_come_in_three_quotings_and_by_position() {
        let read = pairs("a=\"1 2\" B='x\"y' c = 3 bare \"quoted one\" d=https://a/?b=c");
        let expected = [
            (Some("a"), "1 2"),
            (Some("b"), "x\"y"),
            (Some("c"), "3"),
            (None, "bare"),
            (None, "quoted one"),
            (Some("d"), "https://a/?b=c"),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(pairs("ids=“1,2”\u{a0}x=&#8221;y&#8221;"), [(Some("ids"), "1,2".into()), (Some("x"), "y".into())]);
        assert_eq!(Attributes::read("ids=\"1, 2,x,3\"").ids(&["ids"]), [1, 2, 3]);
    }

    #[test]
    fn brackets_are_openers_only_by_the_grammar() {
        for text in [
            "[1]",
            "[...]",
            "[a, b]",
            "[Editor's note]",
            "[note: x]",
            "[and/or]",
            "[a [b]",
            "[",
            "[a",
            "[a b",
            "[-a]",
            "[привет]",
        ] {
            assert_eq!(opener(text), None, "{text}");
        }
        let found = opener("[a-b c=\"x]y\" d /]z").unwrap();
        assert_eq!((found.name, found.attributes, found.self_closing, found.length), ("a-b", "c=\"x]y\" d", true, 17));
        // Without sound quotes the first bracket ends it.
        assert_eq!(opener("[a b=\"c] d \"e\" f]").unwrap().attributes, "b=\"c");
        assert_eq!(closer("[/a_b ]x"), Some(("a_b", 7)));
        assert_eq!(closer("[/]"), None);
    }
}
