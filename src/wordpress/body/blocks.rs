//! Takes block comments out and renders the blocks that are nothing without them.
//!
//! A block is `<!-- wp:name {json} -->html<!-- /wp:name -->`, or `<!-- wp:name {json} /-->` when WordPress fills it on
//! every request. The HTML inside most blocks is already what a reader sees and stays. What stands between blocks, and
//! a post without any, is classic text and marked for `paragraphs`.

use std::mem::replace;

use serde_json::Value;

use super::figures;
use super::markup::{escape, escape_attribute, web_address, without_programs};
use super::{Context, marks};
use crate::wordpress::plain;

/// Deeper blocks lose their comments and nothing else. Editors nest about ten deep.
const DEEPEST: usize = 100;

/// Reusable blocks may hold reusable blocks, and by mistake themselves.
const MOST_REUSED: usize = 4;

/// An open block.
struct Frame {
    name: String,
    attributes: Value,
    html: String,
}

/// The text with its blocks rendered.
pub fn render(raw: &str, context: &mut Context<'_>) -> String {
    Renderer { context, reused: 0, filled: Value::Null }.render(raw)
}

struct Renderer<'a, 'b> {
    context: &'a mut Context<'b>,
    reused: usize,
    /// What a post wrote into the reusable block that is shown, by the names of the blocks in it.
    filled: Value,
}

impl Renderer<'_, '_> {
    fn render(&mut self, raw: &str) -> String {
        let mut page = Page::default();
        let mut rest = raw;
        // Looked for once: a text full of openings without an end would be searched to its end for each of them.
        let last_end = raw.rfind("-->").unwrap_or_default();
        while let Some(start) = rest.find("<!--") {
            page.text(&rest[..start]);
            let is_closed = raw.len() - rest.len() + start < last_end;
            let (comment, length) = comment(&rest[start..], is_closed);
            rest = &rest[start + length..];
            match comment {
                Comment::Open { name, attributes } if page.frames.len() < DEEPEST => {
                    page.end_classic();
                    page.frames.push(Frame { name, attributes, html: String::new() });
                }
                Comment::Void { name, attributes } => {
                    page.end_classic();
                    let html = self.finished(&Frame { name, attributes, html: String::new() });
                    page.push(&html);
                }
                Comment::Close { name } => self.close(&mut page, &name),
                Comment::Break if page.frames.is_empty() => page.text("\n\n"),
                Comment::Open { .. } | Comment::Break | Comment::Other => {}
            }
        }
        page.text(rest);
        // Blocks left open would swallow the rest of the post if they were rendered, so their content stays as it is.
        while let Some(frame) = page.frames.pop() {
            page.push(&frame.html);
        }
        page.end_classic();
        page.html
    }

    fn close(&mut self, page: &mut Page, name: &str) {
        let Some(index) = page.frames.iter().rposition(|frame| frame.name == name) else { return };
        while page.frames.len() > index + 1 {
            if let Some(frame) = page.frames.pop() {
                page.push(&frame.html);
            }
        }
        if let Some(frame) = page.frames.pop() {
            let html = self.finished(&frame);
            page.push(&html);
        }
    }

    /// What a block shows.
    fn finished(&mut self, block: &Frame) -> String {
        let metadata = &block.attributes["metadata"];
        let is_bound = |bound: &Value| bound["source"] == "core/pattern-overrides";
        let is_open = metadata["bindings"].as_object().is_some_and(|bindings| bindings.values().any(is_bound));
        let name = metadata["name"].as_str().filter(|_| is_open);
        let filled = name.and_then(|name| filled(block, &self.filled[name]));
        let block = filled.as_ref().unwrap_or(block);
        let inner = block.html.trim();
        match block.name.as_str() {
            "shortcode" => format!("{}{inner}{}", marks::FORCED, marks::FORCED_END),
            "freeform" | "classic" => format!("{}{inner}{}", marks::CLASSIC, marks::CLASSIC_END),
            "more" | "nextpage" | "spacer" => String::new(),
            "embed" => self.embed(block),
            "footnotes" => self.footnotes(),
            "block" => self.reusable(block),
            "math" => self.formula(block),
            "navigation-link" | "navigation-submenu" | "social-link" => self.menu_link(block),
            "navigation" if inner.starts_with("<li>") => format!("<ul>{inner}</ul>"),
            "cover" if !["<img", "<video"].iter().any(|media| inner.contains(media)) => self.cover(block),
            "image" | "audio" | "video" | "file" | "cover" | "media-text" => self.with_media(block),
            "gallery" if !inner.contains("<img") => self.gallery(block),
            // Templates for posts and comments that are not in the article.
            "post-template" | "comment-template" | "query-no-results" | "comments-pagination" | "query-pagination" => {
                self.dropped(block)
            }
            name if name.starts_with("core-embed/") => self.embed(block),
            _ if inner.is_empty() => self.dropped(block),
            _ => block.html.clone(),
        }
    }

    fn dropped(&mut self, block: &Frame) -> String {
        *self.context.losses.blocks.entry(block.name.clone()).or_default() += 1;
        String::new()
    }

    fn embed(&mut self, block: &Frame) -> String {
        let inside = block.html.split('>').find_map(|piece| web_address(piece.split('<').next().unwrap_or_default()));
        match block.attributes["url"].as_str().and_then(web_address).or(inside) {
            Some(url) => figures::link(&url, figures::caption_in(&block.html)),
            None if block.html.trim().is_empty() => self.dropped(block),
            None => block.html.clone(),
        }
    }

    fn footnotes(&self) -> String {
        let notes: Vec<Value> =
            self.context.footnotes.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let notes: String = notes
            .iter()
            .filter_map(|note| note["content"].as_str())
            .map(|content| format!("<li>{}</li>", content.trim()))
            .collect();
        if notes.is_empty() { notes } else { format!("<ol>{notes}</ol>") }
    }

    fn reusable(&mut self, block: &Frame) -> String {
        let id = block.attributes["ref"].as_u64();
        let content = id.filter(|_| self.reused < MOST_REUSED).and_then(|id| self.context.library.reusable_block(id));
        let Some(content) = content else { return self.dropped(block) };
        self.reused += 1;
        let outer = replace(&mut self.filled, block.attributes["content"].clone());
        let html = self.render(&without_programs(&plain::clean(&content)));
        self.filled = outer;
        self.reused -= 1;
        html
    }

    /// A formula as it was written, in LaTeX: what it looks like is a drawing.
    fn formula(&mut self, block: &Frame) -> String {
        match block.attributes["latex"].as_str().map(str::trim).filter(|latex| !latex.is_empty()) {
            Some(latex) => format!("<p><code>{}</code></p>", escape(latex)),
            None => self.dropped(block),
        }
    }

    fn menu_link(&mut self, block: &Frame) -> String {
        let text = |key: &str| block.attributes[key].as_str().map(str::trim).filter(|text| !text.is_empty());
        let label = text("label").or(text("service"));
        match (text("url").filter(|url| *url != "#"), label) {
            (Some(url), Some(label)) => {
                let below = block.html.trim();
                let below = if below.is_empty() { String::new() } else { format!("<ul>{below}</ul>") };
                let label = escape(&plain::plain(label));
                format!("<li><a href=\"{}\">{label}</a>{below}</li>", escape_attribute(url))
            }
            _ => self.dropped(block) + block.html.trim(),
        }
    }

    /// The block's own HTML with the attachment's id in it, or the attachment itself when there is no HTML.
    fn with_media(&mut self, block: &Frame) -> String {
        let id = ["id", "mediaId"].iter().find_map(|key| block.attributes[key].as_u64());
        if block.html.trim().is_empty() {
            let media = id.and_then(|id| self.context.attachment(id).map(|media| (id, media)));
            return media.map_or_else(|| self.dropped(block), |(id, media)| figures::attachment(id, &media));
        }
        let Some(id) = id else { return block.html.clone() };
        let name_end = block.html.find('<').map(|start| {
            let name = block.html[start + 1..].bytes().take_while(u8::is_ascii_alphanumeric).count();
            start + 1 + name
        });
        match name_end.filter(|&end| block.html[..end].ends_with(|last: char| last.is_ascii_alphanumeric())) {
            Some(end) => format!("{} data-media=\"{id}\"{}", &block.html[..end], &block.html[end..]),
            None => block.html.clone(),
        }
    }

    /// A picture that stood behind the text by its style alone, and is known by the block's attributes.
    fn cover(&mut self, block: &Frame) -> String {
        let picture = block.attributes["url"].as_str().and_then(web_address).map(|url| {
            let id = block.attributes["id"].as_u64().map(|id| format!(" data-media=\"{id}\"")).unwrap_or_default();
            let alt = escape_attribute(block.attributes["alt"].as_str().unwrap_or_default());
            format!("<figure{id}><img src=\"{}\" alt=\"{alt}\"></figure>", escape_attribute(&url))
        });
        picture.map_or_else(|| self.with_media(block), |picture| picture + &block.html)
    }

    fn gallery(&mut self, block: &Frame) -> String {
        let ids: Vec<u64> =
            block.attributes["ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        match figures::gallery(&ids, self.context) {
            html if html.is_empty() && block.html.trim().is_empty() => self.dropped(block),
            html if html.is_empty() => block.html.clone(),
            html => html,
        }
    }
}

/// A block of a reusable one with what a post wrote into it: another text, another address. `None` when it wrote nothing.
fn filled(block: &Frame, own: &Value) -> Option<Frame> {
    let text = |key: &str| own[key].as_str().map(str::to_owned);
    let (mut html, mut attributes) = (block.html.clone(), block.attributes.clone());
    if block.name == "image" {
        let url = web_address(own["url"].as_str()?)?;
        let alt = text("alt").unwrap_or_default();
        let caption =
            figures::caption_in(&html).map(|text| format!("<figcaption>{text}</figcaption>")).unwrap_or_default();
        let (url, alt) = (escape_attribute(&url), escape_attribute(&alt));
        html = format!("<figure><img src=\"{url}\" alt=\"{alt}\">{caption}</figure>");
        attributes["id"] = own["id"].clone();
    } else {
        let link = if block.name == "button" { html.find("<a")? } else { 0 };
        let start = link + html[link..].find('>')? + 1;
        let end = html.rfind(if block.name == "button" { "</a" } else { "</" }).filter(|end| *end >= start)?;
        let url = text("url").filter(|_| block.name == "button");
        if let Some(content) = text("content").or(text("text")) {
            html.replace_range(start..end, &content);
        } else if url.is_none() {
            return None;
        }
        if let Some(url) = url {
            html.replace_range(link..start, &format!("<a href=\"{}\">", escape_attribute(&url)));
        }
    }
    Some(Frame { name: block.name.clone(), attributes, html })
}

/// The page so far, and the blocks open on it.
#[derive(Default)]
struct Page {
    html: String,
    frames: Vec<Frame>,
    classic: bool,
}

impl Page {
    fn text(&mut self, text: &str) {
        if self.frames.is_empty() && !self.classic && !text.trim().is_empty() {
            self.html.push(marks::CLASSIC);
            self.classic = true;
        }
        self.push(text);
    }

    fn push(&mut self, html: &str) {
        match self.frames.last_mut() {
            Some(frame) => frame.html.push_str(html),
            None => self.html.push_str(html),
        }
    }

    fn end_classic(&mut self) {
        if self.classic && self.frames.is_empty() {
            self.html.push(marks::CLASSIC_END);
            self.classic = false;
        }
    }
}

enum Comment {
    Open {
        name: String,
        attributes: Value,
    },
    Void {
        name: String,
        attributes: Value,
    },
    Close {
        name: String,
    },
    /// `<!--more-->` and `<!--nextpage-->`, which part paragraphs.
    Break,
    Other,
}

/// Reads the comment that the text starts with, and its length.
fn comment(text: &str, is_closed: bool) -> (Comment, usize) {
    let inside = text["<!--".len()..].trim_start();
    if let Some(block) = inside.strip_prefix("wp:") {
        return opening(text, block);
    }
    let end = if is_closed { text.find("-->").map(|end| end + "-->".len()) } else { None };
    if let Some(name) = inside.strip_prefix("/wp:") {
        let end = end.unwrap_or_else(|| text.find('>').map_or(text.len(), |end| end + 1));
        return (Comment::Close { name: block_name(name).0 }, end);
    }
    // Without an end it is no comment; the sign itself may not stay, or what follows would become one.
    let Some(end) = end else { return (Comment::Other, "<!--".len()) };
    let breaks = inside.starts_with("more") || inside.starts_with("nextpage");
    (if breaks { Comment::Break } else { Comment::Other }, end)
}

fn opening(text: &str, block: &str) -> (Comment, usize) {
    let (name, after) = block_name(block);
    let (attributes, rest) = json(after.trim_start());
    let trimmed = rest.trim_start();
    let (void, rest) = match trimmed.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let (attributes, void, rest) = match rest.strip_prefix("-->") {
        Some(rest) => (attributes, void, rest),
        // Broken JSON, or something else between it and the end: the block is what its HTML is.
        None => match after.find("-->") {
            Some(end) => (Value::Null, after[..end].ends_with('/'), &after[end + "-->".len()..]),
            None => (Value::Null, false, after.split_once('>').map_or("", |(_, rest)| rest)),
        },
    };
    let length = text.len() - rest.len();
    (if void { Comment::Void { name, attributes } } else { Comment::Open { name, attributes } }, length)
}

fn block_name(text: &str) -> (String, &str) {
    let end = text.find(|character: char| !character.is_ascii_alphanumeric() && !"-_/".contains(character));
    let name = &text[..end.unwrap_or(text.len())];
    // In `<!-- wp:more/-->` the slash and the hyphens belong to the end of the comment.
    let trimmed = name.trim_end_matches("/--").trim_end_matches("--");
    (trimmed.strip_prefix("core/").unwrap_or(trimmed).to_owned(), &text[trimmed.len()..])
}

/// The JSON object that the text starts with, which may hold `-->` in a string, and what follows it.
fn json(text: &str) -> (Value, &str) {
    if !text.starts_with('{') {
        return (Value::Null, text);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => (value, &text[values.byte_offset()..]),
        _ => (Value::Null, text),
    }
}
