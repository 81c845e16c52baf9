//! The database layer: URL, connections, pools, transactions, column types, migrations and the schema.
//!
//! SQLite and PostgreSQL behave alike from here up. It knows no resource: no slice is imported here.

mod bulk;
mod connection;
mod dialect;
mod error;
pub mod json;
mod lane;
mod loader;
mod long_text;
mod many;
mod migrations;
mod pool;
mod replica;
mod row;
pub mod schema;
mod settings;
mod sqlite;
mod transactions;
mod typed;
pub mod types;
mod url;
mod window;

pub use bulk::{Bulk, Occupancy, stand_behind_writer};
pub use connection::{Backend, DbConnection, MultiBackend};
pub use dialect::{IdIn, InQuery, id_in, in_query, text_in};
pub use error::DbError;
pub use loader::Loader;
pub use long_text::LongText;
pub use many::{MANY, ROWS, ids_from, last_id, without_id};
pub use migrations::{migrate, revert_all, versions};
pub use pool::{Db, PoolOptions};
pub use replica::Replica;
pub use row::{Insert, Row};
pub use settings::{remember, secret_key, setting};
#[cfg(test)]
pub use sqlite::until;
pub use transactions::{read_tx, write_tx};
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use window::{Cut, Extent, Key, Position, Window};
