//! Every order of every list, with as many ties as there can be.

use serde_json::json;

use super::walks::every_way;
use crate::on_both;
use crate::support::{ArticleBuilder, article};

/// Titles that are hard to tell apart once case and accents are gone, and some with nothing to sort by.
const TITLES: [&str; 8] = ["Ferry", "ferry", "Férry", "", "Паром", "ПАРОМ", "!!!", "🚢"];
const DAYS: [&str; 3] = ["2026-05-01T09:00:00Z", "2026-05-02T09:00:00Z", "2026-05-02T09:00:00.000001Z"];

fn stories(count: usize) -> impl Iterator<Item = ArticleBuilder> {
    (0..count).map(|number| {
        let story = article(&format!("s-{number}"))
            .with("title", TITLES[number % TITLES.len()])
            .with("updated_at", DAYS[number / 2 % DAYS.len()])
            .with("former_slugs", json!([format!("was-{number}")]))
            .at(DAYS[number % DAYS.len()]);
        let story = if number % 2 == 0 { story.with("standfirst", "The ferry and the train.") } else { story };
        let story = if number % 3 == 0 { story.with("kind", "opinion").with("lang", "ru") } else { story };
        let story = if number % 5 == 0 { story.tags(&["rail"]).author("dina") } else { story };
        story.tags(&[&format!("t-{}", number % 7)]).author(&format!("w-{}", number % 11))
    })
}

on_both! {
    fn of_articles(app: &TestApp) {
        app.store(stories(240));

        for (query, count) in [
            ("sort=title", 240),
            ("sort=-updated_at", 240),
            ("sort=published_at", 240),
            ("sort=-published_at", 240),
            ("q=ferry", 150),
            ("q=ferry&sort=relevance", 150),
            ("q=train ferr&sort=relevance", 120),
            ("q=ferry&sort=title", 150),
            ("tag=rail", 48),
            ("tag=rail&sort=published_at", 48),
            ("tag=rail&sort=title", 48),
            ("tags_any=rail,t-1", 76),
            ("tags_none=rail&sort=-updated_at", 192),
            ("author=dina", 48),
            ("author=dina&tag=rail&sort=published_at", 48),
            ("kind=opinion", 80),
            ("lang=en&sort=title", 160),
            ("published_after=2026-05-02T09:00:00Z", 160),
        ] {
            let all = every_way(app, &format!("/v1/articles?limit=17&{query}"));
            assert_eq!(all.len(), count, "{query}");
            assert_eq!(every_way(app, &format!("/v1/articles?limit=100&{query}")), all, "{query}");
        }
        assert_eq!(every_way(app, "/v1/page/tag/rail?limit=5").len(), 48);
        assert_eq!(every_way(app, "/v1/redirects?limit=17").len(), 240);
    }

    fn of_tags_and_authors(app: &TestApp) {
        let (tag_kinds, names) = (["topic", "country", "person"], ["Ata", "ata", "Атá", "Āta", "Zeta"]);
        let lines = (0..120).flat_map(|number| {
            let (name, kind) = (names[number % names.len()], tag_kinds[number % tag_kinds.len()]);
            [
                json!({"type": "tag", "slug": format!("t-{number}"), "name": name, "kind": kind}).to_string(),
                json!({"type": "author", "slug": format!("w-{number}"), "name": name}).to_string(),
            ]
        });
        assert_eq!(app.import(&lines.collect::<Vec<_>>().join("\n")).faults, []);
        app.store(stories(60));

        // Eight more tags and twelve more authors came with the stories, of which seven and eleven were known.
        for list in ["/v1/tags", "/v1/authors"] {
            for sort in ["name", "-article_count"] {
                for limit in [1, 7, 100] {
                    let all = every_way(app, &format!("{list}?limit={limit}&sort={sort}"));
                    assert_eq!(all.len(), 121, "{list} by {sort}");
                }
                assert_eq!(every_way(app, &format!("{list}?limit=7&q=AT&sort={sort}")).len(), 72, "{list} by {sort}");
            }
        }
        assert_eq!(every_way(app, "/v1/tags?limit=7&kind=country").len(), 40);
    }
}
