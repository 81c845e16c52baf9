//! What editors do to articles, each in the caller's one write transaction: create, change, act. Every change leaves a
//! revision.

use std::mem::take;

use diesel::prelude::*;

use super::editor::Editor;
use super::managed::{Managed, managed, medium_with};
use super::references::References;
use super::revisions;
use super::store::{Stored, edit, store};
use crate::articles::draft::{ArticleDraft, ArticlePatch};
use crate::articles::input::Prepared;
use crate::articles::lifecycle::{Action, Refusal, State};
use crate::articles::visibility::Terms;
use crate::articles::{Kind, Status, read_lang};
use crate::changes::Reason;
use crate::clock::Timestamp;
use crate::db::schema::{articles, redirects};
use crate::db::{DbConnection, DbError};
use crate::manage::Patch;
use crate::records::{ArticleRecord, Invalid, checked};
use crate::redirects::RedirectKind;
use crate::text::slug::{composed, slugify};
use crate::text::words;

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDone {
    /// One for each field.
    Invalid(Vec<Invalid>),
    Refused(Refusal),
    /// The article is public, or will be, and the editor may only write what isn't.
    Exposed(State),
    /// A killed article takes no edits.
    Killed,
}

/// What came of it. An error of the database is another matter.
type Edited = Result<Result<Managed, NotDone>, DbError>;

fn invalid(field: &str, reason: impl Into<String>) -> NotDone {
    NotDone::Invalid(vec![Invalid { field: field.to_owned(), reason: reason.into() }])
}

/// Creates a draft.
pub fn create(conn: &mut DbConnection, by: &Editor, draft: ArticleDraft) -> Edited {
    let guid = draft.guid.clone().unwrap_or_else(|| uuid::Uuid::now_v7().urn().to_string());
    let owner = articles::table.filter(articles::guid.eq(&guid)).select(articles::id).first::<i64>(conn).optional()?;
    let taken = owner.map(|id| Invalid { field: "guid".to_owned(), reason: format!("belongs to article {id}") });
    let slug = match &draft.slug {
        Some(slug) => slug.clone(),
        None => free_slug(conn, &slugify(&draft.title).unwrap_or_else(|| "article".to_owned()))?,
    };
    let untitled = untitled(&draft.title);
    let (record, faults) = drafted(conn, draft, guid, slug)?;
    let found = taken.into_iter().chain(untitled).chain(faults);
    let input = match Invalid::all(found.collect(), checked(record)) {
        Ok(input) => input,
        Err(faults) => return Ok(Err(NotDone::Invalid(faults))),
    };
    let article = Prepared::new(input).map_err(|error| DbError::Corrupt(error.to_string()))?;
    match store(conn, by.now, &article)? {
        Stored::Created(id) => finish(conn, by, id, "create_article").map(Ok),
        Stored::SlugTaken(_) => {
            Ok(Err(invalid("slug", format!("{:?} belongs to another article", article.input.slug))))
        }
        Stored::GroupFull(group) => Ok(Err(invalid("translation_group", format!("{group:?} has as many as it may")))),
        other => Err(DbError::Corrupt(format!("a new article was stored as {other:?}"))),
    }
}

fn drafted(
    conn: &mut DbConnection,
    draft: ArticleDraft,
    guid: String,
    slug: String,
) -> Result<(ArticleRecord, Vec<Invalid>), DbError> {
    let mut references = References::new(conn);
    let record = ArticleRecord {
        authors: references.authors(draft.authors)?,
        tags: references.tags(draft.tags)?,
        hero: draft.hero.map(|hero| references.medium("hero", hero)).transpose()?,
        media: references.media(draft.media)?,
        id: None,
        version: None,
        guid: Some(guid),
        slug,
        title: draft.title,
        kind: draft.kind.unwrap_or(Kind::News),
        lang: draft.lang,
        status: Status::Draft,
        published_at: None,
        first_published_at: None,
        updated_at: None,
        embargo_until: draft.embargo_until,
        expires_at: draft.expires_at,
        translation_group: draft.translation_group,
        standfirst: draft.standfirst,
        body: draft.body,
        body_format: draft.body_format,
        canonical_url: draft.canonical_url,
        rights: draft.rights,
        corrections: Vec::new(),
        former_slugs: Vec::new(),
        kill: None,
    };
    Ok((record, references.faults))
}

/// `base`, or `base-2` and so on: one that neither an article nor a redirect has.
fn free_slug(conn: &mut DbConnection, base: &str) -> Result<String, DbError> {
    for number in 1_u32.. {
        let slug = if number == 1 { base.to_owned() } else { format!("{base}-{number}") };
        let own =
            articles::table.filter(articles::slug.eq(&slug)).select(articles::id).first::<i64>(conn).optional()?;
        let former = redirects::table
            .filter(redirects::type_.eq(RedirectKind::Article))
            .filter(redirects::from_slug.eq(&slug))
            .select(redirects::id)
            .first::<i64>(conn)
            .optional()?;
        if own.is_none() && former.is_none() {
            return Ok(slug);
        }
    }
    Err(DbError::Corrupt(format!("every number after {base:?} is taken")))
}

/// An import takes a story without a title as it was; nobody begins one.
fn untitled(title: &str) -> Option<Invalid> {
    words::is_blank(title).then(|| Invalid { field: "title".to_owned(), reason: "is empty".to_owned() })
}

/// Changes what a PATCH names.
pub fn patch(conn: &mut DbConnection, by: &Editor, before: Managed, patch: ArticlePatch) -> Edited {
    let by = &by.after(&before);
    if let Err(refusal) = may_edit(&before, by) {
        return Ok(Err(refusal));
    }
    let (record, faults) = patched(conn, before.record.clone(), patch)?;
    if !faults.is_empty() {
        let more = checked(record).err().unwrap_or_default();
        return Ok(Err(NotDone::Invalid([faults, more].concat())));
    }
    // An edit may itself bring a story back, by taking its end away.
    match state_of(&record, by.now) {
        state if state.is_exposed() && !by.may_publish => Ok(Err(NotDone::Exposed(state))),
        _ => change(conn, by, before, record, "update_article", None),
    }
}

fn state_of(record: &ArticleRecord, now: Timestamp) -> State {
    let ArticleRecord { status, published_at, embargo_until, expires_at, .. } = *record;
    State::of(Terms { status, published_at, embargo_until, expires_at }, now)
}

fn may_edit(article: &Managed, by: &Editor) -> Result<(), NotDone> {
    match article.state(by.now) {
        State::Killed => Err(NotDone::Killed),
        state if state.is_exposed() && !by.may_publish => Err(NotDone::Exposed(state)),
        _ => Ok(()),
    }
}

fn patched(
    conn: &mut DbConnection,
    mut record: ArticleRecord,
    patch: ArticlePatch,
) -> Result<(ArticleRecord, Vec<Invalid>), DbError> {
    let (mut references, mut faults) = (References::new(conn), Vec::new());
    let it = &mut references;
    if let Patch::Value(title) = &patch.title {
        faults.extend(untitled(title));
    }
    patch.title.onto_required(&mut record.title, "title", &mut faults);
    patch.lang.onto_required(&mut record.lang, "lang", &mut faults);
    patch.kind.onto_required(&mut record.kind, "kind", &mut faults);
    patch.slug.onto_required(&mut record.slug, "slug", &mut faults);
    // What is the same in another spelling is no change.
    record.lang = read_lang(&record.lang).unwrap_or(record.lang);
    record.slug = composed(record.slug);
    patch.body.onto_required(&mut record.body, "body", &mut faults);
    patch.body_format.onto_required(&mut record.body_format, "body_format", &mut faults);
    patch.translation_group.onto(&mut record.translation_group);
    patch.standfirst.onto(&mut record.standfirst);
    patch.canonical_url.onto(&mut record.canonical_url);
    patch.rights.onto(&mut record.rights);
    patch.expires_at.onto(&mut record.expires_at);
    match patch.authors {
        Patch::Value(names) => record.authors = it.authors(names)?,
        other => other.map(|_| Vec::new()).onto_required(&mut record.authors, "authors", &mut faults),
    }
    match patch.tags {
        Patch::Value(names) => record.tags = it.tags(names)?,
        other => other.map(|_| Vec::new()).onto_required(&mut record.tags, "tags", &mut faults),
    }
    match patch.media {
        Patch::Value(names) => record.media = it.media(names)?,
        other => other.map(|_| Vec::new()).onto_required(&mut record.media, "media", &mut faults),
    }
    match patch.hero {
        Patch::Value(name) => record.hero = Some(it.medium("hero", name)?),
        Patch::Null => record.hero = None,
        Patch::Absent => {}
    }
    faults.extend(references.faults);
    Ok((record, faults))
}

/// Does something to an article.
pub fn act(conn: &mut DbConnection, by: &Editor, before: Managed, mut action: Action) -> Edited {
    let by = &by.after(&before);
    let (name, reason) = (action.name(), reason_of(&action));
    if let Action::Kill { replaced_by: Some(slug), .. } = &mut action {
        *slug = composed(take(slug));
        let other = articles::table.filter(articles::slug.eq(&*slug)).filter(articles::id.ne(before.row.id));
        match other.select(articles::public).first::<bool>(conn).optional()? {
            Some(true) => {}
            // Everyone is told of it.
            Some(false) => return Ok(Err(invalid("replaced_by", format!("the article {slug:?} is not public")))),
            None => return Ok(Err(invalid("replaced_by", format!("there is no other article {slug:?}")))),
        }
    }
    // What is no change of words leaves the date of the last one alone.
    let mut record = before.record.clone();
    let edited = matches!(action, Action::Correct { .. });
    if let Err(refusal) = action.apply(before.state(by.now), by.now, &mut record) {
        return Ok(Err(NotDone::Refused(refusal)));
    }
    let updated_at = before.record.updated_at.filter(|_| !edited);
    write(conn, by, before, ArticleRecord { updated_at, ..record }, name, reason)
}

fn reason_of(action: &Action) -> Option<Reason> {
    match action {
        Action::Correct { .. } => Some(Reason::Corrected),
        Action::Restore => Some(Reason::Unpublished),
        _ => None,
    }
}

/// Gives an article another revision's words, and leaves its place in life alone. Media that are there still come as they are
/// now: other stories show them too.
pub fn restore(conn: &mut DbConnection, by: &Editor, before: Managed, mut old: ArticleRecord) -> Edited {
    let by = &by.after(&before);
    for medium in old.hero.iter_mut().chain(&mut old.media) {
        if let Some(present) = medium.guid.as_deref().map(|guid| medium_with(conn, guid)).transpose()?.flatten() {
            *medium = present;
        }
    }
    if let Err(refusal) = may_edit(&before, by) {
        return Ok(Err(refusal));
    }
    let now = &before.record;
    let record = ArticleRecord {
        guid: now.guid.clone(),
        slug: now.slug.clone(),
        status: now.status,
        published_at: now.published_at,
        first_published_at: now.first_published_at,
        embargo_until: now.embargo_until,
        expires_at: now.expires_at,
        corrections: now.corrections.clone(),
        former_slugs: now.former_slugs.clone(),
        kill: now.kill.clone(),
        updated_at: now.updated_at,
        ..old
    };
    change(conn, by, before, record, "restore_revision", None)
}

/// Writes words that may have changed; when they have not, nothing is written.
fn change(
    conn: &mut DbConnection,
    by: &Editor,
    before: Managed,
    record: ArticleRecord,
    action: &str,
    reason: Option<Reason>,
) -> Edited {
    if record == before.record {
        return Ok(Ok(before));
    }
    write(conn, by, before, ArticleRecord { updated_at: None, ..record }, action, reason)
}

fn write(
    conn: &mut DbConnection,
    by: &Editor,
    before: Managed,
    record: ArticleRecord,
    action: &str,
    reason: Option<Reason>,
) -> Edited {
    let input = match checked(record) {
        Ok(input) => input,
        Err(faults) => return Ok(Err(NotDone::Invalid(faults))),
    };
    revisions::keep_found(conn, &before)?;
    match edit(conn, by.now, before.row.id, &input, reason)? {
        Stored::Updated(id) => finish(conn, by, id, action).map(Ok),
        Stored::SlugTaken(_) => Ok(Err(invalid("slug", format!("{:?} belongs to another article", input.slug)))),
        Stored::GroupFull(group) => Ok(Err(invalid("translation_group", format!("{group:?} has as many as it may")))),
        other => Err(DbError::Corrupt(format!("article {} was stored as {other:?}", before.row.id))),
    }
}

fn finish(conn: &mut DbConnection, by: &Editor, id: i64, action: &str) -> Result<Managed, DbError> {
    let after = managed(conn, id)?.ok_or_else(|| DbError::Corrupt(format!("article {id} was not stored")))?;
    revisions::keep(conn, by, &after, action)?;
    Ok(after)
}
