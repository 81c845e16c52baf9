//! What a new key must be like, whether a command or a call makes it.

use strum::VariantArray;

use super::scope::Scope;
use crate::clock::Timestamp;
use crate::text::secrets::holds_key;

/// How long a key that was replaced is still valid when nothing else is said, in seconds.
pub const OVERLAP: i64 = 24 * 60 * 60;
/// The longest that it may be.
pub const LONGEST_OVERLAP: i64 = 30 * 24 * 60 * 60;
/// Most characters of a name.
const LONGEST_NAME: usize = 200;

/// A name as it is stored: for people, and so not blank.
pub fn checked_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("is empty".into());
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(format!("is longer than {LONGEST_NAME} characters"));
    }
    if name.chars().any(char::is_control) {
        return Err("has control characters".into());
    }
    if holds_key(name) {
        return Err("is a key; a name is shown to everyone who manages keys".into());
    }
    Ok(name.to_owned())
}

/// A scope by its name; the error lists all that there are.
pub fn checked_scope(text: &str) -> Result<Scope, String> {
    let known = Scope::VARIANTS.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    text.parse().map_err(|_| format!("`{text}` is not one of {known}"))
}

/// When a key is to expire.
pub fn checked_expiry(at: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    if at <= now { Err(format!("{at} is past")) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_for_people() {
        assert_eq!(checked_name(" Front end ").as_deref(), Ok("Front end"));
        assert_eq!(checked_name(&"ү".repeat(200)).map(|name| name.len()), Ok(400));
        for (wrong, reason) in
            [("", "is empty"), ("  ", "is empty"), ("a\nb", "has control characters"), (&"a".repeat(201), "is longer")]
        {
            assert!(checked_name(wrong).is_err_and(|error| error.starts_with(reason)), "{wrong:?}");
        }
        assert!(checked_name(&format!("xabar_live_{}", "a".repeat(49))).is_err());
    }

    #[test]
    fn an_unknown_scope_is_told_the_known_ones() {
        assert_eq!(checked_scope("content:read"), Ok(Scope::ContentRead));
        let error = checked_scope("content:reed").expect_err("no scope");
        assert!(error.starts_with("`content:reed` is not one of content:read, content:write, "), "{error}");
        for scope in Scope::VARIANTS {
            assert!(error.contains(scope.as_ref()), "{error}");
        }
    }
}
