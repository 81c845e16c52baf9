//! Values that the installation itself remembers.

use diesel::prelude::*;

use super::connection::DbConnection;
use super::error::DbError;
use super::pool::Db;
use super::schema::settings;

/// The key that signs cursors when the configuration names none: made once, kept here, the same in every process.
pub fn secret_key(db: &Db, make: impl FnOnce() -> String) -> Result<String, DbError> {
    const NAME: &str = "secret_key";
    let find = |conn: &mut DbConnection| -> Result<Option<String>, DbError> {
        Ok(settings::table.find(NAME).select(settings::value).first(conn).optional()?)
    };
    db.write_here(|conn| match find(conn)? {
        Some(key) => Ok(key),
        None => {
            let key = make();
            diesel::insert_into(settings::table)
                .values((settings::name.eq(NAME), settings::value.eq(&key)))
                .execute(conn)?;
            Ok(key)
        }
    })
}
