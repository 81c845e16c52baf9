//! What has the form of a key, and how it is kept out of logs, errors and metrics.
//!
//! It is told by its form alone: one that was mistyped, cut or percent-encoded is hidden as well, since what is left of it
//! may be most of a good one.

use std::borrow::Cow;

/// How a key begins, whatever its environment.
const START: &str = "xabar";
const ENVIRONMENTS: [&str; 2] = ["live", "test"];
/// How much of the random part is kept, so that its owner can tell which key it was.
pub const HINT: usize = 6;
/// Random digits from which on a text counts as a key: fewer of them leave all that matters to be guessed.
const LEAST: usize = 16;
const HIDDEN: &str = "(hidden)";

/// `text` with all but the start of every key in it left out.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((keep, end)) = next_key(rest) {
        shown.push_str(&rest[..keep]);
        shown.push_str(HIDDEN);
        rest = &rest[end..];
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Whether there is a key in `text`.
pub fn holds_key(text: &str) -> bool {
    next_key(text).is_some()
}

/// Where the next key's secret begins and ends.
fn next_key(text: &str) -> Option<(usize, usize)> {
    text.match_indices(START).find_map(|(at, _)| {
        let after = joint(&text[at + START.len()..])?;
        let after = joint(ENVIRONMENTS.iter().find_map(|name| after.strip_prefix(name))?)?;
        let digits = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'%').count();
        let start = text.len() - after.len();
        (digits >= LEAST).then_some((start + HINT, start + digits))
    })
}

/// What follows an underscore, also one that was percent-encoded, even more than once.
fn joint(text: &str) -> Option<&str> {
    text.strip_prefix('_').or_else(|| {
        let code = text.strip_prefix('%')?.trim_start_matches("25").strip_prefix('5')?;
        code.strip_prefix(['F', 'f'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6";

    #[test]
    fn hides_a_key_wherever_it_stands_and_keeps_the_rest() {
        let key = format!("xabar_live_{SECRET}");
        for (text, expected) in [
            (key.clone(), "xabar_live_0aB1cD(hidden)"),
            (format!("/v1/tags/{key}?a={key}&b"), "/v1/tags/xabar_live_0aB1cD(hidden)?a=xabar_live_0aB1cD(hidden)&b"),
            (format!("xabar: xabar_test_{SECRET}, и"), "xabar: xabar_test_0aB1cD(hidden), и"),
            (format!("xabar%5Flive%5f{SECRET}"), "xabar%5Flive%5f0aB1cD(hidden)"),
            (format!("xabar%255Flive%25255F{SECRET}"), "xabar%255Flive%25255F0aB1cD(hidden)"),
            (format!("xabar_live_{}%41{}.", &SECRET[..20], &SECRET[21..]), "xabar_live_0aB1cD(hidden)."),
            (key[..40].to_owned(), "xabar_live_0aB1cD(hidden)"),
            (format!("xabarxabar_live_xabar_live_{SECRET}"), "xabarxabar_live_xabar_live_0aB1cD(hidden)"),
        ] {
            assert_eq!(redacted(&text), expected, "{text}");
            assert!(holds_key(&text), "{text}");
        }
    }

    #[test]
    fn leaves_everything_else_as_it_is() {
        for text in [
            "",
            "xabar",
            "xabar_live_",
            "xabar_live_0aB1cD",
            "xabar_test_123456_0",
            "xabar::http",
            "xabar_prod_aaaaaaaaaaaaaaaaaaaa",
            "хабар_live_aaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(matches!(redacted(text), Cow::Borrowed(_)), "{text}");
            assert!(!holds_key(text), "{text}");
        }
    }
}
