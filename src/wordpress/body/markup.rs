//! Finds tags in raw HTML without parsing it, so that everything between them stays byte for byte what it was.

/// A tag as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawTag<'a> {
    /// From `<` to `>`.
    pub raw: &'a str,
    pub name: &'a str,
    pub closing: bool,
}

impl RawTag<'_> {
    /// Whether the tag has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Finds tags in one text.
pub struct Scanner<'a> {
    html: &'a str,
    last_end: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { html, last_end: html.rfind('>').unwrap_or_default() }
    }

    /// The tag that starts at a `<`, or `None` when that is only a less-than sign.
    pub fn tag_at(&self, at: usize) -> Option<RawTag<'a>> {
        // Without this, a text of nothing but `<a` would be searched to its end once for every one of them.
        if at >= self.last_end {
            return None;
        }
        let text = &self.html[at..];
        let closing = text[1..].starts_with('/');
        let start = if closing { 2 } else { 1 };
        let length = text[start..].bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'-').count();
        if length == 0 || !text.as_bytes()[start].is_ascii_alphabetic() {
            return None;
        }
        let end = tag_end(text, start + length)?;
        Some(RawTag { raw: &text[..end], name: &text[start..start + length], closing })
    }
}

/// Where the tag ends: at the first `>` outside quotes or, when quotes never close, at the first of all.
fn tag_end(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => return Some(at + 1),
            b'<' => break,
            // Quotes matter only after `=`: `<p don't>` holds no value.
            b'"' | b'\'' if text[..at].trim_ascii_end().ends_with('=') => match text[at + 1..].find(byte as char) {
                Some(length) => at += length + 1,
                None => break,
            },
            _ => {}
        }
        at += 1;
    }
    text.find('>').map(|at| at + 1)
}

/// A tag, or what is between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Tag(RawTag<'a>),
}

/// The whole text, cut into tags and what is between them.
pub fn pieces<'a>(html: &'a str) -> impl Iterator<Item = Piece<'a>> {
    let scanner = Scanner::new(html);
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &html[at..];
        if rest.is_empty() {
            return None;
        }
        if let Some(tag) = rest.starts_with('<').then(|| scanner.tag_at(at)).flatten() {
            at += tag.raw.len();
            return Some(Piece::Tag(tag));
        }
        let sign = usize::from(rest.starts_with('<'));
        let length = rest[sign..].find('<').map_or(rest.len(), |length| length + sign);
        at += length;
        Some(Piece::Text(&rest[..length]))
    })
}

/// The text without `script` and `style` elements, whose content would be taken for markup. A script that draws a post of Telegram
/// leaves an empty quote of it.
pub fn without_programs(html: &str) -> String {
    let scanner = Scanner::new(html);
    let mut kept = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(length) = html[at..].find('<') {
        kept.push_str(&html[at..at + length]);
        at += length;
        let names_program =
            ["script", "style", "/script", "/style"].iter().any(|name| starts_with(&html[at + 1..], name));
        let Some(tag) = names_program.then(|| scanner.tag_at(at)).flatten() else {
            kept.push('<');
            at += 1;
            continue;
        };
        at += tag.raw.len();
        if let Some(post) = attribute(tag.raw, "data-telegram-post").filter(|post| is_path(post)) {
            kept.push_str(&format!("<blockquote class=\"telegram-post\" cite=\"https://t.me/{post}\"></blockquote>"));
        }
        if !tag.closing && !tag.raw.ends_with("/>") {
            at = element_end(html, at, tag.name);
        }
    }
    kept.push_str(&html[at..]);
    kept
}

/// The quoted value of an attribute.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = tag.split_once(name)?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(value, _)| value)
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-'))
}

/// Where the element ends whose content starts at `from`; the end of the text when it is never closed.
fn element_end(html: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(length) = html[at..].find("</") {
        at += length + 2;
        if starts_with(&html[at..], name) {
            return html[at..].find('>').map_or(html.len(), |length| at + length + 1);
        }
    }
    html.len()
}

fn starts_with(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Text as element content.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text as a double-quoted attribute value.
pub fn escape_attribute(text: &str) -> String {
    escape(text).replace('"', "&quot;")
}

/// A web address fit for a link, or `None`.
pub fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(|character: char| character.is_whitespace() || matches!(character, '<' | '>' | '"')) {
        return None;
    }
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    match () {
        () if lower.starts_with("http://") || lower.starts_with("https://") => Some(text.to_owned()),
        () if text.starts_with("//") && text.len() > 3 => Some(format!("https:{text}")),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(html: &str) -> Vec<&str> {
        let tags = pieces(html).filter_map(|piece| if let Piece::Tag(tag) = piece { Some(tag.raw) } else { None });
        tags.collect()
    }

    #[test]
    fn tags_are_told_from_less_than_signs() {
        assert_eq!(
            names("a < b <c d='>' e=\">\">x</c > 1<2 <3> <p don't>"),
            ["<c d='>' e=\">\">", "</c >", "<p don't>"]
        );
        assert_eq!(names("<a title=\"never closed>x</a>"), ["<a title=\"never closed>", "</a>"]);
        assert_eq!(names("<a <b>"), ["<a <b>"]);
        assert_eq!(names("<a <a <a"), Vec::<&str>::new());
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let html = "ж<b>ы</b>< z & <i";
        let whole: String = pieces(html)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Tag(tag) => tag.raw,
            })
            .collect();
        assert_eq!(whole, html);
    }

    #[test]
    fn programs_go_with_their_content() {
        assert_eq!(
            without_programs("a<SCRIPT x>if (a<b) '</b>'</script >b<style>p>q{}</style>c<script src=x />d"),
            "abcd"
        );
        assert_eq!(without_programs("a<script>b"), "a");
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(web_address(" https://a.example/x ").as_deref(), Some("https://a.example/x"));
        assert_eq!(web_address("//a.example").as_deref(), Some("https://a.example"));
        assert_eq!(web_address("javascript:x"), None);
        assert_eq!(web_address("https://a b"), None);
    }

    #[test]
    fn long_nonsense_takes_no_time() {
        for nonsense in ["<a ", "<a \">\"", "<a '", "<", "<a x='>", "</", "<script", "<a b=\"<a\" "] {
            let html = nonsense.repeat(200_000) + ">";
            assert!(pieces(&html).count() > 0);
            without_programs(&html);
        }
    }
}
