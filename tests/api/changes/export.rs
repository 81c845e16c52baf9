//! `/v1/export/articles.ndjson`.

use reqwest::Method;
use serde_json::{Value, json};

use super::reader::{Reader, export};
use crate::on_both;
use crate::support::{ArticleBuilder, TestApp, article};

/// A story with everything that a record can say of one.
fn rich() -> ArticleBuilder {
    let hero = json!({"guid": "hero", "url": "/hero.jpg", "alt": "A barge", "width": 1600, "height": 900,
        "rights": {"holder": "Example"}, "renditions": [{"url": "/hero-800.jpg", "width": 800}]});
    article("rich")
        .with("guid", "urn:example:rich")
        .with("body", "<p>One <b onclick=\"x()\">two</b>&nbsp;&amp; three.</p><script>x()</script>\n\n<figure><img src=\"/a.jpg\"></figure>")
        .with("standfirst", "In short.")
        .with("lang", "uz-Cyrl")
        .with("translation_group", "group")
        .with("canonical_url", "https://example.org/rich")
        .with("rights", json!({"licence": "CC BY 4.0"}))
        .with("updated_at", "2026-05-02T09:00:00.000001Z")
        .with("first_published_at", "2026-04-30T09:00:00Z")
        .with("hero", hero)
        .with("media", json!([{"url": "/one.jpg", "caption": "One."}, {"guid": "two", "url": "/two.jpg"}]))
        .with("corrections", json!([{"at": "2026-05-03T09:00:00Z", "text": "An earlier version was wrong."}]))
        .with("former_slugs", json!(["richer", "richest"]))
        .with("tags", json!([{"slug": "kz", "name": "Kazakhstan", "kind": "country"}, {"slug": "t", "name": "T"}]))
        .author("w")
        .author("v")
}

/// The records without what belongs to one installation.
fn plain(app: &TestApp) -> Vec<Value> {
    let (records, _) = export(app, "");
    let plain = |mut record: Value| {
        let members = record.as_object_mut().expect("an object");
        members.remove("id");
        members.remove("version");
        record
    };
    records.into_values().map(plain).collect()
}

on_both! {
    fn a_record_says_what_is_public(app: &TestApp) {
        app.store([article("a").with("body_format", "markdown").with("body", "**Bold**").with("expires_at", "2027-01-01T00:00:00Z")]);
        let (records, _) = export(app, "");
        assert_eq!(records[&1], json!({"id": 1, "version": 1, "guid": records[&1]["guid"], "slug": "a", "title": "Title of a",
            "kind": "news", "lang": "en", "status": "published", "published_at": "2026-05-01T09:00:00Z",
            "first_published_at": "2026-05-01T09:00:00Z", "updated_at": "2026-05-01T09:00:00Z",
            "body": "<p><strong>Bold</strong></p>\n", "body_format": "html", "authors": [], "tags": []}));
    }

    fn everything_that_is_public_is_in_it_and_nothing_else(app: &TestApp) {
        app.store([article("a"), article("draft").with("status", "draft"), article("about").with("kind", "page"),
            article("later").at("2026-07-01T00:00:00Z"), article("gone").with("status", "withdrawn"), article("z")]);
        app.store((0..230).map(|i| article(&format!("n{i}"))));
        let slugs: Vec<Value> = plain(app).iter().map(|record| record["slug"].clone()).collect();
        assert_eq!((slugs.len(), &slugs[..3]), (233, &[json!("a"), json!("about"), json!("z")][..]));
    }

    fn an_export_and_the_changes_since_are_the_present(app: &TestApp) {
        app.store([article("a"), article("b")]);
        let (_, token) = export(app, "");
        app.store([article("a").with("status", "withdrawn"), article("c")]);
        assert_eq!(Reader::new(app, "", "").at(&token).lines(), ["delete article a v2 unpublished", "upsert article c v1 published"]);
    }

    fn what_is_exported_can_be_imported_and_exported_again(app: &TestApp) {
        app.store([rich(), article("rich-in-english").with("translation_group", "group"), article("about").with("kind", "page")]);
        app.store([article("rich-in-english").with("title", "A second version").with("translation_group", "group")]);
        let first = plain(app);
        assert_eq!(first[0]["former_slugs"], json!(["richer", "richest"]));
        let text = String::from_utf8(app.get("/v1/export/articles.ndjson").body).expect("text");
        let other = TestApp::start(app.db.backend());
        let report = other.import(&text);
        assert_eq!((report.created, report.faults.len()), (3, 0), "{report}");
        assert_eq!(plain(&other), first);
        assert_eq!(other.import(&text).unchanged, 3);
        assert_eq!(app.import(&text).faults, [], "at home too");
    }

    fn it_is_streamed_and_never_kept(app: &TestApp) {
        app.store([article("a")]);
        let answer = app.get("/v1/export/articles.ndjson");
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""));
        assert_eq!((answer.header("transfer-encoding"), answer.body.last()), ("chunked", Some(&b'\n')));
        let head = app.request(Method::HEAD, "/v1/export/articles.ndjson", &[]);
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, "application/x-ndjson", 0));
        assert_eq!(app.get("/v1/export/articles.ndjson?fields=id").code(), "unknown-parameter");
    }

    fn an_error_in_its_midst_breaks_the_connection(app: &TestApp) {
        use diesel::RunQueryDsl;
        app.store((0..150).map(|i| article(&format!("a{i}"))));
        let spoil = "UPDATE articles SET rights = 'no JSON' WHERE slug = 'a140'";
        app.db.write_here(|conn| Ok::<_, xabar::db::DbError>(diesel::sql_query(spoil).execute(conn)?)).expect("spoilt");
        let answer = app.raw(b"GET /v1/export/articles.ndjson HTTP/1.1\r\nHost: x\r\n\r\n");
        let text = String::from_utf8(answer).expect("text");
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("\"slug\":\"a99\""));
        assert!(!text.contains("\"type\":\"end\"") && !text.ends_with("0\r\n\r\n"), "neither end is there");
    }
}
