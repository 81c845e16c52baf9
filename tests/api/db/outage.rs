//! What the pool does when PostgreSQL drops its connections. SQLite has none to drop.

use crate::support::{Backend, TestApp, article};

#[test]
fn connections_that_the_server_ended_are_replaced() {
    let app = TestApp::start(Backend::Postgres);
    app.store([article("a-1")]);
    assert_eq!(app.get("/v1/articles").status, 200);

    app.set_reachable(false);
    app.set_reachable(true);

    // Each dead connection may cost one request, which is told to come back, and no more than one.
    let ask = |page: usize| app.get(&format!("/v1/articles?page={page}")).status;
    let statuses: Vec<u16> = (1..=8).map(ask).collect();
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&503), "the planted fault was not met: {statuses:?}");
    assert_eq!(statuses[4..], [200, 200, 200, 200], "{statuses:?}");
}
