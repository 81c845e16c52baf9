//! The expressions that need other SQL on each database.

use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, Text};
use diesel::sqlite::Sqlite;

use super::connection::MultiBackend;

/// `column IN (ids)` as one bound value, whatever the number of ids.
///
/// diesel's `eq_any` on a list has a statement of its own for each length, which SQLite's side never caches and which
/// fails past 32,766 values.
#[derive(Debug, Clone, QueryId)]
pub struct IdIn<C> {
    column: C,
    ids: String,
}

/// `column IN (ids)`.
pub fn id_in<C>(column: C, ids: &[i64]) -> IdIn<C> {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    IdIn { column, ids: ids.join(",") }
}

impl<C: Expression> Expression for IdIn<C> {
    type SqlType = Bool;
}

impl<C, T> AppearsOnTable<T> for IdIn<C> where C: AppearsOnTable<T> {}
impl<C, T> SelectableExpression<T> for IdIn<C> where C: SelectableExpression<T> {}

impl<C> ValidGrouping<()> for IdIn<C> {
    type IsAggregate = is_aggregate::No;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for IdIn<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each('[' || ");
        out.push_bind_param::<Text, String>(&self.ids)?;
        out.push_sql(" || ']'))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for IdIn<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY (CAST(string_to_array(");
        out.push_bind_param::<Text, String>(&self.ids)?;
        out.push_sql(", ',') AS bigint[]))");
        Ok(())
    }
}

impl<C> QueryFragment<MultiBackend> for IdIn<C>
where
    C: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// `column IN (texts)` as one bound value, as [`IdIn`] for numbers.
#[derive(Debug, Clone, QueryId)]
pub struct TextIn<C> {
    column: C,
    texts: Vec<String>,
    json: String,
}

/// `column IN (texts)`.
pub fn text_in<C>(column: C, texts: &[&str]) -> TextIn<C> {
    let json = serde_json::Value::from(texts).to_string();
    TextIn { column, texts: texts.iter().map(|text| (*text).to_owned()).collect(), json }
}

impl<C: Expression> Expression for TextIn<C> {
    type SqlType = Bool;
}

impl<C, T> AppearsOnTable<T> for TextIn<C> where C: AppearsOnTable<T> {}
impl<C, T> SelectableExpression<T> for TextIn<C> where C: SelectableExpression<T> {}

impl<C> ValidGrouping<()> for TextIn<C> {
    type IsAggregate = is_aggregate::No;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for TextIn<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, String>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for TextIn<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY (");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.texts)?;
        out.push_sql(")");
        Ok(())
    }
}

/// `column IN (query)` for a query that was put together at run time.
///
/// diesel's `eq_any` wants a sub-select to be valid for each database by itself, which a boxed one is for the enum only.
pub struct InQuery<C, Q> {
    column: C,
    query: Q,
}

/// `column IN (query)`.
pub fn in_query<C, Q>(column: C, query: Q) -> InQuery<C, Q> {
    InQuery { column, query }
}

impl<C: Expression, Q> Expression for InQuery<C, Q> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, Q, T> AppearsOnTable<T> for InQuery<C, Q> {}
impl<C: SelectableExpression<T>, Q, T> SelectableExpression<T> for InQuery<C, Q> {}

impl<C, Q> ValidGrouping<()> for InQuery<C, Q> {
    type IsAggregate = is_aggregate::No;
}

impl<C, Q> QueryId for InQuery<C, Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, Q> QueryFragment<MultiBackend> for InQuery<C, Q>
where
    C: QueryFragment<MultiBackend>,
    Q: QueryFragment<MultiBackend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
