//! What the pool does when PostgreSQL drops its connections. SQLite has none to drop.

use diesel::connection::SimpleConnection;
use xabar::db::{Backend, DbConnection, DbError};

use crate::support::{TestApp, article};

#[test]
fn connections_that_the_server_ended_are_replaced() {
    let app = TestApp::start(Backend::Postgres);
    app.store([article("a-1")]);
    assert_eq!(app.get("/v1/articles").status, 200);

    let ended = app.db.read_here(|conn: &mut DbConnection| {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        conn.batch_execute(others).map_err(DbError::from)
    });
    ended.expect("a superuser may end connections");

    // Each dead connection may cost one request, which is told to come back, and no more than one.
    let ask = |page: usize| app.get(&format!("/v1/articles?page={page}")).status;
    let statuses: Vec<u16> = (1..=8).map(ask).collect();
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&503), "the planted fault was not met: {statuses:?}");
    assert_eq!(statuses[4..], [200, 200, 200, 200], "{statuses:?}");
}
