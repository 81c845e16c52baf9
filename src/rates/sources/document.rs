//! A payload's text: no longer than is read, no web page, and decoded by the encoding that it declares. A byte that
//! isn't in that encoding refuses the payload; it never turns into U+FFFD.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{LARGEST, Refusal};

/// Most characters of a payload that a refusal repeats.
const SHOWN: usize = 80;

/// Decodes a payload.
pub fn text(payload: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if payload.len() > LARGEST {
        return Err(Refusal::Oversize(payload.len(), LARGEST));
    }
    if is_page(payload) {
        return Err(Refusal::Html);
    }
    let (encoding, bytes) = match Encoding::for_bom(payload) {
        Some((encoding, mark)) => (encoding, &payload[mark..]),
        None => (declared(payload)?, payload),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.ok_or(Refusal::Encoding(encoding.name()))
}

/// The document can't be read, and this is why.
pub fn malformed(why: impl ToString) -> Refusal {
    Refusal::Malformed(shown(&why.to_string()))
}

/// As much of a text as a refusal repeats.
pub fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Whether it begins as a web page does, whatever its encoding.
fn is_page(payload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(payload);
    let mut rest = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    while let Some((_, after)) = rest.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        rest = after.trim_start();
    }
    let begins = |tag: &str| rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins("<!doctype html") || begins("<html")
}

/// The encoding that an XML declaration names; UTF-8 where it names none.
fn declared(payload: &[u8]) -> Result<&'static Encoding, Refusal> {
    let end = payload.iter().position(|byte| *byte == b'>').map_or(payload.len(), |at| at + 1);
    let Ok(first) = str::from_utf8(&payload[..end]) else { return Ok(UTF_8) };
    let Ok(Event::Decl(declaration)) = Reader::from_str(first).read_event() else { return Ok(UTF_8) };
    let Some(label) = declaration.encoding() else { return Ok(UTF_8) };
    let label = label.map_err(malformed)?;
    let known = Encoding::for_label_no_replacement(label.as_bytes());
    known.ok_or_else(|| malformed(format_args!("the encoding `{label}` is unknown")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_by_the_declared_encoding() {
        let cyrillic = b"<?xml version='1.0' encoding=\"windows-1251\" ?><a>\xd1\xee\xec</a>";
        assert!(text(cyrillic).expect("declared").ends_with("<a>Сом</a>"));
        assert_eq!(text(b"\xef\xbb\xbf[]").as_deref(), Ok("[]"), "a byte order mark is no text");
        assert_eq!(text(b"\xff\xfe[\0]\0").as_deref(), Ok("[]"));
        assert_eq!(text("сом".as_bytes()).as_deref(), Ok("сом"));
    }

    #[test]
    fn refuses_bytes_that_are_not_in_it() {
        for payload in [
            b"<a>\xd1\xee\xec</a>".as_slice(),
            b"<?xml version='1.0'?><a>\xd1\xee\xec</a>",
            b"<?xml version='1.0' encoding='utf-8'?><a>\xd1\xee\xec</a>",
            b"<?xml version='1.0' name='\xd1' encoding='windows-1251'?><a/>",
            b"\xef\xbb\xbf\xff",
        ] {
            assert_eq!(text(payload), Err(Refusal::Encoding("UTF-8")), "{}", payload.escape_ascii());
        }
        for label in ["", "klingon", "hz-gb-2312", "replacement"] {
            let payload = format!("<?xml version='1.0' encoding='{label}'?><a/>");
            assert!(matches!(text(payload.as_bytes()), Err(Refusal::Malformed(_))), "{label}");
        }
    }

    #[test]
    fn knows_a_web_page() {
        for page in [
            "<!DOCTYPE html><html>",
            "\u{feff} \n<!doctype HTML PUBLIC \"-//W3C//DTD\">",
            "<!-- a --> <!---->\n<HTML lang=ru>",
            "<html><body>Request Rejected</body></html>",
        ] {
            assert_eq!(text(page.as_bytes()), Err(Refusal::Html), "{page}");
        }
        assert_eq!(text(b"<html><p>\xd1\xee\xec"), Err(Refusal::Html), "in whatever encoding");
        for other in ["", "<!-- <html>", "<!DOCTYPE rates><rates/>", "[\"<html>\"]", "<сом>"] {
            assert_eq!(text(other.as_bytes()).as_deref(), Ok(other));
        }
    }

    #[test]
    fn reads_no_more_than_its_share() {
        assert!(text(&vec![b' '; LARGEST]).is_ok());
        assert_eq!(text(&vec![b' '; LARGEST + 1]), Err(Refusal::Oversize(LARGEST + 1, LARGEST)));
    }
}
