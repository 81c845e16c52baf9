//! The only reader of the time, and the instant that everything else passes around.
//!
//! A test or an import hands in a fixed clock; nothing else in the crate asks the machine what time it is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::fmt::rfc2822;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where `now` comes from. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(at.micros))))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp { micros: jiff::Timestamp::now().as_microsecond() },
            Source::Set(micros) => Timestamp { micros: micros.load(Ordering::SeqCst) },
        }
    }

    /// Moves a fixed clock; the machine's clock is left alone.
    pub fn set(&self, at: Timestamp) {
        if let Source::Set(micros) = &self.0 {
            micros.store(at.micros, Ordering::SeqCst);
        }
    }
}

/// An instant in UTC, exact to the microsecond, between the years 0001 and 9999.
///
/// On the wire it is RFC 3339 ending in `Z`; in the database it is microseconds since 1970 on both backends, because
/// SQLite has no time type and PostgreSQL's would not compare alike with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

/// 0001-01-01T00:00:00Z.
const FIRST: i64 = -62_135_596_800_000_000;
/// 9999-12-31T23:59:59.999999Z, less the day by which jiff's own range ends earlier.
const LAST: i64 = 253_402_207_199_999_999;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self { micros: 0 };

    /// Microseconds since 1970-01-01T00:00:00Z; `None` outside the years 0001 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&micros).then_some(Self { micros })
    }

    /// Cut, never rounded, to the microsecond; `None` outside the years 0001 to 9999.
    pub fn from_jiff(at: jiff::Timestamp) -> Option<Self> {
        Self::from_micros(at.as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.micros
    }

    /// The same by reference, as a bound value needs it.
    pub(crate) fn as_micros(&self) -> &i64 {
        &self.micros
    }

    /// For calendars, zones and other formats.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// As HTTP has it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn http_date(self) -> String {
        // It fails for years of more than four digits, of which there are none.
        rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&self.to_jiff()).unwrap_or_default()
    }

    /// This instant, or when that is not after `earlier`, the first one that is: what is stored with it tells two writes
    /// apart even where the clock does not.
    pub fn later_than(self, earlier: Self) -> Self {
        Self { micros: self.micros.max(earlier.micros.saturating_add(1)).min(LAST) }
    }

    /// The calendar year in UTC.
    pub fn year(self) -> i64 {
        i64::from(jiff::tz::Offset::UTC.to_datetime(self.to_jiff()).year())
    }

    /// The first instant of a calendar year in UTC; `None` outside the years 0001 to 9999.
    pub fn of_year(year: i64) -> Option<Self> {
        let first = jiff::civil::Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
        Self::from_jiff(jiff::tz::Offset::UTC.to_timestamp(first.at(0, 0, 0, 0)).ok()?)
    }

    /// The second that it is in, counted from 1970.
    pub fn second(self) -> i64 {
        self.micros.div_euclid(1_000_000)
    }

    /// Whole seconds from `self` until `later`, rounded down; negative when that is past.
    pub fn seconds_until(self, later: Timestamp) -> i64 {
        (later.micros - self.micros).div_euclid(1_000_000)
    }

    /// This instant moved by `seconds`, kept inside the range.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let micros = self.micros.saturating_add(seconds.saturating_mul(1_000_000));
        Self { micros: micros.clamp(FIRST, LAST) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2025-04-03T09:00:00Z")]
pub struct NotATimestamp;

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Reads RFC 3339 with any offset. Shapes that jiff takes beyond that (no separator, a zone name, a comma) are refused.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() >= 20
            && bytes[..10]
                .iter()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
            && matches!(bytes[10], b'T' | b't' | b' ')
            && bytes[11..].iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+' | b'-' | b'Z' | b'z'))
            && bytes[13] == b':'
            && bytes[16] == b':';
        if !shaped {
            return Err(NotATimestamp);
        }
        text.parse::<jiff::Timestamp>().ok().and_then(Self::from_jiff).ok_or(NotATimestamp)
    }
}

/// Reads a date: `YYYY-MM-DD` and nothing else.
pub fn parse_date(text: &str) -> Option<jiff::civil::Date> {
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    shaped.then(|| text.parse().ok()).flatten()
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, in UTC on the way out."))
            .examples([serde_json::json!("2025-04-03T09:00:00Z")])
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Timestamp>().ok().map(|t| t.to_string())
    }

    #[test]
    fn reads_offsets_and_writes_utc() {
        assert_eq!(read("2025-04-03T09:00:00Z").as_deref(), Some("2025-04-03T09:00:00Z"));
        assert_eq!(read("2025-04-03T09:00:00+06:00").as_deref(), Some("2025-04-03T03:00:00Z"));
        assert_eq!(read("2025-04-03T09:00:00.1234567Z").as_deref(), Some("2025-04-03T09:00:00.123456Z"));
    }

    #[test]
    fn refuses_what_is_no_rfc_3339() {
        for text in [
            "",
            "2025-04-03",
            "2025-04-03T09:00:00",
            "20250403T090000Z",
            "2025-04-03T09:00:00[UTC]",
            "2025-13-03T09:00:00Z",
            "now",
            "2025-04-03T09:00:00,5Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn holds_the_ends_of_its_range() {
        assert_eq!(Timestamp { micros: FIRST }.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp { micros: LAST }.year(), 9999);
        assert_eq!(Timestamp::of_year(2026).map(|at| at.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!([0, 1, 10_000].map(Timestamp::of_year), [None, Timestamp::from_micros(FIRST), None]);
    }

    #[test]
    fn a_later_instant_is_later_by_a_microsecond_at_least() {
        let at = |micros: i64| Timestamp { micros };
        assert_eq!(at(9).later_than(at(5)), at(9));
        assert_eq!(at(5).later_than(at(5)), at(6));
        assert_eq!(at(3).later_than(at(5)), at(6));
    }

    #[test]
    fn a_fixed_clock_stands_still_until_set() {
        let clock = Clock::fixed(Timestamp { micros: 5 });
        assert_eq!(clock.now().micros(), 5);
        clock.set(Timestamp { micros: 9 });
        assert_eq!(clock.clone().now().micros(), 9);
    }
}
