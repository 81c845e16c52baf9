//! Which other articles' answers a changed article stands in.

use diesel::prelude::*;

use super::beside::SURROUNDINGS;
use super::predicates::Visible;
use crate::articles::rows::SurroundingsRow;
use crate::changes::Audience;
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

/// What stands around those of `ids` that are public now. What stood around them before shows them, and so needs no
/// looking for.
pub fn around(conn: &mut DbConnection, ids: &[i64]) -> Result<Around, DbError> {
    let changed: Vec<(SurroundingsRow, Option<String>)> = articles::table
        .filter(Visible(Audience::Everyone))
        .filter(id_in(articles::id, ids))
        .select((SURROUNDINGS, articles::translation_group))
        .load(conn)?;
    let mut around = Around::default();
    for (surroundings, group) in changed {
        let (previous, next) = surroundings.neighbours();
        around.beside.extend(previous.into_iter().chain(next));
        if let Some(group) = group {
            let same = articles::table.filter(articles::translation_group.eq(group)).select(articles::id);
            around.translations.extend(same.load::<i64>(conn)?);
        }
    }
    Ok(around)
}
