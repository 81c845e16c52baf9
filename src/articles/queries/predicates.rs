//! Predicates that are written as the partial indexes are, so that both planners see that they fit.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use crate::changes::Audience;
use crate::db::schema::articles;

/// What an audience may see: the one visibility rule's stored verdict. What everyone sees is written as the partial indexes
/// are.
#[derive(Debug, Clone, Copy)]
pub struct Visible(pub Audience);

impl QueryId for Visible {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Expression for Visible {
    type SqlType = Bool;
}

impl<T> AppearsOnTable<T> for Visible where articles::public: AppearsOnTable<T> {}
impl<T> SelectableExpression<T> for Visible where articles::public: SelectableExpression<T> {}

impl ValidGrouping<()> for Visible {
    type IsAggregate = is_aggregate::No;
}

impl<DB: Backend> QueryFragment<DB> for Visible {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(match self.0 {
            Audience::Everyone => "articles.public",
            Audience::Embargoed => "(articles.public OR articles.embargoed)",
            Audience::NEWSROOM => "(1 = 1)",
        });
        Ok(())
    }
}

/// `kind <> 'page'`, as a literal. Bound, PostgreSQL's generic plan takes it for rare where nearly all articles are of one
/// kind, and then reads and sorts the whole table instead of an index.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct NoPage;

impl Expression for NoPage {
    type SqlType = Bool;
}

impl AppearsOnTable<articles::table> for NoPage {}
impl SelectableExpression<articles::table> for NoPage {}

impl ValidGrouping<()> for NoPage {
    type IsAggregate = is_aggregate::No;
}

impl<DB: Backend> QueryFragment<DB> for NoPage {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("articles.kind <> 'page'");
        Ok(())
    }
}
