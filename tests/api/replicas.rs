//! Many processes: reading from replicas, and reading what another process wrote.

use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::articles::queries::complete;
use xabar::clock::Clock;
use xabar::db::schema::{article_cards, articles};
use xabar::db::{Backend, Db, DbError};
use xabar::imports::ndjson;

use crate::on_both;
use crate::support::{NOW, TestApp, TestDatabase, article};

fn import(db: &Db, lines: &str) {
    let clock = Clock::fixed(NOW.parse().expect("an instant"));
    let report = ndjson::import(db, &clock, lines.as_bytes(), |_| {}).expect("the import runs");
    assert_eq!(report.faults, []);
}

/// Makes the copy tell itself from what it is a copy of.
fn mark(db: &Db) {
    let title = "From the replica";
    db.write_here(|conn| {
        diesel::update(articles::table).set(articles::title.eq(title)).execute(conn)?;
        diesel::delete(article_cards::table).execute(conn)?;
        Ok::<_, DbError>(())
    })
    .expect("a write");
}

fn title(app: &TestApp) -> String {
    let answer = app.get("/v1/articles");
    assert_eq!(answer.status, 200);
    answer.json()["data"][0]["title"].as_str().expect("a title").to_owned()
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within five seconds");
        sleep(Duration::from_millis(10));
    }
}

/// Another database, with the same log, stands for the replica: how far it is, the test decides.
#[test]
fn what_is_public_is_read_from_a_replica_that_is_up_to_date_and_never_from_another() {
    let copy = TestDatabase::new(Backend::Postgres);
    let url = copy.url.to_string();
    let variables = [("DATABASE_REPLICA_URLS", url.as_str()), ("KEPT_ANSWERS_MB", "0")];
    let app = TestApp::start_with(Backend::Postgres, &variables);
    let replica = copy.open();
    let first = article("a").line();
    app.import(&first);
    assert_eq!(title(&app), "Title of a", "the replica has nothing yet");
    import(&replica, &first);
    mark(&replica);
    for _ in 0..20 {
        assert_eq!(title(&app), "Title of a", "its index is in no form that is known");
        sleep(Duration::from_millis(10));
    }
    complete(&replica).expect("the form of this version");
    soon("the replica is read from", || title(&app) == "From the replica");

    // It falls behind: what was written is read at once, and from then on until it has caught up.
    let second = article("a").with("title", "Edited").line();
    app.import(&second);
    for _ in 0..20 {
        assert_eq!(title(&app), "Edited");
        sleep(Duration::from_millis(10));
    }
    import(&replica, &second);
    mark(&replica);
    soon("it has caught up", || title(&app) == "From the replica");

    // It goes away, in the middle of all, and comes back: nobody is refused.
    drop(replica);
    copy.set_reachable(false);
    for _ in 0..50 {
        assert_eq!(title(&app), "Edited");
    }
    copy.set_reachable(true);
    soon("it is back", || title(&app) == "From the replica");

    // What the newsroom reads is never a copy.
    let key = app.key(&[Scope::ContentRead]);
    assert_eq!(app.get_as("/v1/manage/articles", &key).json()["data"][0]["title"], "Edited");
}

on_both! {
    fn a_token_makes_another_process_answer_with_what_was_written(app: &TestApp) {
        let (other, key) = (app.beside(&[]), app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish]));
        app.store([article("a")]);
        let path = "/v1/manage/articles/1";
        for round in 0..15 {
            // Into the other's memory, so that it has something to be wrong with.
            other.get("/v1/articles/a");
            let title = format!("Round {round}");
            let written = app.patch(path, &key, &json!({"title": title}));
            let token = written.header("consistency-token").to_owned();
            assert!(!token.is_empty(), "{}", written.json());
            let read = other.get_with("/v1/articles/a", &[("Consistency-Token", &token)]);
            assert_eq!((read.status, &read.json()["title"]), (200, &Value::from(title.clone())));
            assert_eq!(app.get("/v1/articles/a").json()["title"], title);
        }
        // What nobody was answered is refused, and what no process has come to yet is waited for in vain.
        for malformed in ["x", "-1", "1.5", "", "9999999999999999999"] {
            let answer = app.get_with("/v1/articles", &[("Consistency-Token", malformed)]);
            assert_eq!((answer.status, answer.code()), (400, "bad-request".to_owned()), "{malformed}");
        }
        let answer = app.get_with("/v1/articles", &[("Consistency-Token", "999999999")]);
        assert_eq!((answer.status, answer.code()), (503, "unavailable".to_owned()));
        assert!(!answer.header("retry-after").is_empty());
    }
}
