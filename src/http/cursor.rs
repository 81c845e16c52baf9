//! Cursors: where a walk through a list stands, opaque to the client and sealed so that it can't be altered.
//!
//! A cursor holds the sort keys and the id of the row at which the last page ended, never a row number and nothing that
//! must be looked up, so it survives that row's deletion, a restart, and any number of new rows before it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::problem::{Code, Fault, Problem};
use super::sealed::Seal;
use crate::db::Position;

#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    position: Position,
    /// Hash of what the list selects.
    #[serde(rename = "f")]
    selection: String,
}

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors(Seal);

impl Cursors {
    /// With the installation's secret.
    pub fn new(secret: &str) -> Self {
        Self(Seal::new(secret, "xabar list cursors v1"))
    }

    /// The cursor of a position in the list that `selection` describes.
    pub fn seal(&self, position: &Position, selection: &str) -> String {
        let sealed = Sealed { position: position.clone(), selection: digest(selection) };
        self.0.seal(&serde_json::to_vec(&sealed).unwrap_or_default())
    }

    /// The position that a cursor of this list holds.
    pub fn open(&self, cursor: &str, selection: &str) -> Result<Position, Problem> {
        let sealed: Option<Sealed> = self.0.open(cursor).and_then(|text| serde_json::from_slice(&text).ok());
        let sealed =
            sealed.ok_or_else(|| problem(Code::CursorInvalid, "was not made by this service, or was altered"))?;
        if sealed.selection != digest(selection) {
            return Err(problem(Code::CursorMismatch, "was made for a list with other filters or another order"));
        }
        Ok(sealed.position)
    }
}

fn digest(selection: &str) -> String {
    URL_SAFE_NO_PAD.encode(&blake3::hash(selection.as_bytes()).as_bytes()[..9])
}

fn problem(code: Code, detail: &str) -> Problem {
    Problem::faults(vec![Fault::of_parameter("cursor", code, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Key;

    fn position() -> Position {
        Position { keys: vec![Key::Number(-5), Key::Text("қазақ".into())], id: 7, backward: true }
    }

    #[test]
    fn opens_what_it_sealed() {
        let cursor = Cursors::new("s").seal(&position(), "tag=a");
        assert_eq!(Cursors::new("s").open(&cursor, "tag=a"), Ok(position()));
    }

    #[test]
    fn tells_another_list_from_an_altered_cursor() {
        let cursors = Cursors::new("s");
        let cursor = cursors.seal(&position(), "tag=a");
        assert_eq!(cursors.open(&cursor, "tag=b").map_err(|p| p.code()), Err(Code::CursorMismatch));
        for i in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[i] = if altered[i] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("still ASCII");
            let opened = cursors.open(&altered, "tag=a").map_err(|p| p.code());
            // The last character has bits that base64 ignores only when they are zero, so any change is seen.
            assert_eq!(opened, Err(Code::CursorInvalid), "at {i}");
        }
        assert_eq!(Cursors::new("other").open(&cursor, "tag=a").map_err(|p| p.code()), Err(Code::CursorInvalid));
        assert_eq!(cursors.open("", "tag=a").map_err(|p| p.code()), Err(Code::CursorInvalid));
    }
}
