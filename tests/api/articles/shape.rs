//! What is sent of an article: the whole card, sparse fields, and the forms of a body.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::article;

const BODY: &str = "<h2>Rates</h2><p>The <strong>som</strong> rose.</p>";

on_both! {
    fn a_card_is_complete(app: &TestApp) {
        let hero = json!({"url": "https://media.example.org/a.jpg", "alt": "A port", "caption": "The port.",
            "credit": "Example Pictures", "width": 1600, "height": 900, "mime_type": "image/jpeg",
            "rights": {"holder": "Example"}, "renditions": [{"url": "/a-800.jpg", "width": 800, "height": 450}]});
        app.store([article("порт-алят")
            .with("guid", "guid-1")
            .with("title", "Port & <rail>")
            .with("standfirst", "A lead.")
            .with("body", "<p>One two three.</p>")
            .with("updated_at", "2026-05-02T10:00:00.5Z")
            .with("hero", hero)
            .with("tags", json!([
                {"slug": "aze", "name": "Azerbaijan", "kind": "country"}, {"slug": "rail", "name": "Rail"}
            ]))
            .author("timur")
            .author("dina")]);

        let card = app.get("/v1/articles").json()["data"][0].clone();

        let hero = json!({"id": card["hero"]["id"], "url": "https://media.example.org/a.jpg", "alt": "A port",
            "caption": "The port.", "credit": "Example Pictures", "width": 1600, "height": 900,
            "mime_type": "image/jpeg", "rights": {"holder": "Example"},
            "renditions": [{"url": "/a-800.jpg", "width": 800, "height": 450}]});
        assert_eq!(card, json!({
            "id": card["id"], "guid": "guid-1", "slug": "порт-алят",
            "url": "/articles/%D0%BF%D0%BE%D1%80%D1%82-%D0%B0%D0%BB%D1%8F%D1%82",
            "kind": "news", "lang": "en", "translations": [], "title": "Port & <rail>", "standfirst": "A lead.",
            "excerpt": "One two three.",
            "authors": [{"slug": "timur", "name": "timur"}, {"slug": "dina", "name": "dina"}],
            "tags": [
                {"slug": "aze", "name": "Azerbaijan", "kind": "country"},
                {"slug": "rail", "name": "Rail", "kind": "topic"}
            ],
            "hero": hero, "word_count": 3, "reading_minutes": 1,
            "published_at": "2026-05-01T09:00:00Z", "first_published_at": "2026-05-01T09:00:00Z",
            "updated_at": "2026-05-02T10:00:00.5Z", "version": 1
        }));
        assert!(card["id"].is_i64() && card["hero"]["id"].is_i64(), "{card}");
    }

    fn an_editorial_change_moves_version_and_updated_at(app: &TestApp) {
        app.store([article("a")]);
        let card = |app: &crate::support::TestApp| {
            let card = app.get("/v1/articles/a").json();
            (card["version"].clone(), card["updated_at"].clone(), card["published_at"].clone())
        };
        let published = json!("2026-05-01T09:00:00Z");
        assert_eq!(card(app), (json!(1), published.clone(), published.clone()));

        app.store([article("a")]);
        assert_eq!(card(app), (json!(1), published.clone(), published.clone()), "nothing changed");

        app.store([article("a").with("title", "Another")]);
        assert_eq!(card(app), (json!(2), json!("2026-06-01T12:00:00Z"), published));
    }

    fn fields_keep_those_members_alone(app: &TestApp) {
        app.store([article("a").tags(&["rail"])]);

        let list = app.get("/v1/articles?fields=title,slug,tags").json();
        let tags = json!([{"slug": "rail", "name": "rail", "kind": "topic"}]);
        assert_eq!(list["data"], json!([{"slug": "a", "title": "Title of a", "tags": tags}]));
        assert_eq!(list["page"]["total"], 1);
        assert_eq!(app.get("/v1/articles?fields=hero").json()["data"], json!([{"hero": null}]));
        assert_eq!(app.get("/v1/articles/a?fields=next,slug").json(), json!({"slug": "a", "next": null}));
    }

    fn a_body_named_in_fields_comes_only_in_a_form(app: &TestApp) {
        app.store([article("a").with("body", BODY)]);

        assert_eq!(app.get("/v1/articles?fields=slug,body").json()["data"], json!([{"slug": "a"}]));
        let text = app.get("/v1/articles?fields=slug,body&body=text").json();
        assert_eq!(text["data"], json!([{"slug": "a", "body": "Rates\n\nThe som rose."}]));
        assert_eq!(app.get("/v1/articles?fields=slug&body=text").json()["data"], json!([{"slug": "a"}]));
    }

    fn an_unknown_field_is_refused_with_the_nearest(app: &TestApp) {
        app.store([article("a")]);
        for path in ["/v1/articles", "/v1/articles/a", "/v1/articles/a/related"] {
            let answer = app.get(&format!("{path}?fields=slug,titel"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"), "{path}");
            let error = answer.json()["errors"][0].clone();
            assert_eq!(error["parameter"], "fields", "{path}");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("`title`")), "{error}");
        }
        let in_a_detail_only = app.get("/v1/articles?fields=corrections");
        assert_eq!(in_a_detail_only.code(), "invalid-parameter");
    }

    fn a_list_has_bodies_only_when_asked(app: &TestApp) {
        app.store([article("a").with("body", BODY)]);

        for (query, expected) in [
            ("", None),
            ("?body=none", None),
            ("?body=html", Some(BODY)),
            ("?body=text", Some("Rates\n\nThe som rose.")),
            ("?body=markdown", Some("## Rates\n\nThe **som** rose.")),
        ] {
            let card = app.get(&format!("/v1/articles{query}")).json()["data"][0].clone();
            assert_eq!(card.get("body").and_then(Value::as_str), expected, "{query}");
        }
    }

    fn a_detail_has_html_unless_told(app: &TestApp) {
        app.store([article("a").with("body", BODY)]);

        for (query, expected) in [
            ("", Some(BODY)),
            ("?body=none", None),
            ("?body=text", Some("Rates\n\nThe som rose.")),
            ("?body=markdown", Some("## Rates\n\nThe **som** rose.")),
        ] {
            let detail = app.get(&format!("/v1/articles/a{query}")).json();
            assert_eq!(detail.get("body").and_then(Value::as_str), expected, "{query}");
        }
        let allowed = json!(["none", "html", "text", "markdown"]);
        assert_eq!(app.get("/v1/articles/a?body=xml").json()["errors"][0]["allowed"], allowed);
    }

    fn a_body_written_in_markdown_is_served_as_html(app: &TestApp) {
        app.store([article("a").with("body", "The **som** rose.").with("body_format", "markdown")]);

        let body = app.get("/v1/articles/a").json()["body"].clone();

        assert_eq!(body.as_str().map(str::trim_end), Some("<p>The <strong>som</strong> rose.</p>"));
    }

    fn a_program_in_a_body_is_never_served(app: &TestApp) {
        let hostile = "<p onclick=\"steal()\">Safe<script>steal()</script><!-- steal() -->\
            <a href=\"javascript:steal()\">link</a></p><iframe src=\"https://steal()\"></iframe>";
        app.store([article("a").with("body", hostile)]);

        for form in ["html", "text", "markdown"] {
            let detail = app.get(&format!("/v1/articles/a?body={form}")).json().to_string();
            assert!(detail.contains("Safe") && !detail.contains("steal"), "{form}: {detail}");
        }
    }
}
