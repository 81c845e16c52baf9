//! Articles that are new, as many at once as there are: what each table gets is written together, and what is counted is
//! summed up first.

use std::collections::BTreeMap;

use super::counts::{Standing, Tally, lists};
use super::fresh::{Fresh, add_cards};
use super::links::{Links, write_links};
use super::touch::touch_translations;
use super::values::{change, face_after, values, visibility, write_bodies, write_corrections, write_redirects};
use crate::articles::input::{ArticleInput, Prepared};
use crate::articles::rows::{ArticleValues, NewArticle};
use crate::articles::search::{self, Indexed};
use crate::articles::visibility::status_at;
use crate::changes::Audience;
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{DbConnection, DbError};
use crate::insert_all;
use crate::media::queries as media;

/// Adds articles, of which each has a slug and a guid that no other one has; returns their ids, in the same order.
pub fn add(conn: &mut DbConnection, now: Timestamp, all: &[&Prepared]) -> Result<Vec<i64>, DbError> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let standing = |article: &&Prepared| {
        let status = status_at(article.input.status, article.input.published_at, now);
        (status, visibility(&article.input, status, now))
    };
    let verdicts: Vec<_> = all.iter().map(standing).collect();
    let shown: Vec<(&ArticleInput, Audience)> =
        all.iter().zip(&verdicts).map(|(article, (_, seen))| (&article.input, seen.audience())).collect();
    let links = Links::store(conn, now, &shown)?;
    let rows = all.iter().zip(verdicts).zip(&links).map(|((article, verdict), links)| {
        Ok(NewArticle { values: values(now, article, None, verdict, links.hero)?, created_at: now })
    });
    let rows = rows.collect::<Result<Vec<NewArticle<'_>>, DbError>>()?;
    let ids = insert_all!(conn, articles::table, &rows, returning (articles::guid, articles::id), by NewArticle::guid)?;
    let values: Vec<&ArticleValues<'_>> = rows.iter().map(|row| &row.values).collect();

    let whole: Vec<(i64, &Prepared)> = ids.iter().copied().zip(all.iter().copied()).collect();
    write_bodies(conn, &whole)?;
    let linked: Vec<(i64, &ArticleValues<'_>, &Links)> =
        whole.iter().zip(&values).zip(&links).map(|(((id, _), values), links)| (*id, *values, links)).collect();
    write_links(conn, &linked)?;
    let inputs: Vec<(i64, &ArticleInput)> = whole.iter().map(|(id, article)| (*id, &article.input)).collect();
    write_corrections(conn, &inputs)?;
    let slugs: Vec<(i64, &ArticleInput, bool)> =
        inputs.iter().zip(&values).map(|((id, input), values)| (*id, *input, values.public)).collect();
    write_redirects(conn, now, &slugs)?;
    let indexed: Vec<(i64, &Indexed)> = whole.iter().map(|(id, article)| (*id, &article.indexed)).collect();
    search::index_new(conn, &indexed)?;
    let fresh: Vec<Fresh<'_>> =
        linked.iter().zip(all).map(|((id, values, links), article)| (*id, &article.input, *values, *links)).collect();
    add_cards(conn, &fresh)?;
    for (id, values, _) in &linked {
        touch_translations(conn, now, *id, None, face_after(values))?;
    }
    count_and_log(conn, now, &linked)?;
    Ok(ids)
}

fn count_and_log(
    conn: &mut DbConnection,
    now: Timestamp,
    added: &[(i64, &ArticleValues<'_>, &Links)],
) -> Result<(), DbError> {
    let nowhere = Standing::default();
    let standing =
        |(_, values, links): &(i64, &ArticleValues<'_>, &Links)| Standing::new(values, &links.tags, &links.authors);
    let standings: Vec<Standing> = added.iter().map(standing).collect();
    let (mut tally, mut changes): (Tally<'_>, Vec<NewChange<'_>>) = (Tally::default(), Vec::with_capacity(added.len()));
    let (mut created, mut others) = (BTreeMap::new(), Vec::new());
    for ((id, values, links), standing) in added.iter().zip(&standings) {
        tally.add(&nowhere, standing);
        changes.push(change(*id, false, values, None, lists(&nowhere, standing)));
        for stored in &links.stored_media {
            match stored {
                media::Stored::Created(id) => _ = created.insert(*id, Audience::Nobody),
                other => others.push(*other),
            }
        }
    }
    // Who may see a medium that was created with them is who may see any of them that shows it.
    for (_, values, links) in added {
        for stored in &links.stored_media {
            if let Some(seen_by) = created.get_mut(&stored.id()) {
                *seen_by = values.audience().max(*seen_by);
            }
        }
    }
    others.retain(|stored| !created.contains_key(&stored.id()));
    tally.write(conn)?;
    media::log_created(conn, now, &created)?;
    media::log_changes(conn, now, &others)?;
    log::append_new(conn, changes)
}
