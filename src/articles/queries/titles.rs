//! The index by which articles are listed by title.
//!
//! Titles come in no order, so that each new one dirties a page of its own: where a million articles are stored that is a sixth of what
//! is written. Made when all of them are there, the index costs a quarter of that.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::schema::articles;
use crate::db::{Db, DbConnection, DbError};

/// Takes the index away where there is no article, until [`index_titles`] makes it anew, and says whether there was none. Without it lists
/// by title are sorted each time.
pub fn leave_titles(db: &Db) -> Result<bool, DbError> {
    if db.read_here(has_articles)? {
        return Ok(false);
    }
    db.write_here(|conn| {
        let is_empty = !has_articles(conn)?;
        if is_empty {
            conn.batch_execute("DROP INDEX IF EXISTS articles_by_title")?;
        }
        Ok(is_empty)
    })
}

/// Makes the index where it is not there. Nobody else writes meanwhile.
pub fn index_titles(db: &Db) -> Result<(), DbError> {
    if db.read_here(has_titles)? {
        return Ok(());
    }
    db.write_here(|conn| {
        if let DbConnection::Postgres(conn) = conn {
            conn.batch_execute("SET LOCAL statement_timeout = 0")?;
        }
        Ok(conn
            .batch_execute("CREATE INDEX IF NOT EXISTS articles_by_title ON articles (title_key, id) WHERE public")?)
    })
}

fn has_articles(conn: &mut DbConnection) -> Result<bool, DbError> {
    Ok(articles::table.select(articles::id).first::<i64>(conn).optional()?.is_some())
}

/// Whether the index is there.
pub fn has_titles(conn: &mut DbConnection) -> Result<bool, DbError> {
    let found = match conn {
        DbConnection::Sqlite(_) => "EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'articles_by_title')",
        DbConnection::Postgres(_) => "to_regclass('articles_by_title') IS NOT NULL",
    };
    Ok(diesel::select(sql::<Bool>(found)).get_result(conn)?)
}
