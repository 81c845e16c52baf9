//! Kept counts: every tag, author, kind and language knows its number of public articles. A write corrects those of the
//! articles that it touches, so that its cost is those articles' tags and nothing is counted on read.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt};
use diesel::sqlite::Sqlite;

use super::spans::{Listing, Moved};
use crate::articles::Kind;
use crate::articles::rows::{ArticleValues, StateRow};
use crate::changes::rows::Whose;
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_tags, article_totals};
use crate::db::{DbConnection, DbError};

/// What the counts depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Kind and language, while public.
    total: Option<(Kind, String)>,
    /// Tags and authors, while public and no page.
    tags: BTreeSet<i64>,
    authors: BTreeSet<i64>,
    published_at: Option<Timestamp>,
}

impl Standing {
    /// The stored article's.
    pub fn stored(conn: &mut DbConnection, state: &StateRow) -> Result<Self, DbError> {
        let total = state.public.then(|| (state.kind, state.lang.clone()));
        let mut standing = Self { total, published_at: state.published_at, ..Self::default() };
        if state.listed() {
            let tags: Vec<i64> = article_tags::table
                .filter(article_tags::article_id.eq(state.id))
                .select(article_tags::tag_id)
                .load(conn)?;
            let authors: Vec<i64> = article_authors::table
                .filter(article_authors::article_id.eq(state.id))
                .select(article_authors::author_id)
                .load(conn)?;
            standing.tags.extend(tags);
            standing.authors.extend(authors);
        }
        Ok(standing)
    }

    /// What it will be.
    pub fn new(values: &ArticleValues<'_>, tags: &[i64], authors: &[i64]) -> Self {
        let ArticleValues { public, kind, lang, published_at, .. } = values;
        let listed = |ids: &[i64]| if values.listed() { ids.iter().copied().collect() } else { BTreeSet::new() };
        let total = public.then(|| (*kind, (*lang).to_owned()));
        Self { total, tags: listed(tags), authors: listed(authors), published_at: *published_at }
    }

    /// The lists that it is in.
    fn lists(&self) -> impl Iterator<Item = Listing<'_>> {
        let tags = self.tags.iter().map(|id| Listing::Tag(*id));
        let authors = self.authors.iter().map(|id| Listing::Author(*id));
        let all = self.total.iter().flat_map(|(kind, lang)| {
            let of_kind = [Some(*kind)].into_iter().chain((*kind != Kind::Page).then_some(None));
            of_kind.flat_map(move |kind| [None, Some(lang.as_str())].map(|lang| Listing::All { kind, lang }))
        });
        tags.chain(authors).chain(all)
    }
}

/// Whose lists an article stands in before or after a change, as the change log has it.
pub fn lists(before: &Standing, after: &Standing) -> String {
    let tags = before.tags.union(&after.tags).map(|id| Whose::Tag(*id));
    let authors = before.authors.union(&after.authors).map(|id| Whose::Author(*id));
    tags.chain(authors).map(|whose| whose.to_string()).collect::<Vec<String>>().join(" ")
}

/// How far counts are to be moved, summed up over the articles that a transaction writes.
#[derive(Debug, Clone, Default)]
pub struct Tally<'a> {
    totals: BTreeMap<(Kind, &'a str), i64>,
    tags: BTreeMap<i64, i64>,
    authors: BTreeMap<i64, i64>,
    spans: Moved<'a>,
}

impl<'a> Tally<'a> {
    /// An article goes from one standing to the next.
    pub fn add(&mut self, before: &'a Standing, after: &'a Standing) {
        for (standing, by) in [(before, -1), (after, 1)] {
            if let Some((kind, lang)) = &standing.total {
                *self.totals.entry((*kind, lang)).or_default() += by;
            }
            standing.tags.iter().for_each(|id| *self.tags.entry(*id).or_default() += by);
            standing.authors.iter().for_each(|id| *self.authors.entry(*id).or_default() += by);
            let at = standing.published_at.into_iter();
            at.for_each(|at| standing.lists().for_each(|list| self.spans.add(list, at, by)));
        }
    }

    /// Moves them.
    pub fn write(self, conn: &mut DbConnection) -> Result<(), DbError> {
        for ((kind, lang), by) in self.totals.into_iter().filter(|(_, by)| *by != 0) {
            add_to_total(conn, kind.as_ref(), lang, by)?;
        }
        move_counts(conn, "tags", self.tags)?;
        move_counts(conn, "authors", self.authors)?;
        self.spans.write(conn)
    }
}

/// Moves the counts from one standing to the next.
pub fn adjust(conn: &mut DbConnection, before: &Standing, after: &Standing) -> Result<(), DbError> {
    let mut tally = Tally::default();
    tally.add(before, after);
    tally.write(conn)
}

/// Moves the counts of some rows of a table, each by its own measure. One after the other on SQLite: before a statement that may change
/// several rows, its search index writes what it has gathered in this transaction, and gathers anew.
fn move_counts(conn: &mut DbConnection, table: &str, moved: BTreeMap<i64, i64>) -> Result<(), DbError> {
    let moved = moved.into_iter().filter(|(_, by)| *by != 0);
    match conn {
        DbConnection::Sqlite(conn) => {
            for (id, by) in moved {
                Move { table, id, by }.execute(conn)?;
            }
        }
        DbConnection::Postgres(conn) => {
            let (ids, by): (Vec<i64>, Vec<i64>) = moved.unzip();
            if !ids.is_empty() {
                let sql = format!(
                    "UPDATE {table} AS counted SET article_count = counted.article_count + moved.by \
                     FROM unnest($1, $2) AS moved (id, by) WHERE counted.id = moved.id"
                );
                diesel::sql_query(sql).bind::<Array<BigInt>, _>(ids).bind::<Array<BigInt>, _>(by).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// Moves the count of a row on SQLite, by a statement that stays prepared.
struct Move<'a> {
    table: &'a str,
    id: i64,
    by: i64,
}

impl QueryId for Move<'_> {
    type QueryId = ();
    /// It is known by its SQL: the tables differ.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sqlite> for Move<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        out.push_identifier(self.table)?;
        out.push_sql(" SET article_count = article_count + ");
        out.push_bind_param::<BigInt, i64>(&self.by)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, i64>(&self.id)
    }
}

impl<C> RunQueryDsl<C> for Move<'_> {}

fn add_to_total(conn: &mut DbConnection, kind: &str, lang: &str, by: i64) -> Result<(), DbError> {
    let row = article_totals::table.filter(article_totals::kind.eq(kind)).filter(article_totals::lang.eq(lang));
    let updated =
        diesel::update(row).set(article_totals::article_count.eq(article_totals::article_count + by)).execute(conn)?;
    if updated == 0 {
        diesel::insert_into(article_totals::table)
            .values((
                article_totals::kind.eq(kind),
                article_totals::lang.eq(lang),
                article_totals::article_count.eq(by),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Copies the article's place in lists to its tag and author rows.
pub fn relist(conn: &mut DbConnection, id: i64, listed: bool, published_at: Option<Timestamp>) -> Result<(), DbError> {
    diesel::update(article_tags::table.filter(article_tags::article_id.eq(id)))
        .set((article_tags::listed.eq(listed), article_tags::published_at.eq(published_at)))
        .execute(conn)?;
    diesel::update(article_authors::table.filter(article_authors::article_id.eq(id)))
        .set((article_authors::listed.eq(listed), article_authors::published_at.eq(published_at)))
        .execute(conn)?;
    Ok(())
}
