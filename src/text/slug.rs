//! Slugs: the readable name of an article, tag or author in a URL.
//!
//! New slugs are ASCII, transliterated. Slugs that came with imported articles may use any script, so that old addresses
//! stay alive. A slug is never all digits, because a path of digits is an id.

use unicode_normalization::UnicodeNormalization;

use super::fold::tokens;

/// Longest slug that is made, in characters.
const MAX_MADE: usize = 80;

/// Longest slug that is accepted, in characters.
const MAX_ACCEPTED: usize = 200;

/// An ASCII slug of at most 80 characters for `title`; `None` when the title has no letter or digit.
pub fn slugify(title: &str) -> Option<String> {
    // By tokens, so that the apostrophe of Oʻzbekiston does not part the word; nor does that of sanʼat here.
    let (mut slug, mut end) = (String::new(), 0);
    for token in tokens(title) {
        let word = ascii(&title[token.start..token.end]);
        if word.is_empty() {
            continue;
        }
        if !slug.is_empty() && !matches!(&title[end..token.start], "\u{2bb}" | "\u{2bc}") {
            slug.push('-');
        }
        slug.push_str(&word);
        end = token.end;
    }
    if slug.len() > MAX_MADE {
        let end = slug[..=MAX_MADE].rfind('-').unwrap_or(MAX_MADE);
        slug.truncate(end);
    }
    if slug.bytes().all(|b| b.is_ascii_digit()) && !slug.is_empty() {
        slug.insert_str(0, "n-");
        slug.truncate(MAX_MADE);
    }
    (!slug.is_empty()).then_some(slug)
}

/// Most characters of a name that are looked at for a slug, which is far shorter.
const MOST_READ: usize = 1_000;

/// The first slug made of `name` that is not taken: with `-2`, `-3` and so on after the first attempt. `None` when the name
/// has no letter or digit.
pub fn first_free<E>(name: &str, mut taken: impl FnMut(&str) -> Result<bool, E>) -> Result<Option<String>, E> {
    let start: String = name.chars().take(MOST_READ).collect();
    let Some(base) = slugify(&start) else { return Ok(None) };
    let mut slug = base.clone();
    let mut number = 1_u64;
    while taken(&slug)? {
        number += 1;
        let ending = format!("-{number}");
        let room = base.len().min(MAX_MADE - ending.len());
        slug = base[..room].trim_end_matches('-').to_owned() + &ending;
    }
    Ok(Some(slug))
}

/// A word in `a` to `z` and digits. Letter by letter, because the crate writes қ as `k'` and parts the word there.
fn ascii(word: &str) -> String {
    word.chars()
        .flat_map(|c| slug::slugify(latin(c).to_string()).into_bytes())
        .filter(|&b| b != b'-')
        .map(char::from)
        .collect()
}

/// The Latin letter of four that the crate drops or reads against the region's own alphabets.
fn latin(c: char) -> char {
    match c {
        'ә' | 'Ә' => 'a',
        'ҳ' | 'Ҳ' => 'h',
        'ҷ' | 'Ҷ' => 'j',
        'ў' | 'Ў' => 'o',
        _ => c,
    }
}

/// Whether `s` may be stored as a slug: 1 to 200 lower-case letters, marks and digits of any script in groups parted
/// by single hyphens, not digits alone.
pub fn is_slug(s: &str) -> bool {
    s.chars().count() <= MAX_ACCEPTED
        && s.split('-').all(|group| !group.is_empty() && group.chars().all(is_slug_char))
        && !s.chars().all(char::is_numeric)
}

/// A name with its letters composed (NFC): й is one character, however it was typed.
pub fn composed(name: String) -> String {
    if name.is_ascii() { name } else { name.nfc().collect() }
}

fn is_slug_char(c: char) -> bool {
    let is_lower = c.to_lowercase().eq([c]);
    (c.is_alphanumeric() && is_lower) || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_of_the_region_are_transliterated() {
        for (title, expected) in [
            ("Inflation slows to 4.5% — central bank", "inflation-slows-to-4-5-central-bank"),
            ("Oʻzbekiston so'mi", "ozbekiston-somi"),
            ("Sanʼat, maʻno ʼ va san'at", "sanat-mano-va-san-at"),
            ("Курс сома и ёлка", "kurs-soma-i-iolka"),
            ("Қазақстан үкіметі", "kazakstan-ukimeti"),
            ("Тоҷикистон", "tojikiston"),
            ("Подъём, рубль, съезд, щи", "podiom-rubl-sezd-shchi"),
            ("Ўзбекистон ҳукумати ғалаба", "ozbekiston-hukumati-galaba"),
            ("Әлем өңір ұлт шаһар іс", "alem-onir-ult-shahar-is"),
            ("Türkmenistanyň manady", "turkmenistanyn-manady"),
        ] {
            assert_eq!(slugify(title).as_deref(), Some(expected), "{title}");
        }
    }

    #[test]
    fn digits_alone_get_a_prefix() {
        assert_eq!(slugify("2026").as_deref(), Some("n-2026"));
        assert_eq!(slugify(&"7".repeat(300)), Some(format!("n-{}", "7".repeat(78))));
        assert_eq!(slugify("2026–27").as_deref(), Some("2026-27"));
        assert_eq!(slugify(" — … "), None);
    }

    #[test]
    fn long_titles_are_cut_at_a_hyphen() {
        assert_eq!(slugify(&"uzbekistan ".repeat(20)), Some(["uzbekistan"; 7].join("-")));
        assert_eq!(slugify(&format!("{} b", "a".repeat(80))), Some("a".repeat(80)));
        assert_eq!(slugify(&"a".repeat(100)), Some("a".repeat(80)));
    }

    #[test]
    fn the_next_number_is_taken_until_one_is_free() {
        let free = |name: &str, taken: &[&str]| first_free(name, |slug| Ok::<_, ()>(taken.contains(&slug)));
        assert_eq!(free("Рельсы", &[]), Ok(Some("relsy".to_owned())));
        assert_eq!(free("Рельсы", &["relsy", "relsy-2"]), Ok(Some("relsy-3".to_owned())));
        assert_eq!(free(" — ", &[]), Ok(None));
        let long = "a".repeat(80);
        let next = free(&long, &[&long]).expect("no error").expect("a slug");
        assert!(next.len() == 80 && next.ends_with("a-2") && is_slug(&next), "{next}");
        assert_eq!(first_free("a", |_| Err("down")), Err("down"));
    }

    #[test]
    fn slugs_of_any_script_are_accepted() {
        for slug in ["a", "kurs-2026", "курс-сома", "қазақ-тілі", "2026-27", "汉字", "и\u{306}"] {
            assert!(is_slug(slug), "{slug}");
        }
        for slug in
            ["", "-", "a-", "-a", "a--b", "2026", "٢٠٢٦", "Kurs", "Курс", "a b", "a_b", "a.b", "a/b", "a\u{0}", "ǅ"]
        {
            assert!(!is_slug(slug), "{slug}");
        }
        assert!(is_slug(&"ў".repeat(200)) && !is_slug(&"ў".repeat(201)));
    }

    proptest! {
        #[test]
        fn whatever_is_made_is_accepted(title in any::<String>()) {
            if let Some(slug) = slugify(&title) {
                prop_assert!(slug.len() <= MAX_MADE && slug.is_ascii());
                prop_assert!(is_slug(&slug), "{slug}");
            }
        }
    }
}
