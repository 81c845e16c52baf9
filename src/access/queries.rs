//! Storing and finding keys.

use diesel::prelude::*;
use subtle::ConstantTimeEq;

use super::caller::Key;
use super::rows::{KeyRow, NewKey};
use super::scope::Scopes;
use super::token::Token;
use crate::clock::Timestamp;
use crate::db::schema::keys;
use crate::db::{DbConnection, DbError};

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

/// A key by its id.
pub fn find(conn: &mut DbConnection, id: i64) -> Result<Option<KeyRow>, DbError> {
    Ok(keys::table.find(id).select(KeyRow::as_select()).first(conn).optional()?)
}
