//! Storing and finding keys.

use diesel::prelude::*;
use subtle::ConstantTimeEq;

use super::caller::Key;
use super::rows::{KeyRow, NewKey};
use super::scope::Scopes;
use super::state::KeyState;
use super::token::Token;
use crate::clock::Timestamp;
use crate::cut_by;
use crate::db::schema::keys;
use crate::db::{Cut, DbConnection, DbError, Extent, Key as Place, MultiBackend, Position};

/// The valid key that a token is, if there is one. Digests are compared in constant time.
pub fn authenticate(conn: &mut DbConnection, token: &Token, now: Timestamp) -> Result<Option<Key>, DbError> {
    let digest = token.digest();
    let rows: Vec<KeyRow> = keys::table.filter(keys::hint.eq(token.hint())).select(KeyRow::as_select()).load(conn)?;
    let found = rows.into_iter().find(|row| bool::from(row.digest.as_bytes().ct_eq(digest.as_bytes())));
    Ok(found.filter(|row| row.is_valid(now)).map(|row| Key { id: row.id, name: row.name, scopes: row.scopes }))
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct KeyInput {
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
}

/// Stores a new key.
pub fn create(conn: &mut DbConnection, now: Timestamp, input: &KeyInput, token: &Token) -> Result<KeyRow, DbError> {
    insert(conn, now, input, token, None)
}

fn insert(
    conn: &mut DbConnection,
    now: Timestamp,
    input: &KeyInput,
    token: &Token,
    replaces: Option<i64>,
) -> Result<KeyRow, DbError> {
    let KeyInput { name, scopes, expires_at } = input;
    let digest = token.digest();
    let row = NewKey {
        name,
        hint: token.hint(),
        digest: &digest,
        scopes,
        created_at: now,
        expires_at: *expires_at,
        replaces,
    };
    let id: i64 = diesel::insert_into(keys::table).values(&row).returning(keys::id).get_result(conn)?;
    find(conn, id)?.ok_or_else(|| DbError::Corrupt(format!("key {id} was not stored")))
}

/// Why a key is not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRotated {
    #[error("There is no key {0}.")]
    Missing(i64),
    #[error("Key {0} has expired. Make a new one instead.")]
    Expired(i64),
    #[error("Key {0} is revoked. Make a new one instead.")]
    Revoked(i64),
    #[error("Key {0} was replaced by key {1} before. Rotate that one, or revoke it first.")]
    Replaced(i64, i64),
}

/// Stores a key that takes the place of another: of the same name, with its scopes, and for as long as it would have been
/// valid. The old one is valid for `overlap` more seconds, and never longer than before.
pub fn rotate(
    conn: &mut DbConnection,
    now: Timestamp,
    id: i64,
    overlap: i64,
    token: &Token,
) -> Result<Result<KeyRow, NotRotated>, DbError> {
    let Some(old) = find(conn, id)? else { return Ok(Err(NotRotated::Missing(id))) };
    match old.state(now) {
        KeyState::Active => {}
        KeyState::Expired => return Ok(Err(NotRotated::Expired(id))),
        KeyState::Revoked => return Ok(Err(NotRotated::Revoked(id))),
    }
    let successors: Vec<KeyRow> = keys::table.filter(keys::replaces.eq(id)).select(KeyRow::as_select()).load(conn)?;
    if let Some(successor) = successors.iter().find(|row| row.is_valid(now)) {
        return Ok(Err(NotRotated::Replaced(id, successor.id)));
    }
    let ends = now.plus_seconds(overlap);
    let ends = old.expires_at.map_or(ends, |at| at.min(ends));
    diesel::update(keys::table.find(id)).set(keys::expires_at.eq(ends)).execute(conn)?;
    let KeyRow { name, scopes, expires_at, .. } = old;
    insert(conn, now, &KeyInput { name, scopes, expires_at }, token, Some(id)).map(Ok)
}

/// Makes a key worthless from now on; one that is so already stays as it is. `None` when there is none.
pub fn revoke(conn: &mut DbConnection, now: Timestamp, id: i64) -> Result<Option<KeyRow>, DbError> {
    let valid = keys::table.find(id).filter(keys::revoked_at.is_null());
    diesel::update(valid).set(keys::revoked_at.eq(now)).execute(conn)?;
    find(conn, id)
}

/// One page of the keys, the newest first.
pub fn list(conn: &mut DbConnection, cut: &Cut) -> Result<(Vec<KeyRow>, Extent), DbError> {
    let total = if cut.count { Some(keys::table.count().get_result(conn)?) } else { None };
    let query = keys::table.into_boxed::<MultiBackend>().select(KeyRow::as_select());
    let rows = cut_by!(query, keys::id, keys::id, Position::number, descending: true, cut).load(conn)?;
    Ok(Extent::of(rows, cut, total, |row: &KeyRow| (vec![Place::Number(row.id)], row.id)))
}

/// All keys, the newest first.
pub fn all(conn: &mut DbConnection) -> Result<Vec<KeyRow>, DbError> {
    Ok(keys::table.order(keys::id.desc()).select(KeyRow::as_select()).load(conn)?)
}

/// Writes down when keys were last used; never an earlier instant than is known.
pub fn note_uses(conn: &mut DbConnection, uses: &[(i64, Timestamp)]) -> Result<(), DbError> {
    for (id, at) in uses {
        let earlier = keys::last_used_at.is_null().or(keys::last_used_at.lt(at));
        diesel::update(keys::table.find(id).filter(earlier)).set(keys::last_used_at.eq(at)).execute(conn)?;
    }
    Ok(())
}

/// A key by its id.
pub fn find(conn: &mut DbConnection, id: i64) -> Result<Option<KeyRow>, DbError> {
    Ok(keys::table.find(id).select(KeyRow::as_select()).first(conn).optional()?)
}
