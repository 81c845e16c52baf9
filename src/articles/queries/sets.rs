//! What lists are made of, as sets: the articles that everyone may see and that have one thing in common, and those that lists leave
//! out. Each is read from an index that holds it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::predicates::{NoPage, Visible};
use crate::articles::Kind;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_tags, articles};
use crate::db::{DbConnection, DbError, id_in};

/// What the articles of a set have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Common {
    /// Pages are not among them.
    Tag(i64),
    /// Pages are not among them.
    Author(i64),
    Kind(Kind),
    NoPage,
    /// The one set of what lists leave out: what not everyone may see, and pages.
    Unlisted,
    Lang(String),
    Published {
        /// Inclusive.
        after: Option<Timestamp>,
        /// Exclusive.
        before: Option<Timestamp>,
    },
    /// Inclusive.
    UpdatedAfter(Timestamp),
}

/// A list as a combination of sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sets {
    /// What is in all of these.
    pub all: Vec<Common>,
    /// What is in one of these, where there are any.
    pub any: Vec<Common>,
    /// What is in none of these.
    pub none: Vec<Common>,
}

/// The ids of a set, all or those among some, in no order.
pub fn set(conn: &mut DbConnection, common: &Common, among: Option<&[i64]>) -> Result<Vec<i64>, DbError> {
    let mut public = articles::table.filter(Visible(Audience::Everyone)).into_boxed();
    public = match common {
        // Ordered for SQLite alone, which would look each article's row up otherwise; and among a few ids not in the words by which it
        // finds the index of what is listed, all of which it would go through.
        Common::Tag(id) => {
            let of_tag = article_tags::table.filter(article_tags::tag_id.eq(*id)).select(article_tags::article_id);
            return Ok(match among {
                Some(ids) => {
                    of_tag.filter(article_tags::listed).filter(id_in(article_tags::article_id, ids)).load(conn)?
                }
                None => of_tag
                    .filter(article_tags::listed.eq(true))
                    .order((article_tags::published_at.desc(), article_tags::article_id.desc()))
                    .load(conn)?,
            });
        }
        Common::Author(id) => {
            let by_author =
                article_authors::table.filter(article_authors::author_id.eq(*id)).select(article_authors::article_id);
            return Ok(match among {
                Some(ids) => by_author
                    .filter(article_authors::listed)
                    .filter(id_in(article_authors::article_id, ids))
                    .load(conn)?,
                None => by_author
                    .filter(article_authors::listed.eq(true))
                    .order((article_authors::published_at.desc(), article_authors::article_id.desc()))
                    .load(conn)?,
            });
        }
        // Not by the index of the kind or the language, all of which SQLite would go through for a few ids.
        Common::Kind(kind) if among.is_some() => public.filter(articles::kind.concat("").eq(kind.as_ref())),
        Common::Lang(lang) if among.is_some() => public.filter(articles::lang.concat("").eq(lang)),
        Common::Kind(kind) => public.filter(articles::kind.eq(kind)),
        Common::Lang(lang) => public.filter(articles::lang.eq(lang)),
        Common::NoPage => public.filter(NoPage),
        Common::Unlisted => {
            // A few are read by their ids, and not out of all that are hidden.
            if let Some(ids) = among {
                let columns = (articles::id, articles::public, articles::kind);
                let some: Vec<(i64, bool, Kind)> =
                    articles::table.filter(id_in(articles::id, ids)).select(columns).load(conn)?;
                let unlisted = some.into_iter().filter(|(_, public, kind)| !public || *kind == Kind::Page);
                return Ok(unlisted.map(|(id, ..)| id).collect());
            }
            // In the words by which SQLite finds it in an index that begins with `public`, and PostgreSQL in one of nothing else.
            let hidden = articles::table.filter(sql::<Bool>("articles.public = FALSE"));
            let mut unlisted: Vec<i64> = hidden.select(articles::id).load(conn)?;
            unlisted.extend(set(conn, &Common::Kind(Kind::Page), None)?);
            return Ok(unlisted);
        }
        Common::Published { after, before } => {
            if let Some(at) = after {
                public = public.filter(articles::published_at.ge(*at));
            }
            if let Some(at) = before {
                public = public.filter(articles::published_at.lt(*at));
            }
            public
        }
        Common::UpdatedAfter(at) => public.filter(articles::updated_at.ge(*at)),
    };
    if let Some(ids) = among {
        public = public.filter(id_in(articles::id, ids));
    }
    Ok(public.select(articles::id).load(conn)?)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::db::{DatabaseUrl, Db, PoolOptions, migrate, until};

    /// SQLite ends a statement that comes late at its four thousandth step.
    #[test]
    fn a_few_are_looked_up_without_going_through_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("sets.db"));
        let db = Db::open(&url, PoolOptions { readers: 1 }).expect("a database");
        migrate(&db).expect("a schema");
        let looked_up = db.write_here(|conn| {
            conn.batch_execute(
                "PRAGMA defer_foreign_keys = ON;
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                   INSERT INTO article_tags (article_id, tag_id, position, listed) SELECT i, 7, 0, i % 2 FROM n;
                 INSERT INTO article_authors (article_id, author_id, position, listed)
                   SELECT article_id, tag_id, position, listed FROM article_tags;",
            )?;
            let mut late = |common, among| until(Some(Instant::now()), || set(conn, &common, among));
            for common in [Common::Tag(7), Common::Author(7)] {
                assert_eq!(late(common.clone(), Some(&[3, 4, 5001]))?, [3]);
                assert!(late(common, None).is_err(), "nothing ends it");
            }
            Ok::<_, DbError>(conn.batch_execute("DELETE FROM article_tags; DELETE FROM article_authors;")?)
        });
        looked_up.expect("few steps");
    }
}
