//! A tree of HTML for the last step, built from html5ever's tokens.
//!
//! It is no browser's tree: misnested formatting is closed and reopened a few times and then left closed, and elements
//! deeper than [`DEEPEST`] lose their tags, so that hostile markup costs no more than its own length.

use std::cell::RefCell;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::markup::{escape, escape_attribute};

pub type NodeId = usize;

/// The node that holds everything; it has no tags of its own.
pub const ROOT: NodeId = 0;

const DEEPEST: usize = 200;

/// Formatting that is reopened after a block ended inside it.
const LOOSE: usize = 4;

/// How often in one text: an unclosed `<b>` before a million paragraphs would make a million more elements.
const MOST_REPAIRS: usize = 2000;

#[derive(Debug, Default)]
pub struct Node {
    pub parent: NodeId,
    pub children: Vec<NodeId>,
    /// Empty for text and for the root.
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

#[derive(Debug)]
pub struct Tree {
    pub nodes: Vec<Node>,
}

impl Tree {
    /// Reads a fragment of HTML; comments and doctypes are left out.
    pub fn parse(html: &str) -> Self {
        let builder =
            Builder { tree: Self { nodes: vec![Node::default()] }, open: vec![ROOT], loose: Vec::new(), repairs: 0 };
        let tokenizer = Tokenizer::new(Sink(RefCell::new(builder)), TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
        tokenizer.end();
        tokenizer.sink.0.into_inner().tree
    }

    /// An element that is nowhere in the tree yet.
    pub fn element(&mut self, name: &str, attributes: &[(&str, &str)]) -> NodeId {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.add(Node { name: name.to_owned(), attributes, ..Node::default() })
    }

    /// Text that is nowhere in the tree yet.
    pub fn text(&mut self, text: &str) -> NodeId {
        self.add(Node { text: text.to_owned(), ..Node::default() })
    }

    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        self.nodes[child].parent = parent;
        self.nodes[parent].children.push(child);
    }

    pub fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        self.nodes[node].attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn set_attribute(&mut self, node: NodeId, name: &str, value: &str) {
        self.nodes[node].attributes.retain(|(key, _)| key != name);
        self.nodes[node].attributes.push((name.to_owned(), value.to_owned()));
    }

    /// All nodes that hang below the root, parents before their children, in the order of the document.
    pub fn in_order(&self) -> Vec<NodeId> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut waiting: Vec<NodeId> = self.nodes[ROOT].children.iter().rev().copied().collect();
        while let Some(node) = waiting.pop() {
            order.push(node);
            waiting.extend(self.nodes[node].children.iter().rev());
        }
        order
    }

    /// The HTML of what a node holds.
    pub fn html(&self, node: NodeId) -> String {
        enum Step {
            Enter(NodeId),
            Leave(NodeId),
        }
        let mut html = String::new();
        let mut steps: Vec<Step> = self.nodes[node].children.iter().rev().map(|&child| Step::Enter(child)).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(node) => html.push_str(&format!("</{}>", self.nodes[node].name)),
                Step::Enter(node) if self.nodes[node].name.is_empty() => html.push_str(&escape(&self.nodes[node].text)),
                Step::Enter(node) => {
                    self.start_tag(node, &mut html);
                    if !is_void(&self.nodes[node].name) {
                        steps.push(Step::Leave(node));
                        steps.extend(self.nodes[node].children.iter().rev().map(|&child| Step::Enter(child)));
                    }
                }
            }
        }
        html
    }

    fn start_tag(&self, node: NodeId, html: &mut String) {
        html.push('<');
        html.push_str(&self.nodes[node].name);
        for (name, value) in &self.nodes[node].attributes {
            match value.as_str() {
                "" if name != "alt" => html.push_str(&format!(" {name}")),
                value => html.push_str(&format!(" {name}=\"{}\"", escape_attribute(value))),
            }
        }
        html.push('>');
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

pub fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(name, "b" | "i" | "em" | "strong" | "u" | "s" | "small" | "mark" | "del" | "ins" | "code" | "sub" | "sup")
}

/// Elements whose start ends a paragraph.
pub fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "ul"
    )
}

struct Builder {
    tree: Tree,
    open: Vec<NodeId>,
    /// Formatting to open again before the next text.
    loose: Vec<String>,
    repairs: usize,
}

impl Builder {
    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if is_block(name) {
            self.end_within(
                "p",
                &["td", "th", "figure", "blockquote", "div", "li", "figcaption", "details", "section"],
            );
        }
        match name {
            "li" => self.end_within("li", &["ul", "ol"]),
            "dt" | "dd" => {
                self.end_within("dt", &["dl"]);
                self.end_within("dd", &["dl"]);
            }
            "td" | "th" => self.end_cells(),
            "tr" => {
                self.end_cells();
                self.end_within("tr", &["table"]);
            }
            "tbody" | "thead" | "tfoot" => {
                for part in ["td", "th", "tr", "tbody", "thead", "tfoot"] {
                    self.end_within(part, &["table"]);
                }
            }
            "a" => self.end_within("a", &["td", "th", "li", "figure"]),
            _ if is_block(name) => {}
            _ => self.reopen(),
        }
        self.open_element(name, tag);
    }

    fn open_element(&mut self, name: &str, tag: &Tag) {
        let mut attributes: Vec<(String, String)> = Vec::new();
        for attribute in &tag.attrs {
            attributes.push((attribute.name.local.to_string(), attribute.value.to_string()));
        }
        if self.open.len() >= DEEPEST && !is_void(name) {
            return;
        }
        let node = self.tree.add(Node { name: name.to_owned(), attributes, ..Node::default() });
        self.attach(node);
        if !is_void(name) {
            self.open.push(node);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(place) = self.loose.iter().position(|loose| loose == name) {
            self.loose.remove(place);
            return;
        }
        self.end_within(name, if is_formatting(name) || name == "span" { &["td", "th", "table"] } else { &[] });
    }

    fn end_cells(&mut self) {
        self.end_within("td", &["table", "tr"]);
        self.end_within("th", &["table", "tr"]);
    }

    /// Closes the innermost open element of this name, unless one of the others is further in.
    fn end_within(&mut self, name: &str, barriers: &[&str]) {
        let innermost = self.open.iter().rposition(|&node| {
            let open = self.tree.nodes[node].name.as_str();
            open == name || barriers.contains(&open)
        });
        let Some(place) = innermost.filter(|&place| place > 0 && self.tree.nodes[self.open[place]].name == name) else {
            return;
        };
        for closed in self.open.drain(place..).skip(1) {
            let name = &self.tree.nodes[closed].name;
            if is_formatting(name) && self.loose.len() < LOOSE && self.repairs < MOST_REPAIRS {
                self.repairs += 1;
                self.loose.push(name.clone());
            }
        }
    }

    fn text(&mut self, text: &str) {
        if !text.trim_ascii().is_empty() {
            self.reopen();
        }
        let parent = self.open.last().copied().unwrap_or(ROOT);
        let last = self.tree.nodes[parent].children.last().copied();
        if let Some(last) = last.filter(|&last| self.tree.nodes[last].name.is_empty()) {
            return self.tree.nodes[last].text.push_str(text);
        }
        let node = self.tree.text(text);
        self.attach(node);
    }

    fn reopen(&mut self) {
        for name in std::mem::take(&mut self.loose) {
            let node = self.tree.element(&name, &[]);
            self.attach(node);
            self.open.push(node);
        }
    }

    fn attach(&mut self, node: NodeId) {
        let parent = self.open.last().copied().unwrap_or(ROOT);
        self.tree.append(parent, node);
    }
}

struct Sink(RefCell<Builder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => builder.end(&tag.name),
            Token::TagToken(tag) => {
                builder.start(&tag);
                return match &*tag.name {
                    "iframe" | "noembed" | "noframes" | "style" | "script" | "xmp" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            Token::CharacterTokens(text) => builder.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(html: &str) -> String {
        Tree::parse(html).html(ROOT)
    }

    #[test]
    fn sound_markup_comes_back_as_it_was() {
        let html = "<p>a <b>b</b> &amp; <a href=\"?x&amp;y\">c</a><br></p><ul><li>d<ul><li>e</li></ul></li></ul><img src=\"x\" alt=\"\"><video controls></video>";
        assert_eq!(built(html), html);
    }

    #[test]
    fn implied_ends_are_seen() {
        assert_eq!(built("<p>a<p>b<ul><li>c<li>d</ul>"), "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>");
        assert_eq!(
            built("<table><tr><td>a<td>b<tr><td>c</table>d"),
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d"
        );
        assert_eq!(built("<p>a<figure>b</figure>c</p>"), "<p>a</p><figure>b</figure>c");
    }

    #[test]
    fn misnested_formatting_goes_on_where_it_was_broken() {
        assert_eq!(built("<p><em>a</p><p>b</em> c</p>"), "<p><em>a</em></p><p><em>b</em> c</p>");
        assert_eq!(built("<b>1<i>2</b>3</i>4"), "<b>1<i>2</i></b><i>3</i>4");
        assert_eq!(built("a</div></p>b"), "ab");
    }

    #[test]
    fn depth_and_length_cost_no_more_than_themselves() {
        for hostile in ["<div>", "<b>", "<p><b>", "<table><tr><td>", "</p>", "<a>", "<li>", "<b><p></b>"] {
            let html = hostile.repeat(100_000) + "end";
            let built = built(&html);
            assert!(built.contains("end") && built.len() < 20 * html.len(), "{hostile}");
        }
    }
}
