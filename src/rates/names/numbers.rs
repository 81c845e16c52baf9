//! How a number and a percentage are written in a language, as CLDR 48.2 has it; tools/currencies checks that it still does.
//!
//! Digits are not grouped: a rate is short, and English groups with the comma that is the decimal mark of the other
//! languages. The minus sign is a hyphen in all eight, so that the sign stays as it comes.

use super::Lang;

/// Writes a decimal string such as `-0.01153` with the decimal mark of the language.
pub fn decimal(lang: Lang, plain: &str) -> String {
    match lang {
        Lang::En => plain.to_owned(),
        Lang::Ru | Lang::Kk | Lang::Ky | Lang::Tg | Lang::Uz | Lang::UzCyrl | Lang::Tk => plain.replace('.', ","),
    }
}

/// Writes a decimal string, which is a number of percent, with the percent sign where the language puts it.
pub fn percent(lang: Lang, plain: &str) -> String {
    let number = decimal(lang, plain);
    match lang {
        // The space does not break.
        Lang::Ru | Lang::Tk => format!("{number}\u{a0}%"),
        Lang::En | Lang::Kk | Lang::Ky | Lang::Tg | Lang::Uz | Lang::UzCyrl => format!("{number}%"),
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    #[test]
    fn each_language_has_its_decimal_mark() {
        let written = Lang::VARIANTS.iter().map(|lang| decimal(*lang, "0.01153"));
        let comma = "0,01153";
        assert!(written.eq(["0.01153", comma, comma, comma, comma, comma, comma, comma]));
    }

    #[test]
    fn each_language_has_its_percent_pattern() {
        for (lang, written) in [
            (Lang::En, "0.43%"),
            (Lang::Ru, "0,43\u{a0}%"),
            (Lang::Kk, "0,43%"),
            (Lang::Ky, "0,43%"),
            (Lang::Tg, "0,43%"),
            (Lang::Uz, "0,43%"),
            (Lang::UzCyrl, "0,43%"),
            (Lang::Tk, "0,43\u{a0}%"),
        ] {
            assert_eq!(percent(lang, "0.43"), written, "{lang:?}");
        }
    }

    #[test]
    fn sign_zeros_and_length_stay() {
        assert_eq!(percent(Lang::Ru, "-0.14"), "-0,14\u{a0}%");
        assert_eq!(decimal(Lang::Tk, "12194.2100"), "12194,2100");
        assert_eq!(decimal(Lang::Kk, "-3"), "-3");
    }
}
