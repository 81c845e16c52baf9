//! The kept counts of what everyone sees, by kind and language.

use diesel::prelude::*;

use crate::articles::Kind;
use crate::db::schema::article_totals;
use crate::db::{DbConnection, DbError};

/// How many articles there are of a kind and a language, or of all but pages.
pub fn count(conn: &mut DbConnection, kind: Option<Kind>, lang: Option<&str>) -> Result<i64, DbError> {
    Ok(totals(conn, kind, lang)?.iter().map(|(_, _, count)| count).sum())
}

/// How many articles there are of each kind and language, or of one kind, without which pages are left out, or of one language.
pub fn totals(
    conn: &mut DbConnection,
    kind: Option<Kind>,
    lang: Option<&str>,
) -> Result<Vec<(Kind, String, i64)>, DbError> {
    let mut query = article_totals::table.into_boxed();
    query = match kind {
        Some(kind) => query.filter(article_totals::kind.eq(kind)),
        None => query.filter(article_totals::kind.ne(Kind::Page)),
    };
    if let Some(lang) = lang {
        query = query.filter(article_totals::lang.eq(lang));
    }
    Ok(query.select((article_totals::kind, article_totals::lang, article_totals::article_count)).load(conn)?)
}
