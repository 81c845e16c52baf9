//! Reading NDJSON: a record a line. A bad line is reported with its number and reason and nothing of it is written.

use std::fmt;
use std::io::{self, BufRead};

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::report::Report;
use super::store::store;
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::records::{EndRecord, Record};

/// Lines a transaction: enough that a commit's cost is shared, few enough that other writers are not kept waiting.
const BATCH: usize = 200;
/// Most bytes of a line.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Why an import came to an end early. What was committed until then stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the input can't be read: {0}")]
    Input(#[from] io::Error),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Imports every line of `input`. `progress` is told the bytes read so far.
pub fn import(
    db: &Db,
    clock: &Clock,
    mut input: impl BufRead,
    mut progress: impl FnMut(u64),
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let (mut number, mut bytes) = (0, 0);
    loop {
        let lines = next_lines(&mut input, &mut bytes)?;
        if lines.is_empty() {
            return Ok(report);
        }
        // A batch that fails leaves the report as it was before it, since nothing of it is stored.
        let mut attempt = report.clone();
        db.write_here(|conn| {
            for (offset, line) in lines.iter().enumerate() {
                let place = format!("line {}", number + offset + 1);
                match read_line(line) {
                    Ok(None) => {}
                    Ok(Some(record)) => {
                        store(conn, clock.now(), &place, record, &mut attempt)?;
                    }
                    Err(reason) => attempt.fault(place, reason),
                }
            }
            Ok::<_, DbError>(())
        })?;
        report = attempt;
        number += lines.len();
        progress(bytes);
    }
}

fn next_lines(input: &mut impl BufRead, bytes: &mut u64) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::with_capacity(BATCH);
    while lines.len() < BATCH {
        let mut line = Vec::new();
        let read = io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        *bytes += read;
        if read == LONGEST && line.last() != Some(&b'\n') {
            let reason = format!("a line is longer than {LONGEST} bytes; is this NDJSON?");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// A line's record; `None` for a blank line, and for the last one of an export.
pub fn read_line(line: &[u8]) -> Result<Option<Record>, String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(line).map_err(|error| format!("is not UTF-8: {error}"))?;
    let Members(mut object) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kind = object.remove("type");
    let record = Value::Object(object);
    match kind.as_ref().map_or(Some("article"), |kind| kind.as_str()) {
        Some("article") => read(record).map(|record| Record::Article(Box::new(record))),
        Some("tag") => read(record).map(Record::Tag),
        Some("author") => read(record).map(Record::Author),
        Some("media") => read(record).map(Record::Media),
        Some("end") => return read::<EndRecord>(record).map(|_| None),
        _ => Err("type: is not one of article, tag, author, media, end".to_owned()),
    }
    .map(Some)
}

fn read<T: for<'de> Deserialize<'de>>(record: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(record).map_err(|error| match error.path().to_string() {
        path if path == "." => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })
}

/// A JSON object, each member at most once: of two, one would be lost without a word.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{name}: is given more than once")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> String {
        read_line(line.as_bytes()).expect_err(line)
    }

    #[test]
    fn tells_records_apart_by_type() {
        let tag = read_line(br#"{"type":"tag","slug":"a","name":"A"}"#).expect("a tag");
        assert!(matches!(tag, Some(Record::Tag(_))));
        assert_eq!(read_line(b" \r\n"), Ok(None));
        assert_eq!(read_line(br#"{"type":"end","token":"t"}"#), Ok(None));
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        assert!(fault("{").contains("EOF"));
        assert!(fault("[]").contains("expected a JSON object"), "{}", fault("[]"));
        assert!(fault(r#"{"type":"page"}"#).contains("type"));
        assert!(fault(r#"{"type":"end","slug":"a"}"#).contains("slug"));
        assert!(fault(r#"{"slug":"a"}"#).contains("missing field `title`"));
        assert!(fault(r#"{"type":"tag","slug":"a","name":"A","colour":"red"}"#).contains("unknown field `colour`"));
        assert!(fault(r#"{"slug":"a","slug":"b"}"#).starts_with("slug: is given more than once"));
        assert!(fault(r#"{"type":"tag","slug":"a","name":7}"#).starts_with("name: invalid type"));
    }
}
