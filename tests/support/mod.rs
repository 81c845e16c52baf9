//! What tests stand on: a database each on both backends, a server each, a client, and builders of content.

mod app;
mod bank;
mod content;
mod database;
mod events;
mod log;
mod newsroom;
mod postgres;
mod process;
mod random;
pub mod rates;

pub use app::{Answer, NOW, TestApp, new_key};
pub use bank::{Bank, Behaviour};
pub use content::{ArticleBuilder, article};
pub use database::TestDatabase;
pub use events::{Event, Events};
pub use log::Change;
pub use newsroom::Newsroom;
pub use process::Process;
pub use random::Random;
pub use xabar::db::Backend;

/// Makes two tests of a function that takes a [`TestApp`]: one on SQLite, one on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* fn $name:ident($app:ident: &TestApp) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every body needs something from outside")]
            use super::*;

            fn check($app: &$crate::support::TestApp) $body

            $(#[$attribute])*
            #[test]
            fn sqlite() {
                check(&$crate::support::TestApp::start($crate::support::Backend::Sqlite));
            }

            $(#[$attribute])*
            #[test]
            fn postgres() {
                check(&$crate::support::TestApp::start($crate::support::Backend::Postgres));
            }
        }
    )+};
}
