//! NDJSON in the shape of the benchmark's corpus.

use serde_json::{Value, json};
use xabar::imports::Report;

use crate::on_both;
use crate::support::article;

/// A line as `gen_corpus.py` writes it, but for the length of its body.
fn corpus_line(number: u32, published_at: &str, tags: &[u32]) -> String {
    let hero = json!({
        "url": format!("https://media.example.org/{number}.jpg"), "alt": "caravan silk the road", "width": 1200, "height": 675,
        "caption": "Bridge over the river."
    });
    let body = format!(
        "<p>Pipeline of the ministry. Wheat for export.</p>\n<figure><img src=\"https://media.example.org/{number}.jpg\" \
         alt=\"caravan silk the road\" width=\"1200\" height=\"675\"><figcaption>Bridge over the river.</figcaption></figure>\n\
         <p>Water in the reservoir.</p>"
    );
    let tags: Vec<Value> =
        tags.iter().map(|tag| json!({"slug": format!("tag-{tag:03}"), "name": format!("Tag {tag:03}")})).collect();
    json!({
        "slug": format!("article-{number:05}"), "title": "The Pipeline Of Wheat", "kind": "news", "lang": "en",
        "status": "published", "published_at": published_at, "body": body,
        "authors": [{"slug": "author-07", "name": "Author 07"}], "tags": tags, "hero": hero
    })
    .to_string()
}

fn corpus() -> String {
    [
        corpus_line(1, "2025-04-03T09:00:00Z", &[1, 10, 300]),
        corpus_line(2, "2025-04-03T08:23:00Z", &[1]),
        corpus_line(3, "2025-04-03T07:46:00Z", &[10, 1]),
    ]
    .join("\n")
}

on_both! {
    fn the_corpus_comes_in_complete(app: &TestApp) {
        let report = app.import(&corpus());
        assert_eq!(report, Report { created: 3, ..Report::default() });
        assert_eq!(report.to_string(), "3 changes: 3 created, 0 updated; 0 unchanged, 0 skipped, 0 refused");
        assert_eq!(app.get("/v1/articles").slugs(), ["article-00001", "article-00002", "article-00003"]);
        assert_eq!(app.get("/v1/tags?fields=slug,name,article_count").json()["data"], json!([
            {"slug": "tag-001", "name": "Tag 001", "article_count": 3},
            {"slug": "tag-010", "name": "Tag 010", "article_count": 2},
            {"slug": "tag-300", "name": "Tag 300", "article_count": 1},
        ]));
        let author = app.get("/v1/authors/author-07").json();
        assert_eq!((&author["name"], &author["article_count"]), (&json!("Author 07"), &json!(3)));
        let story = app.get("/v1/articles/article-00003").json();
        assert_eq!(story["title"], "The Pipeline Of Wheat");
        assert_eq!(story["published_at"], "2025-04-03T07:46:00Z");
        assert_eq!(story["updated_at"], "2025-04-03T07:46:00Z", "not the instant of the import");
        assert_eq!(story["tags"], json!([
            {"slug": "tag-010", "name": "Tag 010", "kind": "topic"}, {"slug": "tag-001", "name": "Tag 001", "kind": "topic"},
        ]));
        assert_eq!(story["hero"]["url"], "https://media.example.org/3.jpg");
        assert_eq!((&story["hero"]["caption"], &story["hero"]["width"]), (&json!("Bridge over the river."), &json!(1200)));
        assert_eq!(story["excerpt"], "Pipeline of the ministry. Wheat for export. Water in the reservoir.");
        assert_eq!((&story["word_count"], &story["version"]), (&json!(11), &json!(1)));
    }

    fn a_second_import_changes_nothing(app: &TestApp) {
        app.import(&corpus());
        let (known, before) = (app.log_length(), app.get("/v1/articles").header("etag").to_owned());
        app.set_time("2026-06-02T00:00:00Z");
        let report = app.import(&corpus());
        assert_eq!((report.changes(), &report), (0, &Report { unchanged: 3, ..Report::default() }));
        assert_eq!(report.to_string(), "0 changes: 0 created, 0 updated; 3 unchanged, 0 skipped, 0 refused");
        assert_eq!((app.log_length(), app.get("/v1/articles").header("etag")), (known, before.as_str()));
    }

    fn a_story_that_went_live_by_the_clock_is_unchanged_too(app: &TestApp) {
        let line = article("soon").at("2026-06-01T13:00:00Z").with("status", "scheduled").line();
        app.import(&line);
        app.set_time("2026-06-01T14:00:00Z");
        assert_eq!(app.import(&line), Report { unchanged: 1, ..Report::default() });
    }

    fn line_ends_blank_lines_and_a_byte_order_mark_are_no_matter(app: &TestApp) {
        let text = format!("\u{feff}{}\r\n\r\n   \n{}", article("a").line(), article("b").line());
        assert_eq!(app.import(&text).created, 2);
        assert_eq!(app.import("").changes(), 0);
    }

    fn more_than_a_batch_comes_in_and_lines_keep_their_numbers(app: &TestApp) {
        let mut lines: Vec<String> = (0..2450).map(|i| article(&format!("a{i}")).line()).collect();
        lines.insert(2120, "nonsense".to_owned());
        let report = app.import(&lines.join("\n"));
        assert_eq!((report.created, report.faults.len()), (2450, 1));
        assert_eq!(report.faults[0].place, "line 2121");
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], json!(2450));
    }

    fn a_body_is_sanitised(app: &TestApp) {
        let body = "<p onclick=\"x()\">Safe &amp; sound.</p><script>alert(1)</script><style>p{}</style>\
                    <a href=\"javascript:alert(2)\">link</a><iframe src=\"https://evil.example\"></iframe>";
        app.store([article("a").with("body", body)]);
        let story = app.get("/v1/articles/a").json();
        let html = story["body"].as_str().expect("a body");
        for gone in ["script", "onclick", "alert", "javascript", "style", "iframe"] {
            assert!(!html.contains(gone), "{gone} in {html}");
        }
        assert!(html.contains("<p>Safe &amp; sound.</p>"), "{html}");
        assert_eq!(story["excerpt"], "Safe & sound. link");
        for word in ["alert", "onclick", "javascript"] {
            assert_eq!(app.get(&format!("/v1/articles?q={word}")).slugs(), Vec::<String>::new(), "{word}");
        }
    }

    fn markdown_is_rendered(app: &TestApp) {
        app.store([article("a").with("body", "Some *words*.\n\n<script>x</script>").with("body_format", "markdown")]);
        let body = app.get("/v1/articles/a").json()["body"].as_str().expect("a body").to_owned();
        assert_eq!(body.trim(), "<p>Some <em>words</em>.</p>");
    }
}
