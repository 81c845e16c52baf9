//! Markup with only the kept elements, shallow and nearly balanced, before a tree is built from it.
//!
//! A tree builder repairs misnested markup by copying elements, so a megabyte of hostile tags becomes gigabytes of
//! tree, and deep trees overflow the stack of whoever walks them. What WordPress writes (one or two unclosed `em`)
//! passes through and is repaired as browsers do; past a budget elements are closed here, where the misnesting is.

use html5ever::Attribute;
use html5ever::tokenizer::Tag;

use super::escape;
use super::markup::{Piece, walk};
use super::policy::{ANYWHERE, DROPPED_WITH_CONTENT, is_safe_url, kept, safe_srcset};

/// Elements deeper than this lose their tags and keep their text. Page builders nest about 30 deep.
pub(super) const MAX_DEPTH: usize = 64;

/// Formatting elements left open at once for the tree builder to reopen in each following block.
const MAX_LOOSE: usize = 4;

/// Repairs left to the tree builder in one document; each may cost it a walk over all siblings.
const MAX_REPAIRS: usize = 1000;

/// Bytes of text without a tag, and of one attribute. html5ever's serialiser searches the rest of a text again at each
/// `&` and each non-breaking space, so a longer text is parted by an empty `span`, and a longer attribute left out.
const MAX_RUN: usize = 16 * 1024;

/// `html` with only kept elements and attributes, at most [`MAX_DEPTH`] deep, void elements apart.
pub(super) fn tame(html: &str) -> String {
    let mut tamer = Tamer::default();
    walk(html, |piece| tamer.take(piece));
    tamer.close_all();
    tamer.out
}

#[derive(Default)]
struct Tamer {
    out: String,
    open: Vec<&'static str>,
    loose: Vec<&'static str>,
    repairs: usize,
    /// Bytes of text since the last tag.
    run: usize,
    /// The dropped element being skipped, and how many of that name are open.
    skipping: Option<(String, usize)>,
    /// Just after `<pre>`, where a parser swallows a newline: a second parse would swallow the next one.
    pre_is_empty: bool,
}

impl Tamer {
    fn take(&mut self, piece: Piece<'_>) {
        if self.skipping.is_some() {
            return self.skip(&piece);
        }
        match piece {
            Piece::Open(tag) if DROPPED_WITH_CONTENT.contains(&&*tag.name) => {
                self.skipping = Some((tag.name.to_string(), 1));
            }
            Piece::Open(tag) => self.start(tag),
            Piece::Close(name) => self.end(name),
            Piece::Text(text) => self.text(text),
        }
    }

    fn skip(&mut self, piece: &Piece<'_>) {
        let Some((name, depth)) = &mut self.skipping else { return };
        match piece {
            Piece::Open(tag) if *tag.name == **name => *depth += 1,
            Piece::Close(closed) if closed == name => *depth -= 1,
            _ => {}
        }
        if *depth == 0 {
            self.skipping = None;
        }
    }

    fn text(&mut self, text: &str) {
        let text = if self.pre_is_empty { text.trim_start_matches('\n') } else { text };
        if text.is_empty() {
            return;
        }
        if !text.trim_ascii().is_empty() {
            self.enter_cell();
        }
        self.pre_is_empty = false;
        let mut rest = text;
        while !rest.is_empty() {
            if self.run >= MAX_RUN {
                self.out.push_str("<span></span>");
                self.run = 0;
            }
            let fits = (MAX_RUN - self.run..rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(fits);
            escape::push_html(&mut self.out, part);
            self.run += part.len();
            rest = after;
        }
    }

    /// Opens the cell that content directly in a table or a row lacks. A tree builder would move it before the table,
    /// at the cost of a walk over all siblings for each piece.
    fn enter_cell(&mut self) {
        if matches!(self.open.last(), Some(&("table" | "tbody" | "thead" | "tfoot"))) {
            self.open_tag("tr");
        }
        if self.open.last() == Some(&"tr") {
            self.open_tag("td");
        }
    }

    fn open_tag(&mut self, name: &'static str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        self.open.push(name);
        self.run = 0;
    }

    fn start(&mut self, tag: &Tag) {
        let Some((name, own)) = kept(&tag.name) else { return };
        if name == "img" && !has_picture(&tag.attrs) {
            return;
        }
        if !self.make_way(name) {
            return;
        }
        let is_void = matches!(name, "br" | "hr" | "img" | "source" | "track");
        if !is_void && self.open.len() >= MAX_DEPTH {
            return;
        }
        self.out.push('<');
        self.out.push_str(name);
        for Attribute { name, value } in &tag.attrs {
            let name = &*name.local;
            if own.contains(&name) || ANYWHERE.contains(&name) {
                self.attribute(name, value);
            }
        }
        self.out.push('>');
        self.run = 0;
        self.pre_is_empty = name == "pre";
        if !is_void {
            self.open.push(name);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if value.len() > MAX_RUN {
            return;
        }
        let safe;
        let value = if name == "srcset" {
            let Some(srcset) = safe_srcset(value) else { return };
            safe = srcset;
            safe.as_str()
        } else {
            value
        };
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape::push_html(&mut self.out, value);
        self.out.push('"');
    }

    /// Closes what the start tag `name` implies closed; false when the tag has no place here.
    fn make_way(&mut self, name: &'static str) -> bool {
        let table_context: &[&str] = match name {
            "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
            "tr" => &["tbody", "thead", "tfoot", "table"],
            "caption" | "tbody" | "thead" | "tfoot" => &["table"],
            _ => &[],
        };
        if !table_context.is_empty() {
            let place = self.open.iter().rposition(|open| table_context.contains(open));
            if let Some(index) = place {
                self.close_to(index + 1);
            }
            return place.is_some();
        }
        let closed = match name {
            "a" => self.find(|open| open == "a", is_cell),
            "li" => self.find(|open| open == "li", stops_item),
            "dd" | "dt" => self.find(|open| matches!(open, "dd" | "dt"), stops_item),
            "rt" | "rp" => self.top(|open| matches!(open, "rt" | "rp")),
            "table" => self.find(|open| open == "table", |open| matches!(open, "td" | "th" | "caption")),
            _ if is_heading(name) => self.top(is_heading),
            _ => None,
        };
        if let Some(index) = closed {
            self.close_to(index);
        }
        self.enter_cell();
        if closes_paragraph(name)
            && let Some(index) = self.find(|open| open == "p", is_cell)
        {
            self.close_to(index);
        }
        true
    }

    fn end(&mut self, name: &str) {
        let Some((name, _)) = kept(name) else { return };
        let barrier = match name {
            "table" | "caption" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" => |open: &str| open == "table",
            "li" => |open: &str| is_cell(open) || matches!(open, "ul" | "ol"),
            _ if is_block(name) || is_formatting(name) => is_cell,
            _ => is_block,
        };
        let Some(index) = self.find(|open| open == name, barrier) else {
            if let Some(index) = self.loose.iter().position(|loose| *loose == name) {
                self.loose.remove(index);
                self.close_tag(name);
            }
            return;
        };
        let crosses_block = self.open[index + 1..].iter().any(|open| is_block(open));
        if is_formatting(name) && crosses_block && self.may_repair() {
            self.open.remove(index);
            self.close_tag(name);
        } else {
            self.close_to(index);
        }
    }

    /// The innermost open element that is `wanted`, unless one that is a `barrier` lies within it.
    fn find(&self, wanted: impl Fn(&str) -> bool, barrier: impl Fn(&str) -> bool) -> Option<usize> {
        let index = self.open.iter().rposition(|open| wanted(open) || barrier(open))?;
        wanted(self.open[index]).then_some(index)
    }

    fn top(&self, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        self.open.last().is_some_and(|open| wanted(open)).then(|| self.open.len() - 1)
    }

    /// Closes the open elements from the innermost to the one at `index`, inclusive.
    fn close_to(&mut self, index: usize) {
        while self.open.len() > index {
            let Some(name) = self.open.pop() else { return };
            let is_target = self.open.len() == index;
            if !is_target && is_formatting(name) && self.loose.len() < MAX_LOOSE && self.may_repair() {
                self.loose.push(name);
            } else {
                self.close_tag(name);
            }
        }
    }

    fn close_all(&mut self) {
        while let Some(name) = self.open.pop() {
            self.close_tag(name);
        }
    }

    fn close_tag(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self.run = 0;
        self.pre_is_empty = false;
    }

    fn may_repair(&mut self) -> bool {
        self.repairs += 1;
        self.repairs <= MAX_REPAIRS
    }
}

/// A lazy loader's place-holder has a `data:` source and no picture for a reader without scripts.
fn has_picture(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|Attribute { name, value }| match &*name.local {
        "src" => !value.trim_ascii().is_empty() && is_safe_url(value),
        "srcset" => safe_srcset(value).is_some(),
        _ => false,
    })
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Elements that stop the search for an open element, as the standard's "scope" does.
fn is_cell(name: &str) -> bool {
    matches!(name, "table" | "td" | "th" | "caption")
}

fn stops_item(name: &str) -> bool {
    is_block(name) && !matches!(name, "div" | "p")
}

/// The standard's "formatting" elements, which a tree builder reopens.
fn is_formatting(name: &str) -> bool {
    matches!(name, "a" | "b" | "code" | "em" | "i" | "s" | "small" | "strong" | "u")
}

fn closes_paragraph(name: &str) -> bool {
    name == "hr" || is_block(name)
}

/// The standard's "special" elements that are kept and not void.
fn is_block(name: &str) -> bool {
    is_heading(name)
        || is_cell(name)
        || matches!(
            name,
            "aside"
                | "blockquote"
                | "dd"
                | "details"
                | "div"
                | "dl"
                | "dt"
                | "figcaption"
                | "figure"
                | "li"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "tbody"
                | "tfoot"
                | "thead"
                | "tr"
                | "ul"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_markup_passes_as_it_is() {
        let html = "<h2>Курс</h2><p lang=\"ru\">87 <b>сом</b><br>за $</p><ul><li>a</li><li>b</li></ul>";
        assert_eq!(tame(html), html);
    }

    #[test]
    fn optional_end_tags_are_written() {
        assert_eq!(tame("<p>a<p>b<ul><li>c<li>d</ul>"), "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>");
        assert_eq!(
            tame("<table><tr><td>a<td>b<tr><td>c</table>"),
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
        );
        assert_eq!(tame("<dl><dt>a<dd>b</dl><h2>c<h3>d"), "<dl><dt>a</dt><dd>b</dd></dl><h2>c</h2><h3>d</h3>");
    }

    #[test]
    fn unclosed_formatting_is_left_to_the_tree_builder_within_a_budget() {
        assert_eq!(tame("<p><em>a</p><p>b</em></p>"), "<p><em>a</p><p>b</em></p>");
        let many = tame(&"<p><b lang=x>a".repeat(50));
        assert_eq!(many.matches("</b>").count(), 50 - MAX_LOOSE);
    }

    #[test]
    fn deep_markup_keeps_its_text() {
        let flat = tame(&format!("{}дно{}", "<div>".repeat(1000), "</div>".repeat(1000)));
        assert_eq!(flat, format!("{}дно{}", "<div>".repeat(MAX_DEPTH), "</div>".repeat(MAX_DEPTH)));
    }

    #[test]
    fn dropped_elements_take_their_content_with_them() {
        assert_eq!(tame("a<form>b<form>c</form>d</form>e"), "ae");
        assert_eq!(tame("a<svg><p>b</svg>c<script>'</p>'</script>d<input>e"), "acde");
        assert_eq!(
            tame("<noscript><img src=a.jpg></noscript><img src='data:image/gif;base64,R0'>"),
            "<img src=\"a.jpg\">"
        );
    }

    #[test]
    fn table_parts_outside_a_table_lose_their_tags() {
        assert_eq!(tame("<td>a</td><tr>b"), "ab");
    }

    #[test]
    fn content_beside_the_cells_gets_a_cell() {
        assert_eq!(
            tame("<table>\na<tr> <i>b</i><td>c</table>d"),
            "<table>\n<tr><td>a</td></tr><tr> <td><i>b</i></td><td>c</td></tr></table>d"
        );
    }

    #[test]
    fn an_endless_run_is_parted_and_an_endless_attribute_dropped() {
        assert_eq!(tame(&"&".repeat(MAX_RUN + 1)), format!("{}<span></span>&amp;", "&amp;".repeat(MAX_RUN)));
        let sentence = format!("x{}", "ё".repeat(MAX_RUN / 2));
        assert_eq!(tame(&format!("{sentence}ё")), format!("{sentence}<span></span>ё"));
        assert_eq!(tame(&format!("<a title={} href=/x>", "a".repeat(MAX_RUN + 1))), "<a href=\"/x\"></a>");
    }
}
