//! Migrations: the same names for both databases, and a way back.

use std::sync::Barrier;
use std::thread;

use xabar::db::{Backend, Db, PoolOptions, migrate, revert_all, versions};

use super::sql::{lines, schema};
use crate::support::TestDatabase;

const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

#[test]
fn both_trees_have_the_same_names() {
    let (sqlite, postgres) = versions().expect("migrations");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

#[test]
fn up_down_up_leaves_the_same_schema() {
    for backend in BOTH {
        let database = TestDatabase::bare(backend);
        let db = database.open();
        let empty = schema(&db);
        assert_eq!(empty, Vec::<String>::new(), "{backend:?}");
        assert_eq!(migrate(&db).expect("up").len(), versions().expect("migrations").0.len(), "{backend:?}");
        let up = schema(&db);
        assert!(up.len() > 30, "{backend:?}: {up:?}");
        revert_all(&db).expect("down");
        assert_eq!(schema(&db), empty, "{backend:?}: down leaves nothing");
        migrate(&db).expect("up again");
        assert_eq!(schema(&db), up, "{backend:?}");
    }
}

#[test]
fn a_second_run_does_nothing() {
    for backend in BOTH {
        let database = TestDatabase::new(backend);
        assert_eq!(migrate(&database.open()).expect("nothing to do"), Vec::<String>::new(), "{backend:?}");
    }
}

#[test]
fn processes_that_start_together_take_turns() {
    for backend in BOTH {
        for round in 0..5 {
            let database = TestDatabase::bare(backend);
            let barrier = Barrier::new(4);
            let start = || {
                barrier.wait();
                let db = Db::open(&database.url, PoolOptions { readers: 1 }).expect("it opens");
                migrate(&db).expect("it migrates").len()
            };
            let mut done: Vec<usize> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
                threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            done.sort_unstable();
            let all = versions().expect("migrations").0.len();
            assert_eq!(done, [0, 0, 0, all], "{backend:?}, round {round}");
            let stored = lines(&database.open(), "SELECT version AS line FROM __diesel_schema_migrations");
            assert_eq!(stored.len(), all, "{backend:?}, round {round}");
        }
    }
}
