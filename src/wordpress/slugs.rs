//! Slugs by the rule of this API: 1 to 200 letters, digits and hyphens, lower-case, never all digits.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::percent_decode_str;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::slug::slugify;

const LONGEST: usize = 200;

/// A WordPress slug made fit, or `None` when nothing of it is left. Letters of any script stay what they are.
///
/// A slug of digits alone would read as an id in a URL, so it gets `prefix`: `2024` becomes `post-2024`.
pub fn slug(raw: &str, prefix: &str) -> Option<String> {
    let decoded = percent_decode_str(raw).decode_utf8_lossy();
    let mut slug = String::new();
    for character in decoded.nfc().flat_map(char::to_lowercase).nfc() {
        if character.is_alphanumeric() || is_combining_mark(character) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push(character);
        } else if !is_silent(character) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.chars().take(LONGEST).collect();
    let slug = slug.trim_end_matches('-');
    match slug {
        "" => None,
        _ if slug.chars().all(char::is_numeric) => Some(format!("{prefix}-{slug}").chars().take(LONGEST).collect()),
        _ => Some(slug.to_owned()),
    }
}

/// A slug from words, in Latin letters, or `None` when nothing is left.
pub fn slug_from_words(words: &str, prefix: &str) -> Option<String> {
    slug(&slugify(words)?, prefix)
}

/// Left out without leaving a hyphen. U+FFFD ends slugs that WordPress cut in the middle of a percent-encoded letter.
fn is_silent(character: char) -> bool {
    is_combining_mark(character) || matches!(character, '\'' | '’' | '‘' | '"' | '\u{fffd}' | '\u{200b}'..='\u{200f}')
}

/// Who has which slug in one file. Pages under different parents may share one in WordPress.
///
/// It holds hashes, not slugs: 16 bytes a post, so that a file with a million posts costs little memory.
#[derive(Debug, Default)]
pub struct SlugBook {
    owners: HashMap<u64, u64>,
}

impl SlugBook {
    /// The slug itself for the first post that asks for it and for that post again, else the slug with the post's id.
    pub fn claim(&mut self, slug: &str, post: u64) -> String {
        if self.take(slug, post) {
            return slug.to_owned();
        }
        let suffix = format!("-{post}");
        let stem: String = slug.chars().take(LONGEST - suffix.len()).collect();
        let longer = stem + &suffix;
        self.take(&longer, post);
        longer
    }

    /// Whether the name is this post's: the first one that asks for it has it.
    pub fn take(&mut self, slug: &str, post: u64) -> bool {
        let mut hasher = DefaultHasher::new();
        slug.hash(&mut hasher);
        *self.owners.entry(hasher.finish()).or_insert(post) == post
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::slug::is_slug;

    proptest! {
        #[test]
        fn whatever_comes_out_may_be_stored(raw in any::<String>(), id in 1..u64::MAX) {
            for slug in [slug(&raw, "post"), slug_from_words(&raw, "tag")].into_iter().flatten() {
                let mut book = SlugBook::default();
                prop_assert!(is_slug(&book.claim(&slug, 0)), "{}", slug);
                prop_assert!(is_slug(&book.claim(&slug, id)), "{}", slug);
            }
        }
    }

    #[test]
    fn cyrillic_is_decoded_and_stays_cyrillic() {
        let encoded = "%d0%ba%d1%83%d1%80%d1%81-%d1%82%d0%b5%d0%bd%d0%b3%d0%b5";
        assert_eq!(slug(encoded, "post").as_deref(), Some("курс-тенге"));
        assert_eq!(slug("%D0%9A%D1%83%D1%80%D1", "post").as_deref(), Some("кур"));
        assert_eq!(slug("й", "post").as_deref(), Some("й"));
    }

    #[test]
    fn what_a_url_cannot_hold_becomes_one_hyphen() {
        assert_eq!(slug("A_b  c/d?e#f%25g--", "post").as_deref(), Some("a-b-c-d-e-f-g"));
        assert_eq!(slug("-don’t-", "post").as_deref(), Some("dont"));
        assert_eq!(slug("%2F%00", "post"), None);
    }

    #[test]
    fn digits_alone_get_a_prefix() {
        assert_eq!(slug("2024", "post").as_deref(), Some("post-2024"));
        assert_eq!(slug("2024-05", "post").as_deref(), Some("2024-05"));
        assert_eq!(slug(&"9".repeat(300), "tag").map(|slug| slug.len()), Some(LONGEST));
    }

    #[test]
    fn a_taken_slug_gets_the_id_of_the_later_post() {
        let mut book = SlugBook::default();
        assert_eq!(book.claim("team", 3), "team");
        assert_eq!(book.claim("team", 8), "team-8");
        assert_eq!(book.claim("team", 3), "team");
        assert_eq!(book.claim("team", 8), "team-8");
    }

    #[test]
    fn words_become_latin() {
        assert_eq!(slug_from_words("Привет, мир!", "post").as_deref(), Some("privet-mir"));
        assert_eq!(slug_from_words("…", "post"), None);
    }
}
