//! Counts by value that a list can come with.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, article};

/// `value count` of each entry.
fn counts(app: &TestApp, facet: &str, query: &str) -> Vec<String> {
    let json = app.get(&format!("/v1/articles?facets={facet}{query}")).json();
    let entries = json["facets"][facet].as_array().unwrap_or_else(|| panic!("no {facet}: {json}"));
    entries.iter().map(|entry| format!("{} {}", entry["value"].as_str().expect("a value"), entry["count"])).collect()
}

fn fill(app: &TestApp) {
    app.store([
        article("a").tags(&["rail", "aze"]).author("dina"),
        article("b").tags(&["aze"]).author("dina").author("timur").with("lang", "ru"),
        article("c").tags(&["aze"]).with("kind", "opinion").at("2024-12-31T23:59:59Z"),
        article("d")
            .tags(&["coal"])
            .author("timur")
            .with("kind", "photo")
            .with("lang", "ru")
            .at("2025-01-01T00:00:00Z"),
        article("hidden").tags(&["rail", "secret"]).author("ghost").with("status", "draft").with("lang", "kk"),
        article("about").tags(&["rail"]).author("ghost").with("kind", "page"),
    ]);
}

on_both! {
    fn each_counts_its_values_the_most_frequent_first(app: &TestApp) {
        fill(app);

        assert_eq!(counts(app, "tag", ""), ["aze 3", "rail 1", "coal 1"]);
        assert_eq!(counts(app, "author", ""), ["dina 2", "timur 2"]);
        assert_eq!(counts(app, "kind", ""), ["news 2", "opinion 1", "photo 1"]);
        assert_eq!(counts(app, "lang", ""), ["en 2", "ru 2"]);
    }

    fn years_are_in_utc_and_the_latest_comes_first(app: &TestApp) {
        fill(app);

        assert_eq!(counts(app, "year", ""), ["2026 2", "2025 1", "2024 1"]);
    }

    fn they_honour_the_filters_and_not_the_page(app: &TestApp) {
        fill(app);

        assert_eq!(counts(app, "tag", "&lang=ru&limit=1"), ["aze 1", "coal 1"]);
        assert_eq!(counts(app, "author", "&tag=aze&page=5"), ["dina 2", "timur 1"]);
        assert_eq!(counts(app, "kind", "&tags_none=aze&cursor=*"), ["photo 1"]);
        assert_eq!(counts(app, "year", "&q=body&limit=1"), ["2026 2", "2025 1", "2024 1"]);
        assert_eq!(counts(app, "lang", "&kind=page"), ["en 1"]);
        assert_eq!(counts(app, "tag", "&tag=unknown"), [] as [&str; 0]);
    }

    fn what_is_kept_is_what_is_counted(app: &TestApp) {
        fill(app);
        app.store([article("a").tags(&["rail"]).author("timur"), article("d").with("status", "draft")]);

        for facet in ["tag", "author", "kind", "lang", "year"] {
            for narrowed in ["", "&kind=news", "&lang=ru", "&kind=page", "&kind=opinion&lang=en", "&lang=kk"] {
                let counted = counts(app, facet, &format!("{narrowed}&published_after=2000-01-01T00:00:00Z"));
                assert_eq!(counts(app, facet, narrowed), counted, "{facet}{narrowed}");
            }
        }
    }

    fn several_come_together_with_labels(app: &TestApp) {
        app.store([article("a").with("tags", json!([{"slug": "aze", "name": "Azerbaijan"}])).author("dina")]);

        let facets = app.get("/v1/articles?facets=lang,tag,author").json()["facets"].clone();

        assert_eq!(facets, json!({
            "author": [{"value": "dina", "label": "dina", "count": 1}],
            "lang": [{"value": "en", "label": "en", "count": 1}],
            "tag": [{"value": "aze", "label": "Azerbaijan", "count": 1}]
        }));
    }

    fn a_list_has_none_unless_asked(app: &TestApp) {
        fill(app);

        assert_eq!(app.get("/v1/articles").json().get("facets"), None::<&Value>);
    }

    fn an_unknown_one_is_refused_with_the_known_ones(app: &TestApp) {
        let answer = app.get("/v1/articles?facets=kind,month");

        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"));
        assert_eq!(answer.json()["errors"][0]["allowed"], json!(["tag", "author", "kind", "lang", "year"]));
    }

    fn the_fifty_most_frequent_are_shown(app: &TestApp) {
        let tags: Vec<String> = (1..=60).map(|n| format!("tag-{n}")).collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        app.store([article("a").tags(&tags), article("b").tags(&["tag-60"])]);

        let shown = counts(app, "tag", "");

        assert_eq!((shown.len(), shown[0].as_str(), shown[1].as_str()), (50, "tag-60 2", "tag-1 1"));
    }
}
