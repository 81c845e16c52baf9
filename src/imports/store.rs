//! Storing records, with the outcome of each in the report.

use super::report::Report;
use crate::articles::input::Prepared;
use crate::articles::queries as articles;
use crate::authors::AuthorInput;
use crate::authors::queries as authors;
use crate::clock::Timestamp;
use crate::db::{Backend, DbConnection, DbError};
use crate::media::MediaInput;
use crate::media::queries as media;
use crate::records::{Invalid, Record, checked, checked_author, checked_media, checked_tag};
use crate::tags::TagInput;
use crate::tags::queries as tags;

/// A record with nothing left to be done to it but to store it.
#[derive(Debug, Clone)]
pub enum Ready {
    Article(Box<Prepared>),
    Tag(TagInput),
    Author(AuthorInput),
    Media(MediaInput),
}

impl Ready {
    /// Checks a record; says what is wrong with it.
    pub fn new(record: Record) -> Result<Self, String> {
        match record {
            Record::Article(record) => match checked(*record).map(Prepared::new) {
                Ok(Ok(article)) => Ok(Self::Article(Box::new(article))),
                Ok(Err(error)) => Err(error.to_string()),
                Err(faults) => Err(all_of(&faults)),
            },
            Record::Tag(record) => checked_tag(record).map(Self::Tag).map_err(|faults| all_of(&faults)),
            Record::Author(record) => checked_author(record).map(Self::Author).map_err(|faults| all_of(&faults)),
            Record::Media(record) => checked_media(record).map(Self::Media).map_err(|faults| all_of(&faults)),
        }
    }

    /// Makes ready what one database alone needs.
    pub fn prepare_for(&self, backend: Backend) {
        if let Self::Article(article) = self {
            article.prepare_for(backend);
        }
    }
}

fn all_of(faults: &[Invalid]) -> String {
    faults.iter().map(Invalid::to_string).collect::<Vec<_>>().join("; ")
}

/// A record, or what is wrong with it, and where it stands.
pub type Placed = (String, Result<Ready, String>);

/// Stores records in their order. One at fault is reported under its place, with nothing of it written; an error is the
/// database's, and ends the import.
pub fn store_all(
    conn: &mut DbConnection,
    now: Timestamp,
    records: &[Placed],
    report: &mut Report,
) -> Result<(), DbError> {
    // Articles that stand together are stored together.
    let (mut places, mut run) = (Vec::new(), Vec::new());
    for (place, record) in records {
        if let Ok(Ready::Article(article)) = record {
            places.push(place.as_str());
            run.push(&**article);
            continue;
        }
        store_articles(conn, now, (&places, &run), report)?;
        places.clear();
        run.clear();
        store_one(conn, now, place, record, report)?;
    }
    store_articles(conn, now, (&places, &run), report)
}

fn store_articles(
    conn: &mut DbConnection,
    now: Timestamp,
    (places, run): (&[&str], &[&Prepared]),
    report: &mut Report,
) -> Result<(), DbError> {
    let stored = articles::store_all(conn, now, run)?;
    for (stored, place) in stored.into_iter().zip(places) {
        Outcome::from(stored).note(place, report);
    }
    Ok(())
}

/// Checks one record and stores it.
pub fn store(
    conn: &mut DbConnection,
    now: Timestamp,
    place: &str,
    record: Record,
    report: &mut Report,
) -> Result<Taken, DbError> {
    store_one(conn, now, place, &Ready::new(record), report)
}

fn store_one(
    conn: &mut DbConnection,
    now: Timestamp,
    place: &str,
    record: &Result<Ready, String>,
    report: &mut Report,
) -> Result<Taken, DbError> {
    let outcome: Outcome = match record {
        Ok(Ready::Article(article)) => articles::store(conn, now, article)?.into(),
        Ok(Ready::Tag(input)) => tags::store(conn, now, input)?.into(),
        Ok(Ready::Author(input)) => authors::store(conn, now, input)?.into(),
        Ok(Ready::Media(input)) => media::store(conn, now, input)?.into(),
        Err(reason) => Outcome::Refused(reason.clone()),
    };
    Ok(outcome.note(place, report))
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

impl Outcome {
    fn note(self, place: &str, report: &mut Report) -> Taken {
        let taken = if matches!(self, Self::SlugTaken(_)) { Taken::Slug } else { Taken::Nothing };
        match self {
            Self::Created => report.created += 1,
            Self::Updated => report.updated += 1,
            Self::Unchanged => report.unchanged += 1,
            Self::Skipped(reason) => report.skip(reason),
            Self::Refused(reason) | Self::SlugTaken(reason) => report.fault(place, reason),
        }
        taken
    }
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
