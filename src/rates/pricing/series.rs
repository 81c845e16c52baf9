//! A pair's rate day by day.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::super::calendar::Calendar;
use super::super::money::Exact;
use super::legs::Leg;
use super::moment::When;
use super::price::{product, written};
use super::timeline::{Observation, Timeline};

/// What to do with days on which nothing came into force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Gaps {
    /// Repeat the rate that is in force.
    #[default]
    Carry,
    /// Leave them out.
    Omit,
}

/// The rate of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Day {
    #[schema(value_type = String, format = Date, example = "2026-04-04")]
    pub date: Date,
    /// Decimal.
    #[schema(example = "0.0000823581")]
    pub rate: String,
    /// The day from which it has been in force.
    #[schema(value_type = String, format = Date, example = "2026-04-02")]
    pub effective_date: Date,
    /// The rate before it is rounded.
    #[serde(skip)]
    #[schema(ignore)]
    pub value: Exact,
}

/// The days from `from` to `to`, both included, that have a rate: the same as each day asked for alone.
pub fn history(
    legs: &[(Leg, &Timeline)],
    (from, to): (Date, Date),
    gaps: Gaps,
    when: &When,
    calendar: &Calendar,
) -> Vec<Day> {
    let days = from.series(1.day()).take_while(|day| *day <= to);
    let priced = days.filter_map(|day| {
        let on_that_day = |(leg, timeline): &(Leg, &Timeline)| {
            let moment = When { date: Some(day), ..*when }.at(calendar, leg.source());
            Some((*leg, timeline.at(moment.instant, day)?))
        };
        let parts: Vec<(Leg, Observation)> = legs.iter().map(on_that_day).collect::<Option<_>>()?;
        let published = parts.iter().filter(|(leg, _)| legs.len() == 1 || !leg.is_pegged());
        let effective_date = published.map(|(_, one)| one.date).max()?;
        let value = product(&parts);
        let rate = written(&parts, &value).0;
        Some(Day { date: day, rate, effective_date, value })
    });
    priced.filter(|day| gaps == Gaps::Carry || day.date == day.effective_date).collect()
}
