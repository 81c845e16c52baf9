//! Markdown in and out: what authors may write, and what clients that show no HTML may ask for.
//!
//! Both directions are CommonMark with tables and strikethrough. Neither sanitises: [`to_html`] goes through
//! [`super::sanitise`] before it is stored, and [`from_html`] reads what was stored.

use std::sync::LazyLock;

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, HtmlToMarkdown};
use pulldown_cmark::{Options, Parser, html};

use super::nesting::tame;

/// HTML of a Markdown text, not sanitised.
pub fn to_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 5 / 4);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    html::push_html(&mut out, Parser::new_ext(markdown, options));
    out
}

/// Markdown of a sanitised HTML body. A caption is a line in italics after its picture.
pub fn from_html(html: &str) -> String {
    // htmd recurses over the tree: what is deeper than sanitised markup would overflow the stack.
    CONVERTER.convert(&tame(html)).unwrap_or_default()
}

/// htmd pads every cell to the widest one of its column, so that one long cell multiplies by the number of rows, and
/// leaves a table without `th` out; hence the handlers for tables.
static CONVERTER: LazyLock<HtmlToMarkdown> = LazyLock::new(|| {
    HtmlToMarkdown::builder()
        .add_handler(vec!["figcaption", "caption"], caption)
        .add_handler(vec!["td", "th"], cell)
        .add_handler(vec!["tr"], row)
        .add_handler(vec!["table"], table)
        .add_handler(vec!["s", "del"], struck)
        .build()
});

fn caption(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let line = one_line(&content);
    let is_plain = !line.is_empty() && !line.contains(['*', '_']);
    Some(if is_plain { format!("\n\n*{line}*\n\n") } else { format!("\n\n{line}\n\n") }.into())
}

fn struck(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let line = content.trim();
    let is_inline = !line.is_empty() && line.len() == content.len() && !line.contains('\n');
    Some(if is_inline { format!("~~{line}~~") } else { content }.into())
}

fn cell(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    Some(format!(" {} |", one_line(&content).replace('|', "\\|")).into())
}

fn row(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    Some(format!("\n|{}\n", content.trim_ascii_end()).into())
}

/// The first row is the head, as Markdown has no table without one.
fn table(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let (rows, around): (Vec<&str>, Vec<&str>) =
        content.lines().filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with("| "));
    let columns = rows.iter().map(|row| cells(row)).max().unwrap_or(0);
    let mut out = format!("\n\n{}\n\n", around.join("\n\n"));
    for (index, row) in rows.iter().enumerate() {
        out.push_str(row);
        if index == 0 {
            out.push_str(&"  |".repeat(columns - cells(row)));
            out.push_str("\n|");
            out.push_str(&" --- |".repeat(columns));
        }
        out.push('\n');
    }
    out.push('\n');
    Some(out.into())
}

fn cells(row: &str) -> usize {
    (row.matches('|').count() - row.matches("\\|").count()).saturating_sub(1)
}

fn one_line(content: &str) -> String {
    content.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sanitise;
    use proptest::prelude::*;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            to_html("# Курс\n\n87 **сом** ~~88~~"),
            "<h1>Курс</h1>\n<p>87 <strong>сом</strong> <del>88</del></p>\n"
        );
        assert_eq!(
            to_html("| a |\n|---|\n| b |"),
            "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>\n"
        );
    }

    #[test]
    fn html_becomes_markdown() {
        for (html, expected) in [
            ("<h2>Курс</h2><p>87 <b>сом</b> <del>88</del></p>", "## Курс\n\n87 **сом** ~~88~~"),
            ("<ul><li>a</li><li>b</li></ul>", "*   a\n*   b"),
            ("<blockquote><p>Сўз</p></blockquote><p>a<br>b</p>", "> Сўз\n\na  \nb"),
            (
                "<p><a href=\"/x\">Oʻzbek</a></p><hr><pre><code>a\n b</code></pre>",
                "[Oʻzbek](/x)\n\n* * *\n\n```\na\n b\n```",
            ),
            (
                "<figure><img src=\"/a.jpg\" alt=\"Бозор\"><figcaption>Сурат: <a href=\"/b\">АП</a></figcaption></figure><p>c</p>",
                "![Бозор](/a.jpg)\n\n*Сурат: [АП](/b)*\n\nc",
            ),
            ("<figure><img src=\"/a.jpg\"><figcaption><em>b</em> c</figcaption></figure>", "![](/a.jpg)\n\n*b* c"),
            ("<div>a</div><section>b</section>", "a\n\nb"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn tables_are_kept_with_or_without_a_head() {
        let with = "<p>x</p><table><caption>Курс</caption><thead><tr><th>USD</th><th>a|b</th></tr></thead>\n<tbody>\n<tr><td>87<br>88</td> <td><b>c</b></td></tr></tbody></table>";
        assert_eq!(from_html(with), "x\n\n*Курс*\n\n| USD | a\\|b |\n| --- | --- |\n| 87 88 | **c** |");
        let without = "<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>";
        assert_eq!(from_html(without), "| a |  |\n| --- | --- |\n| b | c |");
    }

    #[test]
    fn hostile_depth_is_survived() {
        for tag in ["<div>", "<b>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<span>"] {
            assert!(from_html(&format!("{}дно", tag.repeat(100_000))).contains("дно"), "{tag}");
        }
        for mark in ["> ", "[", "*a ", "- ", "`", "![", "|a\n", "_*"] {
            let _ = to_html(&mark.repeat(100_000));
        }
    }

    proptest! {
        #[test]
        fn any_string_is_survived_both_ways(text in "[a-z#*_`|<>/&\\[\\]()!~ \n\\\\0-9.-]{0,80}") {
            let html = sanitise(&to_html(&text));
            let _ = from_html(&html);
            let _ = from_html(&text);
        }
    }
}
