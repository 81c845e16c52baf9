//! Words and excerpts, as API.md defines them.
//!
//! Words are separated by runs of space, tab, newline and carriage return, and by nothing else: a non-breaking space is
//! part of a word, and a dash between spaces is one. All functions take plain text (see [`super::plain_text`]).

/// Silent reading of prose by adults, in words a minute (Brysbaert 2019).
const WORDS_PER_MINUTE: usize = 238;

use super::bytes;

const SEPARATORS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Said without a branch, for [`bytes`].
fn is_separator(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\t') | (byte == b'\n') | (byte == b'\r')
}

/// The words of `text`, in order. Byte by byte, since what separates is ASCII.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.as_bytes().iter().position(|byte| !is_separator(*byte))?;
        let length = rest.as_bytes()[start..].iter().position(|byte| is_separator(*byte)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        rest = &rest[start + length..];
        Some(word)
    })
}

/// The words of `text` with the byte at which each starts.
pub fn split_with_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    // Every word is a slice of `text`, so the distance between the two is its offset.
    split(text).map(move |word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

/// How many words `text` has.
pub fn count(text: &str) -> usize {
    let text = text.as_bytes();
    let first = text.first().is_some_and(|byte| !is_separator(*byte));
    usize::from(first) + bytes::count_pairs(text, |byte, next| is_separator(byte) & !is_separator(next))
}

/// The first `words` words of `text`, joined by single spaces.
pub fn opening(text: &str, words: usize) -> String {
    let (mut out, mut left, mut rest) = (String::new(), words, text.trim_start_matches(SEPARATORS));
    while left > 0 && !rest.is_empty() {
        if !out.is_empty() {
            out.push(' ');
        }
        // What stands together with single spaces already is taken in one piece.
        let (run, after) = rest.split_at(evenly_spaced(rest, is_separator));
        if let Some(end) = bytes::nth(run.as_bytes(), left - 1, |byte| byte == b' ') {
            out.push_str(&run[..end]);
            break;
        }
        out.push_str(run);
        left -= bytes::count(run.as_bytes(), |byte| byte == b' ') + 1;
        rest = after.trim_start_matches(SEPARATORS);
    }
    out
}

/// How many bytes at the beginning of `text` are words that stand together with single spaces, where ASCII that is `white` parts words.
pub fn evenly_spaced(text: &str, white: impl Fn(u8) -> bool) -> usize {
    let text = text.as_bytes();
    let parts = |byte, next| white(byte) & ((byte != b' ') | white(next));
    match text {
        [] => 0,
        [first, ..] if white(*first) => 0,
        [.., last] => bytes::find_pair(text, parts).unwrap_or(text.len() - usize::from(white(*last))),
    }
}

/// Whether there is nothing in a text that anyone could see.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}')
    })
}

/// The excerpt of an article: its first `words` words, then `...` if and only if it has more. It is cut of the [`opening`] of
/// `kept` words, and given as a part of that and what follows it; what is asked for whole is not looked through.
pub fn excerpt_of_opening(opening: &str, kept: usize, words: usize, total_words: usize) -> [&str; 2] {
    let end = if words < kept.min(total_words) {
        // The words of an opening stand together with single spaces.
        if words == 0 {
            0
        } else {
            bytes::nth(opening.as_bytes(), words - 1, |byte| byte == b' ').unwrap_or(opening.len())
        }
    } else {
        opening.len()
    };
    [&opening[..end], if total_words > words { "..." } else { "" }]
}

/// Whole minutes that reading `words` words takes, rounded up, at least 1.
pub fn reading_minutes(words: usize) -> i64 {
    i64::try_from(words.div_ceil(WORDS_PER_MINUTE).max(1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition.
    fn excerpt(text: &str, words: usize, total_words: usize) -> String {
        opening(text, words) + if total_words > words { "..." } else { "" }
    }

    #[test]
    fn only_four_characters_separate() {
        let text = "Курс\tсома —\r\n 87,45\u{a0}сом\u{b}за\u{c}доллар\u{2003}США";
        let words: Vec<_> = split(text).collect();
        assert_eq!(words, ["Курс", "сома", "—", "87,45\u{a0}сом\u{b}за\u{c}доллар\u{2003}США"]);
        assert_eq!(count(text), 4);
        assert_eq!(count(" \n\t"), 0);
    }

    #[test]
    fn offsets_point_into_the_text() {
        let text = "  Қазақ  тілі";
        assert_eq!(split_with_offsets(text).collect::<Vec<_>>(), [(2, "Қазақ"), (14, "тілі")]);
    }

    #[test]
    fn dots_follow_only_a_cut() {
        assert_eq!(excerpt("bir ikki  uch", 2, 3), "bir ikki...");
        assert_eq!(excerpt("bir ikki\nuch", 3, 3), "bir ikki uch");
        assert_eq!(excerpt("bir ikki uch", 3, 900), "bir ikki uch...");
        assert_eq!(excerpt("bir", 500, 1), "bir");
        assert_eq!(excerpt("", 55, 0), "");
    }

    #[test]
    fn reading_time_is_rounded_up() {
        assert_eq!([0, 1, 238, 239, 2380].map(reading_minutes), [1, 1, 1, 2, 10]);
    }

    proptest! {
        #[test]
        fn words_are_counted_and_joined_as_they_are_split(text in "[ \t\n\r\u{b}\u{c}\u{a0}—aяў]{0,60}|([a-z]{1,9} ){0,40}", n in 0usize..40) {
            prop_assert_eq!(count(&text), split(&text).count());
            prop_assert_eq!(opening(&text, n), split(&text).take(n).collect::<Vec<_>>().join(" "));
        }

        #[test]
        fn an_excerpt_of_the_opening_is_the_excerpt_of_the_text(text in "[ \t\n\r\u{a0}—aяў]{0,60}", n in 1usize..12, kept in 0usize..12) {
            let total = count(&text);
            let head = opening(&text, n + kept);
            prop_assert_eq!(excerpt(&head, n, total), excerpt(&text, n, total));
            prop_assert_eq!(excerpt_of_opening(&head, n + kept, n, total).concat(), excerpt(&text, n, total));
            prop_assert_eq!(excerpt(&text, n, total).ends_with("..."), total > n);
        }
    }
}
