//! Exact numbers: fractions of whole numbers, rounded once, when they are written.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// An exact rational number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(BigRational);

impl Exact {
    /// `integer` with its last `decimals` digits behind the point.
    pub fn scaled(integer: BigInt, decimals: u32) -> Self {
        Self(BigRational::new(integer, power_of_ten(decimals)))
    }

    /// The value of a decimal text that was checked: digits, and at most one point among them.
    pub fn decimal(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        let integer = digits.fold(BigInt::ZERO, |sum, digit| sum * 10 + (digit - b'0'));
        Self::scaled(integer, text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32))
    }

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(BigRational::from_integer(number.into()))
    }

    /// One.
    pub fn one() -> Self {
        Self(BigRational::one())
    }

    /// Whether it is below, at or above zero.
    pub fn sign(&self) -> Ordering {
        match self.0.numer().sign() {
            Sign::Minus => Ordering::Less,
            Sign::NoSign => Ordering::Equal,
            Sign::Plus => Ordering::Greater,
        }
    }

    /// Without its sign.
    pub fn magnitude(&self) -> Self {
        Self(self.0.abs())
    }

    /// One divided by it; zero stays zero.
    pub fn reciprocal(&self) -> Self {
        if self.0.is_zero() { self.clone() } else { Self(self.0.recip()) }
    }

    /// Rounded half away from zero to `decimals` digits behind the point, all of which are written: `0.0115`. Never `-0`.
    pub fn to_decimals(&self, decimals: u32) -> String {
        write(&self.rounded(decimals), decimals)
    }

    /// [`Exact::to_decimals`] without the zeros at its end: `0.43`, `0`.
    pub fn to_decimals_trimmed(&self, decimals: u32) -> String {
        let text = self.to_decimals(decimals);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }

    /// Rounded half away from zero to `digits` significant digits, or to a whole number where that has more of them.
    pub fn to_significant(&self, digits: u32) -> String {
        if self.0.is_zero() {
            return "0".to_owned();
        }
        let decimals = (i64::from(digits) - 1 - self.exponent()).max(0);
        let decimals = u32::try_from(decimals).unwrap_or(u32::MAX);
        let rounded = self.rounded(decimals);
        // Rounding up may have gained a digit: 0.9999996 is 1.00000 and not 1.000000.
        let gained = decimals > 0 && rounded.abs() >= power_of_ten(digits);
        if gained { write(&self.rounded(decimals - 1), decimals - 1) } else { write(&rounded, decimals) }
    }

    /// The power of ten of its first digit: 2 for 478.77, -1 for 0.1859; 0 for zero.
    pub fn exponent(&self) -> i64 {
        let (numerator, denominator) = (self.0.numer().abs(), self.0.denom().clone());
        if numerator.is_zero() {
            return 0;
        }
        let length = |number: &BigInt| number.to_string().len() as i64;
        let guess = length(&numerator) - length(&denominator);
        let lifted = |by: i64| power_of_ten(u32::try_from(by.max(0)).unwrap_or(u32::MAX));
        // numerator / denominator >= 10^guess, in whole numbers.
        if numerator * lifted(-guess) >= denominator * lifted(guess) { guess } else { guess - 1 }
    }

    /// Times `10^decimals`, rounded half away from zero.
    fn rounded(&self, decimals: u32) -> BigInt {
        (&self.0 * BigRational::from_integer(power_of_ten(decimals))).round().to_integer()
    }
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// A whole number with its last `decimals` digits behind the point.
fn write(number: &BigInt, decimals: u32) -> String {
    let places = decimals as usize;
    let digits = format!("{:0>width$}", number.magnitude(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number.is_negative() { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

impl Mul for &Exact {
    type Output = Exact;

    fn mul(self, other: Self) -> Exact {
        Exact(&self.0 * &other.0)
    }
}

impl Div for &Exact {
    type Output = Exact;

    /// Division by zero, which no published number is, gives zero.
    fn div(self, other: Self) -> Exact {
        Exact(if other.0.is_zero() { other.0.clone() } else { &self.0 / &other.0 })
    }
}

impl Add for &Exact {
    type Output = Exact;

    fn add(self, other: Self) -> Exact {
        Exact(&self.0 + &other.0)
    }
}

impl Sub for &Exact {
    type Output = Exact;

    fn sub(self, other: Self) -> Exact {
        Exact(&self.0 - &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Digits;
    use super::*;

    fn exact(text: &str) -> Exact {
        Digits::read(text, '.').expect(text).value()
    }

    #[test]
    fn derived_rates_carry_six_significant_digits() {
        for (published, inverse) in [
            ("12194.21", "0.0000820061"),
            ("12142.10", "0.0000823581"),
            ("3.5", "0.285714"),
            ("87.4500", "0.0114351"),
            ("0.001", "1000.00"),
            ("0.000000001", "1000000000"),
        ] {
            assert_eq!(exact(published).reciprocal().to_significant(6), inverse, "{published}");
        }
    }

    #[test]
    fn rounds_once_half_away_from_zero() {
        assert_eq!(exact("0.125").to_decimals(2), "0.13");
        assert_eq!((&Exact::whole(0) - &exact("0.125")).to_decimals(2), "-0.13");
        assert_eq!((&Exact::whole(0) - &exact("0.001")).to_decimals(2), "0.00", "there is no -0");
        assert_eq!((&Exact::whole(0) - &exact("0.004")).to_decimals_trimmed(2), "0");
        assert_eq!(
            (exact("0.43").to_decimals_trimmed(4), exact("100").to_decimals_trimmed(0)),
            ("0.43".into(), "100".into())
        );
        assert_eq!(exact("0.9999996").to_significant(6), "1.00000");
        assert_eq!(exact("9999995").to_significant(6), "9999995");
        assert_eq!(exact("1234567.5").to_significant(6), "1234568");
    }

    #[test]
    fn knows_its_power_of_ten() {
        for (text, exponent) in
            [("1", 0), ("9.99", 0), ("10", 1), ("478.77", 2), ("0.1859", -1), ("0.0000820061", -5), ("1000000000", 9)]
        {
            assert_eq!(exact(text).exponent(), exponent, "{text}");
        }
    }
}
