//! Revisions: an article as it stood after each change.

use diesel::prelude::*;

use super::editor::Editor;
use super::managed::Managed;
use crate::articles::rows::RevisionRow;
use crate::db::json::to_json;
use crate::db::schema::revisions;
use crate::db::{DbConnection, DbError};

/// Keeps the present state, as an editor left it.
pub fn keep(conn: &mut DbConnection, by: &Editor, article: &Managed, action: &str) -> Result<(), DbError> {
    let row = (
        revisions::article_id.eq(article.row.id),
        revisions::version.eq(article.row.version),
        revisions::at.eq(by.now),
        revisions::key_id.eq(by.key_id),
        revisions::key_name.eq(&by.name),
        revisions::action.eq(action),
        revisions::record.eq(to_json(&article.record)?),
    );
    diesel::insert_into(revisions::table).values(row).execute(conn)?;
    Ok(())
}

/// Keeps the state that an editor finds, where nothing kept it: an import's. Without it the first edit could not be taken
/// back.
pub fn keep_found(conn: &mut DbConnection, article: &Managed) -> Result<(), DbError> {
    if find(conn, article.row.id, article.row.version)?.is_some() {
        return Ok(());
    }
    let row = (
        revisions::article_id.eq(article.row.id),
        revisions::version.eq(article.row.version),
        revisions::at.eq(article.row.modified_at),
        revisions::key_name.eq(""),
        revisions::action.eq("import"),
        revisions::record.eq(to_json(&article.record)?),
    );
    diesel::insert_into(revisions::table).values(row).execute(conn)?;
    Ok(())
}

/// The revisions of an article, the newest first, without their records.
pub fn list(conn: &mut DbConnection, article_id: i64) -> Result<Vec<RevisionRow>, DbError> {
    let kept = revisions::table.filter(revisions::article_id.eq(article_id)).order(revisions::version.desc());
    Ok(kept.select(RevisionRow::as_select()).load(conn)?)
}

/// One revision.
pub fn find(conn: &mut DbConnection, article_id: i64, version: i64) -> Result<Option<RevisionRow>, DbError> {
    let kept = revisions::table.filter(revisions::article_id.eq(article_id)).filter(revisions::version.eq(version));
    Ok(kept.select(RevisionRow::as_select()).first(conn).optional()?)
}

/// The revision before one.
pub fn before(conn: &mut DbConnection, article_id: i64, version: i64) -> Result<Option<RevisionRow>, DbError> {
    let kept = revisions::table.filter(revisions::article_id.eq(article_id)).filter(revisions::version.lt(version));
    Ok(kept.order(revisions::version.desc()).select(RevisionRow::as_select()).first(conn).optional()?)
}
