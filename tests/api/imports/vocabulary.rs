//! Records of tags, authors and media.

use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};
use xabar::db::{Backend, DbError};
use xabar::imports::Report;

use crate::on_both;
use crate::support::{TestApp, article};

fn import(app: &TestApp, record: &Value) -> Report {
    app.import(&record.to_string())
}

fn done(created: u64, updated: u64, unchanged: u64) -> Report {
    Report { created, updated, unchanged, ..Report::default() }
}

on_both! {
    fn the_planner_knows_what_an_import_brought(app: &TestApp) {
        let lines: Vec<String> = (0..1000).map(|n| json!({"type": "tag", "slug": format!("t{n}"), "name": format!("T{n}")}).to_string()).collect();
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), lines.join("\n")).expect("room for it");
        let done = app.command().args(["import", "ndjson"]).arg(file.path()).output().expect("the command runs");
        assert_eq!(String::from_utf8_lossy(&done.stdout), "1000 changes: 1000 created, 0 updated; 0 unchanged, 0 skipped, 0 refused\n");
        assert!(done.status.success() && !String::from_utf8_lossy(&done.stderr).contains("was not prepared"), "{done:?}");
        if app.db.backend() == Backend::Postgres {
            let rows = sql::<BigInt>("(SELECT reltuples::bigint FROM pg_class WHERE oid = 'tags'::regclass)");
            let known = app.db.read_here(|conn| Ok::<i64, DbError>(diesel::select(rows).get_result(conn)?));
            assert_eq!(known.expect("a count"), 1000);
        }
    }

    fn a_tag_comes_with_kind_description_and_aliases(app: &TestApp) {
        let record = json!({
            "type": "tag", "slug": "kazakhstan", "name": "Kazakhstan", "kind": "country", "description": "A republic.",
            "aliases": ["qazaqstan", "kz"]
        });
        assert_eq!(import(app, &record), done(1, 0, 0));
        assert_eq!(app.get("/v1/tags/kazakhstan").json(), json!({
            "id": 1, "slug": "kazakhstan", "name": "Kazakhstan", "kind": "country", "description": "A republic.",
            "aliases": ["kz", "qazaqstan"], "article_count": 0
        }));
        let moved = app.get("/v1/tags/kz");
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/tags/kazakhstan"));
        assert_eq!(import(app, &record), done(0, 0, 1));
    }

    fn a_record_completes_a_tag_that_an_article_made(app: &TestApp) {
        app.store([article("a").tags(&["kz"])]);
        assert_eq!(import(app, &json!({"type": "tag", "slug": "kz", "name": "Kazakhstan", "kind": "country"})), done(0, 1, 0));
        let tag = app.get("/v1/tags/kz").json();
        assert_eq!((&tag["name"], &tag["kind"], &tag["article_count"]), (&json!("Kazakhstan"), &json!("country"), &json!(1)));
        app.store([article("b").tags(&["kz"])]);
        assert_eq!(app.get("/v1/tags/kz").json()["name"], "Kazakhstan", "a mention does not rename");
        assert_eq!(app.get("/v1/articles/a").json()["tags"][0]["name"], "Kazakhstan");
    }

    fn an_article_under_an_alias_has_the_tag(app: &TestApp) {
        import(app, &json!({"type": "tag", "slug": "kazakhstan", "name": "Kazakhstan", "aliases": ["kz"]}));
        app.store([article("a").tags(&["kz", "kazakhstan"])]);
        assert_eq!(app.get("/v1/tags/kazakhstan").json()["article_count"], json!(1));
        assert_eq!(app.get("/v1/articles/a").json()["tags"].as_array().expect("tags").len(), 1);
        assert_eq!(app.get("/v1/articles?tag=kz").slugs(), ["a"]);
        assert_eq!(app.get("/v1/tags").slugs(), ["kazakhstan"]);
    }

    fn an_alias_in_use_is_a_conflict_and_nothing_is_written(app: &TestApp) {
        import(app, &json!({"type": "tag", "slug": "one", "name": "One", "aliases": ["uno"]}));
        import(app, &json!({"type": "tag", "slug": "two", "name": "Two"}));
        for (alias, record) in [
            ("one", json!({"type": "tag", "slug": "three", "name": "Three", "aliases": ["free", "one"]})),
            ("uno", json!({"type": "tag", "slug": "three", "name": "Three", "aliases": ["uno"]})),
            ("uno", json!({"type": "tag", "slug": "two", "name": "Renamed", "aliases": ["free", "uno"]})),
            ("two", json!({"type": "tag", "slug": "two", "name": "Renamed", "aliases": ["two"]})),
        ] {
            let report = import(app, &record);
            assert_eq!((report.changes(), report.faults.len()), (0, 1), "{record}");
            assert_eq!(report.faults[0].reason, format!("aliases: `{alias}` is another tag's slug or alias"), "{record}");
        }
        assert_eq!(app.get("/v1/tags").slugs(), ["one", "two"]);
        assert_eq!(app.get("/v1/tags/two").json()["name"], "Two");
        assert_eq!(app.get("/v1/tags/free").status, 404);
    }

    fn a_tag_record_whose_slug_is_an_alias_is_a_conflict(app: &TestApp) {
        import(app, &json!({"type": "tag", "slug": "kazakhstan", "name": "Kazakhstan", "aliases": ["kz"]}));
        let report = import(app, &json!({"type": "tag", "slug": "kz", "name": "KZ"}));
        assert_eq!((report.changes(), report.faults.len()), (0, 1), "{report}");
        assert_eq!(report.faults[0].reason, "slug: is an alias of the tag `kazakhstan`");
        assert_eq!(app.get("/v1/tags/kz").header("location"), "/v1/tags/kazakhstan");
        assert_eq!(app.get("/v1/tags").slugs(), ["kazakhstan"]);
    }

    fn an_author_comes_with_a_biography(app: &TestApp) {
        let record = json!({"type": "author", "slug": "aigerim", "name": "Айгерім Смағұлова", "bio": "Writes on water."});
        assert_eq!(import(app, &record), done(1, 0, 0));
        assert_eq!(import(app, &record), done(0, 0, 1));
        assert_eq!(app.get("/v1/authors/aigerim").json(), json!({
            "id": 1, "slug": "aigerim", "name": "Айгерім Смағұлова", "bio": "Writes on water.", "article_count": 0
        }));
        app.store([article("a").author("aigerim")]);
        assert_eq!(import(app, &json!({"type": "author", "slug": "aigerim", "name": "A. S."})), done(0, 1, 0));
        assert_eq!(app.get("/v1/articles/a").json()["authors"], json!([{"slug": "aigerim", "name": "A. S."}]));
        assert_eq!(app.get("/v1/authors/aigerim").json()["bio"], "");
    }

    fn a_medium_is_one_by_its_guid(app: &TestApp) {
        let record = json!({
            "type": "media", "guid": "photo-1", "url": "https://m.example/1.jpg", "alt": "A dam", "caption": "The dam.",
            "credit": "A. B.", "width": 1600, "height": 900, "mime_type": "image/jpeg",
            "rights": {"holder": "Agency", "licence": null, "usage": "Once"},
            "renditions": [{"url": "https://m.example/1-small.jpg", "width": 400, "height": 225}]
        });
        assert_eq!(import(app, &record), done(1, 0, 0));
        assert_eq!(import(app, &record), done(0, 0, 1));
        let medium = app.get("/v1/media/1").json();
        assert_eq!((&medium["credit"], &medium["width"], &medium["rights"]["holder"]), (&json!("A. B."), &json!(1600), &json!("Agency")));
        assert_eq!(medium["renditions"][0]["url"], "https://m.example/1-small.jpg");
        app.store([article("a").with("hero", json!({"guid": "photo-1", "url": "https://m.example/1.jpg", "alt": "New"}))]);
        assert_eq!(app.get("/v1/media/1").json()["alt"], "New");
        assert_eq!(app.get("/v1/articles/a").json()["hero"]["id"], json!(1));
    }

    fn media_without_a_guid_are_one_when_all_that_is_shown_is_the_same(app: &TestApp) {
        let hero = |caption: &str| json!({"url": "https://m.example/1.jpg", "caption": caption});
        app.store([
            article("a").with("hero", hero("The dam.")), article("b").with("hero", hero("The dam.")),
            article("c").with("hero", hero("Бөгет.")),
        ]);
        let id = |slug: &str| app.get(&format!("/v1/articles/{slug}")).json()["hero"]["id"].clone();
        assert_eq!((id("a"), id("b"), id("c")), (json!(1), json!(1), json!(2)));
    }

    fn bad_media_are_refused(app: &TestApp) {
        for (record, reason) in [
            (json!({"type": "media", "url": "ftp://m.example/1.jpg"}), "url: \"ftp://m.example/1.jpg\" is no http or https address"),
            (json!({"type": "media", "url": "javascript:alert(1)"}), "url: \"javascript:alert(1)\" is no http or https address"),
            (json!({"type": "media", "url": "/1.jpg", "width": 0}), "width: is not from 1 to 1000000"),
            (json!({"type": "media", "url": "/1.jpg", "height": -5}), "height: is not from 1 to 1000000"),
        ] {
            let report = import(app, &record);
            assert_eq!((report.changes(), report.faults.len()), (0, 1), "{record}");
            assert_eq!(report.faults[0].reason, reason);
        }
        assert_eq!(app.get("/v1/media/1").status, 404);
    }
}
