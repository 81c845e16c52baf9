//! A line whose story is there already.

use serde_json::{Value, json};
use xabar::imports::Report;

use crate::on_both;
use crate::support::{ArticleBuilder, TestApp, article};

fn updated() -> Report {
    Report { updated: 1, ..Report::default() }
}

fn import(app: &TestApp, article: &ArticleBuilder) -> Report {
    app.import(&article.line())
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|one| one["slug"].as_str().expect("a slug")).collect()
}

on_both! {
    fn a_changed_title_is_stored_and_nothing_else_moves(app: &TestApp) {
        app.store([article("a").tags(&["t"])]);
        let before = app.get("/v1/articles/a").json();
        assert_eq!(import(app, &article("a").tags(&["t"]).with("title", "A better title")), updated());
        let mut after = app.get("/v1/articles/a").json();
        assert_eq!((&after["title"], &after["version"]), (&json!("A better title"), &json!(2)));
        assert_eq!(after["updated_at"], "2026-06-01T12:00:00Z");
        for member in ["title", "version", "updated_at"] {
            after[member] = before[member].clone();
        }
        assert_eq!(after, before);
        assert_eq!(app.get("/v1/articles?q=better").slugs(), ["a"]);
        assert_eq!(app.get("/v1/articles?q=%22Title%20of%22").slugs(), Vec::<String>::new());
    }

    fn changed_tags_move_the_counts(app: &TestApp) {
        app.store([article("a").tags(&["kept", "gone"])]);
        assert_eq!(import(app, &article("a").tags(&["new", "kept"])), updated());
        assert_eq!(names(&app.get("/v1/articles/a").json()["tags"]), ["new", "kept"]);
        let counts = app.get("/v1/tags?fields=slug,article_count").json()["data"].clone();
        assert_eq!(counts, json!([
            {"slug": "gone", "article_count": 0}, {"slug": "kept", "article_count": 1}, {"slug": "new", "article_count": 1},
        ]));
        assert_eq!(app.get("/v1/articles?tag=gone").slugs(), Vec::<String>::new());
        assert_eq!(app.get("/v1/articles?tag=new").slugs(), ["a"]);
    }

    fn a_new_slug_under_the_same_guid_redirects_the_old_one(app: &TestApp) {
        app.store([article("old").with("guid", "tag:example,2026:1")]);
        let id = app.get("/v1/articles/old").json()["id"].clone();
        assert_eq!(import(app, &article("new").with("guid", "tag:example,2026:1")), updated());
        let moved = app.get("/v1/articles/old");
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/articles/new"));
        assert_eq!(app.get("/v1/articles/new").json()["id"], id);
        assert_eq!(import(app, &article("newer").with("guid", "tag:example,2026:1")), updated());
        for slug in ["old", "new"] {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).header("location"), "/v1/articles/newer");
        }
        assert_eq!(app.get("/v1/redirects").each("from"), ["old", "new"]);
    }

    fn a_slug_that_comes_back_redirects_the_other_way(app: &TestApp) {
        for slug in ["one", "two", "one"] {
            app.store([article(slug).with("guid", "g")]);
        }
        assert_eq!((app.get("/v1/articles/one").status, app.get("/v1/articles/two").header("location")), (200, "/v1/articles/one"));
    }

    fn a_freed_slug_belongs_to_its_new_story(app: &TestApp) {
        app.store([article("good-slug").with("guid", "first")]);
        app.store([article("moved-on").with("guid", "first"), article("good-slug").with("guid", "second")]);
        assert_eq!(app.get("/v1/articles/good-slug").json()["guid"], "second");
        assert_eq!(app.get("/v1/redirects").json()["page"]["total"], json!(0));
    }

    fn an_identity_made_of_the_slug_is_stable(app: &TestApp) {
        app.store([article("a")]);
        let guid = app.get("/v1/articles/a").json()["guid"].as_str().expect("a guid").to_owned();
        assert!(guid.starts_with("urn:uuid:"), "{guid}");
        assert_eq!(import(app, &article("b").with("guid", guid.as_str())), updated());
        assert_eq!(app.get("/v1/articles/a").header("location"), "/v1/articles/b");
    }

    fn a_killed_story_is_not_brought_back(app: &TestApp) {
        let kill = json!({"at": "2026-05-20T00:00:00Z", "reason": "Wrong.", "replaced_by": "right"});
        app.store([article("wrong"), article("right")]);
        app.store([article("wrong").with("status", "killed").with("kill", kill)]);
        let known = app.log_length();
        let report = import(app, &article("wrong"));
        assert_eq!(report.skipped.into_iter().collect::<Vec<_>>(), [("the story was killed, and an import never brings it back".to_owned(), 1)]);
        assert_eq!((report.created, report.updated, report.faults.len()), (0, 0, 0));
        assert_eq!((app.get("/v1/articles/wrong").status, app.log_length()), (410, known));
        assert_eq!(app.get("/v1/articles").slugs(), ["right"]);
    }

    fn a_kill_takes_a_story_off_every_surface(app: &TestApp) {
        app.store([article("wrong").tags(&["t"]).author("w")]);
        let kill = json!({"at": "2026-05-20T00:00:00Z", "reason": "Wrong."});
        let killed = article("wrong").tags(&["t"]).author("w").with("status", "killed").with("kill", kill);
        assert_eq!(import(app, &killed), updated());
        for path in ["/v1/articles", "/v1/articles?tag=t", "/v1/articles?author=w", "/v1/articles?q=wrong", "/v1/articles?ids=1"] {
            let json = app.get(path).json();
            assert_eq!((&json["data"], &json["page"]["total"]), (&json!([]), &json!(0)), "{path}");
        }
        for path in ["/v1/tags/t", "/v1/authors/w"] {
            assert_eq!(app.get(path).json()["article_count"], json!(0), "{path}");
        }
        for path in ["/v1/articles/wrong", "/v1/articles/1", "/v1/articles/wrong/related", "/v1/articles/1/corrections"] {
            assert_eq!(app.get(path).status, 410, "{path}");
        }
    }

    fn a_withdrawn_story_is_hidden_and_may_come_back(app: &TestApp) {
        app.store([article("a").tags(&["t"])]);
        app.store([article("a").tags(&["t"]).with("status", "withdrawn")]);
        assert_eq!((app.get("/v1/articles/a").status, app.get("/v1/tags/t").json()["article_count"].clone()), (404, json!(0)));
        app.store([article("a").tags(&["t"])]);
        assert_eq!((app.get("/v1/articles/a").status, app.get("/v1/tags/t").json()["article_count"].clone()), (200, json!(1)));
    }

    fn corrections_and_media_are_replaced_as_a_whole(app: &TestApp) {
        let with = |texts: &[&str], urls: &[&str]| {
            let corrections: Vec<Value> = texts.iter().map(|text| json!({"at": "2026-05-02T00:00:00Z", "text": text})).collect();
            let media: Vec<Value> = urls.iter().map(|url| json!({"url": url})).collect();
            article("a").with("corrections", corrections).with("media", media)
        };
        app.store([with(&["First.", "Second."], &["/1.jpg", "/2.jpg"])]);
        app.store([with(&["Third."], &["/2.jpg", "/3.jpg"])]);
        assert_eq!(app.get("/v1/articles/a/corrections").each("text"), ["Third."]);
        let story = app.get("/v1/articles/a").json();
        let urls: Vec<&Value> = story["media"].as_array().expect("media").iter().map(|medium| &medium["url"]).collect();
        assert_eq!(urls, ["/2.jpg", "/3.jpg"]);
        assert_eq!(app.get("/v1/media/1").status, 404, "nothing shows the first picture any more");
    }
}
