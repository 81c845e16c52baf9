//! The rate of a pair at a moment, with everything that an answer says about it.

use jiff::civil::Date;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::super::calendar::Calendar;
use super::super::money::{Exact, Pair};
use super::super::names::Direction;
use super::super::sources::Source;
use super::legs::{Leg, Series};
use super::moment::When;
use super::timeline::{Observation, Origin, Timeline};
use crate::clock::Timestamp;

/// Significant digits of a derived rate, at least.
const SIGNIFICANT: u32 = 6;

/// How a rate stands; of a rate by way of another currency, the worst of its legs. The list may grow.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema, EnumString, AsRefStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[schema(as = RateStatus)]
pub enum Status {
    /// Set by configuration.
    Pegged,
    /// Published for this day.
    Fresh,
    /// Of an earlier day, and nothing since is overdue: a weekend, a holiday, a morning before the bank publishes.
    Carried,
    /// Of an earlier day, although something since is overdue.
    Stale,
    /// A newer quote is held back until it is confirmed; this is the last good one.
    Quarantined,
}

/// A pair's rate.
#[derive(Debug, Clone)]
pub struct Quote {
    pub pair: Pair,
    pub value: Exact,
    pub rate: String,
    pub precision: Precision,
    pub per: Per,
    pub change: Option<Change>,
    pub status: Status,
    pub date: Date,
    pub next: Option<Next>,
    /// What it was made of: one quote, or two by way of another currency.
    pub parts: Vec<(Leg, Observation)>,
    /// For each part, the newest day for which its series has a quote.
    pub known_until: Vec<Date>,
}

/// How exact a rate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Precision {
    /// Digits from the first that is not zero.
    #[schema(example = 6)]
    pub significant: u32,
    /// Computed here and rounded once, half away from zero; else in the digits that were published.
    pub derived: bool,
}

/// The rate of several units at once, which reads better where one costs little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Per {
    #[schema(example = 1000)]
    pub units: i64,
    /// Decimal.
    #[schema(example = "0.08201")]
    pub rate: String,
}

/// The step from the publication before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In percent, unrounded.
    pub percent: Exact,
    pub from_date: Date,
    pub from_rate: String,
}

impl Change {
    /// Which way it went, before any rounding.
    pub fn direction(&self) -> Direction {
        Direction::of(&self.percent)
    }
}

/// A rate that is published already and not yet in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    pub date: Date,
    /// When it takes effect.
    pub from: Timestamp,
    pub rate: String,
}

/// Prices `pair` from its legs and their timelines; `None` when a leg has no quote in force then.
pub fn price(pair: Pair, legs: &[(Leg, &Timeline)], when: &When, calendar: &Calendar) -> Option<Quote> {
    let now: Vec<(Leg, Observation)> = legs
        .iter()
        .map(|(leg, timeline)| {
            let moment = when.at(calendar, leg.source());
            Some((*leg, timeline.at(moment.instant, moment.day)?))
        })
        .collect::<Option<_>>()?;
    let value = product(&now);
    let (rate, precision) = written(&now, &value);
    let status = legs.iter().zip(&now).map(|((leg, timeline), (_, one))| status(*leg, timeline, one, when, calendar));
    let status = status.max()?;
    let change = earlier(legs, &now).map(|before| change(&value, &before));
    let next = later(legs, &now, when, calendar).map(|then| {
        let value = product(&then);
        let from = then.iter().map(|(_, one)| one.from).max().unwrap_or(when.now);
        Next { date: newest(&then), from, rate: written(&then, &value).0 }
    });
    Some(Quote {
        pair,
        per: per(&now, &value),
        rate,
        precision,
        change,
        status,
        date: newest(&now),
        next,
        value,
        known_until: legs
            .iter()
            .zip(&now)
            .map(|((_, timeline), (_, one))| timeline.known_until().unwrap_or(one.date))
            .collect(),
        parts: now,
    })
}

/// The rate that `parts` make together.
pub(super) fn product(parts: &[(Leg, Observation)]) -> Exact {
    parts.iter().fold(Exact::one(), |product, (leg, one)| {
        let value = one.value();
        &product * &(if leg.inverted { value.reciprocal() } else { value })
    })
}

/// The published digits of a rate that is one quote in its own direction.
fn verbatim(parts: &[(Leg, Observation)]) -> Option<&Observation> {
    match parts {
        [(leg, one)] if !leg.inverted => Some(one),
        _ => None,
    }
}

/// A rate as text. A nominal that is a power of ten only moves the point of what was published.
pub(super) fn written(parts: &[(Leg, Observation)], value: &Exact) -> (String, Precision) {
    let shifted = |one: &Observation| {
        let places = (0..19).find(|places| 10_i64.checked_pow(*places) == Some(one.nominal))?;
        let significant = one.digits.significant();
        Some((value.to_decimals(one.digits.decimals() + places), Precision { significant, derived: false }))
    };
    verbatim(parts)
        .and_then(shifted)
        .unwrap_or_else(|| (value.to_significant(SIGNIFICANT), Precision { significant: SIGNIFICANT, derived: true }))
}

/// The published nominal and digits; of a derived rate, the fewest units by which five decimals still show three digits.
fn per(parts: &[(Leg, Observation)], value: &Exact) -> Per {
    const DECIMALS: i64 = 5;
    if let Some(one) = verbatim(parts) {
        return Per { units: one.nominal, rate: one.digits.to_string() };
    }
    let places = (-2 - value.exponent()).clamp(0, 18) as u32;
    let units = 10_i64.pow(places);
    let lifted = value * &Exact::whole(units);
    let decimals = (DECIMALS - lifted.exponent().max(0)).max(0) as u32;
    Per { units, rate: lifted.to_decimals(decimals) }
}

fn change(value: &Exact, before: &[(Leg, Observation)]) -> Change {
    let then = product(before);
    let percent = &(&(value / &then) - &Exact::one()) * &Exact::whole(100);
    Change { percent, from_date: newest(before), from_rate: written(before, &then).0 }
}

/// The day from which all parts are in force together. A peg counts only by itself: it is in force every day.
fn newest(parts: &[(Leg, Observation)]) -> Date {
    let published = parts.iter().filter(|(leg, _)| !leg.is_pegged()).map(|(_, one)| one.date).max();
    published.or_else(|| parts.iter().map(|(_, one)| one.date).max()).unwrap_or(Date::ZERO)
}

/// What was in force before the newest part was published.
fn earlier(legs: &[(Leg, &Timeline)], now: &[(Leg, Observation)]) -> Option<Vec<(Leg, Observation)>> {
    let date = newest(now);
    let step = |((leg, timeline), (_, one)): (&(Leg, &Timeline), &(Leg, Observation))| {
        let stays = one.date < date || (leg.is_pegged() && legs.len() > 1);
        Some((*leg, if stays { one.clone() } else { timeline.before(one)? }))
    };
    legs.iter().zip(now).map(step).collect()
}

/// What will be in force when the next part that is known already takes effect.
fn later(
    legs: &[(Leg, &Timeline)],
    now: &[(Leg, Observation)],
    when: &When,
    calendar: &Calendar,
) -> Option<Vec<(Leg, Observation)>> {
    let upcoming: Vec<Option<Observation>> =
        legs.iter().map(|(leg, timeline)| timeline.after(when.at(calendar, leg.source()).instant)).collect();
    let date = upcoming.iter().flatten().map(|one| one.date).min()?;
    let step = |((leg, one), next): (&(Leg, Observation), Option<Observation>)| {
        (*leg, next.filter(|next| next.date == date).unwrap_or_else(|| one.clone()))
    };
    Some(now.iter().zip(upcoming).map(step).collect())
}

fn status(leg: Leg, timeline: &Timeline, one: &Observation, when: &When, calendar: &Calendar) -> Status {
    let moment = when.at(calendar, leg.source());
    let Origin::Published { feed, valid_days, .. } = &one.origin else { return Status::Pegged };
    let age = moment.day.since(one.date).map_or(0, |span| i64::from(span.get_days()));
    if timeline.is_held(one, moment.instant) {
        Status::Quarantined
    } else if age < *valid_days {
        Status::Fresh
    } else if calendar.due(*feed, moment.day, moment.by).is_some_and(|due| due > one.date) {
        Status::Stale
    } else {
        Status::Carried
    }
}

impl Leg {
    /// Whose calendar counts. The peg's own bank publishes nothing, and the manat's zone is Tashkent's.
    pub fn source(&self) -> Source {
        match self.series {
            Series::Published(source, _) => source,
            Series::Pegged(_) => Source::Cbu,
        }
    }

    /// Whether it is a configured rate.
    pub fn is_pegged(&self) -> bool {
        matches!(self.series, Series::Pegged(_))
    }
}
