//! What is written of an article, the same for one that is new and for one that was there.

use super::touch::Face;
use crate::articles::Status;
use crate::articles::input::{ArticleInput, Prepared};
use crate::articles::rows::{ArticleValues, BodyValues, NewCorrection, StateRow};
use crate::articles::visibility::{Terms, Visibility};
use crate::changes::rows::NewChange;
use crate::changes::{Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::json::to_json;
use crate::db::schema::{article_bodies, corrections};
use crate::db::{DbConnection, DbError};
use crate::insert_all;
use crate::redirects::{RedirectKind, queries as redirects};

/// What others showed of it as their translation.
pub fn face_before(state: &StateRow) -> Face<'_> {
    let group = state.translation_group.as_deref();
    Face { seen_by: state.audience(), group, slug: &state.slug, lang: &state.lang }
}

/// What others show of it from now on.
pub fn face_after<'a>(values: &ArticleValues<'a>) -> Face<'a> {
    Face { seen_by: values.audience(), group: values.translation_group, slug: values.slug, lang: values.lang }
}

/// What everyone may see of it at an instant.
pub fn visibility(input: &ArticleInput, status: Status, now: Timestamp) -> Visibility {
    let ArticleInput { published_at, embargo_until, expires_at, .. } = *input;
    Visibility::of(Terms { status, published_at, embargo_until, expires_at }, now)
}

/// Its row, with `found` where it is there already.
pub fn values<'a>(
    now: Timestamp,
    article: &'a Prepared,
    found: Option<&'a StateRow>,
    (status, visibility): (Status, Visibility),
    hero_id: Option<i64>,
) -> Result<ArticleValues<'a>, DbError> {
    let Prepared { input, guid, digest, title_key, body, indexed: _ } = article;
    let Visibility { public, embargoed, next_transition_at } = visibility;
    // Of a killed story that is new here, its dates tell whether it was ever public.
    let killed_in_public = found.is_none()
        && input.kill.as_ref().is_some_and(|kill| {
            input.published_at.is_some_and(|at| at <= kill.at) && input.embargo_until.is_none_or(|at| at <= kill.at)
        });
    let first_published_at = input
        .first_published_at
        .or(found.and_then(|state| state.first_published_at))
        .or(input.published_at.filter(|_| public || killed_in_public));
    // A new article that does not say when it was last edited was so when it was published.
    let updated_at = match found {
        Some(_) => input.updated_at.unwrap_or(now),
        None => input.updated_at.or(input.published_at.filter(|at| *at <= now)).unwrap_or(now),
    };
    Ok(ArticleValues {
        guid: found.map_or(guid, |state| &state.guid),
        slug: &input.slug,
        kind: input.kind,
        lang: &input.lang,
        translation_group: input.translation_group.as_deref(),
        status,
        public,
        embargoed,
        was_public: public || killed_in_public || found.is_some_and(|state| state.was_public),
        title: &input.title,
        title_key,
        standfirst: input.standfirst.as_deref(),
        opening: &body.opening,
        word_count: body.word_count,
        hero_id,
        canonical_url: input.canonical_url.as_deref(),
        rights: input.rights.as_ref().map(to_json).transpose()?,
        published_at: input.published_at,
        published_year: input.published_at.map(Timestamp::year),
        first_published_at,
        embargo_until: input.embargo_until,
        expires_at: input.expires_at,
        next_transition_at,
        killed_at: input.kill.as_ref().map(|kill| kill.at),
        kill_reason: input.kill.as_ref().map(|kill| kill.reason.as_str()),
        replaced_by: input.kill.as_ref().and_then(|kill| kill.replaced_by.as_deref()),
        updated_at,
        modified_at: now,
        version: found.map_or(1, |state| state.version + 1),
        digest,
    })
}

/// The bodies of articles that have none.
pub fn write_bodies(conn: &mut DbConnection, articles: &[(i64, &Prepared)]) -> Result<(), DbError> {
    let rows: Vec<BodyValues<'_>> = articles.iter().map(|(id, article)| BodyValues::of(*id, article)).collect();
    insert_all!(conn, article_bodies::table, &rows)
}

/// The corrections of articles that have none.
pub fn write_corrections(conn: &mut DbConnection, articles: &[(i64, &ArticleInput)]) -> Result<(), DbError> {
    let rows: Vec<NewCorrection<'_>> = articles
        .iter()
        .flat_map(|(article_id, input)| {
            input.corrections.iter().map(|correction| NewCorrection {
                article_id: *article_id,
                corrected_at: correction.at,
                text: &correction.text,
            })
        })
        .collect();
    insert_all!(conn, corrections::table, &rows)
}

/// The slugs that an article had before lead to it. Its own leads nowhere else once it is public: until then whoever comes by
/// it is led on to the story that had it before, or told that that one is gone.
pub fn write_redirects(
    conn: &mut DbConnection,
    now: Timestamp,
    articles: &[(i64, &ArticleInput, bool)],
) -> Result<(), DbError> {
    let public = articles.iter().filter(|(_, _, public)| *public);
    let slugs: Vec<&str> = public.map(|(_, input, _)| input.slug.as_str()).collect();
    redirects::release_all(conn, RedirectKind::Article, &slugs)?;
    for (id, input, _) in articles {
        input.former_slugs.iter().try_for_each(|slug| lead(conn, now, slug, *id))?;
    }
    Ok(())
}

/// Lets a slug lead to an article, unless it is in use.
pub fn lead(conn: &mut DbConnection, now: Timestamp, slug: &str, id: i64) -> Result<(), DbError> {
    if redirects::point(conn, now, RedirectKind::Article, slug, id)? == redirects::Pointed::Taken {
        tracing::debug!(slug, article = id, "former slug {slug} of article {id} is in use, so it does not redirect");
    }
    Ok(())
}

/// The entry of the log for what was made of it.
pub fn change<'a>(
    id: i64,
    was_public: bool,
    values: &ArticleValues<'a>,
    reason: Option<Reason>,
    lists: String,
) -> NewChange<'a> {
    let reason = reason.unwrap_or(match (values.status, was_public, values.public) {
        (Status::Killed, _, _) => Reason::Killed,
        (_, false, true) => Reason::Published,
        (Status::Published, _, false) if values.expires_at.is_some_and(|end| end <= values.modified_at) => {
            Reason::Expired
        }
        (_, true, false) => Reason::Unpublished,
        _ => Reason::Updated,
    });
    NewChange {
        op: if values.public { Op::Upsert } else { Op::Delete },
        type_: Subject::Article,
        entity_id: id,
        slug: values.slug,
        version: values.version,
        modified_at: values.modified_at,
        reason,
        replaced_by: values.replaced_by,
        audience: values.audience(),
        lists,
    }
}
