//! What the installation says of rates: the peg, exceptional working days, addresses, and what may be passed on.

use jiff::civil::Date;

use super::calendar::Calendar;
use super::money::{Digits, Pair};
use super::pricing::{Basis, Observation, Origin, When, legs};
use super::sources::{Feed, FeedKey, Source};
use crate::config::{ConfigError, RatesConfig};

/// The settings of this room, checked.
#[derive(Debug, Clone)]
pub struct Rates {
    pub calendar: Calendar,
    /// The configured rates of USD/TMT, the newest first.
    pub pegs: Vec<Observation>,
    /// Whether a job fetches.
    pub fetch: bool,
    /// Whether quotes of the market feed may be passed on to partners.
    pub market_redistributable: bool,
    homes: Vec<(Source, String)>,
}

impl Rates {
    /// Checks a configuration.
    pub fn new(config: &RatesConfig) -> Result<Self, ConfigError> {
        let mut calendar = Calendar::default();
        for (name, day, works) in &config.calendar {
            let source = name.parse().map_err(|_| config.fault_of_calendar(name))?;
            calendar.tell(source, *day, *works);
        }
        let peg = |(since, digits): &(Date, String)| {
            let digits: Digits = digits.parse().map_err(|error| config.fault_of_peg(&error))?;
            let from = calendar.midnight(Source::Cbu, *since);
            let origin = Origin::Pegged { since: *since };
            Ok(Observation { digits, nominal: 1, date: *since, from, origin })
        };
        let mut days: Vec<Date> = config.tmt_peg.iter().map(|(since, _)| *since).collect();
        days.sort();
        if let Some(twice) = days.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(config.fault_of_peg(&format_args!("of {} is given twice", twice[0])));
        }
        let pegs = config.tmt_peg.iter().map(peg).collect::<Result<_, ConfigError>>()?;
        let homes = [
            (Source::Nbkr, &config.nbkr_url),
            (Source::Nbk, &config.nbk_url),
            (Source::Nbt, &config.nbt_url),
            (Source::Cbu, &config.cbu_url),
            (Source::Market, &config.market_url),
        ];
        let homes = homes.into_iter().filter_map(|(source, url)| Some((source, url.clone()?))).collect();
        Ok(Self { calendar, pegs, fetch: config.fetch, market_redistributable: config.market_redistributable, homes })
    }

    /// The address of a feed's table for a day; `None` when the feed has no address.
    pub fn address(&self, feed: &dyn Feed, day: Date) -> Option<String> {
        let configured = self.homes.iter().find(|(source, _)| *source == feed.source()).map(|(_, home)| home.as_str());
        configured.or_else(|| feed.home()).map(|home| feed.address(home, day))
    }

    /// The present day of a pair: where its two sources disagree, the one that has come further.
    pub fn today(&self, pair: Pair, basis: Basis, when: &When) -> Date {
        let of = |source| self.calendar.date(source, when.known());
        let legs = legs(pair, basis).unwrap_or_default();
        legs.iter().map(|leg| of(leg.source())).max().unwrap_or_else(|| of(Source::Market))
    }

    /// Whether a feed can be fetched.
    pub fn has_address(&self, feed: FeedKey) -> bool {
        self.address(feed.feed(), Date::ZERO).is_some()
    }

    /// Whether a source's quotes may be passed on to partners. Banks publish theirs for everyone.
    pub fn is_redistributable(&self, source: Source) -> bool {
        source != Source::Market || self.market_redistributable
    }
}
