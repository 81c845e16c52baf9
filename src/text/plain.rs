//! The text of an article: what a reader would hear read out, without markup.
//!
//! Blocks are parted by a blank line, list items and table rows by a newline, cells by a tab; inline elements part
//! nothing. Captions of pictures and the content of players and programs are not part of the text.

use super::markup::{Piece, walk};
use super::policy::DROPPED_WITH_CONTENT;
use super::words::evenly_spaced;

/// What lies between the last character written and the next; a stronger gap replaces a weaker one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Cell,
    Line,
    Block,
}

/// The text of sanitised `html`: entities decoded, no ASCII white space at either end.
pub fn plain_text(html: &str) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len()), gap: Gap::None, preformatted: 0, skipping: None };
    walk(html, |piece| writer.take(piece));
    writer.out.truncate(writer.out.trim_ascii_end().len());
    let start = writer.out.len() - writer.out.trim_ascii_start().len();
    writer.out.split_off(start)
}

/// A title or a name on one line: markup removed, entities decoded, runs of ASCII white space made one space.
pub fn strip_markup(s: &str) -> String {
    plain_text(s).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

struct Writer {
    out: String,
    gap: Gap,
    /// How many `pre` are open.
    preformatted: usize,
    /// The element whose content is left out, and how many of that name are open.
    skipping: Option<(String, usize)>,
}

impl Writer {
    fn take(&mut self, piece: Piece<'_>) {
        if let Some((name, depth)) = &mut self.skipping {
            match piece {
                Piece::Open(tag) if *tag.name == **name => *depth += 1,
                Piece::Close(closed) if closed == name => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                self.skipping = None;
            }
            return;
        }
        match piece {
            Piece::Open(tag) => self.open(&tag.name),
            Piece::Close(name) => self.close(name),
            Piece::Text(text) if self.preformatted > 0 => self.preformatted(text),
            Piece::Text(text) => self.flowing(text),
        }
    }

    fn open(&mut self, name: &str) {
        self.widen(gap_around(name));
        match name {
            "br" => self.gap = if self.gap >= Gap::Line { Gap::Block } else { Gap::Line },
            "pre" => self.preformatted += 1,
            _ if is_left_out(name) => self.skipping = Some((name.to_owned(), 1)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.widen(gap_around(name));
        if name == "pre" {
            self.preformatted = self.preformatted.saturating_sub(1);
        }
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn flowing(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let (words, after) = rest.split_at(evenly_spaced(rest, is_white));
            if !words.is_empty() {
                self.bridge();
                self.out.push_str(words);
            }
            if after.is_empty() {
                break;
            }
            self.widen(Gap::Space);
            rest = &after[1..];
        }
    }

    fn preformatted(&mut self, text: &str) {
        if !text.is_empty() {
            self.bridge();
            self.out.push_str(text);
        }
    }

    fn bridge(&mut self) {
        let gap = match std::mem::replace(&mut self.gap, Gap::None) {
            _ if self.out.is_empty() => return,
            Gap::None => "",
            Gap::Space => " ",
            Gap::Cell => "\t",
            Gap::Line => "\n",
            Gap::Block => "\n\n",
        };
        self.out.push_str(gap);
    }
}

/// [`u8::is_ascii_whitespace`] without a branch, so that many bytes are looked at together.
fn is_white(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\t') | (byte == b'\n') | (byte == 0xc) | (byte == b'\r')
}

fn is_left_out(name: &str) -> bool {
    matches!(name, "figcaption" | "audio" | "video") || DROPPED_WITH_CONTENT.contains(&name)
}

fn gap_around(name: &str) -> Gap {
    match name {
        "td" | "th" => Gap::Cell,
        "li" | "tr" | "dt" | "dd" | "summary" => Gap::Line,
        "address" | "article" | "aside" | "blockquote" | "caption" | "center" | "details" | "div" | "dl"
        | "figcaption" | "figure" | "footer" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hr" | "main"
        | "nav" | "ol" | "p" | "pre" | "section" | "table" | "ul" => Gap::Block,
        _ => Gap::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_lines_and_cells_are_parted() {
        for (html, expected) in [
            ("<h2>Курс</h2><p>Сом  <b>ўс</b>ди.</p>\n<p>Ва</p>", "Курс\n\nСом ўсди.\n\nВа"),
            ("<p>a</p><ul><li>b</li>\n<li>c<br>d</li></ul><p>e</p>", "a\n\nb\nc\nd\n\ne"),
            ("<table><caption>t</caption><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "t\n\na\tb\nc"),
            ("<dl><dt>a</dt><dd>b</dd></dl><details><summary>s</summary>t</details>", "a\nb\n\ns\nt"),
            ("a<br>b<br><br>c <br> d", "a\nb\n\nc\nd"),
            ("  \n <p> \n </p> ", ""),
        ] {
            assert_eq!(plain_text(html), expected, "{html}");
        }
    }

    #[test]
    fn captions_players_and_programs_are_not_text() {
        assert_eq!(
            plain_text("<p>a</p><figure><img src=x alt=y><figcaption>b <i>c</i></figcaption></figure><p>d</p>"),
            "a\n\nd"
        );
        assert_eq!(plain_text("a<script>b</script><style>c</style><template>d</template><video>e</video>f"), "af");
    }

    #[test]
    fn entities_and_invisible_characters_are_kept() {
        assert_eq!(
            plain_text("<p>5&nbsp;000 &lt;сом&gt; &amp; инфля&shy;ция &#1179;</p>"),
            "5\u{a0}000 <сом> & инфля\u{ad}ция қ"
        );
        assert_eq!(plain_text("<p>&nbsp;a&nbsp;</p>"), "\u{a0}a\u{a0}");
    }

    #[test]
    fn preformatted_text_keeps_its_white_space() {
        assert_eq!(plain_text("<p>a</p><pre>x\n\n  y\t z\n</pre><p>b  c</p>"), "a\n\nx\n\n  y\t z\n\n\nb c");
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(strip_markup(" <em>Toʻlov</em>\n balansi &mdash; Q&amp;A<br>2026 "), "Toʻlov balansi — Q&A 2026");
        assert_eq!(strip_markup("Рост < 5 % и > 3 %"), "Рост < 5 % и > 3 %");
    }

    #[test]
    fn a_megabyte_of_anything_is_quick() {
        for html in ["<div>", "</p>", " ", "&amp;", "<p", "<!--", "<br>", "\u{a0}", "<pre>\n"] {
            let _ = plain_text(&html.repeat(1_000_000 / html.len()));
        }
    }

    proptest! {
        #[test]
        fn any_string_is_survived_and_trimmed(html in any::<String>()) {
            let text = plain_text(&html);
            prop_assert_eq!(text.trim_ascii(), &text);
            prop_assert!(!strip_markup(&html).contains('\n'));
        }
    }
}
