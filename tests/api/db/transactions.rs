//! Reading and writing: one snapshot, one writer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

use diesel::prelude::*;
use xabar::db::schema::settings;
use xabar::db::{Backend, DbConnection, DbError};

use super::sql::lines;
use crate::on_both;
use crate::support::TestDatabase;

fn put(conn: &mut DbConnection, name: &str, value: i64) -> Result<(), DbError> {
    let values = (settings::name.eq(name), settings::value.eq(value.to_string()));
    diesel::insert_into(settings::table).values(values).execute(conn)?;
    Ok(())
}

fn value(conn: &mut DbConnection, name: &str) -> Result<i64, DbError> {
    let text: String = settings::table.find(name).select(settings::value).first(conn)?;
    Ok(text.parse().expect("a number"))
}

#[test]
fn eight_writers_that_read_before_they_write_never_fail() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::new(backend);
        database.open().write_here(|conn| put(conn, "counter", 0)).expect("a counter");
        let add_25 = || {
            let db = database.open();
            for _ in 0..25 {
                let added = db.write_here(|conn| {
                    let next = value(conn, "counter")? + 1;
                    let row = diesel::update(settings::table.find("counter"));
                    Ok::<_, DbError>(row.set(settings::value.eq(next.to_string())).execute(conn)?)
                });
                assert_eq!(added.map_err(|error| error.to_string()), Ok(1), "{backend:?}");
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(add_25))));
        let total = database.open().read_here(|conn| value(conn, "counter"));
        assert_eq!(total.expect("the counter"), 200, "{backend:?}: no addition is lost");
    }
}

#[test]
fn a_reader_refuses_to_write() {
    for (backend, reason) in [
        (Backend::Sqlite, "attempt to write a readonly database"),
        (Backend::Postgres, "cannot execute INSERT in a read-only transaction"),
    ] {
        let database = TestDatabase::new(backend);
        let error = database.open().read_here(|conn| put(conn, "x", 1)).expect_err("it reads only").to_string();
        assert_eq!(error, reason, "{backend:?}");
    }
}

#[test]
fn sqlite_is_set_up_for_safety() {
    let database = TestDatabase::new(Backend::Sqlite);
    let db = database.open();
    let pragma = |name: &str| lines(&db, &format!("SELECT CAST({name} AS TEXT) AS line FROM pragma_{name}"));
    assert_eq!(pragma("query_only"), ["1"]);
    assert_eq!(pragma("journal_mode"), ["wal"]);
    assert_eq!(pragma("synchronous"), ["2"], "FULL");
    assert_eq!(pragma("foreign_keys"), ["1"]);
    let timeout = lines(&db, "SELECT CAST(timeout AS TEXT) AS line FROM pragma_busy_timeout");
    assert_eq!(timeout, ["5000"]);
}

/// SQLite's lock is given to whoever asks in the right moment.
#[test]
fn a_writer_has_its_turn_between_the_transactions_of_another() {
    const TRANSACTIONS: usize = 30;
    let database = TestDatabase::new(Backend::Sqlite);
    let (importer, editor, begun) = (database.open(), database.open(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..TRANSACTIONS as i64 {
                let much = importer.write_here(|conn| {
                    put(conn, &format!("imported {number}"), number)?;
                    begun.fetch_add(1, Ordering::Relaxed);
                    // SQLite's own way of waiting asks some time before the end of this, and some time after it.
                    sleep(Duration::from_millis(90));
                    Ok::<_, DbError>(())
                });
                much.expect("an import goes on");
                importer.give_way();
            }
        });
        let mut before = 0;
        for number in 0..6 {
            while before < TRANSACTIONS && begun.load(Ordering::Relaxed) == before {
                sleep(Duration::from_millis(1));
            }
            editor.write_here(|conn| put(conn, &format!("edited {number}"), number)).expect("an edit in between");
            before = begun.load(Ordering::Relaxed);
        }
        assert!(before < TRANSACTIONS / 2, "six edits waited for {before} transactions");
    });
}

#[test]
fn the_bundled_sqlite_has_no_wal_reset_bug() {
    let version = lines(&TestDatabase::new(Backend::Sqlite).open(), "SELECT sqlite_version() AS line").remove(0);
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().expect("a number")).collect();
    assert!(parts >= vec![3, 51, 3], "{version}");
}

on_both! {
    fn a_failed_write_leaves_nothing(app: &TestApp) {
        let failed = app.db.write_here(|conn| {
            put(conn, "kept", 1)?;
            put(conn, "kept", 2)
        });
        assert!(matches!(failed, Err(DbError::Conflict(_))), "{failed:?}");
        assert!(app.db.read_here(|conn| value(conn, "kept")).is_err(), "all of it or nothing");
        app.db.write_here(|conn| put(conn, "kept", 3)).expect("the connection goes on");
    }

    fn a_read_is_one_snapshot(app: &TestApp) {
        let count = |conn: &mut DbConnection| Ok::<i64, DbError>(settings::table.count().get_result(conn)?);
        let (first, second) = app.db.read_here(|conn| {
            let first = count(conn)?;
            app.db.write_here(|conn| put(conn, "meanwhile", 1))?;
            Ok::<_, DbError>((first, count(conn)?))
        }).expect("two counts");
        assert_eq!(first, second);
        assert_eq!(app.db.read_here(count).expect("a count"), first + 1);
    }
}
