//! How long a source asks to be left alone: the header `Retry-After` (RFC 9110, 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::HeaderMap;
use ureq::http::header::{DATE, HeaderName, RETRY_AFTER};

/// A source that asks for more has made a mistake, and would never be asked again.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads it as seconds or as an instant; `None` when it is absent or neither.
///
/// An instant counts from the answer's own `Date`: the two come from one clock, and ours may be wrong.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(value.parse().ok()?)
    } else {
        let until = instant(headers, &RETRY_AFTER)?;
        Duration::try_from(until.duration_since(instant(headers, &DATE)?)).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST))
}

/// Reads a header such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn instant(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    let value = headers.get(name)?.to_str().ok()?;
    rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderValue;

    use super::*;

    fn wait(value: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms_are_read() {
        const NOON: &str = "Wed, 01 Apr 2026 12:00:00 GMT";
        assert_eq!(wait("120", None), Some(120));
        assert_eq!(wait("0", None), Some(0));
        assert_eq!(wait("9999999", None), Some(86_400));
        assert_eq!(wait("Wed, 01 Apr 2026 12:01:30 GMT", Some(NOON)), Some(90));
        assert_eq!(wait("Wed, 01 Apr 2026 11:00:00 GMT", Some(NOON)), Some(0));
        assert_eq!(wait("Thu, 01 Apr 2027 12:00:00 GMT", Some(NOON)), Some(86_400));
    }

    #[test]
    fn anything_else_is_as_good_as_none() {
        for value in ["", "soon", "-1", "1.5", "99999999999999999999", "Wed, 01 Apr 2026 12:01:30 GMT"] {
            assert_eq!(wait(value, None), None, "{value}");
        }
        assert_eq!(wait("Wed, 01 Apr 2026 12:01:30 GMT", Some("yesterday")), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
