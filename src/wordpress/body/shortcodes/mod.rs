//! Finds shortcodes by WordPress's grammar, renders those that it knows and removes the others.
//!
//! WordPress knows which names are shortcodes; an export doesn't say. `verdict` decides from the way a bracket is written,
//! so that prose in brackets stays. Text in `pre` and `code` is a sample of code and stays too, and so does what is
//! escaped as `[[name]]`, which becomes `[name]`.

mod seam;
mod verdict;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use self::seam::Stretches;
use super::attributes::{Attributes, Opener, closer, opener};
use super::markup::{RawTag, Scanner, escape};
use super::{Context, figures, marks, players};
use crate::text::shortcodes::NAMES;

/// Shortcodes nested deeper are removed and not rendered.
const DEEPEST: usize = 50;

/// The text without shortcodes.
pub fn render(html: &str, context: &mut Context<'_>) -> String {
    let mut renderer = Renderer { context, output: Stretches::with_capacity(html.len()), frames: Vec::new() };
    let mut tokens = Tokens::read(html).into_iter().enumerate().peekable();
    while let Some((index, token)) = tokens.next() {
        let next = tokens.peek().map(|(_, next)| &next.meaning);
        let is_empty = matches!(next, Some(Meaning::Close { opened_by, .. }) if *opened_by == Some(index));
        renderer.take(index, token, is_empty);
    }
    renderer.output.into_text()
}

/// A piece of the text, and what it means.
struct Token<'a> {
    text: Cow<'a, str>,
    meaning: Meaning<'a>,
}

enum Meaning<'a> {
    Text,
    /// A shortcode when it is `certain`, or when its end was found.
    Open {
        opener: Opener<'a>,
        certain: bool,
        paired: bool,
    },
    /// The end of the shortcode that the token with this index opens, or of none.
    Close {
        name: &'a str,
        opened_by: Option<usize>,
    },
}

/// Cuts the text into shortcodes and what is between them, and finds out which belong together.
struct Tokens<'a> {
    html: &'a str,
    scanner: Scanner<'a>,
    /// The names for which there is an end anywhere.
    closed: HashSet<&'a str>,
    tokens: Vec<Token<'a>>,
    /// The openers that may still be paired, as indices of tokens, and where each name stands among them.
    open: Vec<(usize, &'a str)>,
    places: HashMap<&'a str, Vec<usize>>,
    /// Where the text starts that has not become a token yet.
    start: usize,
    code: usize,
    forced: bool,
}

impl<'a> Tokens<'a> {
    fn read(html: &'a str) -> Vec<Token<'a>> {
        let ends = html.match_indices("[/").filter_map(|(at, _)| closer(&html[at..]));
        let mut reading = Self {
            html,
            scanner: Scanner::new(html),
            closed: ends.map(|(name, _)| name).collect(),
            tokens: Vec::new(),
            open: Vec::new(),
            places: HashMap::new(),
            start: 0,
            code: 0,
            forced: false,
        };
        let mut at = 0;
        while let Some(length) = html[at..].find(['<', '[', marks::FORCED, marks::FORCED_END]) {
            at = reading.step(at + length);
        }
        reading.text_until(html.len());
        reading.tokens
    }

    /// Reads what stands at `at` and answers where to go on.
    fn step(&mut self, at: usize) -> usize {
        let rest = &self.html[at..];
        match rest.as_bytes()[0] {
            b'<' => return self.tag(at),
            b'[' if rest.starts_with("[[") => return self.escaped(at),
            b'[' if self.code > 0 => {}
            b'[' if rest.starts_with("[/") => {
                if let Some((name, length)) = closer(rest) {
                    return self.close(name, at, at + length);
                }
            }
            b'[' => return self.open(at),
            mark => {
                self.text_until(at);
                self.forced = mark == marks::FORCED as u8;
                self.start = at + 1;
            }
        }
        at + 1
    }

    fn tag(&mut self, at: usize) -> usize {
        let Some(tag) = self.scanner.tag_at(at) else { return at + 1 };
        if ["pre", "code", "textarea"].iter().any(|name| tag.is(name)) {
            self.code = if tag.closing { self.code.saturating_sub(1) } else { self.code + 1 };
        }
        let end = at + tag.raw.len();
        if tag.raw.contains('[') {
            self.text_until(at);
            self.push(Cow::Owned(without_shortcodes(&tag)), Meaning::Text, end);
        }
        end
    }

    /// `[[name …]]` stands for `[name …]`, and `[[name]…[/name]]` for `[name]…[/name]`.
    fn escaped(&mut self, at: usize) -> usize {
        let inside = &self.html[at + 1..];
        let Some(opener) = opener(inside).filter(|opener| self.code == 0 || verdict::is_known(opener.name)) else {
            return at + 1;
        };
        let mut length = opener.length;
        if !inside[length..].starts_with(']') {
            let end = format!("[/{}]]", opener.name);
            let Some(found) = self.closed.contains(opener.name).then(|| inside[length..].find(&end)).flatten() else {
                return at + 1;
            };
            length += found + end.len() - 1;
        }
        self.text_until(at);
        // Written so that no later step takes it for a shortcode: whoever parses the HTML reads a bracket, and after one of WordPress's own a
        // word joiner, which nobody sees, so that it is none of those that are taken out of every text.
        let (sample, own) = (&inside[..length], |name: &&str| inside[..length].contains(*name));
        let bracket = if self.code == 0 && NAMES.iter().any(own) { "&#91;\u{2060}" } else { "&#91;" };
        self.push(Cow::Owned(sample.replace('[', bracket)), Meaning::Text, at + 1 + length + 1);
        self.start
    }

    fn open(&mut self, at: usize) -> usize {
        let Some(opener) = opener(&self.html[at..]) else { return at + 1 };
        let end = at + opener.length;
        let alone = verdict::stands_alone(self.html, at, end);
        let certain = self.forced || verdict::is_shortcode(&opener, alone);
        let may_close = !opener.self_closing && self.closed.contains(opener.name);
        // `[text](address)` is Markdown.
        if self.html[end..].starts_with('(') || !(certain || may_close) {
            return at + 1;
        }
        self.text_until(at);
        if may_close {
            self.places.entry(opener.name).or_default().push(self.open.len());
            self.open.push((self.tokens.len(), opener.name));
        }
        self.push(Cow::Borrowed(&self.html[at..end]), Meaning::Open { opener, certain, paired: false }, end);
        end
    }

    fn close(&mut self, name: &'a str, at: usize, end: usize) -> usize {
        self.text_until(at);
        let opened_by = self.places.get_mut(name).and_then(Vec::pop).map(|place| {
            // What opened in between and didn't close stands for itself, and can't close any more.
            for (_, skipped) in self.open.drain(place + 1..) {
                self.places.get_mut(skipped).map(Vec::pop);
            }
            self.open.pop().map(|(index, _)| index)
        });
        let opened_by = opened_by.flatten();
        if let Some(Meaning::Open { paired, .. }) = opened_by.map(|index| &mut self.tokens[index].meaning) {
            *paired = true;
        }
        self.push(Cow::Borrowed(&self.html[at..end]), Meaning::Close { name, opened_by }, end);
        end
    }

    fn text_until(&mut self, end: usize) {
        if self.start < end {
            self.push(Cow::Borrowed(&self.html[self.start..end]), Meaning::Text, end);
        }
    }

    fn push(&mut self, text: Cow<'a, str>, meaning: Meaning<'a>, end: usize) {
        self.tokens.push(Token { text, meaning });
        self.start = end;
    }
}

/// A tag without the shortcodes in its attributes, which can't become elements there.
///
/// Brackets in the middle of an address (`?filter[by_date]=1`) are no shortcodes unless they hold attributes themselves.
fn without_shortcodes(tag: &RawTag<'_>) -> String {
    let mut kept = String::with_capacity(tag.raw.len());
    let mut rest = tag.raw;
    while let Some(at) = rest.find('[') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let starts_value = kept.ends_with(['"', '\'', ' ', '=']);
        let found = opener(rest)
            .filter(|opener| verdict::is_shortcode(opener, false) && (starts_value || opener.attributes.contains('=')));
        let end = closer(rest).map(|(_, length)| length);
        match found.map(|opener| opener.length).or(end) {
            Some(length) => rest = &rest[length..],
            None => {
                kept.push('[');
                rest = &rest[1..];
            }
        }
    }
    kept + rest
}

/// A shortcode whose end is still to come.
struct Frame<'a> {
    index: usize,
    opener: Opener<'a>,
    inner: Stretches,
}

struct Renderer<'a, 'b, 'c> {
    context: &'a mut Context<'b>,
    output: Stretches,
    frames: Vec<Frame<'c>>,
}

impl<'c> Renderer<'_, '_, 'c> {
    /// `is_empty` says of an opening that its end follows at once.
    fn take(&mut self, index: usize, token: Token<'c>, is_empty: bool) {
        match token.meaning {
            Meaning::Text | Meaning::Open { certain: false, paired: false, .. } => self.push(&token.text),
            Meaning::Open { opener, paired: true, .. }
                if verdict::needs_inner(opener.name) && self.frames.len() < DEEPEST =>
            {
                self.frames.push(Frame { index, opener, inner: Stretches::default() });
            }
            Meaning::Open { opener, paired: true, .. } => {
                let attributes = Attributes::read(opener.attributes);
                let shown = if is_empty { figures::named(opener.name, &attributes, self.context) } else { None };
                self.count(opener.name);
                self.stretches().start(index);
                self.push(&shown.unwrap_or_default());
            }
            Meaning::Open { opener, .. } => self.show(index, &opener, None),
            Meaning::Close { opened_by: Some(opened_by), .. } => {
                match self.frames.pop_if(|frame| frame.index == opened_by) {
                    Some(frame) => self.show(frame.index, &frame.opener, Some(frame.inner.into_text())),
                    None => self.stretches().end(Some(opened_by)),
                }
            }
            Meaning::Close { name, .. } => {
                self.count(name);
                self.stretches().end(None);
            }
        }
    }

    fn show(&mut self, index: usize, opener: &Opener<'_>, inner: Option<String>) {
        let attributes = Attributes::read(opener.attributes);
        let enclosed = inner.as_deref().unwrap_or_default();
        let html = match opener.name {
            "caption" | "wp_caption" => {
                Some(figures::caption_shortcode(&attributes, enclosed)).filter(|html| !html.is_empty())
            }
            "gallery" => Some(figures::gallery_shortcode(&attributes, self.context)).filter(|html| !html.is_empty()),
            "audio" => players::audio_shortcode(&attributes, self.context),
            "video" => players::video_shortcode(&attributes, self.context),
            "playlist" => players::playlist_shortcode(&attributes, self.context),
            "code" | "sourcecode" if inner.is_some() => Some(code(enclosed)),
            name if verdict::is_encoded(name) => {
                self.count(name);
                return self.stretches().start(index);
            }
            name if verdict::is_embed(name) => figures::embed_shortcode(name, &attributes, inner.as_deref()),
            name => figures::named(name, &attributes, self.context),
        };
        match html {
            Some(html) => self.push(&html),
            None => {
                self.count(opener.name);
                self.stretches().start(index);
                self.push(enclosed);
                if inner.is_some() {
                    self.stretches().end(Some(index));
                }
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.stretches().push(text);
    }

    fn stretches(&mut self) -> &mut Stretches {
        self.frames.last_mut().map_or(&mut self.output, |frame| &mut frame.inner)
    }

    fn count(&mut self, name: &str) {
        *self.context.losses.shortcodes.entry(name.to_owned()).or_default() += 1;
    }
}

/// A listing, which editors left unescaped inside `[sourcecode]`.
fn code(inner: &str) -> String {
    let text = inner.trim_matches('\n');
    let text = if text.contains("&lt;") { text.to_owned() } else { escape(text) };
    format!("<pre><code>{text}</code></pre>")
}
