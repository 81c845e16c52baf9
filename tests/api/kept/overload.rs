//! More than the database can answer: it is refused, and what is in memory is not. Only PostgreSQL can be made to wait.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use xabar::db::DbError;

use super::count;
use crate::support::{Backend, TestApp, article};

/// More than are let in to one connection at once, and again when those were refused.
const MANY: usize = 200;
/// How many of these ask for the same.
const SAME: usize = 50;

#[test]
fn what_would_wait_for_too_long_is_refused() {
    for limits in [[].as_slice(), &[("RATE_LIMIT_ADDRESS", "100000/1")]] {
        let app = &TestApp::start(Backend::Postgres).beside(&[&[("DATABASE_READERS", "1")], limits].concat());
        app.store([article("a").tags(&["t"]), article("b")]);
        assert_eq!([app.get("/v1/page/tag/t").status, app.get("/v1/articles/b").status], [200; 2]);
        app.store([article("b").with("title", "Newer")]);
        let (answered, answers) = channel();
        std::thread::scope(|scope| {
            let ask = |path: String| {
                let answered = answered.clone();
                scope.spawn(move || _ = answered.send(app.get(&path)));
            };
            while_locked(app, || {
                ask("/v1/articles?ids=1".to_owned());
                // That has come to the database now.
                std::thread::sleep(Duration::from_millis(200));
                let since = Instant::now();
                (0..MANY).for_each(|number| ask(format!("/v1/articles?ids={}", 2 + number.saturating_sub(SAME))));
                let kept = app.get("/v1/page/tag/t");
                assert_eq!((kept.status, kept.header("age")), (200, ""));
                let overtaken = app.get("/v1/articles/b");
                assert_eq!((overtaken.status, overtaken.header("cache-status")), (200, "xabar; hit; detail=outdated"));
                assert!(overtaken.header("cache-control").starts_with("public, max-age=0, s-maxage=0"));
                for refused in answers.iter().take(MANY) {
                    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
                    assert_eq!(refused.code(), "unavailable");
                    assert_eq!(refused.json()["request_id"], refused.header("x-request-id"));
                    assert_eq!(refused.header("access-control-allow-origin"), "*");
                }
                assert!(count(app, "refused") > 0);
                assert!(since.elapsed() < Duration::from_secs(5), "one after the other: {:?}", since.elapsed());
            });
            assert_eq!(answers.recv().expect("the first one").status, 200);
        });
        assert_eq!(app.get("/v1/articles/b").json()["title"], "Newer");
    }
}

/// Does something while articles can't be read.
fn while_locked<T>(app: &TestApp, done: impl FnOnce() -> T) -> T {
    let (locked, is_locked) = channel();
    let (over, is_over) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let lock = |conn: &mut _| {
                diesel::sql_query("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE").execute(conn)?;
                locked.send(()).expect("somebody waits for it");
                _ = is_over.recv();
                Ok::<_, DbError>(())
            };
            app.db.write_here(lock).expect("a lock");
        });
        is_locked.recv().expect("it is locked");
        let value = done();
        drop(over);
        value
    })
}
