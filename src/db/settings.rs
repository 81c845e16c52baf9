//! Values that the installation itself remembers.

use diesel::prelude::*;

use super::connection::DbConnection;
use super::error::DbError;
use super::pool::Db;
use super::schema::settings;

/// The key that signs cursors, change tokens and previews when the configuration names none: made once, kept here, the same in
/// every process.
pub fn secret_key(db: &Db, make: impl FnOnce() -> String) -> Result<String, DbError> {
    const NAME: &str = "secret_key";
    db.write_here(|conn| match setting(conn, NAME)? {
        Some(key) => Ok(key),
        None => {
            let key = make();
            remember(conn, NAME, &key)?;
            Ok(key)
        }
    })
}

/// What is remembered under a name.
pub fn setting(conn: &mut DbConnection, name: &str) -> Result<Option<String>, DbError> {
    Ok(settings::table.find(name).select(settings::value).first(conn).optional()?)
}

/// Remembers a value under a name, in the place of the one before.
pub fn remember(conn: &mut DbConnection, name: &str, value: &str) -> Result<(), DbError> {
    let updated = diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(conn)?;
    if updated == 0 {
        let row = (settings::name.eq(name), settings::value.eq(value));
        diesel::insert_into(settings::table).values(row).execute(conn)?;
    }
    Ok(())
}
