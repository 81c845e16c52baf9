//! Gives classic text its paragraphs: a blank line parts them, a single newline is a break.
//!
//! Only text between the marks of `blocks` is classic; the rest has its paragraphs already. Block elements end a
//! paragraph, text in `pre`, figures and tables keeps its lines, and an address alone on a line becomes a link in a figure,
//! as WordPress would embed it.

use super::figures;
use super::marks;
use super::markup::{Piece, RawTag, pieces, web_address};

/// Elements whose content is copied as it stands.
const OPAQUE: [&str; 16] = [
    "pre", "figure", "textarea", "svg", "math", "object", "audio", "video", "form", "select", "noscript", "iframe",
    "canvas", "picture", "template", "map",
];

/// Elements that hold nothing but other elements, so that white space in them means nothing.
const STRUCTURE: [&str; 9] = ["ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "colgroup"];

/// Elements that hold text or blocks.
const CONTAINERS: [&str; 29] = [
    "div",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "main",
    "nav",
    "li",
    "dd",
    "dt",
    "td",
    "th",
    "blockquote",
    "fieldset",
    "details",
    "summary",
    "address",
    "center",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "caption",
    "figcaption",
    "hgroup",
    "legend",
];

/// The text with its classic parts in paragraphs, and without the marks.
pub fn render(html: &str) -> String {
    let mut output = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(marks::CLASSIC) {
        output.push_str(before);
        let (classic, after) = after.split_once(marks::CLASSIC_END).unwrap_or((after, ""));
        Flow::over(classic, &mut output);
        rest = after;
    }
    output.push_str(rest);
    // A broken tag may have swallowed some.
    if output.contains(marks::ALL) {
        output.retain(|character| !marks::ALL.contains(&character));
    }
    output
}

struct Flow<'a> {
    output: &'a mut String,
    /// Inline content that has not become a paragraph yet.
    run: String,
    open: Vec<String>,
    in_paragraph: bool,
    /// The opaque element being copied, and how many of its name are open.
    opaque: Option<(String, usize)>,
}

impl<'a> Flow<'a> {
    fn over(html: &str, output: &'a mut String) {
        let mut flow = Self { output, run: String::new(), open: Vec::new(), in_paragraph: false, opaque: None };
        for piece in pieces(html) {
            match piece {
                Piece::Tag(tag) => flow.tag(&tag),
                Piece::Text(text) if flow.opaque.is_some() => flow.output.push_str(text),
                Piece::Text(text) => flow.run.push_str(text),
            }
        }
        flow.flush();
    }

    fn tag(&mut self, tag: &RawTag<'_>) {
        let name = tag.name.to_ascii_lowercase();
        if let Some((element, depth)) = &mut self.opaque {
            self.output.push_str(tag.raw);
            if *element == name {
                *depth = if tag.closing { *depth - 1 } else { *depth + 1 };
            }
            if *depth == 0 {
                self.opaque = None;
            }
            return;
        }
        match name.as_str() {
            "p" => {
                self.flush();
                self.in_paragraph = !tag.closing;
            }
            "hr" => self.block(tag),
            _ if OPAQUE.contains(&&*name) => {
                self.block(tag);
                if !tag.closing && !tag.raw.ends_with("/>") {
                    self.opaque = Some((name, 1));
                }
            }
            _ if STRUCTURE.contains(&&*name) || CONTAINERS.contains(&&*name) => {
                self.block(tag);
                if !tag.closing {
                    self.open.push(name);
                } else if let Some(place) = self.open.iter().rev().take(20).position(|open| *open == name) {
                    self.open.truncate(self.open.len() - 1 - place);
                }
            }
            _ => self.run.push_str(&tag.raw.replace('\n', " ")),
        }
    }

    fn block(&mut self, tag: &RawTag<'_>) {
        self.flush();
        self.in_paragraph = false;
        self.output.push_str(tag.raw);
    }

    /// Writes the inline content gathered so far as what its surroundings make of it.
    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        let parent = self.open.last().map_or("", String::as_str);
        if is_blank(&run) || STRUCTURE.contains(&parent) {
            return self.output.push_str(run.trim());
        }
        let chunks = chunks(&run);
        let heading = parent.len() == 2 && parent.starts_with('h');
        let wrapped = self.in_paragraph || parent.is_empty() || parent == "blockquote" || chunks.len() > 1 && !heading;
        if !wrapped {
            return self.output.push_str(&chunks.concat().join("<br>"));
        }
        for chunk in chunks {
            self.paragraph(&chunk);
        }
    }

    fn paragraph(&mut self, lines: &[&str]) {
        for part in lines.chunk_by(|a, b| web_address(a).is_none() && web_address(b).is_none()) {
            match web_address(part[0]) {
                Some(url) => self.output.push_str(&figures::link(&url.replace("&amp;", "&"), None)),
                None => {
                    self.output.push_str("<p>");
                    self.output.push_str(&part.join("<br>"));
                    self.output.push_str("</p>");
                }
            }
        }
    }
}

/// The lines of each paragraph. Two breaks in a row part paragraphs as a blank line does.
fn chunks(run: &str) -> Vec<Vec<&str>> {
    let mut chunks: Vec<Vec<&str>> = Vec::new();
    let mut current: Vec<&str> = Vec::new();
    let mut pending_break = false;
    for line in run.split('\n') {
        let mut parts = split_breaks(line.trim()).into_iter().peekable();
        let mut blank_line = true;
        while let Some(part) = parts.next() {
            let part = part.trim();
            let followed = parts.peek().is_some();
            if !is_blank(part) {
                current.push(part);
                blank_line = false;
                pending_break = followed;
            } else if followed && pending_break {
                chunks.push(std::mem::take(&mut current));
            } else if followed {
                pending_break = true;
                blank_line = false;
            }
        }
        if blank_line {
            chunks.push(std::mem::take(&mut current));
            pending_break = false;
        }
    }
    chunks.push(current);
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// Cuts a line at its `<br>` tags.
fn split_breaks(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for piece in pieces(line) {
        let length = match piece {
            Piece::Text(text) => text.len(),
            Piece::Tag(tag) => tag.raw.len(),
        };
        if matches!(piece, Piece::Tag(tag) if tag.is("br")) {
            parts.push(&line[start..at]);
            start = at + length;
        }
        at += length;
    }
    parts.push(&line[start..]);
    parts
}

fn is_blank(text: &str) -> bool {
    text.replace("&nbsp;", "").trim().is_empty()
}
