//! Which published quotes a pair is made of.

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::super::money::{Currency, Pair};
use super::super::sources::Source;

/// Whose quotes to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Basis {
    /// Each currency's own central bank.
    #[default]
    Official,
    /// The market feed.
    Market,
}

/// A line of quotes through time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Series {
    Published(Source, Pair),
    Pegged(Pair),
}

/// One factor of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    pub series: Series,
    /// The published direction is the other way round.
    pub inverted: bool,
}

/// Why a pair has no rate of this basis, whatever the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    #[error("{0} has no rate against itself.")]
    Same(Currency),
    #[error(
        "{0} has no official rate here: a central bank quotes its own currency, and neither side is one of KGS, KZT, TJS, UZS, TMT."
    )]
    Foreign(Pair),
    #[error("{0} has no official rate: the manat's is a peg to USD, and no other currency is quoted against it.")]
    Unpegged(Pair),
}

/// The factors of `pair`: one published quote, or two by way of USD.
///
/// A pair with one of the five is that currency's own bank's. Between two of the five each leg is its own bank's: another
/// bank's cross is never used.
pub fn legs(pair: Pair, basis: Basis) -> Result<Vec<Leg>, NoPath> {
    let Pair { base, quote } = pair;
    if base == quote {
        return Err(NoPath::Same(base));
    }
    match basis {
        Basis::Market => Ok(market(pair)),
        Basis::Official => match (base.is_regional(), quote.is_regional()) {
            (true, true) => Ok([published(base, Currency::USD), published(quote, Currency::USD)]
                .into_iter()
                .flatten()
                .zip([true, false])
                .map(|(series, inverted)| Leg { series, inverted })
                .collect()),
            (true, false) => {
                published(base, quote).map(|series| vec![Leg { series, inverted: true }]).ok_or(NoPath::Unpegged(pair))
            }
            (false, true) => {
                published(quote, base).map(|series| vec![Leg { series, inverted: false }]).ok_or(NoPath::Unpegged(pair))
            }
            (false, false) => Err(NoPath::Foreign(pair)),
        },
    }
}

/// What the home bank of a regional currency says of a foreign one.
fn published(home: Currency, foreign: Currency) -> Option<Series> {
    let pair = Pair::new(foreign, home);
    match Source::of(home) {
        Some(source) => Some(Series::Published(source, pair)),
        None => (foreign == Currency::USD).then_some(Series::Pegged(pair)),
    }
}

/// A feed quotes everything in units a dollar.
fn market(pair: Pair) -> Vec<Leg> {
    let leg = |currency, inverted| {
        let series = Series::Published(Source::Market, Pair::new(Currency::USD, currency));
        (currency != Currency::USD).then_some(Leg { series, inverted })
    };
    [leg(pair.base, true), leg(pair.quote, false)].into_iter().flatten().collect()
}

impl Source {
    /// The central bank that publishes the official rates of a currency.
    pub fn of(currency: Currency) -> Option<Self> {
        match currency {
            Currency::KGS => Some(Self::Nbkr),
            Currency::KZT => Some(Self::Nbk),
            Currency::TJS => Some(Self::Nbt),
            Currency::UZS => Some(Self::Cbu),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(text: &str, basis: Basis) -> Result<Vec<String>, NoPath> {
        let (base, quote) = text.split_once('/').expect("a pair");
        let pair = Pair::new(base.parse().expect(base), quote.parse().expect(quote));
        let show = |leg: &Leg| {
            let sign = if leg.inverted { "1 : " } else { "" };
            match leg.series {
                Series::Published(source, pair) => format!("{sign}{} {pair}", source.as_ref()),
                Series::Pegged(pair) => format!("{sign}peg {pair}"),
            }
        };
        legs(pair, basis).map(|legs| legs.iter().map(show).collect())
    }

    #[test]
    fn a_pair_with_one_of_the_five_is_its_own_banks() {
        assert_eq!(route("EUR/KZT", Basis::Official), Ok(vec!["nbk EUR/KZT".to_owned()]));
        assert_eq!(route("KGS/USD", Basis::Official), Ok(vec!["1 : nbkr USD/KGS".to_owned()]));
        assert_eq!(route("TMT/USD", Basis::Official), Ok(vec!["1 : peg USD/TMT".to_owned()]));
    }

    #[test]
    fn between_two_of_the_five_each_bank_speaks_for_its_own() {
        let legs = vec!["1 : nbt USD/TJS".to_owned(), "cbu USD/UZS".to_owned()];
        assert_eq!(route("TJS/UZS", Basis::Official), Ok(legs));
        let legs = vec!["1 : peg USD/TMT".to_owned(), "nbk USD/KZT".to_owned()];
        assert_eq!(route("TMT/KZT", Basis::Official), Ok(legs));
    }

    #[test]
    fn other_pairs_say_why_not() {
        assert!(matches!(route("EUR/USD", Basis::Official), Err(NoPath::Foreign(_))));
        assert!(matches!(route("EUR/TMT", Basis::Official), Err(NoPath::Unpegged(_))));
        assert!(matches!(route("KGS/KGS", Basis::Market), Err(NoPath::Same(_))));
    }

    #[test]
    fn a_market_has_every_pair_by_way_of_its_dollar() {
        assert_eq!(route("TMT/USD", Basis::Market), Ok(vec!["1 : market USD/TMT".to_owned()]));
        let legs = vec!["1 : market USD/EUR".to_owned(), "market USD/KGS".to_owned()];
        assert_eq!(route("EUR/KGS", Basis::Market), Ok(legs));
    }
}
