//! Currency codes and pairs of them.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An alphabetic code of ISO 4217, such as `KGS`: three upper-case letters. That it has their form is all that is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Why a text is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a currency code of three capital letters, such as KGS")]
pub struct NotACurrency;

impl Currency {
    pub const KGS: Self = Self(*b"KGS");
    pub const KZT: Self = Self(*b"KZT");
    pub const TJS: Self = Self(*b"TJS");
    pub const UZS: Self = Self(*b"UZS");
    pub const TMT: Self = Self(*b"TMT");
    pub const USD: Self = Self(*b"USD");

    /// The region's five, in the order in which a ticker shows them.
    pub const FIVE: [Self; 5] = [Self::KGS, Self::KZT, Self::TJS, Self::UZS, Self::TMT];

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether it is one of the five.
    pub fn is_regional(self) -> bool {
        Self::FIVE.contains(&self)
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(NotACurrency) }
    }
}

impl AsRef<str> for Currency {
    fn as_ref(&self) -> &str {
        self.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Z]{3}$"))
            .description(Some("A code of ISO 4217."))
            .examples([serde_json::json!("KGS")])
            .into()
    }
}

impl utoipa::ToSchema for Currency {}

/// `BASE/QUOTE`: what one BASE costs in QUOTE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    pub base: Currency,
    pub quote: Currency,
}

impl Pair {
    /// `base/quote`.
    pub fn new(base: Currency, quote: Currency) -> Self {
        Self { base, quote }
    }

    /// The same two the other way round.
    pub fn inverse(self) -> Self {
        Self { base: self.quote, quote: self.base }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.quote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_capital_letters() {
        assert_eq!("KGS".parse(), Ok(Currency::KGS));
        for text in ["", "KG", "KGSS", "kgs", "K G", "КГС", "KG1"] {
            assert_eq!(text.parse::<Currency>(), Err(NotACurrency), "{text}");
        }
    }

    #[test]
    fn a_pair_reads_base_first() {
        let pair = Pair::new(Currency::KGS, Currency::USD);
        assert_eq!((pair.to_string().as_str(), pair.inverse().to_string().as_str()), ("KGS/USD", "USD/KGS"));
    }
}
