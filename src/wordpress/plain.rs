//! Plain text: without markup, entities and control characters, as titles, names and captions are in the API.

use crate::text::strip_markup;

/// Drops control characters and what Unicode reserves, keeps tabs, and makes every line end a newline.
///
/// The steps of the body conversion mark places with control characters, so none may come in from outside.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\n' | '\t' => cleaned.push(character),
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {}
            _ if character.is_control() => {}
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// The text of a piece of HTML on one line: tags removed, entities decoded, runs of white space made one space.
pub fn plain(html: &str) -> String {
    let text = if html.contains(['<', '&']) { strip_markup(html) } else { html.to_owned() };
    clean(&text).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_entities_are_decoded_once() {
        assert_eq!(plain("Tom &amp; <em>Jerry</em>"), "Tom & Jerry");
        assert_eq!(plain("a &amp;lt; b"), "a &lt; b");
        assert_eq!(plain("One<br/>two &laquo;три&raquo; &#8217;"), "One two «три» ’");
        assert_eq!(plain("1 < 2 & 3 > 2"), "1 < 2 & 3 > 2");
        assert_eq!(plain("a<script>if (x) y()</script>b<style>p{}</style>c"), "abc");
    }

    #[test]
    fn white_space_is_one_space_and_control_characters_go() {
        assert_eq!(plain("  a\u{0}\u{7}b \r\n\t c  "), "ab c");
        assert_eq!(plain("&#7;x&#10;y"), "x y");
        assert_eq!(clean("a\r\nb\rc\td\u{85}\u{b}"), "a\nb\nc\td");
    }
}
