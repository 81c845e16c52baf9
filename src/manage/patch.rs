//! A member of a PATCH: absent, null and a value are three things (RFC 7396).

use serde::{Deserialize, Deserializer};

use crate::records::Invalid;

/// What a PATCH says of a field. Give the field `#[serde(default)]`, so that an absent one is read as such.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not said: it stays as it is.
    #[default]
    Absent,
    /// Taken away.
    Null,
    Value(T),
}

impl<T> Patch<T> {
    /// The same of another type.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(with(value)),
        }
    }

    /// What becomes of a field that may be empty.
    pub fn onto(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }

    /// What becomes of a field that is empty when it is taken away.
    pub fn onto_default(self, field: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *field = T::default(),
            Self::Value(value) => *field = value,
        }
    }

    /// What becomes of a field that must be there: taking it away is a fault, noted under `name`.
    pub fn onto_required(self, field: &mut T, name: &str, faults: &mut Vec<Invalid>) {
        match self {
            Self::Absent => {}
            Self::Null => faults.push(Invalid { field: name.to_owned(), reason: "can't be taken away".to_owned() }),
            Self::Value(value) => *field = value,
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Record {
        #[serde(default)]
        note: Patch<String>,
    }

    #[test]
    fn tells_absent_null_and_value_apart() {
        let read = |json: &str| serde_json::from_str::<Record>(json).expect(json).note;
        assert_eq!(read("{}"), Patch::Absent);
        assert_eq!(read(r#"{"note":null}"#), Patch::Null);
        assert_eq!(read(r#"{"note":"a"}"#), Patch::Value("a".into()));
        let mut field = Some("old".to_owned());
        read("{}").onto(&mut field);
        assert_eq!(field.as_deref(), Some("old"));
        read(r#"{"note":null}"#).onto(&mut field);
        assert_eq!(field, None);
    }

    #[test]
    fn a_null_empties_what_may_be_empty_and_is_a_fault_elsewhere() {
        let read = |json: &str| serde_json::from_str::<Record>(json).expect(json).note;
        let (mut field, mut faults) = ("old".to_owned(), Vec::new());
        read(r#"{"note":null}"#).onto_required(&mut field, "note", &mut faults);
        assert_eq!((field.as_str(), faults.len(), faults[0].field.as_str()), ("old", 1, "note"));
        read("{}").onto_default(&mut field);
        assert_eq!(field, "old");
        read(r#"{"note":null}"#).onto_default(&mut field);
        assert_eq!(field, "");
    }
}
