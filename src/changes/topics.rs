//! What answers are made of, in terms of the log, and what an entry of the log makes untrue.

use super::queries::{latest, traces};
use super::rows::{Trace, Whose};
use super::{Op, Subject};
use crate::articles::queries::{Around, around, next_change};
use crate::db::{DbConnection, DbError};
use crate::http::kept::Marks;
use crate::http::topic::Topic;

/// As many entries are told apart; more of them at once drop everything that is kept.
const MOST: i64 = 200;

/// What an answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The thing itself, as it is shown anywhere.
    Article(i64),
    Tag(i64),
    Author(i64),
    Medium(i64),
    /// Which stories stand just before and after an article.
    Beside(i64),
    /// Which articles have a tag or an author, in which order, and what is found in them.
    ArticlesOfTag(i64),
    ArticlesOfAuthor(i64),
    /// The same of all articles.
    Articles,
    /// Which tags and authors there are, and what they are called.
    Tags,
    Authors,
    Rates,
    /// When the clock alone will next change what the public sees.
    Schedule,
}

impl From<Part> for Topic {
    fn from(part: Part) -> Self {
        match part {
            Part::Article(id) => Self::new(1, id),
            Part::Tag(id) => Self::new(2, id),
            Part::Author(id) => Self::new(3, id),
            Part::Medium(id) => Self::new(4, id),
            Part::Beside(id) => Self::new(5, id),
            Part::ArticlesOfTag(id) => Self::new(6, id),
            Part::ArticlesOfAuthor(id) => Self::new(7, id),
            Part::Articles => Self::new(8, 0),
            Part::Tags => Self::new(9, 0),
            Part::Authors => Self::new(10, 0),
            Part::Rates => Self::new(11, 0),
            Part::Schedule => Self::SCHEDULE,
        }
    }
}

/// How far the log was read, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Its newest entry.
    pub seq: i64,
    /// Whether there may be one about a rate among the new ones.
    pub any_rate: bool,
}

/// Takes the present end of the log for the beginning.
pub fn begin(conn: &mut DbConnection, marks: &Marks) -> Result<Read, DbError> {
    let seq = latest(conn)?;
    marks.set_next_change(next_change(conn)?);
    Ok(Read { seq, any_rate: true })
}

/// Reads the log from `since` on and marks what its entries change. The caller keeps two from doing so at once.
pub fn read_on(conn: &mut DbConnection, marks: &Marks, since: i64) -> Result<Read, DbError> {
    let new = traces(conn, since, MOST)?;
    let Some(last) = new.last() else { return Ok(Read { seq: since, any_rate: false }) };
    if new.len() as i64 == MOST {
        // In this order: whoever finds nothing kept must see the new place already, or reads from a replica that lags behind it.
        let read = begin(conn, marks)?;
        marks.reach(read.seq);
        marks.drop_all();
        return Ok(read);
    }
    let articles: Vec<i64> = new.iter().filter(|one| one.type_ == Subject::Article).map(|one| one.entity_id).collect();
    if !articles.is_empty() {
        let Around { beside, translations } = around(conn, &articles)?;
        beside.into_iter().for_each(|id| marks.change(Part::Beside(id), last.seq));
        translations.into_iter().for_each(|id| marks.change(Part::Article(id), last.seq));
        marks.set_next_change(next_change(conn)?);
    }
    new.iter().for_each(|trace| mark(marks, trace));
    Ok(Read { seq: last.seq, any_rate: new.iter().any(|one| one.type_ == Subject::Rate) })
}

fn mark(marks: &Marks, trace: &Trace) {
    let (seq, id) = (trace.seq, trace.entity_id);
    let thing = match trace.type_ {
        Subject::Article => Part::Article(id),
        Subject::Tag => Part::Tag(id),
        Subject::Author => Part::Author(id),
        Subject::Media => Part::Medium(id),
        Subject::Rate => Part::Rates,
    };
    match trace.op {
        Op::Upsert => marks.change(thing, seq),
        Op::Delete => marks.withdraw(thing, seq),
    }
    let lists = trace.lists().map(|whose| match whose {
        Whose::Tag(id) => Part::ArticlesOfTag(id),
        Whose::Author(id) => Part::ArticlesOfAuthor(id),
    });
    let wider: &[Part] = match trace.type_ {
        Subject::Article => &[Part::Articles],
        Subject::Tag => &[Part::Tags, Part::ArticlesOfTag(id)],
        Subject::Author => &[Part::Authors, Part::ArticlesOfAuthor(id)],
        Subject::Media | Subject::Rate => &[],
    };
    lists.chain(wider.iter().copied()).for_each(|part| marks.change(part, seq));
}
