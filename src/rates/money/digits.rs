//! A number as a bank published it.

use std::fmt;

use super::Exact;

/// A positive decimal number in the digits in which it was published, trailing zeros included: `87.4500`. Only the
/// decimal mark is made a point.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digits(String);

/// Why a text is no published number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDigits {
    #[error("is blank")]
    Blank,
    #[error("is zero")]
    Zero,
    #[error("`{0}` is not digits with at most one decimal {1}")]
    Malformed(String, &'static str),
}

/// Most characters of a number.
const LONGEST: usize = 30;

impl Digits {
    /// Reads digits with at most one `mark`, which is `.` or `,`: no sign, no exponent, no grouping, and not zero. White
    /// space around them, which is XML's layout, is not part of them.
    pub fn read(text: &str, mark: char) -> Result<Self, NotDigits> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if text.is_empty() {
            return Err(NotDigits::Blank);
        }
        let (whole, fraction) = match text.split_once(mark) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if text.len() > LONGEST || !plain(whole) || padded || !fraction.is_none_or(plain) {
            let shown: String = text.chars().take(LONGEST).collect();
            return Err(NotDigits::Malformed(shown, if mark == ',' { "comma" } else { "point" }));
        }
        if text.bytes().all(|byte| !(b'1'..=b'9').contains(&byte)) {
            return Err(NotDigits::Zero);
        }
        Ok(Self(text.replace(mark, ".")))
    }

    /// The digits, with a decimal point.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Their value.
    pub fn value(&self) -> Exact {
        Exact::decimal(&self.0)
    }

    /// How many digits stand behind the point.
    pub fn decimals(&self) -> u32 {
        self.0.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32)
    }

    /// How many digits there are from the first that is not zero on.
    pub fn significant(&self) -> u32 {
        self.0.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count() as u32
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Digits {
    type Err = NotDigits;

    /// Reads what `as_str` gave.
    fn from_str(text: &str) -> Result<Self, NotDigits> {
        Self::read(text, '.')
    }
}

impl AsRef<str> for Digits {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_published() {
        for (text, mark, kept) in
            [("87,4500", ',', "87.4500"), ("3", '.', "3"), ("\n 0.1859 ", '.', "0.1859"), ("0.0071", '.', "0.0071")]
        {
            assert_eq!(Digits::read(text, mark).map(|digits| digits.to_string()), Ok(kept.to_owned()));
        }
    }

    #[test]
    fn refuses_everything_else() {
        use NotDigits::{Blank, Zero};
        for text in ["", " ", "\n\t"] {
            assert_eq!(Digits::read(text, '.'), Err(Blank), "{text:?}");
        }
        for text in ["0", "0.0000", "0.0"] {
            assert_eq!(Digits::read(text, '.'), Err(Zero), "{text:?}");
        }
        for text in [
            "1_234",
            "8.2e-5",
            "NaN",
            "-1",
            "+1",
            "0,0000",
            "1,5",
            "1.2.3",
            ".5",
            "5.",
            "007",
            "1 234",
            "١٢",
            "inf",
            "0x10",
            "1\u{a0}000",
            "12345678901234567890.123456789012",
        ] {
            assert!(matches!(Digits::read(text, '.'), Err(NotDigits::Malformed(..))), "{text:?}");
        }
        assert!(Digits::read("87.4500", ',').is_err(), "a point where a comma belongs");
    }

    #[test]
    fn counts_digits() {
        let digits = |text: &str| Digits::read(text, '.').expect(text);
        assert_eq!((digits("87.4500").significant(), digits("87.4500").decimals()), (6, 4));
        assert_eq!((digits("0.0071").significant(), digits("3").decimals()), (2, 0));
    }
}
