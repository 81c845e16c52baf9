//! How the long texts of articles are stored.

use diesel::connection::SimpleConnection;
use serde_json::Value;
use xabar::articles::queries::complete;
use xabar::db::{Backend, DbConnection, DbError, remember};

use super::sql::lines;
use crate::on_both;
use crate::support::{TestApp, article};

const UP: &str = include_str!("../../../migrations/sqlite/2026-11-29-000000_long_texts/up.sql");
const DOWN: &str = include_str!("../../../migrations/sqlite/2026-11-29-000000_long_texts/down.sql");

/// A body of some thousand letters, two bytes each.
fn long() -> String {
    (0..100).map(|n| format!("<p>Жаңы көпүрө {n}-июнда ачылды.</p>")).collect()
}

/// What is served of every story, the oldest first, and never from memory.
fn exported(app: &TestApp) -> Vec<String> {
    let body = String::from_utf8(app.get("/v1/export/articles.ndjson").body).expect("text");
    let stories = body
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|line| line["type"] != "end");
    stories.map(|story| story["body"].as_str().expect("a body").to_owned()).collect()
}

/// Runs a migration by its text.
fn run(app: &TestApp, sql: &str) -> Result<(), DbError> {
    app.db.write_here(|conn| match conn {
        DbConnection::Sqlite(conn) => Ok(conn.batch_execute(sql)?),
        DbConnection::Postgres(_) => panic!("SQLite's migration"),
    })
}

on_both! {
    fn a_body_is_served_as_it_was_written_however_it_is_stored(app: &TestApp) {
        let bodies = [long(), "<p>(Short.)</p>".to_owned()];
        app.store([article("long").with("body", bodies[0].as_str()), article("short").with("body", bodies[1].as_str())]);

        for (slug, body) in ["long", "short"].into_iter().zip(&bodies) {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).json()["body"], **body);
        }
        assert_eq!(exported(app), bodies);
        let stored = match app.db.backend() {
            Backend::Sqlite => "SELECT CAST(length(html) < 1000 AS TEXT) || ' ' || (CAST(html AS TEXT) = '<p>(Short.)</p>') AS line \
                                FROM article_bodies ORDER BY article_id",
            Backend::Postgres => "SELECT CASE WHEN pg_column_size(html) < 1000 THEN '1 ' ELSE '0 ' END \
                                  || CASE WHEN html = '<p>(Short.)</p>' THEN '1' ELSE '0' END AS line FROM article_bodies ORDER BY article_id",
        };
        assert_eq!(lines(&app.db, stored), ["1 0", "1 1"], "the long one takes little, the short one is what it is");
    }

    fn a_search_reads_a_body_however_it_is_stored(app: &TestApp) {
        app.store([article("long").with("body", long())]);
        app.db.write_here(|conn| remember(conn, "search", "of an older version")).expect("it is noted");
        complete(&app.db).expect("it is indexed anew");

        let found = app.get("/v1/articles?q=көпүрө&highlight=true").json();

        assert_eq!(found["data"][0]["slug"], "long");
        assert!(found.to_string().contains("<mark>көпүрө</mark>"), "{found}");
    }

    fn a_body_may_become_short_and_long_again(app: &TestApp) {
        for body in [long(), "<p>Short.</p>".to_owned(), long() + "<p>More.</p>", String::new()] {
            app.store([article("a").with("body", body.as_str())]);
            assert_eq!(app.get("/v1/articles/a").json()["body"], *body);
        }
    }
}

#[test]
fn texts_of_an_older_version_are_read_by_this_one() {
    let app = TestApp::start(Backend::Sqlite);
    let short = "<p>(Жаңы көпүрө.)</p>";
    app.store([article("long"), article("short").with("body", short)]);
    run(&app, DOWN).expect("nothing here is compressed");
    let write = format!(
        "UPDATE article_bodies SET html = '{}' WHERE article_id = (SELECT MIN(article_id) FROM article_bodies)",
        long()
    );
    run(&app, &write).expect("an older version stores it as it is");
    assert_eq!(lines(&app.db, "SELECT DISTINCT typeof(html) AS line FROM article_bodies"), ["text"]);

    run(&app, UP).expect("up");

    assert_eq!(exported(&app), [long(), short.to_owned()]);
}

#[test]
fn what_is_compressed_is_not_lost_on_the_way_back() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("long").with("body", long()), article("short")]);
    let before = exported(&app);

    let refused = run(&app, DOWN).expect_err("SQL can't read it").to_string();

    assert!(refused.contains("cannot store BLOB value in TEXT column"), "{refused}");
    assert_eq!(exported(&app), before);
}
