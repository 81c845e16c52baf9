//! Bringing the search index, and the keys that names are sorted by, to the form that this version gives them.

use diesel::prelude::*;

use crate::articles::search::{Indexed, index};
use crate::db::schema::{article_bodies, articles, authors, tags};
use crate::db::{Db, DbConnection, DbError, LongText, remember, setting};
use crate::text::fold::sort_key;
use crate::text::plain_text;

/// Articles a transaction.
const BATCH: i64 = 500;
/// The setting that says in which form it is, and up to which article, where that is not all of them: `2`, `2 up to 4711`.
const NAME: &str = "search";
const FORM: &str = "2";
const UP_TO: &str = " up to ";

/// Indexes anew what an older version indexed in another form. A process that ends meanwhile is taken over from where it was.
pub fn complete_search(db: &Db) -> Result<(), DbError> {
    if db.read_here(is_in_form)? {
        return Ok(());
    }
    let mut count = 0;
    while let Some(more) = db.write_here(index_more)? {
        count += more;
        db.give_way();
    }
    if count > 0 {
        tracing::info!(count, "{count} articles were indexed anew for the search");
    }
    Ok(())
}

/// Whether it is in the form of this version, as far as this database knows.
pub fn is_in_form(conn: &mut DbConnection) -> Result<bool, DbError> {
    Ok(setting(conn, NAME)?.as_deref() == Some(FORM))
}

/// Sets the keys anew that the names of a table are sorted by.
macro_rules! sort_anew {
    ($conn:ident, $table:ident) => {
        let rows: Vec<(i64, String, String)> =
            $table::table.select(($table::id, $table::name, $table::name_key)).load($conn)?;
        for (id, name, key) in rows {
            let wanted = sort_key(&name);
            if wanted != key {
                diesel::update($table::table.find(id)).set($table::name_key.eq(wanted)).execute($conn)?;
            }
        }
    };
}

/// Indexes the next articles, and says how many; `None` where all are.
fn index_more(conn: &mut DbConnection) -> Result<Option<usize>, DbError> {
    let known = setting(conn, NAME)?.unwrap_or_default();
    if known == FORM {
        return Ok(None);
    }
    let after: i64 = known.strip_prefix(FORM).and_then(|rest| rest.strip_prefix(UP_TO)?.parse().ok()).unwrap_or(0);
    let rows: Vec<(i64, String, String, Option<String>, LongText)> = articles::table
        .inner_join(article_bodies::table)
        .filter(articles::id.gt(after))
        .order(articles::id)
        .limit(BATCH)
        .select((articles::id, articles::title, articles::title_key, articles::standfirst, article_bodies::html))
        .load(conn)?;
    for (id, title, key, standfirst, html) in &rows {
        let text = plain_text(html);
        index(conn, *id, &Indexed::new(title, standfirst.as_deref().unwrap_or_default(), &text))?;
        let wanted = sort_key(title);
        if wanted != *key {
            diesel::update(articles::table.find(id)).set(articles::title_key.eq(wanted)).execute(conn)?;
        }
    }
    match rows.last() {
        Some((last, ..)) => remember(conn, NAME, &format!("{FORM}{UP_TO}{last}"))?,
        None => {
            sort_anew!(conn, tags);
            sort_anew!(conn, authors);
            remember(conn, NAME, FORM)?;
        }
    }
    Ok(Some(rows.len()))
}
