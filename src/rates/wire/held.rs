//! Quotes that are held, on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::rates::queries::Held;

/// A quote that moved too far to be served unseen.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldRate {
    #[schema(example = 4711)]
    pub id: i64,
    #[schema(example = "USD/KZT")]
    pub pair: String,
    #[schema(example = "nbk")]
    pub source: &'static str,
    /// The published digits: what `nominal` units of the base cost.
    #[schema(example = "335.14")]
    pub rate: String,
    #[schema(example = 1)]
    pub nominal: i64,
    /// The day from which it would be in force.
    #[schema(format = Date, example = "2026-04-02")]
    pub effective_date: String,
    pub fetched_at: Timestamp,
    /// Why it is held.
    #[schema(example = "moved by 30 % since 478.77, nbk, 2026-04-01")]
    pub reason: String,
}

/// The quotes that are held.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldRateList {
    pub data: Vec<HeldRate>,
}

/// A quote that was held, and is served.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasedRate {
    #[schema(example = 4711)]
    pub id: i64,
    #[schema(example = "USD/KZT")]
    pub pair: String,
    pub accepted_at: Timestamp,
}

impl From<Held> for HeldRate {
    fn from(held: Held) -> Self {
        let Held { id, source, pair, digits, nominal, date, fetched_at, reason, awaited: _ } = held;
        let (pair, source) = (pair.to_string(), source.into());
        Self { id, pair, source, rate: digits, nominal, effective_date: date, fetched_at, reason }
    }
}
