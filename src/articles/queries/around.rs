//! Which other articles' answers a changed article stands in.

use diesel::prelude::*;

use super::detail::neighbour;
use super::predicates::Visible;
use crate::articles::Kind;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{DbConnection, DbError, id_in};

/// The public articles around some others, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Those that were published just before or after one of them, in its language.
    pub beside: Vec<i64>,
    /// The same stories in other languages.
    pub translations: Vec<i64>,
}

/// What decides where an article stands: its id, kind, language, time and group of translations.
type Stand = (i64, Kind, String, Option<Timestamp>, Option<String>);

/// What stands around those of `ids` that are public now. What stood around them before shows them, and so needs no
/// looking for.
pub fn around(conn: &mut DbConnection, ids: &[i64]) -> Result<Around, DbError> {
    let changed: Vec<Stand> = articles::table
        .filter(Visible(Audience::Everyone))
        .filter(id_in(articles::id, ids))
        .select((articles::id, articles::kind, articles::lang, articles::published_at, articles::translation_group))
        .load(conn)?;
    let mut around = Around::default();
    for (id, kind, lang, published_at, group) in changed {
        if let (Some(at), true) = (published_at, kind != Kind::Page) {
            for later in [false, true] {
                around.beside.extend(neighbour(conn, (id, at, &lang), later)?.map(|row| row.id));
            }
        }
        if let Some(group) = group {
            let same = articles::table.filter(articles::translation_group.eq(group)).select(articles::id);
            around.translations.extend(same.load::<i64>(conn)?);
        }
    }
    Ok(around)
}
