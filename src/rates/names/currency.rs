//! The active currencies of ISO 4217 and their names: `currencies.tsv`, which tools/currencies writes.

use std::sync::LazyLock;

use strum::VariantArray;

use super::Lang;
use crate::rates::money::Currency;

const TABLE: &str = include_str!("currencies.tsv");
const LANGS: usize = Lang::VARIANTS.len();

/// What ISO 4217 and CLDR know of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyFacts {
    pub code: Currency,
    /// The numeric code of ISO 4217.
    pub number: u16,
    /// Digits behind the decimal mark of an amount; `None` where ISO says "N.A.", as of gold.
    pub minor_units: Option<u8>,
    /// In the order of `Lang`; blank where CLDR has no name.
    names: [&'static str; LANGS],
}

impl CurrencyFacts {
    /// The name in a language, in English where that language has none.
    pub fn name(&self, lang: Lang) -> &'static str {
        self.names[if self.has_name(lang) { lang as usize } else { Lang::En as usize }]
    }

    /// Whether the language has a name of its own for it.
    pub fn has_name(&self, lang: Lang) -> bool {
        !self.names[lang as usize].is_empty()
    }

    /// Reads a line of the table.
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let (code, number, units) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Self {
            code: code.parse().ok()?,
            number: number.parse().ok()?,
            minor_units: if units.is_empty() { None } else { Some(units.parse().ok()?) },
            names: fields.collect::<Vec<_>>().try_into().ok()?,
        })
    }
}

/// Every active currency, sorted by code.
pub fn all() -> &'static [CurrencyFacts] {
    static ALL: LazyLock<Vec<CurrencyFacts>> = LazyLock::new(|| lines().filter_map(CurrencyFacts::read).collect());
    &ALL
}

/// The facts of one currency, if it is active.
pub fn find(code: Currency) -> Option<&'static CurrencyFacts> {
    all().binary_search_by_key(&code, |facts| facts.code).ok().map(|at| &all()[at])
}

/// Digits behind the decimal mark of an amount: two where nothing else is known.
pub fn small_change(code: Currency) -> u32 {
    find(code).and_then(|facts| facts.minor_units).map_or(2, u32::from)
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(code: &str) -> &'static CurrencyFacts {
        find(code.parse().expect(code)).expect(code)
    }

    #[test]
    fn every_line_is_read_sorted_and_unique() {
        for line in lines() {
            let facts = CurrencyFacts::read(line).expect(line);
            assert!(facts.has_name(Lang::En), "{line}");
            assert!(facts.names.iter().all(|name| name.trim() == *name), "{line}");
        }
        assert_eq!(all().len(), 178);
        assert!(all().is_sorted_by(|one, next| one.code < next.code));
        let mut numbers: Vec<u16> = all().iter().map(|facts| facts.number).collect();
        numbers.sort_unstable();
        assert!(numbers.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn the_columns_are_the_languages() {
        let head = TABLE.lines().rfind(|line| line.starts_with('#')).expect("a head");
        let langs: Vec<&str> = head.split('\t').skip(3).collect();
        assert_eq!(langs, Lang::VARIANTS.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
        assert!(Lang::VARIANTS.iter().enumerate().all(|(at, lang)| at == *lang as usize));
    }

    #[test]
    fn a_broken_line_is_skipped() {
        for line in [
            "",
            "KGS",
            "kgs\t417\t2\ta\tb\tc\td\te\tf\tg\th",
            "KGS\t417\t2\ta\tb",
            "KGS\t417\tx\ta\tb\tc\td\te\tf\tg\th",
        ] {
            assert_eq!(CurrencyFacts::read(line), None, "{line}");
        }
    }

    #[test]
    fn iso_facts_are_those_of_the_list() {
        for (code, number, units) in [
            ("KGS", 417, Some(2)),
            ("TJS", 972, Some(2)),
            ("UZS", 860, Some(2)),
            ("JPY", 392, Some(0)),
            ("KWD", 414, Some(3)),
            ("AMD", 51, Some(2)),
            ("XAU", 959, None),
        ] {
            assert_eq!((facts(code).number, facts(code).minor_units), (number, units), "{code}");
        }
        for code in ["BGN", "ANG", "ZZZ"] {
            assert_eq!(find(code.parse().expect(code)), None, "{code} is not active");
        }
    }

    #[test]
    fn the_five_are_named_as_in_cldr() {
        let five = |lang| Currency::FIVE.map(|code| find(code).map_or("", |facts| facts.name(lang)));
        for (lang, names) in [
            (
                Lang::En,
                ["Kyrgyz Som", "Kazakhstani Tenge", "Tajikistani Somoni", "Uzbekistani Som", "Turkmenistani Manat"],
            ),
            (
                Lang::Ru,
                ["киргизский сом", "казахский тенге", "таджикский сомони", "узбекский сум", "новый туркменский манат"],
            ),
            (
                Lang::Kk,
                ["Қырғызстан сомы", "Қазақстан теңгесі", "Тәжікстан сомониі", "Өзбекстан сомы", "Түрікменстан манаты"],
            ),
            (
                Lang::Ky,
                ["Кыргызстан сому", "Казакстан теңгеси", "Тажикстан сомониси", "Өзбекстан суму", "Түркмөнстан манаты"],
            ),
            (
                Lang::Tg,
                [
                    "Соми Қирғизистон",
                    "Тангаи Казокистон",
                    "Сомонии Тоҷикистон",
                    "Сўми Ӯзбекистон",
                    "манати Туркманистон",
                ],
            ),
            (
                Lang::Uz,
                [
                    "Qirg‘iziston somi",
                    "Qozog‘iston tengesi",
                    "Tojikiston somoniysi",
                    "O‘zbekiston so‘mi",
                    "Turkmaniston manati",
                ],
            ),
            (
                Lang::UzCyrl,
                [
                    "Қирғизистон соми",
                    "Қозоғистон тенгеси",
                    "Тожикистон сомониси",
                    "Ўзбекистон сўм",
                    "Туркманистон манати",
                ],
            ),
            (Lang::Tk, ["Gyrgyz somy", "Gazak teňňesi", "Täjik somonisi", "Özbek somy", "Türkmen manady"]),
        ] {
            assert_eq!(five(lang), names, "{lang:?}");
        }
    }

    #[test]
    fn a_language_without_a_name_falls_back_to_english() {
        let kgs = facts("KGS");
        assert_eq!(kgs.name(Lang::UzCyrl), "Қирғизистон соми", "CLDR has none, so it is ours");
        let aed = facts("AED");
        assert!(aed.has_name(Lang::Uz) && !aed.has_name(Lang::UzCyrl), "CLDR has few names in Uzbek Cyrillic");
        assert_eq!(aed.name(Lang::UzCyrl), "United Arab Emirates Dirham");
        assert_eq!(facts("USD").name(Lang::UzCyrl), "АҚШ доллари");
        assert!(Lang::VARIANTS.iter().all(|lang| facts("XAD").name(*lang) == "Arab Accounting Dinar"));
    }
}
