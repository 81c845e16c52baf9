//! HTML as a flat run of tags and text, by html5ever's tokenizer and without a tree.
//!
//! A tree of hostile markup can be deep and quadratic; a run of tokens can be neither. The tokenizer is told which
//! elements hold raw text, as a tree builder would tell it.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::bytes;

/// One piece of a document. Entities are decoded, line ends are `\n`; comments and doctypes are not reported.
pub(super) enum Piece<'a> {
    Open(&'a Tag),
    Close(&'a str),
    Text(&'a str),
}

struct Sink<F>(RefCell<F>);

impl<F: FnMut(Piece<'_>)> TokenSink for Sink<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut visit = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => visit(Piece::Close(&tag.name)),
            Token::TagToken(tag) => {
                visit(Piece::Open(&tag));
                return content_of(&tag.name);
            }
            Token::CharacterTokens(text) => visit(Piece::Text(&text)),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// How the tokenizer must read what follows a start tag. `noscript` is read as markup: our readers run no scripts.
fn content_of(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Calls `visit` with every piece of `html`, in order.
pub(super) fn walk(html: &str, visit: impl FnMut(Piece<'_>)) {
    let tokenizer = Tokenizer::new(Sink(RefCell::new(visit)), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&without_endless_tags(html)));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
}

/// Attributes of one tag. The tokenizer compares each with all before it: a megabyte of them takes it ten seconds.
const MAX_ATTRIBUTES: u32 = 1000;

/// `html` with the `<` of a tag of more attributes escaped, which turns the tag into text. Where no tag can begin, in
/// a comment, a script or an attribute, the escape reads the same or is dropped with its surroundings.
fn without_endless_tags(html: &str) -> Cow<'_, str> {
    let endless = endless_tags(html.as_bytes(), MAX_ATTRIBUTES);
    if endless.is_empty() {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 3 * endless.len());
    let mut written = 0;
    for at in endless.into_iter().rev() {
        out.push_str(&html[written..at]);
        out.push_str("&lt;");
        written = at + 1;
    }
    out.push_str(&html[written..]);
    Cow::Owned(out)
}

/// Where the tokenizer may be inside a tag, as the standard's tokenization states; the value indexes [`Counts`].
#[derive(Clone, Copy)]
enum Inside {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

/// For each state of [`Inside`], how many attributes begin from here to the end of the tag.
type Counts = [u32; 8];

/// The offsets, last first, of each `<` that would begin a tag of more than `most` attributes. Read backwards, so that one pass
/// answers for every `<` whatever the tokenizer's state there.
fn endless_tags(html: &[u8], most: u32) -> Vec<usize> {
    let mut found = Vec::new();
    // An attribute begins after one of these.
    let parts = |byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0xc | b' ' | b'/' | b'"' | b'\'');
    if bytes::count(html, parts) <= most as usize {
        return found;
    }
    let (mut next, mut after_next): (Counts, Counts) = ([0; 8], [0; 8]);
    let is_letter = |index: usize| html.get(index).is_some_and(u8::is_ascii_alphabetic);
    let mut rest = html;
    while let Some((&byte, before)) = rest.split_last() {
        let at = before.len();
        let opens = byte == b'<' && is_letter(at + 1) && next[Inside::TagName as usize] > most;
        let closes = byte == b'<' && html.get(at + 1) == Some(&b'/') && is_letter(at + 2);
        if opens || (closes && after_next[Inside::TagName as usize] > most) {
            found.push(at);
        }
        after_next = next;
        next = counts_before(byte, &next);
        rest = if byte == b'<' { before_text(before) } else { before };
    }
    found
}

/// `html` without the text at its end, where that stands after a `>` and has no quotes; else all of it. Nothing but what
/// quotes began is counted on beyond a `>`, so such a text makes no difference.
fn before_text(html: &[u8]) -> &[u8] {
    match html.iter().rposition(|byte| matches!(byte, b'<' | b'>' | b'"' | b'\'')) {
        Some(at) if html[at] == b'>' => &html[..=at],
        _ => html,
    }
}

/// The counts before `byte`, given those after it.
fn counts_before(byte: u8, after: &Counts) -> Counts {
    use Inside::{AfterName, BeforeName, BeforeValue, DoubleQuoted, Name, SingleQuoted, TagName, Unquoted};
    let go = |state: Inside| after[state as usize];
    let begin = after[Name as usize].saturating_add(1);
    let (before, double, single) = (go(BeforeName), go(DoubleQuoted), go(SingleQuoted));
    // In the order of `Inside`.
    match byte {
        b'>' => [0, 0, 0, 0, 0, double, single, 0],
        b'\t' | b'\n' | b'\r' | 0xc | b' ' => {
            [before, before, go(AfterName), go(AfterName), go(BeforeValue), double, single, before]
        }
        b'/' => [before, before, before, before, go(Unquoted), double, single, go(Unquoted)],
        b'=' => [go(TagName), begin, go(BeforeValue), go(BeforeValue), go(Unquoted), double, single, go(Unquoted)],
        b'"' => [go(TagName), begin, go(Name), begin, double, before, single, go(Unquoted)],
        b'\'' => [go(TagName), begin, go(Name), begin, single, double, before, go(Unquoted)],
        _ => [go(TagName), begin, go(Name), begin, go(Unquoted), double, single, go(Unquoted)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(html: &str) -> String {
        let mut out = String::new();
        walk(html, |piece| match piece {
            Piece::Open(tag) => out.push_str(&format!("<{}>", &*tag.name)),
            Piece::Close(name) => out.push_str(&format!("</{name}>")),
            Piece::Text(text) => out.push_str(text),
        });
        out
    }

    #[test]
    fn raw_text_is_not_markup() {
        assert_eq!(pieces("<script>if (a<b) '<p>'</script><P>x"), "<script>if (a<b) '<p>'</script><p>x");
        assert_eq!(pieces("<title>&lt;b&gt; <b></title>"), "<title><b> <b></title>");
        assert_eq!(pieces("<noscript><img></noscript>"), "<noscript><img></noscript>");
    }

    #[test]
    fn a_tag_of_endless_attributes_becomes_text() {
        let attributes = |count: usize| (0..count).map(|n| format!(" a{n}=\"> '\" ")).collect::<String>();
        let kept = format!("<p{}>x</p>", attributes(1000));
        assert_eq!(pieces(&kept), "<p>x</p>");
        for endless in [
            attributes(1001),
            " named=valued".repeat(1001),
            "/a".repeat(1001),
            " a='>'b".repeat(501),
            "\n=".repeat(3100),
        ] {
            for (html, expected) in [
                (format!("<p>a<i{endless}>"), format!("<p>a<i{endless}>")),
                (format!("</i{endless}>b"), format!("</i{endless}>b")),
                (format!("<!-- <i{endless}> -->b"), "b".to_owned()),
            ] {
                assert!(pieces(&html).starts_with(&expected[..expected.len().min(8)]), "{html}");
                assert_eq!(without_endless_tags(&html), html.replace("<i", "&lt;i").replace("</i", "&lt;/i"));
            }
        }
    }

    /// Every byte read, and each tag that is found escaped on its own.
    fn endless_tags_read_whole(html: &[u8], most: u32) -> Vec<usize> {
        let counts = |from: usize| html[from..].iter().rev().fold([0; 8], |after, byte| counts_before(*byte, &after));
        let begins = |at: usize, name: usize| {
            html.get(name).is_some_and(u8::is_ascii_alphabetic)
                && html[at] == b'<'
                && counts(name)[Inside::TagName as usize] > most
        };
        let is_closing = |at: usize| html.get(at + 1) == Some(&b'/');
        (0..html.len()).rev().filter(|&at| begins(at, at + 1) || (is_closing(at) && begins(at, at + 2))).collect()
    }

    #[test]
    fn a_tag_goes_on_over_what_looks_like_text_in_its_quotes() {
        for html in ["<i a=\">\" b c <", "</i a='>' b c<b>", "<i a=\"b> c\" d e <i", "<i a='>b' c='d>e' f <p>x"] {
            assert_eq!(endless_tags(html.as_bytes(), 1), [0], "{html}");
        }
        assert!(endless_tags(b"<i a=b> c d e <p> f g <p>", 1).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn skipping_text_loses_no_endless_tag(html in "(<i |</i|<|>|a|\">|\"| b|'>|'| |/|=){0,24}") {
            prop_assert_eq!(endless_tags(html.as_bytes(), 1), endless_tags_read_whole(html.as_bytes(), 1));
        }
    }

    #[test]
    fn entities_are_decoded_and_comments_are_silent() {
        assert_eq!(pieces("<!doctype html>a<!-- b -->&amp;&nbsp;&#1179;\r\n"), "a&\u{a0}қ\n");
    }
}
