//! Storing one record, with its outcome in the report.

use super::report::Report;
use crate::articles::queries as articles;
use crate::authors::queries as authors;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError, savepoint};
use crate::media::queries as media;
use crate::records::{Invalid, Record, checked, checked_author, checked_media, checked_tag};
use crate::tags::queries as tags;

/// Checks a record and stores it in a savepoint of its own. A record at fault is reported under `place`, with nothing of
/// it written; an error is the database's, and ends the import.
pub fn store(
    conn: &mut DbConnection,
    now: Timestamp,
    place: &str,
    record: Record,
    report: &mut Report,
) -> Result<Taken, DbError> {
    let outcome = match record {
        Record::Article(record) => match checked(*record) {
            Ok(input) => savepoint(conn, |conn| articles::store(conn, now, &input)).map(Outcome::from),
            Err(faults) => Ok(refused(&faults)),
        },
        Record::Tag(record) => match checked_tag(record) {
            Ok(input) => savepoint(conn, |conn| tags::store(conn, now, &input)).map(Outcome::from),
            Err(faults) => Ok(refused(&faults)),
        },
        Record::Author(record) => match checked_author(record) {
            Ok(input) => savepoint(conn, |conn| authors::store(conn, now, &input)).map(Outcome::from),
            Err(faults) => Ok(refused(&faults)),
        },
        Record::Media(record) => match checked_media(record) {
            Ok(input) => savepoint(conn, |conn| media::store(conn, now, &input)).map(Outcome::from),
            Err(faults) => Ok(refused(&faults)),
        },
    };
    let outcome = outcome?;
    let taken = if matches!(outcome, Outcome::SlugTaken(_)) { Taken::Slug } else { Taken::Nothing };
    match outcome {
        Outcome::Created => report.created += 1,
        Outcome::Updated => report.updated += 1,
        Outcome::Unchanged => report.unchanged += 1,
        Outcome::Skipped(reason) => report.skip(reason),
        Outcome::Refused(reason) | Outcome::SlugTaken(reason) => report.fault(place, reason),
    }
    Ok(taken)
}

/// What kept a record from being stored, for a caller that can offer something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Nothing,
    /// The article's slug belongs to another one.
    Slug,
}

enum Outcome {
    Created,
    Updated,
    Unchanged,
    Skipped(&'static str),
    Refused(String),
    SlugTaken(String),
}

fn refused(faults: &[Invalid]) -> Outcome {
    Outcome::Refused(faults.iter().map(Invalid::to_string).collect::<Vec<_>>().join("; "))
}

impl From<articles::Stored> for Outcome {
    fn from(stored: articles::Stored) -> Self {
        match stored {
            articles::Stored::Created(_) => Self::Created,
            articles::Stored::Updated(_) => Self::Updated,
            articles::Stored::Unchanged(_) => Self::Unchanged,
            articles::Stored::Killed(_) => Self::Skipped("the story was killed, and an import never brings it back"),
            articles::Stored::GroupFull(group) => {
                Self::Refused(format!("translation_group: {group:?} has as many articles as it may"))
            }
            articles::Stored::SlugTaken(guid) => Self::SlugTaken(format!("slug: belongs to another article, {guid}")),
        }
    }
}

impl From<tags::Stored> for Outcome {
    fn from(stored: tags::Stored) -> Self {
        match stored {
            tags::Stored::Created => Self::Created,
            tags::Stored::Updated => Self::Updated,
            tags::Stored::Unchanged => Self::Unchanged,
            tags::Stored::AliasTaken(alias) => {
                Self::Refused(format!("aliases: `{alias}` is another tag's slug or alias"))
            }
            tags::Stored::IsAlias(tag) => Self::Refused(format!("slug: is an alias of the tag `{tag}`")),
        }
    }
}

impl From<authors::Stored> for Outcome {
    fn from(stored: authors::Stored) -> Self {
        match stored {
            authors::Stored::Created => Self::Created,
            authors::Stored::Updated => Self::Updated,
            authors::Stored::Unchanged => Self::Unchanged,
            authors::Stored::IsFormer(author) => {
                Self::Refused(format!("slug: is a former slug of the author `{author}`"))
            }
        }
    }
}

impl From<media::Stored> for Outcome {
    fn from(stored: media::Stored) -> Self {
        match stored {
            media::Stored::Created(_) => Self::Created,
            media::Stored::Updated(_) => Self::Updated,
            media::Stored::Unchanged(_) => Self::Unchanged,
        }
    }
}
