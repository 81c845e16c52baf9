//! JSON objects whose values stay as they were written, so that no number passes through a binary fraction.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Refusal;
use super::document::malformed;

/// Reads a whole text.
pub fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(malformed)
}

/// The members of an object, each name once.
#[derive(Debug)]
pub struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    /// The JSON of a member.
    pub fn json(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.get())
    }

    /// The text of a member: what a string says, and the JSON of anything else.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let text = |json: &'a str| serde_json::from_str(json).map_or(Cow::Borrowed(json), Cow::Owned);
        self.json(name).map(text)
    }

    /// The same of a member that must be there.
    pub fn need(&self, name: &'static str) -> Result<Cow<'a, str>, Refusal> {
        self.text(name).ok_or(Refusal::Missing(name))
    }

    /// Names and JSON, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachOnce)
    }
}

struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` stands twice")));
            }
            members.insert(name, map.next_value()?);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_values_as_they_were_written() {
        let members: Members = read(r#"{"a":"\u00311","b":1.50,"c":null,"d":[1e5]}"#).expect("an object");
        assert_eq!(members.json("b"), Some("1.50"));
        for (name, text) in [("a", "11"), ("b", "1.50"), ("c", "null"), ("d", "[1e5]")] {
            assert_eq!(members.need(name).as_deref(), Ok(text));
        }
        assert_eq!((members.text("e"), members.need("e")), (None, Err(Refusal::Missing("e"))));
    }

    #[test]
    fn refuses_what_is_no_object() {
        for text in ["", "[]", "null", "1", "\"a\"", "{", "{}x", "{} {}", "{\"a\":01}", "{\"a\":1,}", "{\"a\":NaN}"] {
            assert!(matches!(read::<Members>(text), Err(Refusal::Malformed(_))), "{text}");
        }
        let twice = read::<Members>(r#"{"a":1,"\u0061":1}"#).expect_err("a name stands twice");
        assert!(twice.to_string().contains("`a` stands twice"), "{twice}");
    }

    #[test]
    fn deep_nesting_is_harmless() {
        let deep = "[".repeat(500_000);
        assert!(read::<Vec<Members>>(&deep).is_err());
        assert!(read::<Members>(&format!("{{\"a\":{deep}")).is_err());
    }
}
