//! How far into a list a page is, without counting up to it: each list knows how many of its articles were published in each
//! span of 30 days, and in each era of 32 of those. A page costs the number of its list's eras, the spans of one and what stands
//! in one of those, however deep it is.

use std::collections::BTreeMap;
use std::fmt;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::sqlite::Sqlite;

use crate::articles::Kind;
use crate::clock::Timestamp;
use crate::db::schema::{article_tags, list_spans};
use crate::db::{Db, DbConnection, DbError, Row};
use crate::{row, typed};

/// Microseconds.
pub const SPAN: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Spans of an era.
pub const ERA: i64 = 32;

/// A list that is kept in spans. Displays as the name under which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listing<'a> {
    Tag(i64),
    Author(i64),
    /// All of a kind and a language; without a kind all but pages.
    All {
        kind: Option<Kind>,
        lang: Option<&'a str>,
    },
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(id) => write!(f, "t{id}"),
            Self::Author(id) => write!(f, "w{id}"),
            Self::All { kind: None, lang: None } => f.write_str("all"),
            Self::All { kind: Some(kind), lang: None } => write!(f, "kind={}", kind.as_ref()),
            Self::All { kind: None, lang: Some(lang) } => write!(f, "lang={lang}"),
            Self::All { kind: Some(kind), lang: Some(lang) } => write!(f, "kind={}&lang={lang}", kind.as_ref()),
        }
    }
}

impl Listing<'_> {
    /// The name under which its eras are.
    pub fn eras(&self) -> String {
        format!("~{self}")
    }
}

/// How many articles came into the spans of lists, or left them.
#[derive(Debug, Clone, Default)]
pub struct Moved<'a>(BTreeMap<(i64, Listing<'a>), i64>);

impl<'a> Moved<'a> {
    /// Counts an article that was published at an instant.
    pub fn add(&mut self, list: Listing<'a>, at: Timestamp, by: i64) {
        *self.0.entry((at.micros().div_euclid(SPAN), list)).or_default() += by;
    }

    /// The rows that change, and by how much: those of the spans, and under another name those of the eras.
    fn rows(self) -> impl Iterator<Item = ((i64, String), i64)> {
        let mut eras: BTreeMap<(i64, Listing<'a>), i64> = BTreeMap::new();
        for ((span, list), by) in &self.0 {
            *eras.entry((span.div_euclid(ERA), *list)).or_default() += by;
        }
        let spans = self.0.into_iter().map(|((span, list), by)| ((span, list.to_string()), by));
        spans.chain(eras.into_iter().map(|((era, list), by)| ((era, list.eras()), by))).filter(|(_, by)| *by != 0)
    }

    /// Moves the counts; one after the other on SQLite, for its search index's sake, as with those of tags.
    pub fn write(self, conn: &mut DbConnection) -> Result<(), DbError> {
        match conn {
            DbConnection::Sqlite(conn) => {
                for ((span, list), article_count) in self.rows() {
                    Counted(&SpanRow { list, span, article_count }).execute(conn)?;
                }
            }
            DbConnection::Postgres(conn) => {
                let (keys, moved): (Vec<(i64, String)>, Vec<i64>) = self.rows().unzip();
                if !keys.is_empty() {
                    let (spans, names): (Vec<i64>, Vec<String>) = keys.into_iter().unzip();
                    let rows = "INSERT INTO list_spans (list, span, article_count) SELECT * FROM unnest($1, $2, $3)";
                    let query = diesel::sql_query(format!("{rows}{OR_ADD}")).bind::<Array<Text>, _>(names);
                    query.bind::<Array<BigInt>, _>(spans).bind::<Array<BigInt>, _>(moved).execute(conn)?;
                }
            }
        }
        Ok(())
    }
}

/// What is done with a row whose span is there.
const OR_ADD: &str =
    " ON CONFLICT (list, span) DO UPDATE SET article_count = list_spans.article_count + excluded.article_count";

struct SpanRow {
    list: String,
    span: i64,
    article_count: i64,
}

row! { SpanRow => list_spans { list, span, article_count } }

/// Adds to a span's count on SQLite. diesel prepares its own such statements, and any that was written as SQL, anew each time.
struct Counted<'a>(&'a SpanRow);

impl QueryId for Counted<'_> {
    type QueryId = Counted<'static>;
}

impl QueryFragment<Sqlite> for Counted<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.insert(out.reborrow())?;
        out.push_sql(OR_ADD);
        Ok(())
    }
}

impl<C> RunQueryDsl<C> for Counted<'_> {}

fn insert(conn: &mut DbConnection, name: &str, span: i64, count: i64) -> Result<(), DbError> {
    let row = (list_spans::list.eq(name), list_spans::span.eq(span), list_spans::article_count.eq(count));
    diesel::insert_into(list_spans::table).values(row).execute(conn)?;
    Ok(())
}

/// The eras as the spans make them: a query for the columns of `list_spans`.
fn eras_of_spans() -> String {
    format!(
        "SELECT '~' || list, (span - ((span % {ERA}) + {ERA}) % {ERA}) / {ERA}, CAST(SUM(article_count) AS BIGINT) \
         FROM list_spans WHERE list NOT LIKE '~%' GROUP BY 1, 2"
    )
}

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Makes the eras anew where they are not what the spans make them, as after a process that knows of spans only.
pub fn complete_eras(db: &Db) -> Result<(), DbError> {
    let eras = eras_of_spans();
    let wrong = format!(
        "SELECT COUNT(*) AS count FROM ({eras} EXCEPT SELECT list, span, article_count FROM list_spans WHERE list LIKE '~%') AS wrong"
    );
    let Wrong { count } = db.read_here(|conn| Ok::<_, DbError>(diesel::sql_query(wrong).get_result(conn)?))?;
    if count == 0 {
        return Ok(());
    }
    tracing::info!(count, "{count} eras of lists are counted anew");
    db.write_here(|conn| {
        diesel::sql_query("DELETE FROM list_spans WHERE list LIKE '~%'").execute(conn)?;
        diesel::sql_query(format!("INSERT INTO list_spans (list, span, article_count) {eras}")).execute(conn)?;
        Ok(())
    })
}

/// Counts the spans of a tag anew, after a merge, and drops those of the tag that was merged into it.
pub fn recount_tag(conn: &mut DbConnection, tag: i64, merged: i64) -> Result<(), DbError> {
    let (list, merged) = (Listing::Tag(tag), Listing::Tag(merged));
    let names = [list.to_string(), list.eras(), merged.to_string(), merged.eras()];
    diesel::delete(list_spans::table.filter(list_spans::list.eq_any(names))).execute(conn)?;
    let published: Vec<Option<Timestamp>> = article_tags::table
        .filter(article_tags::tag_id.eq(tag))
        .filter(article_tags::listed.eq(true))
        .select(article_tags::published_at)
        .load(conn)?;
    let mut all = Moved::default();
    published.into_iter().flatten().for_each(|at| all.add(list, at, 1));
    all.rows().try_for_each(|((span, name), count)| insert(conn, &name, span, count))
}

/// Where to begin reading a list of `total` articles to come to the article at `offset` in a few steps: the edge of a span, `None` for the list's
/// own beginning, and how many are still to be passed over from there. With the newest first that edge is the first instant
/// after the span, otherwise its own first one. Spans that do not add up, as after a write by a process that does not know of
/// them, lead nobody astray: the list is then read from its beginning.
pub fn approach(
    conn: &mut DbConnection,
    list: Listing<'_>,
    total: i64,
    offset: i64,
    newest_first: bool,
) -> Result<(Option<Timestamp>, i64), DbError> {
    let eras = counts(conn, &list.eras(), None, newest_first)?;
    let Some((era, (count, left))) = up_to(&eras, total, offset) else { return astray(list, total, offset) };
    let spans = counts(conn, &list.to_string(), Some(era), newest_first)?;
    let Some((span, (_, left))) = up_to(&spans, count, left) else { return astray(list, total, offset) };
    let edge = (span + i64::from(newest_first)).saturating_mul(SPAN);
    // Beyond the calendar's ends there is no edge, and nothing before it.
    Ok((Timestamp::from_micros(edge), left))
}

fn astray(list: Listing<'_>, total: i64, offset: i64) -> Result<(Option<Timestamp>, i64), DbError> {
    tracing::warn!(%list, total, "the spans of the list {list} do not add up to its {total} articles");
    Ok((None, offset))
}

/// The spans of a tag's list with how many articles each has, the newest first.
pub fn spans_of_tag(conn: &mut DbConnection, tag: i64) -> Result<Vec<(i64, i64)>, DbError> {
    counts(conn, &Listing::Tag(tag).to_string(), None, true)
}

/// The counts under a name, all or those of an era, in the order of the list.
fn counts(
    conn: &mut DbConnection,
    name: &str,
    era: Option<i64>,
    newest_first: bool,
) -> Result<Vec<(i64, i64)>, DbError> {
    let (first, end) = era.map_or((i64::MIN, i64::MAX), |era| (era * ERA, (era + 1) * ERA));
    let counts = list_spans::table
        .filter(list_spans::list.eq(name))
        .filter(list_spans::span.ge(first))
        .filter(list_spans::span.lt(end))
        .order(list_spans::span)
        .select((list_spans::span, list_spans::article_count));
    let mut counts: Vec<(i64, i64)> = typed!(conn, counts.load(conn))?;
    if newest_first {
        counts.reverse();
    }
    Ok(counts)
}

/// The one that `offset` falls into, with its count and what is left of the offset there; `None` where they don't add up.
fn up_to(counts: &[(i64, i64)], total: i64, offset: i64) -> Option<(i64, (i64, i64))> {
    if counts.iter().map(|(_, count)| count).sum::<i64>() != total {
        return None;
    }
    let mut left = offset;
    for (number, count) in counts {
        if left < *count {
            return Some((*number, (*count, left)));
        }
        left -= count;
    }
    None
}
