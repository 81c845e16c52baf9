//! Reading and storing media.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::MediaInput;
use super::rows::{MediaRow, MediaValues, NewMedium, StoredMedia};
use crate::articles::queries::{Of, Visible, touch};
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Audience, Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::{article_media, articles, media};
use crate::db::{Cut, DbConnection, DbError, Extent, Key, Position, ROWS, id_in};
use crate::insert_all;

/// A medium, whoever may see it.
pub fn find(conn: &mut DbConnection, id: i64) -> Result<Option<StoredMedia>, DbError> {
    Ok(media::table.find(id).select(StoredMedia::as_select()).first(conn).optional()?)
}

/// One page of all media, the newest first.
pub fn list(conn: &mut DbConnection, cut: &Cut) -> Result<(Vec<StoredMedia>, Extent), DbError> {
    let total = if cut.count { Some(media::table.count().get_result(conn)?) } else { None };
    let query = media::table.into_boxed().select(StoredMedia::as_select());
    let rows = cut_by!(query, media::id, media::id, Position::number, descending: true, cut).load(conn)?;
    Ok(Extent::of(rows, cut, total, |row: &StoredMedia| (vec![Key::Number(row.id)], row.id)))
}

/// A medium that a caller of an audience may see.
pub fn find_visible(conn: &mut DbConnection, id: i64, of: Audience) -> Result<Option<MediaRow>, DbError> {
    let Some(stored) = find(conn, id)? else { return Ok(None) };
    if audience(conn, id)? >= of { stored.try_into().map(Some) } else { Ok(None) }
}

/// Who may see a medium: those who may see an article that uses it, and everyone when no article does.
fn audience(conn: &mut DbConnection, id: i64) -> Result<Audience, DbError> {
    Ok(audiences(conn, &[id])?.get(&id).copied().unwrap_or(Audience::Nobody))
}

/// The same of several media, by their ids; nobody sees what is not there.
fn audiences(conn: &mut DbConnection, ids: &[i64]) -> Result<HashMap<i64, Audience>, DbError> {
    let as_hero = articles::table.filter(articles::hero_id.eq(media::id.nullable()));
    let in_text = article_media::table.inner_join(articles::table).filter(article_media::media_id.eq(media::id));
    let all = Visible(Audience::Everyone);
    let shown = exists(as_hero.filter(all)).or(exists(in_text.filter(all)));
    let free = not(exists(as_hero)).and(not(exists(in_text)));
    let early = exists(as_hero.filter(articles::embargoed)).or(exists(in_text.filter(articles::embargoed)));
    let mut audiences: HashMap<i64, Audience> = ids.iter().map(|id| (*id, Audience::Nobody)).collect();
    for some in ids.chunks(ROWS) {
        let known = media::table.filter(id_in(media::id, some)).select(media::id);
        let everyone: HashSet<i64> = known.filter(shown.or(free)).load(conn)?.into_iter().collect();
        let rest: Vec<i64> = some.iter().copied().filter(|id| !everyone.contains(id)).collect();
        audiences.extend(everyone.into_iter().map(|id| (id, Audience::Everyone)));
        if !rest.is_empty() {
            let rest = media::table.filter(id_in(media::id, &rest)).select(media::id);
            let embargoed: Vec<i64> = rest.filter(early).load(conn)?;
            audiences.extend(embargoed.into_iter().map(|id| (id, Audience::Embargoed)));
        }
    }
    Ok(audiences)
}

/// Media by their ids, in no order.
pub fn by_ids(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<MediaRow>, DbError> {
    let rows: Vec<StoredMedia> =
        media::table.filter(id_in(media::id, ids)).select(StoredMedia::as_select()).load(conn)?;
    rows.into_iter().map(MediaRow::try_from).collect()
}

/// The media of an article beyond its hero, in order.
pub fn of_article(conn: &mut DbConnection, article_id: i64) -> Result<Vec<MediaRow>, DbError> {
    let rows: Vec<StoredMedia> = article_media::table
        .inner_join(media::table)
        .filter(article_media::article_id.eq(article_id))
        .order((article_media::position, article_media::media_id))
        .select(StoredMedia::as_select())
        .load(conn)?;
    rows.into_iter().map(MediaRow::try_from).collect()
}

/// A stored medium by the identity that its source gave it.
pub fn find_by_guid(conn: &mut DbConnection, guid: &str) -> Result<Option<MediaInput>, DbError> {
    by_guid(conn, guid)?.map(MediaInput::try_from).transpose()
}

fn by_guid(conn: &mut DbConnection, guid: &str) -> Result<Option<StoredMedia>, DbError> {
    Ok(media::table.filter(media::guid.eq(guid)).select(StoredMedia::as_select()).first(conn).optional()?)
}

/// What a store did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Created(i64),
    Updated(i64),
    Unchanged(i64),
}

impl Stored {
    /// The id, whatever was done.
    pub fn id(self) -> i64 {
        let (Self::Created(id) | Self::Updated(id) | Self::Unchanged(id)) = self;
        id
    }
}

/// Stores a medium under its guid, and logs it when that changes anything.
pub fn store(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<Stored, DbError> {
    let stored = write(conn, now, input)?;
    log_changes(conn, now, &[stored])?;
    Ok(stored)
}

/// [`store`] without the entry of a new medium in the log: who may see it is known when its article is stored.
fn write(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<Stored, DbError> {
    match by_guid(conn, &input.guid)? {
        None => insert(conn, now, input).map(Stored::Created),
        Some(found) => {
            let id = found.id;
            Ok(if update(conn, now, found, input)? { Stored::Updated(id) } else { Stored::Unchanged(id) })
        }
    }
}

/// Stores what articles show, each under its guid, and says what that did to each. What is created gets no entry in the log:
/// who may see it is known when its article is stored.
pub fn write_all(conn: &mut DbConnection, now: Timestamp, all: &[&MediaInput]) -> Result<Vec<Stored>, DbError> {
    let mut seen = HashSet::with_capacity(all.len());
    let mut first: Vec<&MediaInput> = all.iter().copied().filter(|input| seen.insert(&input.guid)).collect();
    let mut present: HashMap<String, (i64, MediaInput)> = HashMap::with_capacity(first.len());
    for some in first.chunks(ROWS) {
        let found = media::table.filter(media::guid.eq_any(some.iter().map(|input| &input.guid)));
        let found: Vec<StoredMedia> = found.select(StoredMedia::as_select()).load(conn)?;
        for stored in found {
            present.insert(stored.guid.clone(), (stored.id, stored.try_into()?));
        }
    }
    first.retain(|input| !present.contains_key(&input.guid));
    let rows = first.iter().map(|input| NewMedium::of(input, now)).collect::<Result<Vec<_>, DbError>>()?;
    let ids = insert_all!(conn, media::table, &rows, returning (media::guid, media::id), by NewMedium::guid)?;
    let fresh: HashSet<i64> = ids.iter().copied().collect();
    let mut created: HashMap<&str, i64> = rows.iter().map(NewMedium::guid).zip(ids).collect();
    let outcome = |input: &&MediaInput| {
        if let Some(id) = created.remove(input.guid.as_str()) {
            present.insert(input.guid.clone(), (id, (*input).clone()));
            return Ok(Stored::Created(id));
        }
        let stored = match present.get(&input.guid) {
            Some((id, known)) if known == *input => return Ok(Stored::Unchanged(*id)),
            // Another one was meant by it a moment ago: nothing shows it yet, and the log does not know it.
            Some((id, _)) if fresh.contains(id) => {
                diesel::update(media::table.find(id)).set(MediaValues::of(input, now)?).execute(conn)?;
                Stored::Updated(*id)
            }
            _ => write(conn, now, input)?,
        };
        present.insert(input.guid.clone(), (stored.id(), (*input).clone()));
        Ok(stored)
    };
    all.iter().map(outcome).collect()
}

/// Creates a medium, unless another one has its identity: that one's id.
pub fn create(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<Result<i64, i64>, DbError> {
    if let Some(found) = by_guid(conn, &input.guid)? {
        return Ok(Err(found.id));
    }
    let id = insert(conn, now, input)?;
    log_changes(conn, now, &[Stored::Created(id)])?;
    Ok(Ok(id))
}

/// Makes a medium what `input` says, and says whether that changed anything. Articles that use it are touched.
pub fn update(
    conn: &mut DbConnection,
    now: Timestamp,
    found: StoredMedia,
    input: &MediaInput,
) -> Result<bool, DbError> {
    let (id, at) = (found.id, now.later_than(found.modified_at));
    let before = MediaInput::try_from(found)?;
    if before == *input {
        return Ok(false);
    }
    let reason = if before.rights == input.rights { Reason::Updated } else { Reason::Rights };
    diesel::update(media::table.find(id)).set(MediaValues::of(input, at)?).execute(conn)?;
    let seen_by = audience(conn, id)?;
    log_change(conn, at, id, seen_by, reason)?;
    touch(conn, now, Of::Medium(id), reason)?;
    Ok(true)
}

fn insert(conn: &mut DbConnection, now: Timestamp, input: &MediaInput) -> Result<i64, DbError> {
    let row = NewMedium::of(input, now)?;
    Ok(diesel::insert_into(media::table).values(&row).returning(media::id).get_result(conn)?)
}

/// Removes those of `ids` that nothing uses any more and whose identity was only their content; says which ones stay. Whatever may refer to
/// a medium has to be asked here: in a first import SQLite does not check it.
pub fn drop_unused(conn: &mut DbConnection, now: Timestamp, ids: &[i64]) -> Result<Vec<Stored>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let unused: Vec<i64> = media::table
        .filter(id_in(media::id, ids))
        .filter(media::guid.like("urn:uuid:%"))
        .filter(not(exists(articles::table.filter(articles::hero_id.eq(media::id.nullable())))))
        .filter(not(exists(article_media::table.filter(article_media::media_id.eq(media::id)))))
        .order(media::id)
        .select(media::id)
        .load(conn)?;
    for id in &unused {
        diesel::delete(media::table.find(id)).execute(conn)?;
        log_change(conn, now, *id, Audience::Nobody, Reason::Updated)?;
    }
    Ok(ids.iter().filter(|id| !unused.contains(id)).map(|id| Stored::Unchanged(*id)).collect())
}

/// Logs those media of an article whom others may see now than before: call it when the article became visible or hidden.
pub fn log_those_of(conn: &mut DbConnection, now: Timestamp, article_id: i64) -> Result<(), DbError> {
    let mut ids: Vec<i64> = article_media::table
        .filter(article_media::article_id.eq(article_id))
        .order(article_media::media_id)
        .select(article_media::media_id)
        .load(conn)?;
    let hero: Option<i64> = articles::table.find(article_id).select(articles::hero_id).first(conn)?;
    ids.extend(hero);
    let media: Vec<Stored> = ids.into_iter().map(Stored::Unchanged).collect();
    log_changes(conn, now, &media)
}

/// Logs media that were created, and of the rest those whom others may see now than before. An update logged itself.
pub fn log_changes(conn: &mut DbConnection, now: Timestamp, touched: &[Stored]) -> Result<(), DbError> {
    let mut seen = HashSet::new();
    let ids: Vec<i64> = touched.iter().map(|stored| stored.id()).filter(|id| seen.insert(*id)).collect();
    let created: HashSet<i64> =
        touched.iter().filter(|one| matches!(one, Stored::Created(_))).map(|one| one.id()).collect();
    let (seen_by, told) = (audiences(conn, &ids)?, log::audiences(conn, Subject::Media, &ids)?);
    for id in ids {
        let now_seen_by = seen_by.get(&id).copied().unwrap_or(Audience::Nobody);
        if created.contains(&id) || told.get(&id).copied().unwrap_or(Audience::Nobody) != now_seen_by {
            log_change(conn, now, id, now_seen_by, Reason::Updated)?;
        }
    }
    Ok(())
}

/// Logs media that were created for articles that are new as well, with who may see those.
pub fn log_created(conn: &mut DbConnection, now: Timestamp, created: &BTreeMap<i64, Audience>) -> Result<(), DbError> {
    let named: Vec<(String, i64, Audience)> =
        created.iter().map(|(id, seen_by)| (id.to_string(), *id, *seen_by)).collect();
    let changes = named.iter().map(|(slug, id, seen_by)| change(now, (slug, *id), *seen_by, Reason::Updated));
    log::append_new(conn, changes.collect())
}

fn change(at: Timestamp, (slug, id): (&str, i64), audience: Audience, reason: Reason) -> NewChange<'_> {
    let op = if audience == Audience::Everyone { Op::Upsert } else { Op::Delete };
    NewChange { op, audience, ..NewChange::upsert(Subject::Media, id, slug, at, reason) }
}

fn log_change(
    conn: &mut DbConnection,
    at: Timestamp,
    id: i64,
    audience: Audience,
    reason: Reason,
) -> Result<(), DbError> {
    log::append(conn, &change(at, (&id.to_string(), id), audience, reason))
}
