//! More than the database can answer: it is refused, and what is in memory is not. Only PostgreSQL can be made to wait.

use std::sync::mpsc::channel;

use diesel::RunQueryDsl;
use xabar::db::DbError;

use super::count;
use crate::support::{Backend, TestApp, article};

/// More than are let in to one connection at once, and again when those were refused.
const MANY: usize = 200;

#[test]
fn what_would_wait_for_too_long_is_refused() {
    for limits in [[].as_slice(), &[("RATE_LIMIT_ADDRESS", "100000/1")]] {
        let app = &TestApp::start(Backend::Postgres).beside(&[&[("DATABASE_READERS", "1")], limits].concat());
        app.store([article("a").tags(&["t"])]);
        assert_eq!(app.get("/v1/page/tag/t").status, 200);
        let (answered, answers) = channel();
        std::thread::scope(|scope| {
            while_locked(app, || {
                for number in 0..MANY {
                    let answered = answered.clone();
                    scope.spawn(move || _ = answered.send(app.get(&format!("/v1/articles?ids={number}"))));
                }
                let kept = app.get("/v1/page/tag/t");
                assert_eq!((kept.status, kept.header("age")), (200, ""));
                // All but the one that has come to the database.
                for refused in answers.iter().take(MANY - 1) {
                    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
                    assert_eq!(refused.code(), "unavailable");
                    assert_eq!(refused.json()["request_id"], refused.header("x-request-id"));
                    assert_eq!(refused.header("access-control-allow-origin"), "*");
                }
                assert!(count(app, "refused") > 0);
            });
            assert_eq!(answers.recv().expect("the last one").status, 200);
        });
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
