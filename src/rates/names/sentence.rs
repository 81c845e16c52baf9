//! A ticker's entry as a sentence for screen readers. Its words are chosen so that no currency's name is ever inflected.

use std::cmp::Ordering;

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::{Lang, decimal, find};
use crate::rates::money::{Currency, Exact};

/// Which way a rate went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
    Flat,
}

impl Direction {
    /// The direction of a change.
    pub fn of(change: &Exact) -> Self {
        match change.sign() {
            Ordering::Greater => Self::Up,
            Ordering::Less => Self::Down,
            Ordering::Equal => Self::Flat,
        }
    }

    /// A sign that shows it.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Up => "▲",
            Self::Down => "▼",
            Self::Flat => "▬",
        }
    }
}

/// What a sentence says. Numbers are decimal strings with a point and no sign, rounded as they are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoken<'a> {
    pub base: Currency,
    pub quote: Currency,
    pub rate: &'a str,
    /// The direction of the true change and its percentage, rounded to two decimals; `None` on a first observation.
    pub change: Option<(Direction, &'a str)>,
}

/// The sentence, such as `Kyrgyz Som to US Dollar: 0.01153, down 0.43 percent`. It begins with a capital and ends without a
/// full stop, which would touch the digits.
pub fn sentence(lang: Lang, spoken: &Spoken<'_>) -> String {
    let words = Words::of(lang);
    let (base, quote) = (name(lang, &spoken.base), name(lang, &spoken.quote));
    let pair = capitalised(&format!("{base} {} {quote}", words.to));
    let rate = decimal(lang, spoken.rate);
    match spoken.change {
        Some((direction, percent)) => format!("{pair}: {rate}, {}", words.change(lang, direction, percent)),
        None => format!("{pair}: {rate}"),
    }
}

/// The name, or the code of a currency that is not active.
fn name(lang: Lang, currency: &Currency) -> &str {
    find(*currency).map_or(currency.code(), |facts| facts.name(lang))
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// The words of a language; `{}` stands for what is put in.
struct Words {
    to: &'static str,
    up: &'static str,
    down: &'static str,
    flat: &'static str,
    by: &'static str,
    by_under: &'static str,
}

impl Words {
    /// "Percent" is a word where its form is the same after every number, and a sign in Russian, where it is not.
    const fn of(lang: Lang) -> Self {
        let [to, up, down, flat, by, by_under] = match lang {
            Lang::En => ["to", "up {}", "down {}", "unchanged", "{} percent", "less than {} percent"],
            Lang::Ru => ["—", "рост {}", "снижение {}", "без изменений", "на {}\u{a0}%", "менее чем на {}\u{a0}%"],
            Lang::Kk => {
                ["—", "бағам {} өсті", "бағам {} төмендеді", "бағам өзгерген жоқ", "{} пайызға", "{} пайыздан аз"]
            }
            Lang::Ky => ["—", "курс {} өстү", "курс {} төмөндөдү", "курс өзгөргөн жок", "{} пайызга", "{} пайыздан аз"],
            Lang::Tg => {
                ["—", "қурб {} афзоиш ёфт", "қурб {} коҳиш ёфт", "қурб тағйир наёфт", "{} фоиз", "камтар аз {} фоиз"]
            }
            Lang::Uz => ["—", "kurs {} oshdi", "kurs {} pasaydi", "kurs o‘zgarmadi", "{} foizga", "{} foizdan kamroq"],
            Lang::UzCyrl => {
                ["—", "курс {} ошди", "курс {} пасайди", "курс ўзгармади", "{} фоизга", "{} фоиздан камроқ"]
            }
            Lang::Tk => {
                ["—", "kurs {} ýokarlandy", "kurs {} peseldi", "kurs üýtgemedi", "{} göterim", "{} göterimden az"]
            }
        };
        Self { to, up, down, flat, by, by_under }
    }

    /// A change that rounds to zero is said to be under a hundredth, and not to be none.
    fn change(&self, lang: Lang, direction: Direction, percent: &str) -> String {
        let zero = percent.chars().all(|character| matches!(character, '0' | '.'));
        let (by, percent) = if zero { (self.by_under, "0.01") } else { (self.by, percent) };
        let amount = by.replace("{}", &decimal(lang, percent));
        match direction {
            Direction::Up => self.up.replace("{}", &amount),
            Direction::Down => self.down.replace("{}", &amount),
            Direction::Flat => self.flat.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Option<(Direction, &str)> = Some((Direction::Up, "0.43"));
    const DOWN: Option<(Direction, &str)> = Some((Direction::Down, "0.43"));
    const FLAT: Option<(Direction, &str)> = Some((Direction::Flat, "0.00"));
    const A_LITTLE_UP: Option<(Direction, &str)> = Some((Direction::Up, "0.00"));
    const A_LITTLE_DOWN: Option<(Direction, &str)> = Some((Direction::Down, "0.00"));

    /// The same entry after each kind of change, and after none known.
    fn said(lang: Lang, base: Currency) -> [String; 6] {
        [UP, DOWN, FLAT, A_LITTLE_UP, A_LITTLE_DOWN, None]
            .map(|change| sentence(lang, &Spoken { base, quote: Currency::USD, rate: "0.01153", change }))
    }

    #[test]
    fn english() {
        let expected = [
            "Kyrgyz Som to US Dollar: 0.01153, up 0.43 percent",
            "Kyrgyz Som to US Dollar: 0.01153, down 0.43 percent",
            "Kyrgyz Som to US Dollar: 0.01153, unchanged",
            "Kyrgyz Som to US Dollar: 0.01153, up less than 0.01 percent",
            "Kyrgyz Som to US Dollar: 0.01153, down less than 0.01 percent",
            "Kyrgyz Som to US Dollar: 0.01153",
        ];
        assert_eq!(said(Lang::En, Currency::KGS), expected);
    }

    #[test]
    fn russian() {
        let expected = [
            "Киргизский сом — доллар США: 0,01153, рост на 0,43\u{a0}%",
            "Киргизский сом — доллар США: 0,01153, снижение на 0,43\u{a0}%",
            "Киргизский сом — доллар США: 0,01153, без изменений",
            "Киргизский сом — доллар США: 0,01153, рост менее чем на 0,01\u{a0}%",
            "Киргизский сом — доллар США: 0,01153, снижение менее чем на 0,01\u{a0}%",
            "Киргизский сом — доллар США: 0,01153",
        ];
        assert_eq!(said(Lang::Ru, Currency::KGS), expected);
    }

    #[test]
    fn kazakh() {
        let expected = [
            "Қазақстан теңгесі — АҚШ доллары: 0,01153, бағам 0,43 пайызға өсті",
            "Қазақстан теңгесі — АҚШ доллары: 0,01153, бағам 0,43 пайызға төмендеді",
            "Қазақстан теңгесі — АҚШ доллары: 0,01153, бағам өзгерген жоқ",
            "Қазақстан теңгесі — АҚШ доллары: 0,01153, бағам 0,01 пайыздан аз өсті",
            "Қазақстан теңгесі — АҚШ доллары: 0,01153, бағам 0,01 пайыздан аз төмендеді",
            "Қазақстан теңгесі — АҚШ доллары: 0,01153",
        ];
        assert_eq!(said(Lang::Kk, Currency::KZT), expected);
    }

    #[test]
    fn kyrgyz() {
        let expected = [
            "Кыргызстан сому — АКШ доллары: 0,01153, курс 0,43 пайызга өстү",
            "Кыргызстан сому — АКШ доллары: 0,01153, курс 0,43 пайызга төмөндөдү",
            "Кыргызстан сому — АКШ доллары: 0,01153, курс өзгөргөн жок",
            "Кыргызстан сому — АКШ доллары: 0,01153, курс 0,01 пайыздан аз өстү",
            "Кыргызстан сому — АКШ доллары: 0,01153, курс 0,01 пайыздан аз төмөндөдү",
            "Кыргызстан сому — АКШ доллары: 0,01153",
        ];
        assert_eq!(said(Lang::Ky, Currency::KGS), expected);
    }

    #[test]
    fn tajik() {
        let expected = [
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153, қурб 0,43 фоиз афзоиш ёфт",
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153, қурб 0,43 фоиз коҳиш ёфт",
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153, қурб тағйир наёфт",
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153, қурб камтар аз 0,01 фоиз афзоиш ёфт",
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153, қурб камтар аз 0,01 фоиз коҳиш ёфт",
            "Сомонии Тоҷикистон — Доллари ИМА: 0,01153",
        ];
        assert_eq!(said(Lang::Tg, Currency::TJS), expected);
    }

    #[test]
    fn uzbek_in_latin() {
        let expected = [
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153, kurs 0,43 foizga oshdi",
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153, kurs 0,43 foizga pasaydi",
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153, kurs o‘zgarmadi",
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153, kurs 0,01 foizdan kamroq oshdi",
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153, kurs 0,01 foizdan kamroq pasaydi",
            "O‘zbekiston so‘mi — AQSH dollari: 0,01153",
        ];
        assert_eq!(said(Lang::Uz, Currency::UZS), expected);
    }

    #[test]
    fn uzbek_in_cyrillic() {
        let expected = [
            "Ўзбекистон сўм — АҚШ доллари: 0,01153, курс 0,43 фоизга ошди",
            "Ўзбекистон сўм — АҚШ доллари: 0,01153, курс 0,43 фоизга пасайди",
            "Ўзбекистон сўм — АҚШ доллари: 0,01153, курс ўзгармади",
            "Ўзбекистон сўм — АҚШ доллари: 0,01153, курс 0,01 фоиздан камроқ ошди",
            "Ўзбекистон сўм — АҚШ доллари: 0,01153, курс 0,01 фоиздан камроқ пасайди",
            "Ўзбекистон сўм — АҚШ доллари: 0,01153",
        ];
        assert_eq!(said(Lang::UzCyrl, Currency::UZS), expected);
    }

    #[test]
    fn turkmen() {
        let expected = [
            "Türkmen manady — ABŞ dollary: 0,01153, kurs 0,43 göterim ýokarlandy",
            "Türkmen manady — ABŞ dollary: 0,01153, kurs 0,43 göterim peseldi",
            "Türkmen manady — ABŞ dollary: 0,01153, kurs üýtgemedi",
            "Türkmen manady — ABŞ dollary: 0,01153, kurs 0,01 göterimden az ýokarlandy",
            "Türkmen manady — ABŞ dollary: 0,01153, kurs 0,01 göterimden az peseldi",
            "Türkmen manady — ABŞ dollary: 0,01153",
        ];
        assert_eq!(said(Lang::Tk, Currency::TMT), expected);
    }

    #[test]
    fn a_missing_name_is_english_and_an_unknown_currency_its_code() {
        let aed = "AED".parse().expect("a code");
        assert_eq!(said(Lang::UzCyrl, aed)[5], "United Arab Emirates Dirham — АҚШ доллари: 0,01153");
        let bgn = "BGN".parse().expect("a code");
        assert_eq!(said(Lang::Ru, bgn)[5], "BGN — доллар США: 0,01153");
    }

    #[test]
    fn directions_have_names_and_arrows() {
        let listed: Vec<_> = Direction::VARIANTS.iter().map(|way| (way.as_ref(), way.arrow())).collect();
        assert_eq!(listed, [("up", "▲"), ("down", "▼"), ("flat", "▬")]);
        assert_eq!(serde_json::json!(Direction::VARIANTS), serde_json::json!(["up", "down", "flat"]));
    }
}
