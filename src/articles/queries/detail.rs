//! One article by id or slug.

use diesel::dsl::min;
use diesel::prelude::*;

use super::beside::SURROUNDINGS;
use super::cards::{CardNeeds, cards};
use crate::articles::Status;
use crate::articles::rows::stored::{Opening, StoredArticleRow, brief};
use crate::articles::rows::{Beside, CorrectionRow, Detail, KeyRow, SurroundingsRow};
use crate::changes::queries as log;
use crate::changes::{Audience, Subject};
use crate::db::schema::{article_bodies, article_cards, articles, corrections};
use crate::db::{DbConnection, DbError, id_in, text_in};
use crate::media::queries as media;
use crate::redirects::queries as redirects;
use crate::typed;

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Article(Box<KeyRow>),
    /// A former slug: the present one.
    Moved(String),
    /// Killed, after it was public.
    Killed {
        reason: Option<String>,
        replaced_by: Option<String>,
    },
}

/// What a key leads to: all digits are an id, anything else a slug. `None` when there is nothing that the caller may
/// know of.
pub fn find(
    conn: &mut DbConnection,
    id: Option<i64>,
    slug: &str,
    audience: Audience,
) -> Result<Option<Found>, DbError> {
    let query = articles::table.select(KeyRow::as_select());
    let own: Option<KeyRow> = match id {
        Some(id) => query.filter(articles::id.eq(id)).first(conn).optional()?,
        None => query.filter(articles::slug.eq(slug)).first(conn).optional()?,
    };
    // A slug that it got when it was hidden leads nowhere, though the story is known to be gone.
    let own = match own {
        Some(row) if id.is_none() && row.status == Status::Killed => {
            let known = log::known_slug(conn, Subject::Article, row.id)?;
            Some(row).filter(|row| known.is_none_or(|known| known == row.slug))
        }
        own => own,
    };
    let own = own.map(|row| told(conn, row, false, audience)).transpose()?.flatten();
    if own.is_some() || id.is_some() {
        return Ok(own);
    }
    // Nobody has it, or a story that the caller knows nothing of.
    Ok(behind(conn, slug)?.map(|row| told(conn, row, true, audience)).transpose()?.flatten())
}

/// What an audience is told of an article.
fn told(conn: &mut DbConnection, row: KeyRow, moved: bool, audience: Audience) -> Result<Option<Found>, DbError> {
    let KeyRow { public, embargoed, was_public, status, .. } = row;
    // What was killed under embargo is gone for those who could see it, and for everyone else it never was.
    let known = was_public
        || audience == Audience::Embargoed && log::known_to(conn, Subject::Article, row.id)? >= Audience::Embargoed;
    let visible = public || embargoed && audience == Audience::Embargoed;
    Ok(match status {
        Status::Killed if known => Some(Found::Killed { reason: row.kill_reason, replaced_by: row.replaced_by }),
        _ if !visible => None,
        _ if moved => Some(Found::Moved(row.slug)),
        _ => Some(Found::Article(Box::new(row))),
    })
}

fn behind(conn: &mut DbConnection, slug: &str) -> Result<Option<KeyRow>, DbError> {
    let Some(id) = redirects::article_behind(conn, slug)? else { return Ok(None) };
    Ok(articles::table.find(id).select(KeyRow::as_select()).first(conn).optional()?)
}

/// Everything about a found article, with the stories that stand beside it.
pub fn detail(
    conn: &mut DbConnection,
    id: i64,
    needs: CardNeeds,
    audience: Audience,
    beside: Beside,
) -> Result<Option<Detail>, DbError> {
    let Some(card) = cards(conn, &[id], needs, audience)?.pop() else { return Ok(None) };
    Ok(Some(Detail { card, corrections: corrections(conn, id)?, media: media::of_article(conn, id)?, beside }))
}

/// What an article is asked for by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArticleKey {
    Id(i64),
    Slug(String),
}

/// A public article as it is stored, and what stands around it.
#[derive(Debug, Queryable)]
pub struct StoredArticle {
    pub row: StoredArticleRow,
    pub slug: String,
    pub around: SurroundingsRow,
    /// When the clock alone will next change what the public sees, in microseconds.
    pub next_change: Option<i64>,
}

/// Reads public articles as they are stored, in no order; without those that are not stored, or out of date. Those by slug are one
/// statement, and those by id another.
pub fn stored_articles(
    conn: &mut DbConnection,
    keys: &[ArticleKey],
    opening: Opening,
) -> Result<Vec<(ArticleKey, StoredArticle)>, DbError> {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            ArticleKey::Id(id) => ids.push(*id),
            ArticleKey::Slug(slug) => slugs.push(slug.as_str()),
        }
    }
    let by_id = stored(conn, By::Ids(&ids), opening)?.into_iter().map(|one| (ArticleKey::Id(one.around.id), one));
    let by_slug = stored(conn, By::Slugs(&slugs), opening)?;
    let by_slug = by_slug.into_iter().map(|one| (ArticleKey::Slug(one.slug.clone()), one));
    Ok(by_id.chain(by_slug).collect())
}

/// The keys of one statement.
enum By<'a> {
    Slugs(&'a [&'a str]),
    Ids(&'a [i64]),
}

fn stored(conn: &mut DbConnection, by: By<'_>, opening: Opening) -> Result<Vec<StoredArticle>, DbError> {
    let waiting = diesel::alias!(articles as waiting);
    let at = waiting.field(articles::next_transition_at);
    let next = waiting.filter(at.is_not_null()).select(min(at)).single_value();
    let public = article_cards::table
        .inner_join(articles::table.inner_join(article_bodies::table))
        .filter(articles::public)
        .filter(article_cards::made_at.eq(articles::modified_at));
    let lead = (brief(), article_cards::rest, article_bodies::html);
    let read = typed!(conn, {
        let (lead, whole) = (
            public.select((lead, articles::slug, SURROUNDINGS, next)),
            public.select((StoredArticleRow::as_select(), articles::slug, SURROUNDINGS, next)),
        );
        match (opening, by) {
            (_, By::Slugs([]) | By::Ids([])) => Ok(Vec::new()),
            (Opening::Lead, By::Slugs([slug])) => lead.filter(articles::slug.eq(slug)).load(conn),
            (Opening::Lead, By::Slugs(slugs)) => lead.filter(text_in(articles::slug, slugs)).load(conn),
            (Opening::Lead, By::Ids(ids)) => lead.filter(id_in(articles::id, ids)).load(conn),
            (Opening::Whole, By::Slugs([slug])) => whole.filter(articles::slug.eq(slug)).load(conn),
            (Opening::Whole, By::Slugs(slugs)) => whole.filter(text_in(articles::slug, slugs)).load(conn),
            (Opening::Whole, By::Ids(ids)) => whole.filter(id_in(articles::id, ids)).load(conn),
        }
    });
    Ok(read?)
}

/// The public corrections of an article, the oldest first.
pub fn corrections(conn: &mut DbConnection, id: i64) -> Result<Vec<CorrectionRow>, DbError> {
    Ok(corrections::table
        .filter(corrections::article_id.eq(id))
        .order((corrections::corrected_at, corrections::id))
        .select(CorrectionRow::as_select())
        .load(conn)?)
}
