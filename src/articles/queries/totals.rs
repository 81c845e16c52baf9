//! The kept counts of what everyone sees, by kind and language.

use diesel::prelude::*;

use crate::articles::Kind;
use crate::articles::filter::Filter;
use crate::db::schema::article_totals;
use crate::db::{DbConnection, DbError};

/// How many articles there are of each kind and language that a filter asks for, whatever else it asks.
pub fn totals(conn: &mut DbConnection, filter: &Filter) -> Result<Vec<(Kind, String, i64)>, DbError> {
    let mut query = article_totals::table.into_boxed();
    query = match filter.kind {
        Some(kind) => query.filter(article_totals::kind.eq(kind)),
        None => query.filter(article_totals::kind.ne(Kind::Page)),
    };
    if let Some(lang) = &filter.lang {
        query = query.filter(article_totals::lang.eq(lang.clone()));
    }
    Ok(query.select((article_totals::kind, article_totals::lang, article_totals::article_count)).load(conn)?)
}
