//! While the database is away, what is in memory is sent, and says so.

use std::time::{Duration, Instant};

use super::count;
use crate::support::{Backend, TestApp, article};

fn within(limit: Duration, holds: impl Fn() -> bool) -> Duration {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < limit, "not after {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    since.elapsed()
}

#[test]
fn what_is_in_memory_is_sent_while_the_database_is_away() {
    let app = TestApp::start(Backend::Postgres);
    // In another language, so that it stands beside none of the others.
    let dead = article("dead").with("lang", "ru");
    app.store([article("a").tags(&["t"]), article("b"), dead.clone()]);
    let fresh = app.get("/v1/page/tag/t");
    app.get("/v1/articles/b");
    app.get("/v1/articles/dead");
    app.get("/v1/articles?ids=3");
    // What was changed since it was read may be sent; what was taken away since is not.
    app.store([article("b").with("title", "Newer"), dead.killed("Wrong.")]);
    app.set_reachable(false);

    within(Duration::from_secs(3), || !app.get("/v1/page/tag/t").header("age").is_empty());
    let stale = app.get("/v1/page/tag/t");
    assert_eq!((stale.status, &stale.body, stale.header("etag")), (200, &fresh.body, fresh.header("etag")));
    assert_eq!(stale.header("cache-status"), "xabar; hit; detail=log-unread");
    let age: u64 = stale.header("age").parse().expect("seconds");
    assert!((1..10).contains(&age), "{age}");
    assert_eq!(app.get("/v1/articles/b").json()["title"], "Title of b");
    assert_eq!([app.get("/v1/articles/dead").status, app.get("/v1/articles?ids=3").status], [503, 503]);
    assert_eq!(app.get("/v1/articles/a").status, 503);
    assert!(count(&app, "stale") >= 3);
    let since = Instant::now();
    assert_eq!(app.get("/health/ready").status, 503);
    assert!(since.elapsed() < Duration::from_secs(2));

    app.set_reachable(true);
    within(Duration::from_secs(3), || app.get("/v1/articles/a").status == 200);
    within(Duration::from_secs(2), || app.get("/v1/page/tag/t").header("age").is_empty());
    assert_eq!(app.get("/v1/articles/b").json()["title"], "Newer");
    assert_eq!(app.get("/v1/articles/dead").status, 410);
}
