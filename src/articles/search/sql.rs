//! The SQL of search: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL.
//!
//! The order of results must be the same on both, so it is no engine's own score. A result is the better the more of the
//! query's terms stand in its title, then in its standfirst; results that are equal in that come the newest first.

use diesel::dsl::sql;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, SqlLiteral, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

use super::query::{Field, Indexed, PostgresQuery, PostgresTerms, Query, Term};
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{Cut, DbConnection, DbError, IdIn, Insert, Key, MultiBackend, Position, Window, id_in};

/// What a term is worth in a field.
pub const POINTS: [(Field, i64); 2] = [(Field::Title, 2), (Field::Standfirst, 1)];

type Boxed = articles::BoxedQuery<'static, MultiBackend>;

/// The same search in both query languages.
#[derive(Debug, Clone)]
struct Search {
    fts5: String,
    postgres: PostgresQuery,
}

impl Search {
    fn new(fts5: Option<String>, postgres: Option<PostgresQuery>) -> Option<Self> {
        Some(Self { fts5: fts5?, postgres: postgres? })
    }

    /// What an entry of the index must be like.
    fn sqlite<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("article_search MATCH ");
        out.push_bind_param::<Text, String>(&self.fts5)
    }

    fn postgres<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let PostgresQuery { field, any } = &self.postgres;
        // Titles and standfirsts have indexes of their own: the one of all words does not know where they stand.
        let (document, words) = match field {
            None => ("document", "words"),
            Some(Field::Title) => ("ts_filter(document, '{a}')", "split_part(words, chr(10), 1)"),
            Some(Field::Standfirst) => ("ts_filter(document, '{b}')", "split_part(words, chr(10), 2)"),
            Some(Field::Body) => ("ts_filter(document, '{d}')", "split_part(words, chr(10), 3)"),
        };
        out.push_sql("(");
        for (index, PostgresTerms { tsquery, phrases }) in any.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { " OR " });
            out.push_sql(document);
            out.push_sql(" @@ CAST(");
            out.push_bind_param::<Text, String>(tsquery)?;
            out.push_sql(" AS tsquery)");
            for phrase in phrases {
                out.push_sql(" AND strpos(");
                out.push_sql(words);
                out.push_sql(", ");
                out.push_bind_param::<Text, String>(phrase)?;
                out.push_sql(") > 0");
            }
        }
        out.push_sql(")");
        Ok(())
    }
}

/// Whether an article matches a search.
#[derive(Debug, Clone)]
struct Matches(Search);

impl QueryId for Matches {
    type QueryId = ();
    // PostgreSQL's SQL has one part a phrase.
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// A whole number that grows with how well an article matches.
#[derive(Debug, Clone)]
struct Relevance(Vec<(Matches, i64)>);

impl Relevance {
    fn of(query: &Query) -> Self {
        let mut parts = Vec::new();
        for term in &query.all {
            let alone = Query::of(term);
            for (field, weight) in POINTS {
                let search = Search::new(alone.fts5(Some(field)), alone.postgres(Some(field)));
                parts.extend(search.map(|search| (Matches(search), weight)));
            }
        }
        Self(parts)
    }
}

impl QueryId for Relevance {
    type QueryId = ();
    // The SQL has one part a term.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Expression for Matches {
    type SqlType = Bool;
}

impl Expression for Relevance {
    type SqlType = BigInt;
}

impl AppearsOnTable<articles::table> for Matches {}
impl AppearsOnTable<articles::table> for Relevance {}
impl SelectableExpression<articles::table> for Matches {}
impl SelectableExpression<articles::table> for Relevance {}

impl ValidGrouping<()> for Matches {
    type IsAggregate = is_aggregate::No;
}

impl ValidGrouping<()> for Relevance {
    type IsAggregate = is_aggregate::No;
}

impl QueryFragment<Sqlite> for Matches {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("articles.id IN (SELECT rowid FROM article_search WHERE ");
        self.0.sqlite(&mut out)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Pg> for Matches {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("articles.id IN (SELECT article_id FROM article_search WHERE ");
        self.0.postgres(&mut out)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<MultiBackend> for Matches {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// `CAST(0 + CASE WHEN … THEN weight ELSE 0 END + … AS bigint)`: the same text for both but for the search itself. Without the
/// cast a query of nothing but exclusions would be `ORDER BY 0`, which SQLite takes for the number of a column.
macro_rules! relevance_sql {
    ($backend:ty) => {
        impl QueryFragment<$backend> for Relevance {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql("CAST(0");
                for (matches, weight) in &self.0 {
                    out.push_sql(" + CASE WHEN ");
                    QueryFragment::<$backend>::walk_ast(matches, out.reborrow())?;
                    out.push_sql(&format!(" THEN {weight} ELSE 0 END"));
                }
                out.push_sql(" AS bigint)");
                Ok(())
            }
        }
    };
}

relevance_sql!(Sqlite);
relevance_sql!(Pg);

impl QueryFragment<MultiBackend> for Relevance {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// The ids of the articles that match, whether anyone may see them or not.
struct Ids {
    search: Search,
    /// What the index calls an article's id.
    id: &'static str,
    among: Option<Among>,
}

/// Some articles, and the first and the last of them.
struct Among {
    first: i64,
    last: i64,
    ids: IdIn<SqlLiteral<BigInt>>,
}

impl Among {
    fn of(id: &'static str, ids: &[i64]) -> Self {
        let (first, last) = (ids.iter().min().copied(), ids.iter().max().copied());
        Self { first: first.unwrap_or(0), last: last.unwrap_or(0), ids: id_in(sql(id), ids) }
    }
}

impl diesel::query_builder::Query for Ids {
    type SqlType = BigInt;
}

impl QueryId for Ids {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<DbConnection> for Ids {}

macro_rules! ids_sql {
    ($backend:ty, $search:ident) => {
        impl QueryFragment<$backend> for Ids {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql("SELECT ");
                out.push_sql(self.id);
                out.push_sql(" FROM article_search WHERE ");
                self.search.$search(&mut out)?;
                if let Some(Among { first, last, ids }) = &self.among {
                    out.push_sql(" AND ");
                    out.push_sql(self.id);
                    out.push_sql(" BETWEEN ");
                    out.push_bind_param::<BigInt, i64>(first)?;
                    out.push_sql(" AND ");
                    out.push_bind_param::<BigInt, i64>(last)?;
                    out.push_sql(" AND ");
                    QueryFragment::<$backend>::walk_ast(ids, out.reborrow())?;
                }
                Ok(())
            }
        }
    };
}

ids_sql!(Sqlite, sqlite);
ids_sql!(Pg, postgres);

impl QueryFragment<MultiBackend> for Ids {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// The ids of the articles in which a term stands, in one field or in any, of all or among some, in no order.
pub fn ids_with(
    conn: &mut DbConnection,
    (term, field): (&Term, Option<Field>),
    among: Option<&[i64]>,
) -> Result<Vec<i64>, DbError> {
    let query = Query::of(term);
    let Some(search) = Search::new(query.fts5(field), query.postgres(field)) else { return Ok(Vec::new()) };
    // FTS5 looks up one id after the other, each from the beginning of a word's list. It is to go through that once.
    let (id, one_of) = match conn {
        DbConnection::Sqlite(_) => ("rowid", "+rowid"),
        DbConnection::Postgres(_) => ("article_id", "article_id"),
    };
    Ok(Ids { search, id, among: among.map(|ids| Among::of(one_of, ids)) }.load(conn)?)
}

/// Narrows a query to what matches.
pub fn matching(mut query: Boxed, q: &Query) -> Boxed {
    if let Some(search) = Search::new(q.fts5(None), q.postgres(None)) {
        query = query.filter(Matches(search));
    }
    if let Some(search) = Search::new(q.fts5_none(), q.postgres_none()) {
        query = query.filter(diesel::dsl::not(Matches(search)));
    }
    query
}

/// One page by relevance: ids with their sort keys.
pub fn places(
    conn: &mut DbConnection,
    query: Boxed,
    q: Option<&Query>,
    cut: &Cut,
) -> Result<Vec<(i64, Vec<Key>)>, DbError> {
    let score = q.map_or(Relevance(Vec::new()), Relevance::of);
    let backward = matches!(&cut.window, Window::Beyond(position) if position.backward);
    let mut query = query.limit(cut.rows());
    if let Window::Offset(offset) = &cut.window {
        query = query.offset(*offset);
    }
    if let Window::Beyond(Position { keys, id, .. }) = &cut.window {
        let (points, at) = match keys.as_slice() {
            [Key::Number(points), Key::Number(micros)] => (*points, Timestamp::from_micros(*micros)),
            _ => (0, None),
        };
        let at = at.ok_or_else(Position::misfit)?;
        query = if backward {
            let tied = articles::published_at.gt(at).or(articles::published_at.eq(at).and(articles::id.gt(*id)));
            query.filter(score.clone().gt(points).or(score.clone().eq(points).and(tied)))
        } else {
            let tied = articles::published_at.lt(at).or(articles::published_at.eq(at).and(articles::id.lt(*id)));
            query.filter(score.clone().lt(points).or(score.clone().eq(points).and(tied)))
        };
    }
    query = if backward {
        query.order((score.clone().asc(), articles::published_at.asc(), articles::id.asc()))
    } else {
        query.order((score.clone().desc(), articles::published_at.desc(), articles::id.desc()))
    };
    let rows: Vec<(i64, i64, Option<Timestamp>)> =
        query.select((articles::id, score, articles::published_at)).load(conn)?;
    rows.into_iter()
        .map(|(id, points, at)| {
            let at = at.ok_or_else(|| DbError::Corrupt(format!("public article {id} has no date")))?;
            Ok((id, vec![Key::Number(points), Key::Number(at.micros())]))
        })
        .collect()
}

/// Puts an article's texts into the index, in place of what was there of it.
pub fn index(conn: &mut DbConnection, id: i64, indexed: &Indexed) -> Result<(), DbError> {
    match conn {
        DbConnection::Sqlite(conn) => {
            diesel::sql_query("DELETE FROM article_search WHERE rowid = ?").bind::<BigInt, _>(id).execute(conn)?;
        }
        DbConnection::Postgres(conn) => {
            let sql = "DELETE FROM article_search WHERE article_id = $1";
            diesel::sql_query(sql).bind::<BigInt, _>(id).execute(conn)?;
        }
    }
    index_new(conn, &[(id, indexed)])
}

/// SQLite's index, so that the statement that adds to it is prepared once.
mod fts5 {
    diesel::table! {
        article_search (rowid) {
            rowid -> BigInt,
            title -> Text,
            standfirst -> Text,
            body -> Text,
        }
    }

    /// The words of an article.
    pub struct Entry<'a> {
        pub rowid: i64,
        pub title: &'a str,
        pub standfirst: &'a str,
        pub body: &'a str,
    }

    crate::row! { Entry<'_> => article_search { rowid, title, standfirst, body } }
}

/// [`index`] for articles of which nothing is there yet.
pub fn index_new(conn: &mut DbConnection, all: &[(i64, &Indexed)]) -> Result<(), DbError> {
    match conn {
        DbConnection::Sqlite(conn) => {
            for (rowid, Indexed { title, standfirst, body, .. }) in all {
                Insert(&fts5::Entry { rowid: *rowid, title, standfirst, body }).execute(conn)?;
            }
        }
        DbConnection::Postgres(conn) => {
            let ids: Vec<i64> = all.iter().map(|(id, _)| *id).collect();
            let documents: Vec<&str> = all.iter().map(|(_, indexed)| indexed.tsvector()).collect();
            let words: Vec<String> = all.iter().map(|(_, indexed)| indexed.words()).collect();
            let sql = "INSERT INTO article_search (article_id, document, words) \
                       SELECT article_id, CAST(document AS tsvector), words FROM unnest($1, $2, $3) AS new (article_id, document, words)";
            let query = diesel::sql_query(sql).bind::<Array<BigInt>, _>(ids);
            query.bind::<Array<Text>, _>(documents).bind::<Array<Text>, _>(words).execute(conn)?;
        }
    }
    Ok(())
}
