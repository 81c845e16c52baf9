//! Storing an article: the row, its body, bylines, tags, media, search document, counts and log entry, in the caller's
//! one write transaction. Storing what is there already writes nothing.

use diesel::prelude::*;

use super::counts::{Standing, adjust, lists};
use super::shelf::set_cards;
use super::touch::{Face, touch_translations};
use crate::articles::input::{ArticleInput, Body, Correction, Identity};
use crate::articles::rows::{ArticleValues, BodyValues, StateRow};
use crate::articles::search;
use crate::articles::visibility::{Terms, Visibility, status_at};
use crate::articles::{Kind, Status};
use crate::authors::queries as authors;
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::json::to_json;
use crate::db::schema::{article_authors, article_bodies, article_media, article_tags, articles, corrections};
use crate::db::{DbConnection, DbError};
use crate::media::MediaInput;
use crate::media::queries as media;
use crate::redirects::{RedirectKind, queries as redirects};
use crate::tags::queries as tags;
use crate::text;

/// What a store did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Created(i64),
    Updated(i64),
    Unchanged(i64),
    /// Another article has the slug: that one's guid. Nothing was written.
    SlugTaken(String),
    /// The stored article was killed, and comes back by no import. Nothing was written.
    Killed(i64),
    /// As many articles as may be are translations of each other under this name already. Nothing was written.
    GroupFull(String),
}

/// As many articles may be translations of each other: each of them names all others.
const MOST_TRANSLATIONS: i64 = 100;

/// Stores an article under its identity.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &ArticleInput) -> Result<Stored, DbError> {
    let digest = input.digest().map_err(|error| DbError::Corrupt(error.to_string()))?;
    let found = find(conn, input)?;
    if let Some(state) = &found {
        if state.digest == digest {
            return Ok(Stored::Unchanged(state.id));
        }
        if state.status == Status::Killed && input.status != Status::Killed {
            return Ok(Stored::Killed(state.id));
        }
    }
    write(conn, now, input, found, digest, None)
}

/// Writes an editor's change to an article that is there. The digest stays the last import's, so that the same file
/// imported again leaves the editor's work alone.
pub fn edit(
    conn: &mut DbConnection,
    now: Timestamp,
    id: i64,
    input: &ArticleInput,
    reason: Option<Reason>,
) -> Result<Stored, DbError> {
    let found: StateRow = articles::table.find(id).select(StateRow::as_select()).first(conn)?;
    let digest = found.digest.clone();
    write(conn, now, input, Some(found), digest, reason)
}

fn write(
    conn: &mut DbConnection,
    now: Timestamp,
    input: &ArticleInput,
    found: Option<StateRow>,
    digest: String,
    reason: Option<Reason>,
) -> Result<Stored, DbError> {
    // Another process's clock may be ahead: what went live by that one is not hidden again by this one.
    let now = found.as_ref().map_or(now, |state| now.max(state.modified_at));
    if let Some(owner) = slug_owner(conn, &input.slug, found.as_ref())? {
        return Ok(Stored::SlugTaken(owner));
    }
    if let Some(group) = full_group(conn, input, found.as_ref())? {
        return Ok(Stored::GroupFull(group));
    }
    let before = match &found {
        Some(state) => Standing::stored(conn, state)?,
        None => Standing::default(),
    };
    let status = status_at(input.status, input.published_at, now);
    let visibility = visibility(input, status, now);
    let links = Links::store(conn, now, input, visibility.audience())?;
    let body = Body::of(&input.body);
    let values = values(now, input, found.as_ref(), (status, visibility), &body, links.hero, digest)?;
    let id = write_row(conn, now, found.as_ref(), &values)?;
    // What is new has nothing to be replaced.
    let old_media = match &found {
        Some(_) => clear(conn, id)?,
        None => Vec::new(),
    };
    write_body(conn, id, input, &body)?;
    links.write(conn, id, &values)?;
    write_corrections(conn, id, &input.corrections)?;
    write_redirects(conn, now, id, input, &values, found.as_ref())?;
    search::index(conn, id, &input.title, input.standfirst.as_deref().unwrap_or(""), &body.text)?;
    set_cards(conn, &[id])?;
    touch_translations(conn, now, id, found.as_ref().map(face_before), face_after(&values))?;
    let after = Standing::new(&values, &links.tags, &links.authors);
    adjust(conn, &before, &after)?;
    let unused: Vec<i64> = old_media.into_iter().chain(found.as_ref().and_then(|state| state.hero_id)).collect();
    let kept = media::drop_unused(conn, now, &unused)?;
    media::log_changes(conn, now, &[links.stored_media, kept].concat())?;
    log_change(conn, id, found.as_ref(), &values, reason, lists(&before, &after))?;
    Ok(if found.is_some() { Stored::Updated(id) } else { Stored::Created(id) })
}

fn face_before(state: &StateRow) -> Face<'_> {
    let group = state.translation_group.as_deref();
    Face { seen_by: state.audience(), group, slug: &state.slug, lang: &state.lang }
}

fn face_after(values: &ArticleValues) -> Face<'_> {
    let group = values.translation_group.as_deref();
    Face { seen_by: values.audience(), group, slug: &values.slug, lang: &values.lang }
}

/// The group that the article would join, when there is no room in it.
fn full_group(
    conn: &mut DbConnection,
    input: &ArticleInput,
    found: Option<&StateRow>,
) -> Result<Option<String>, DbError> {
    let Some(group) = &input.translation_group else { return Ok(None) };
    if found.is_some_and(|state| state.translation_group.as_ref() == Some(group)) {
        return Ok(None);
    }
    let members: i64 = articles::table.filter(articles::translation_group.eq(group)).count().get_result(conn)?;
    Ok((members >= MOST_TRANSLATIONS).then(|| group.clone()))
}

fn find(conn: &mut DbConnection, input: &ArticleInput) -> Result<Option<StateRow>, DbError> {
    let query = articles::table.select(StateRow::as_select());
    let row = match &input.guid {
        Identity::Given(guid) => query.filter(articles::guid.eq(guid)).first(conn),
        Identity::Slug => query.filter(articles::slug.eq(&input.slug)).first(conn),
    };
    Ok(row.optional()?)
}

/// The slug of the article with this identity.
pub fn slug_of(conn: &mut DbConnection, guid: &str) -> Result<Option<String>, DbError> {
    Ok(articles::table.filter(articles::guid.eq(guid)).select(articles::slug).first(conn).optional()?)
}

fn slug_owner(conn: &mut DbConnection, slug: &str, found: Option<&StateRow>) -> Result<Option<String>, DbError> {
    if found.is_some_and(|state| state.slug == slug) {
        return Ok(None);
    }
    Ok(articles::table.filter(articles::slug.eq(slug)).select(articles::guid).first(conn).optional()?)
}

/// The ids of what the article refers to.
struct Links {
    authors: Vec<i64>,
    tags: Vec<i64>,
    hero: Option<i64>,
    media: Vec<i64>,
    /// The hero and the media, and what storing them did.
    stored_media: Vec<media::Stored>,
}

impl Links {
    fn store(
        conn: &mut DbConnection,
        now: Timestamp,
        input: &ArticleInput,
        shown_to: Audience,
    ) -> Result<Self, DbError> {
        let (authors, tags, media) = (Vec::new(), Vec::new(), Vec::new());
        let mut links = Self { authors, tags, hero: None, media, stored_media: Vec::new() };
        for byline in &input.authors {
            push_new(&mut links.authors, authors::ensure(conn, now, &byline.slug, &byline.name, shown_to)?);
        }
        for tag in &input.tags {
            push_new(&mut links.tags, tags::ensure(conn, now, &tag.slug, &tag.name, tag.kind, shown_to)?);
        }
        let mut keep = |medium: &MediaInput| {
            let stored = media::write(conn, now, medium)?;
            links.stored_media.push(stored);
            Ok::<_, DbError>(stored.id())
        };
        links.hero = input.hero.as_ref().map(&mut keep).transpose()?;
        for medium in &input.media {
            push_new(&mut links.media, keep(medium)?);
        }
        Ok(links)
    }

    fn write(&self, conn: &mut DbConnection, id: i64, values: &ArticleValues) -> Result<(), DbError> {
        let listed = values.public && values.kind != Kind::Page;
        for (position, author) in (0_i64..).zip(&self.authors) {
            let row = (
                article_authors::article_id.eq(id),
                article_authors::author_id.eq(author),
                article_authors::position.eq(position),
                article_authors::listed.eq(listed),
                article_authors::published_at.eq(values.published_at),
            );
            diesel::insert_into(article_authors::table).values(row).execute(conn)?;
        }
        for (position, tag) in (0_i64..).zip(&self.tags) {
            let row = (
                article_tags::article_id.eq(id),
                article_tags::tag_id.eq(tag),
                article_tags::position.eq(position),
                article_tags::listed.eq(listed),
                article_tags::published_at.eq(values.published_at),
            );
            diesel::insert_into(article_tags::table).values(row).execute(conn)?;
        }
        for (position, medium) in (0_i64..).zip(&self.media) {
            let row = (
                article_media::article_id.eq(id),
                article_media::media_id.eq(medium),
                article_media::position.eq(position),
            );
            diesel::insert_into(article_media::table).values(row).execute(conn)?;
        }
        Ok(())
    }
}

/// Takes away the rows of a stored article that are written anew; returns the media that it had.
fn clear(conn: &mut DbConnection, id: i64) -> Result<Vec<i64>, DbError> {
    diesel::delete(article_bodies::table.find(id)).execute(conn)?;
    diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id))).execute(conn)?;
    diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(conn)?;
    diesel::delete(corrections::table.filter(corrections::article_id.eq(id))).execute(conn)?;
    let of_article = article_media::table.filter(article_media::article_id.eq(id));
    let media = of_article.select(article_media::media_id).order(article_media::media_id).load(conn)?;
    diesel::delete(of_article).execute(conn)?;
    Ok(media)
}

/// Two slugs may lead to one tag, by way of an alias; the first mention counts.
fn push_new(ids: &mut Vec<i64>, id: i64) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

fn visibility(input: &ArticleInput, status: Status, now: Timestamp) -> Visibility {
    let ArticleInput { published_at, embargo_until, expires_at, .. } = *input;
    Visibility::of(Terms { status, published_at, embargo_until, expires_at }, now)
}

fn values(
    now: Timestamp,
    input: &ArticleInput,
    found: Option<&StateRow>,
    (status, visibility): (Status, Visibility),
    body: &Body,
    hero_id: Option<i64>,
    digest: String,
) -> Result<ArticleValues, DbError> {
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
        guid: found.map_or_else(|| input.guid.guid(&input.slug), |state| state.guid.clone()),
        slug: input.slug.clone(),
        kind: input.kind,
        lang: input.lang.clone(),
        translation_group: input.translation_group.clone(),
        status,
        public,
        embargoed,
        was_public: public || killed_in_public || found.is_some_and(|state| state.was_public),
        title: input.title.clone(),
        title_key: text::fold::sort_key(&input.title),
        standfirst: input.standfirst.clone(),
        opening: body.opening.clone(),
        word_count: body.word_count,
        hero_id,
        canonical_url: input.canonical_url.clone(),
        rights: input.rights.as_ref().map(to_json).transpose()?,
        published_at: input.published_at,
        published_year: input.published_at.map(Timestamp::year),
        first_published_at,
        embargo_until: input.embargo_until,
        expires_at: input.expires_at,
        next_transition_at,
        killed_at: input.kill.as_ref().map(|kill| kill.at),
        kill_reason: input.kill.as_ref().map(|kill| kill.reason.clone()),
        replaced_by: input.kill.as_ref().and_then(|kill| kill.replaced_by.clone()),
        updated_at,
        modified_at: now,
        version: found.map_or(1, |state| state.version + 1),
        digest,
    })
}

fn write_row(
    conn: &mut DbConnection,
    now: Timestamp,
    found: Option<&StateRow>,
    values: &ArticleValues,
) -> Result<i64, DbError> {
    match found {
        Some(state) => {
            diesel::update(articles::table.find(state.id)).set(values).execute(conn)?;
            Ok(state.id)
        }
        None => {
            let row = (values, articles::created_at.eq(now));
            Ok(diesel::insert_into(articles::table).values(row).returning(articles::id).get_result(conn)?)
        }
    }
}

fn write_body(conn: &mut DbConnection, id: i64, input: &ArticleInput, body: &Body) -> Result<(), DbError> {
    let values = BodyValues {
        article_id: id,
        source: &input.body.source,
        source_format: input.body.format,
        html: &body.html,
        sanitiser_version: text::SANITISER_VERSION,
        text: &body.text,
    };
    diesel::insert_into(article_bodies::table).values(&values).execute(conn)?;
    Ok(())
}

fn write_corrections(conn: &mut DbConnection, id: i64, list: &[Correction]) -> Result<(), DbError> {
    for Correction { at, text } in list {
        let row = (corrections::article_id.eq(id), corrections::corrected_at.eq(*at), corrections::text.eq(text));
        diesel::insert_into(corrections::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The slug it had until now and those that it had before lead to it. Its own leads nowhere else once it is public: until
/// then whoever comes by it is led on to the story that had it before, or told that that one is gone.
fn write_redirects(
    conn: &mut DbConnection,
    now: Timestamp,
    id: i64,
    input: &ArticleInput,
    values: &ArticleValues,
    found: Option<&StateRow>,
) -> Result<(), DbError> {
    if values.public {
        redirects::release(conn, RedirectKind::Article, &input.slug)?;
    }
    let present = found.map(|state| &state.slug).filter(|slug| **slug != input.slug);
    for slug in present.into_iter().chain(&input.former_slugs) {
        if redirects::point(conn, now, RedirectKind::Article, slug, id)? == redirects::Pointed::Taken {
            tracing::debug!(
                slug,
                article = id,
                "former slug {slug} of article {id} is in use, so it does not redirect"
            );
        }
    }
    Ok(())
}

fn log_change(
    conn: &mut DbConnection,
    id: i64,
    found: Option<&StateRow>,
    values: &ArticleValues,
    reason: Option<Reason>,
    lists: String,
) -> Result<(), DbError> {
    let was_public = found.is_some_and(|state| state.public);
    let reason = reason.unwrap_or(match (values.status, was_public, values.public) {
        (Status::Killed, _, _) => Reason::Killed,
        (_, false, true) => Reason::Published,
        (_, true, false) => Reason::Unpublished,
        _ => Reason::Updated,
    });
    let change = NewChange {
        op: if values.public { Op::Upsert } else { Op::Delete },
        type_: Subject::Article,
        entity_id: id,
        slug: &values.slug,
        version: values.version,
        modified_at: values.modified_at,
        reason,
        replaced_by: values.replaced_by.as_deref(),
        audience: values.audience(),
        lists,
    };
    log::append(conn, &change)
}
