//! What the clock alone changes: a scheduled story goes live, an embargo ends, a story expires.

use diesel::prelude::*;

use super::counts::{Standing, adjust, lists, relist};
use super::scope::next_change;
use super::shelf::set_cards;
use super::touch::{Face, touch_translations};
use crate::articles::rows::StateRow;
use crate::articles::visibility::{Visibility, status_at};
use crate::authors::queries as authors;
use crate::changes::queries as log;
use crate::changes::rows::NewChange;
use crate::changes::{Op, Reason, Subject};
use crate::clock::Timestamp;
use crate::db::schema::articles;
use crate::db::{DbConnection, DbError};
use crate::media::queries as media;
use crate::redirects::{RedirectKind, queries as redirects};
use crate::tags::queries as tags;

/// How many are changed in one transaction, so that after a long downtime no reader waits for all of them.
const BATCH: i64 = 200;

/// When the next one is due; `None` when nothing waits for the clock.
pub fn next_due(conn: &mut DbConnection) -> Result<Option<Timestamp>, DbError> {
    next_change(conn)
}

/// Makes those that are due at `now`, the oldest first, and says how many there were. Call it until that is 0.
pub fn run_due(conn: &mut DbConnection, now: Timestamp) -> Result<usize, DbError> {
    let due: Vec<StateRow> = articles::table
        .filter(articles::next_transition_at.is_not_null())
        .filter(articles::next_transition_at.le(now))
        .order((articles::next_transition_at.asc(), articles::id.asc()))
        .limit(BATCH)
        .select(StateRow::as_select())
        .load(conn)?;
    for state in &due {
        change(conn, state, now)?;
    }
    Ok(due.len())
}

fn change(conn: &mut DbConnection, state: &StateRow, now: Timestamp) -> Result<(), DbError> {
    // The clock of a process that wrote before may be ahead.
    let at = now.later_than(state.modified_at);
    let before = Standing::stored(conn, state)?;
    let status = status_at(state.status, state.published_at, now);
    let visibility = state.visibility(now);
    let Visibility { public, embargoed, next_transition_at } = visibility;
    let after = StateRow {
        status,
        public,
        embargoed,
        was_public: state.was_public || public,
        first_published_at: state.first_published_at.or(state.published_at.filter(|_| public)),
        ..state.clone()
    };
    diesel::update(articles::table.find(state.id))
        .set((
            articles::status.eq(after.status),
            articles::public.eq(after.public),
            articles::embargoed.eq(after.embargoed),
            articles::was_public.eq(after.was_public),
            articles::first_published_at.eq(after.first_published_at),
            articles::next_transition_at.eq(next_transition_at),
            articles::modified_at.eq(at),
        ))
        .execute(conn)?;
    if public {
        redirects::release(conn, RedirectKind::Article, &state.slug)?;
    }
    set_cards(conn, &[state.id])?;
    let group = state.translation_group.as_deref();
    let face = |seen_by| Face { seen_by, group, slug: &state.slug, lang: &state.lang };
    touch_translations(conn, now, state.id, Some(face(state.audience())), face(visibility.audience()))?;
    relist(conn, state.id, after.listed(), state.published_at)?;
    let standing = Standing::stored(conn, &after)?;
    adjust(conn, &before, &standing)?;
    let audience = visibility.audience();
    authors::show_those_of(conn, now, state.id, audience)?;
    tags::show_those_of(conn, now, state.id, audience)?;
    media::log_those_of(conn, now, state.id)?;
    let change = NewChange {
        op: if public { Op::Upsert } else { Op::Delete },
        type_: Subject::Article,
        entity_id: state.id,
        slug: &state.slug,
        version: state.version,
        modified_at: at,
        reason: if state.expires_at.is_some_and(|at| at <= now) { Reason::Expired } else { Reason::Published },
        replaced_by: None,
        audience,
        lists: lists(&before, &standing),
    };
    log::append(conn, &change)
}
