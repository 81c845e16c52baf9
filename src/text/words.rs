//! Words and excerpts, as API.md defines them.
//!
//! Words are separated by runs of space, tab, newline and carriage return, and by nothing else: a non-breaking space is
//! part of a word, and a dash between spaces is one. All functions take plain text (see [`super::plain_text`]).

/// Silent reading of prose by adults, in words a minute (Brysbaert 2019).
const WORDS_PER_MINUTE: usize = 238;

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The words of `text`, in order. Byte by byte, since what separates is ASCII.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.as_bytes().iter().position(|byte| !is_separator(byte))?;
        let length = rest.as_bytes()[start..].iter().position(is_separator).unwrap_or(rest.len() - start);
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
    let begins = |(words, parted): (usize, bool), byte: u8| {
        let separator = is_separator(&byte);
        (words + usize::from(parted && !separator), separator)
    };
    text.bytes().fold((0, true), begins).0
}

/// The first `words` words of `text`, joined by single spaces.
pub fn opening(text: &str, words: usize) -> String {
    let mut out = String::new();
    // What stands together with single spaces already is taken in one piece.
    let mut run = 0..0;
    for (start, word) in split_with_offsets(text).take(words) {
        if start != run.end + 1 || run.is_empty() || text.as_bytes()[run.end] != b' ' {
            if !run.is_empty() {
                out.push_str(&text[run]);
                out.push(' ');
            }
            run = start..start;
        }
        run.end = start + word.len();
    }
    out.push_str(&text[run]);
    out
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
        if words == 0 { 0 } else { nth_space(opening, words - 1).unwrap_or(opening.len()) }
    } else {
        opening.len()
    };
    [&opening[..end], if total_words > words { "..." } else { "" }]
}

/// Where a text has its space with this number, from 0.
fn nth_space(text: &str, number: usize) -> Option<usize> {
    /// As many bytes are looked at together, without a branch.
    const TOGETHER: usize = 64;
    let mut left = number;
    for (place, bytes) in text.as_bytes().chunks(TOGETHER).enumerate() {
        let spaces = usize::from(bytes.iter().map(|byte| u8::from(*byte == b' ')).sum::<u8>());
        if spaces > left {
            let at = bytes.iter().enumerate().filter(|(_, byte)| **byte == b' ').nth(left);
            return at.map(|(at, _)| place * TOGETHER + at);
        }
        left -= spaces;
    }
    None
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

    #[test]
    fn a_space_is_found_by_its_number_wherever_it_stands() {
        let text = "сом ".repeat(40) + &"a".repeat(200) + " b ";
        let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
        for (number, at) in spaces.iter().enumerate() {
            assert_eq!(nth_space(&text, number), Some(*at));
        }
        assert_eq!((nth_space(&text, spaces.len()), nth_space("", 0)), (None, None));
    }

    proptest! {
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
