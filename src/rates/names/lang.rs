//! The languages in which rates are worded.

use serde::Serialize;
use strum::{AsRefStr, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// A language of the ticker, by its BCP 47 tag.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    ToSchema,
    EnumString,
    AsRefStr,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Ru,
    Kk,
    Ky,
    Tg,
    Uz,
    #[serde(rename = "uz-Cyrl")]
    #[strum(serialize = "uz-Cyrl")]
    UzCyrl,
    Tk,
}

impl Lang {
    /// The language nearest to an article's tag, such as `ru` to `ru-KG`; English where none is near. Regions do not
    /// matter, and a script does in Uzbek alone, of whose two scripts Latin is the usual one.
    pub fn nearest(tag: &str) -> Self {
        let mut subtags = tag.split('-').map(str::to_ascii_lowercase);
        let language: Self = subtags.next().and_then(|language| language.parse().ok()).unwrap_or_default();
        let cyrillic = subtags.next().is_some_and(|script| script == "cyrl");
        if language == Self::Uz && cyrillic { Self::UzCyrl } else { language }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: [&str; 8] = ["en", "ru", "kk", "ky", "tg", "uz", "uz-Cyrl", "tk"];

    #[test]
    fn has_one_name_everywhere() {
        let listed: Vec<&str> = Lang::VARIANTS.iter().map(AsRef::as_ref).collect();
        assert_eq!(listed, TAGS);
        for (lang, tag) in Lang::VARIANTS.iter().zip(TAGS) {
            assert_eq!(tag.parse(), Ok(*lang));
            assert_eq!(serde_json::json!(lang), tag);
        }
        let schema = serde_json::to_value(<Lang as utoipa::PartialSchema>::schema()).expect("a schema");
        assert_eq!(schema["enum"], serde_json::json!(TAGS));
    }

    #[test]
    fn the_nearest_is_found_by_language_and_script() {
        for (tag, lang) in [
            ("ru-KG", Lang::Ru),
            ("RU", Lang::Ru),
            ("kk-Cyrl-KZ", Lang::Kk),
            ("ky", Lang::Ky),
            ("tg-TJ", Lang::Tg),
            ("uz", Lang::Uz),
            ("uz-Latn", Lang::Uz),
            ("uz-UZ-x-cyrl", Lang::Uz),
            ("uz-cyrl-UZ", Lang::UzCyrl),
            ("tk-TM", Lang::Tk),
            ("sr-Cyrl", Lang::En),
            ("de", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(Lang::nearest(tag), lang, "{tag:?}");
        }
    }
}
