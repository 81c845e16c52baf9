//! Sparse field sets: `fields=title,slug` keeps those members of an object.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// A finished piece of JSON.
pub type Json = Box<RawValue>;

/// Turns a value into JSON with only `fields`, in the value's own order; with all of them when none are named.
pub fn keep_fields(value: &impl Serialize, fields: &[String]) -> Result<Json, serde_json::Error> {
    if fields.is_empty() {
        return to_raw_value(value);
    }
    let mut value = serde_json::to_value(value)?;
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| fields.contains(name));
    }
    to_raw_value(&value)
}
