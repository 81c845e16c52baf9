//! Sparse field sets: `fields=title,slug` keeps those members of an object.

use serde::Serialize;
use serde_json::Value;

/// Turns a value into JSON with only `fields`, in the value's own order; with all of them when none are named.
pub fn keep_fields(value: &impl Serialize, fields: &[String]) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    if let (Value::Object(members), false) = (&mut value, fields.is_empty()) {
        members.retain(|name, _| fields.contains(name));
    }
    Ok(value)
}
