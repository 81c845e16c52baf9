//! Showing a reader where a query matched: marks in a text, and a snippet around the densest place.
//!
//! Words are compared folded, as the index compares them, and marked as they stand in the original. What comes out is
//! HTML whose only element is `mark`.

use std::ops::Range;

use super::query::{Query, Term};
use crate::text::fold::{Token, tokens};
use crate::text::{escape, words};

/// `text` escaped for HTML, with each word and phrase that a positive term matches in `<mark>`.
pub fn highlight(text: &str, query: &Query) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut written = 0;
    for matched in matches(text, query) {
        escape::push_html(&mut out, &text[written..matched.start]);
        out.push_str("<mark>");
        escape::push_html(&mut out, &text[matched.clone()]);
        out.push_str("</mark>");
        written = matched.end;
    }
    escape::push_html(&mut out, &text[written..]);
    out
}

/// The `words` words of `text` that hold the most matches, highlighted, with `...` where text is cut off.
///
/// Of several such places the first is taken, with its matches in the middle; without a match, the opening.
pub fn snippet(text: &str, query: &Query, words: usize) -> String {
    let all: Vec<(usize, &str)> = words::split_with_offsets(text).collect();
    let start = densest(&words_matched(&all, &matches(text, query)), words).min(all.len().saturating_sub(words));
    let end = (start + words).min(all.len());
    let window: Vec<&str> = all[start..end].iter().map(|(_, word)| *word).collect();
    let before = if start > 0 { "..." } else { "" };
    let after = if end < all.len() { "..." } else { "" };
    format!("{before}{}{after}", highlight(&window.join(" "), query))
}

/// The bytes that positive terms match, in order and apart. Overlapping matches are one.
fn matches(text: &str, query: &Query) -> Vec<Range<usize>> {
    let tokens: Vec<Token> = tokens(text).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for index in 0..tokens.len() {
        let longest = query.all.iter().filter(|term| is_at(term, &tokens[index..])).map(|term| term.words.len()).max();
        let Some(length) = longest else { continue };
        let matched = tokens[index].start..tokens[index + length - 1].end;
        match found.last_mut() {
            Some(last) if matched.start < last.end => last.end = last.end.max(matched.end),
            _ => found.push(matched),
        }
    }
    found
}

fn is_at(term: &Term, tokens: &[Token]) -> bool {
    let last = term.words.len() - 1;
    tokens.len() > last
        && term.words.iter().zip(tokens).enumerate().all(|(index, (word, token))| {
            if term.prefix && index == last { token.folded.starts_with(word.as_str()) } else { token.folded == *word }
        })
}

/// For each match, the index of the word it begins in.
fn words_matched(words: &[(usize, &str)], matches: &[Range<usize>]) -> Vec<usize> {
    let index_of =
        |matched: &Range<usize>| words.partition_point(|(start, _)| *start <= matched.start).saturating_sub(1);
    matches.iter().map(index_of).collect()
}

/// Where a window of `size` words should begin to hold the most of `matched`, which is in order.
fn densest(matched: &[usize], size: usize) -> usize {
    let mut best = 0..0;
    let mut last = 0;
    for (first, &word) in matched.iter().enumerate() {
        while last < matched.len() && matched[last] < word + size {
            last += 1;
        }
        if last - first > best.len() {
            best = first..last;
        }
    }
    match (matched.get(best.start), matched[best].last()) {
        (Some(first), Some(last)) => first.saturating_sub((size - (last - first + 1)) / 2),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(input: &str) -> Query {
        Query::parse(input).unwrap_or_default()
    }

    #[test]
    fn words_are_marked_as_they_stand() {
        for (text, input, expected) in [
            ("Курс СОМА & <доллар>", "сома", "Курс <mark>СОМА</mark> &amp; &lt;доллар&gt;"),
            ("O‘zbekiston soʻmi", "o'zbek", "<mark>O‘zbekiston</mark> soʻmi"),
            ("Ўзбекистон сўми", "сўми", "Ўзбекистон <mark>сўми</mark>"),
            ("coal-fired and coal", "coal-fired", "<mark>coal-fired</mark> and coal"),
            ("a b c b", "\"a b\" \"b c\"", "<mark>a b c</mark> b"),
            ("a b", "a b", "<mark>a</mark> <mark>b</mark>"),
            ("нефть и газ", "нефть -газ", "<mark>нефть</mark> и газ"),
            ("теңге теңгенің", "теңге x", "<mark>теңге</mark> теңгенің"),
            ("теңге теңгенің", "x теңге", "<mark>теңге</mark> <mark>теңгенің</mark>"),
            ("сом", "", "сом"),
        ] {
            assert_eq!(highlight(text, &query(input)), expected, "{input}");
        }
    }

    #[test]
    fn a_snippet_is_cut_around_the_densest_place() {
        let text = "бир нефть үч төрт беш\nалты  нефть газ тогуз он он-бир";
        assert_eq!(snippet(text, &query("газ нефть"), 4), "...алты <mark>нефть</mark> <mark>газ</mark> тогуз...");
        assert_eq!(snippet(text, &query("он"), 3), "...тогуз <mark>он</mark> <mark>он</mark>-бир");
        assert_eq!(snippet(text, &query("бир x"), 2), "<mark>бир</mark> нефть...");
        assert_eq!(snippet(text, &query("жок"), 2), "бир нефть...");
        assert_eq!(snippet("бир эки", &query("эки"), 9), "бир <mark>эки</mark>");
        assert_eq!(snippet("", &query("эки"), 9), "");
        assert_eq!(snippet("бир", &query("бир"), 0), "...");
    }

    #[test]
    fn a_megabyte_is_quick() {
        let text = "сом a ".repeat(150_000);
        let query = query(&format!("\"{}сом\" a", "сом a ".repeat(14)));
        assert!(highlight(&text, &query).ends_with("</mark> "));
        assert!(snippet(&text, &query, 50).ends_with("..."));
    }

    proptest! {
        #[test]
        fn marks_are_the_only_change(text in any::<String>(), input in "[a-zа-я\"' -]{0,12}", words in 0usize..8) {
            let query = query(&input);
            let bare = highlight(&text, &query).replace("<mark>", "").replace("</mark>", "");
            prop_assert_eq!(bare, escape::html(&text));
            let _ = snippet(&text, &query, words);
        }

        #[test]
        fn what_is_searched_for_is_marked(text in "[a-zа-яўғʻ' -]{1,30}") {
            let query = query(&format!("\"{text}\""));
            prop_assert_eq!(highlight(&text, &query).matches("<mark>").count(), query.all.len().min(1));
        }
    }
}
