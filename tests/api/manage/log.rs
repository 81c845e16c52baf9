//! What an import changes of a tag, an author or a medium is told like what an editor changes.

use diesel::prelude::*;
use serde_json::{Value, json};
use xabar::db::DbError;
use xabar::db::schema::articles;

use super::trail::{editor, entries};
use crate::on_both;
use crate::support::{TestApp, article};

const PHOTO: &str = "https://m.example/1.jpg";

/// When an article was last changed in any way, in microseconds.
fn modified_at(app: &TestApp, slug: &str) -> i64 {
    let query = articles::table.filter(articles::slug.eq(slug.to_owned())).select(articles::modified_at);
    app.db.read_here(|conn| Ok::<_, DbError>(query.first(conn)?)).expect("the article is there")
}

on_both! {
    fn an_import_tells_the_same_story_as_an_editor(app: &TestApp) {
        let hero = json!({"guid": "p", "url": PHOTO, "alt": "Old"});
        app.store([article("a").tags(&["t"]).author("w").with("hero", hero), article("b")]);
        let mut known = app.log_length();
        let mut told = |record: Value| {
            app.put(&record);
            let lines = entries(app, known);
            known += lines.len();
            lines
        };
        let upserts = |things: [&str; 2], reason: &str| things.map(|it| format!("upsert {it} {reason}: Everyone of Everyone"));
        let tag = |name: &str| json!({"type": "tag", "slug": "t", "name": name, "aliases": ["u"]});
        assert_eq!(told(tag("T")), upserts(["tag t", "article a"], "updated"));
        assert_eq!(told(tag("T")), Vec::<String>::new());
        assert_eq!(told(json!({"type": "tag", "slug": "t", "name": "T", "aliases": ["v"]})), upserts(["tag t", "article a"], "updated")[..1]);
        assert_eq!(told(json!({"type": "author", "slug": "w", "name": "W"})), upserts(["author w", "article a"], "updated"));
        let medium = |alt: &str, rights: Value| json!({"type": "media", "guid": "p", "url": PHOTO, "alt": alt, "rights": rights});
        assert_eq!(told(medium("New", Value::Null)), upserts(["media 1", "article a"], "updated"));
        assert_eq!(told(medium("New", json!({"holder": "X"}))), upserts(["media 1", "article a"], "rights"));
    }

    fn a_touched_article_keeps_its_version_and_is_later_each_time(app: &TestApp) {
        let key = editor(app);
        app.store([article("a").tags(&["t"]), article("draft").tags(&["t"]).with("status", "draft")]);
        let mut before = ["a", "draft"].map(|slug| modified_at(app, slug));
        let shown = app.get("/v1/articles/a").json();
        for name in ["One", "Two", "Three"] {
            app.patch("/v1/manage/tags/t", &key, &json!({"name": name}));
            let after = ["a", "draft"].map(|slug| modified_at(app, slug));
            assert!(after[0] > before[0] && after[1] > before[1], "{before:?} {after:?}, and the clock stands still");
            before = after;
        }
        let after = app.get("/v1/articles/a").json();
        assert_eq!((&after["version"], &after["updated_at"]), (&shown["version"], &shown["updated_at"]));
        assert_eq!(after["tags"][0]["name"], "Three");
    }

    fn whoever_could_once_see_an_article_is_told(app: &TestApp) {
        let key = editor(app);
        let held = |at: Value| article("held").tags(&["t"]).with("embargo_until", at);
        app.store([held(Value::Null), article("new").tags(&["t"]).with("embargo_until", "2026-07-01T00:00:00Z")]);
        app.store([held(json!("2026-07-01T00:00:00Z"))]);
        let known = app.log_length();
        app.patch("/v1/manage/tags/t", &key, &json!({"name": "T"}));
        assert_eq!(entries(app, known), [
            "upsert tag t updated: Everyone of Everyone",
            "delete article held updated: Embargoed of Everyone",
            "delete article new updated: Embargoed of Embargoed",
        ]);
    }

    fn the_reason_why_a_story_was_taken_away_stays_the_last_word(app: &TestApp) {
        let key = editor(app);
        app.store(["killed", "withdrawn"].map(|slug| article(slug).tags(&["t"])));
        app.store([article("killed").tags(&["t"]).killed("Wrong."), article("withdrawn").tags(&["t"]).with("status", "withdrawn")]);
        let known = app.log_length();
        app.patch("/v1/manage/tags/t", &key, &json!({"name": "T", "slug": "u"}));
        assert_eq!(entries(app, known), ["upsert tag u updated: Everyone of Everyone"]);
    }

    fn a_thousand_articles_are_told_of_at_once(app: &TestApp) {
        let key = editor(app);
        app.store((0..1000).map(|n| article(&format!("a-{n}")).tags(&["t"]).with("body", "x")));
        let known = app.log_length();
        assert_eq!(app.patch("/v1/manage/tags/t", &key, &json!({"name": "T"})).status, 200);
        assert_eq!(app.log_length() - known, 1001);
    }
}
