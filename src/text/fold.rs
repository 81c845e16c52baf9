//! Words as search and sorting see them: one definition for both databases, for queries and for highlights.
//!
//! A token is a run of letters and digits, lower-case, without diacritics, and nothing else, so that it may be quoted in
//! any query language. Kazakh and Kyrgyz letters that no diacritic makes (ә ғ қ ң ө ұ ү һ і) stay distinct.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of a folded token; a longer one is cut. PostgreSQL refuses a lexeme of 2 KB, and a character takes 4 bytes.
pub const MAX_TOKEN_CHARS: usize = 100;

/// Characters of a sort key; a longer one is cut. PostgreSQL refuses an index entry of 2.7 KB.
const MAX_SORT_KEY_CHARS: usize = 200;

/// The sign of Uzbek oʻ and gʻ as it ought to be written: after these letters it is nothing else.
const TURNED: char = '\u{2bb}';

/// A folded word and where it stands in the original text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub folded: String,
    pub start: usize,
    pub end: usize,
}

/// The tokens of `text`, in order.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut folded = String::new();
        let Range { start, end } = next_token(text, &mut at, &mut folded)?;
        Some(Token { folded, start, end })
    })
}

/// The tokens of `text` separated by single spaces. Folding twice changes nothing more.
pub fn fold(text: &str) -> String {
    // Of ASCII this is the fold; it takes a text in pieces of many words.
    let text = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(text.len() + 1), 0);
    while next_token(&text, &mut at, &mut out).is_some() {
        let words = plain_words(&text.as_bytes()[at..]);
        out.push_str(&text[at..at + words]);
        at += words;
        out.push(' ');
    }
    out.pop();
    out
}

/// How many bytes at the beginning are single spaces, each with a word of lower-case ASCII after it, up to a last space.
fn plain_words(text: &[u8]) -> usize {
    let mut words = 0;
    while text.get(words) == Some(&b' ') {
        let after = &text[words + 1..];
        let length = after.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(after.len());
        if !(1..=MAX_TOKEN_CHARS).contains(&length) || after.get(length) != Some(&b' ') {
            break;
        }
        words += 1 + length;
    }
    words
}

/// Which bytes are lower-case letters and digits of ASCII.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        plain[byte] = (byte as u8).is_ascii_lowercase() || (byte as u8).is_ascii_digit();
        byte += 1;
    }
    plain
};

/// What ORDER BY compares for a title: its folded text, cut to a length that both databases can index.
pub fn sort_key(title: &str) -> String {
    fold(title).chars().take(MAX_SORT_KEY_CHARS).collect()
}

/// What a character is to the word it stands in.
enum Role {
    /// Belongs to the word and may begin one.
    Letter,
    /// Belongs to the word before it and is not folded: a combining mark.
    Mark,
    /// Invisible; parts nothing and belongs to nothing.
    Joiner,
    /// An apostrophe of any kind, one that makes Uzbek oʻ and gʻ or another; whether it parts words depends on its neighbours.
    Apostrophe,
    Separator,
}

fn role(c: char) -> Role {
    match c {
        _ if plain(c).is_some() => Role::Letter,
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}' => Role::Joiner,
        '\'' | '`' | TURNED | '\u{2bc}' | '\u{2018}' | '\u{2019}' => Role::Apostrophe,
        _ if c.is_ascii() => Role::Separator,
        _ if is_combining_mark(c) => Role::Mark,
        _ if c.is_alphanumeric() && folded(c).next().is_some() => Role::Letter,
        _ => Role::Separator,
    }
}

/// Appends the next token of what is left of `text` from `at` on to `out`, and says where it stands.
fn next_token(text: &str, at: &mut usize, out: &mut String) -> Option<Range<usize>> {
    let (before, _) = text[*at..].char_indices().find(|&(_, c)| matches!(role(c), Role::Letter))?;
    let start = *at + before;
    let rest = &text[start..];
    let (mut length, mut offset, mut end, mut last) = (0, 0, 0, ' ');
    while let Some(c) = rest[offset..].chars().next() {
        // A run of ASCII is taken in one piece.
        let run =
            rest.as_bytes()[offset..].iter().take(MAX_TOKEN_CHARS - length).take_while(|c| c.is_ascii_alphanumeric());
        let run = run.count();
        if run > 0 {
            let begin = out.len();
            out.push_str(&rest[offset..offset + run]);
            out[begin..].make_ascii_lowercase();
            length += run;
            offset += run;
            end = offset;
            last = char::from(rest.as_bytes()[offset - 1]);
            continue;
        }
        let next = offset + c.len_utf8();
        match plain(c) {
            Some(folded) if length < MAX_TOKEN_CHARS => {
                out.push(folded);
                length += 1;
                end = next;
            }
            _ => match role(c) {
                Role::Letter => {
                    length += push_folded(out, c, MAX_TOKEN_CHARS - length);
                    end = next;
                }
                Role::Mark => end = next,
                Role::Joiner => {}
                Role::Apostrophe if c == TURNED && takes_sign(last) => end = next,
                Role::Apostrophe if joins(last, &rest[offset..]) => {}
                Role::Apostrophe | Role::Separator => break,
            },
        }
        offset = next;
        last = c;
    }
    *at = start + offset;
    Some(start..start + end)
}

/// Whether a letter is one that the Uzbek sign makes another one.
fn takes_sign(letter: char) -> bool {
    matches!(letter, 'o' | 'O' | 'g' | 'G')
}

/// Whether an apostrophe after `before` stands for the sign of Uzbek oʻ or gʻ: a letter follows, and more than the
/// final `s` of an English possessive. `rest` begins at the apostrophe.
fn joins(before: char, rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    if !takes_sign(before) {
        return false;
    }
    match after.next() {
        Some('s' | 'S') => after.next().is_some_and(|c| matches!(role(c), Role::Letter | Role::Mark)),
        Some(c) => c.is_alphabetic() && matches!(role(c), Role::Letter),
        None => false,
    }
}

/// The fold of a letter that needs no table: nearly every letter of a text. The others go through [`folded`].
fn plain(c: char) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        'а'..='я' if c != 'й' => Some(c),
        'А'..='Я' if c != 'Й' => char::from_u32(c as u32 + 0x20),
        _ => None,
    }
}

/// Appends at most `most` folded characters of a letter, and says how many.
fn push_folded(out: &mut String, c: char, most: usize) -> usize {
    folded(c).take(most).map(|folded| out.push(folded)).count()
}

/// A letter's folded characters. Decomposed before and after lower-casing, as `İ` and `㎒` need one each.
fn folded(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c).nfkd().flat_map(char::to_lowercase).nfkd().filter(|&c| is_folded(c)).map(|c| match c {
        'ı' => 'i',
        'ς' => 'σ',
        _ => c,
    })
}

fn is_folded(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c) && !matches!(c, '\u{2bb}' | '\u{2bc}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_scripts_of_the_region_fold() {
        for (text, expected) in [
            ("Курс сома — 87,45", "курс сома 87 45"),
            ("Ёлка й Йод", "елка и иод"),
            ("Қазақстан Әлем ҒЫЛЫМ өңір Ұлт ҮКІМЕТ шаһар", "қазақстан әлем ғылым өңір ұлт үкімет шаһар"),
            ("Кыргызстандын көзкарандысыздыгы үчүн", "кыргызстандын көзкарандысыздыгы үчүн"),
            ("Ўзбекистон ҳақида ғўза", "узбекистон ҳақида ғуза"),
            ("Тоҷикистон, забони тоҷикӣ, рӯз", "тоҷикистон забони тоҷики руз"),
            ("Türkmenistanyň manady, Aşgabat şäheri, ýyl, žurnal", "turkmenistanyn manady asgabat saheri yyl zurnal"),
            ("İstanbul ISPARTA ılıca", "istanbul isparta ilica"),
            ("COVID-19: 5\u{a0}000 м² ﬁnance", "covid 19 5 000 м2 finance"),
            ("", ""),
            ("— … \u{301} ʻ", ""),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn the_short_way_folds_as_the_long_one() {
        for c in (0..0x500).filter_map(char::from_u32) {
            if let Some(short) = plain(c) {
                assert_eq!(folded(c).collect::<String>(), short.to_string(), "{c}");
            }
        }
    }

    #[test]
    fn uzbek_apostrophes_of_every_kind_fold_alike() {
        for word in
            ["Oʻzbekiston", "Oʼzbekiston", "O‘zbekiston", "O’zbekiston", "O`zbekiston", "O'zbekiston", "OʻZBEKISTON"]
        {
            assert_eq!(fold(word), "ozbekiston", "{word}");
        }
        assert_eq!(fold("g'alaba, tog'dagi, bog'"), "galaba togdagi bog");
        assert_eq!(fold("o'sish O'SDI, oʻs"), "osish osdi os");
        for word in ["san'at", "san`at", "san‘at", "san’at", "sanʼat", "sanʻat"] {
            assert_eq!(fold(word), "san at", "{word}");
        }
    }

    #[test]
    fn english_possessives_stay_apart() {
        assert_eq!(fold("Chicago's dog’s o' g'"), "chicago s dog s o g");
        assert_eq!(fold("don't 'quoted'"), "don t quoted");
    }

    #[test]
    fn invisible_characters_part_nothing() {
        assert_eq!(fold("инфля\u{ad}ция й\u{feff}ил и\u{306}од"), "инфляция иил иод");
    }

    #[test]
    fn offsets_cover_the_original_word() {
        let text = "«Togʻ» и\u{306} O'zbek\u{ad}";
        let slices: Vec<_> = tokens(text).map(|token| (token.folded.clone(), &text[token.start..token.end])).collect();
        assert_eq!(
            slices,
            [("tog".into(), "Togʻ"), ("и".into(), "и\u{306}"), ("ozbek".into(), "O'zbek")] as [(String, &str); 3]
        );
    }

    #[test]
    fn an_endless_word_is_cut() {
        let token = tokens(&"ﬃ".repeat(1000)).next();
        assert_eq!(token.map(|token| (token.folded.len(), token.end)), Some((MAX_TOKEN_CHARS, 3000)));
        for (word, folded) in [("A".repeat(250), "a".repeat(100)), ("a".repeat(99) + "ﬃ2", "a".repeat(99) + "f")] {
            let text = format!("{word} b");
            let tokens: Vec<_> = tokens(&text).map(|token| (token.folded, token.end)).collect();
            assert_eq!(tokens, [(folded, word.len()), ("b".to_owned(), text.len())]);
        }
    }

    #[test]
    fn titles_sort_by_their_folded_text() {
        assert_eq!(sort_key("«Ёлка» — это…"), "елка это");
        assert_eq!(sort_key(&"слово ".repeat(100)).chars().count(), MAX_SORT_KEY_CHARS);
    }

    proptest! {
        #[test]
        fn any_string_folds_to_clean_tokens_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(once.split(' ').all(|token| token.chars().all(char::is_alphanumeric)));
            prop_assert!(once.is_empty() || once.split(' ').all(|token| !token.is_empty()));
        }

        #[test]
        fn words_taken_together_fold_as_one_by_one(text in "([a-cO '.é\u{301}ʻ]|  |a{99,101}){0,30}") {
            let words: Vec<String> = tokens(&text).map(|token| token.folded).collect();
            prop_assert_eq!(fold(&text), words.join(" "));
        }

        #[test]
        fn apostrophes_and_marks_fold_once(text in "[osgOİıёйʻʼ'’`\u{301}\u{ad} -]{0,30}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn offsets_are_in_order_and_on_boundaries(text in any::<String>()) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(end <= token.start && token.start < token.end);
                prop_assert!(!text[token.start..token.end].is_empty());
                end = token.end;
            }
        }
    }

    /// Every character there is, once: a table mistake shows here and nowhere else.
    #[test]
    fn every_character_folds_once() {
        for c in (0..=0x10ffff).filter_map(char::from_u32) {
            let once = fold(&format!("a{c}b"));
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }
}
