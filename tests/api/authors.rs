//! `/v1/authors`.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, article};

fn author(slug: &str, name: &str) -> Value {
    json!({"type": "author", "slug": slug, "name": name, "bio": ""})
}

/// The kept count, which must agree with the list's total and with a count of the rows.
fn count(app: &TestApp, slug: &str) -> i64 {
    let kept = app.get(&format!("/v1/authors/{slug}")).json()["article_count"].as_i64().expect("a count");
    for query in [format!("author={slug}"), format!("author={slug}&tags_none=none")] {
        let list = app.get(&format!("/v1/articles?{query}"));
        assert_eq!((list.header("x-total-count"), list.slugs().len() as i64), (&*kept.to_string(), kept), "{query}");
    }
    kept
}

on_both! {
    fn an_author_is_complete(app: &TestApp) {
        let bio = "Covers <rail> & ports.";
        app.put(&json!({"type": "author", "slug": "dina-akhmet", "name": "Dina Akhmet", "bio": bio}));
        app.store([article("a").author("dina-akhmet")]);

        let answer = app.get("/v1/authors/dina-akhmet");

        let expected = json!({"id": answer.json()["id"], "slug": "dina-akhmet", "name": "Dina Akhmet",
            "bio": bio, "article_count": 1});
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
        assert_eq!(app.get("/v1/authors").json()["data"], json!([expected]));
        let byline = json!([{"slug": "dina-akhmet", "name": "Dina Akhmet"}]);
        assert_eq!(app.get("/v1/articles/a").json()["authors"], byline);
    }

    fn a_rename_shows_on_every_card(app: &TestApp) {
        app.store([article("a").author("dina"), article("b").author("dina")]);

        app.put(&author("dina", "Dina Akhmet"));

        assert_eq!(app.get("/v1/articles").each("authors"), vec![json!([{"slug": "dina", "name": "Dina Akhmet"}]); 2]);
    }

    fn an_unknown_author_is_not_found(app: &TestApp) {
        for slug in ["unknown", "1"] {
            let answer = app.get(&format!("/v1/authors/{slug}"));
            assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{slug}");
        }
    }

    fn authors_are_listed_by_name_or_by_use(app: &TestApp) {
        for (slug, name) in [("w-1", "Timur"), ("w-2", "Әлия"), ("w-3", "Dina"), ("w-4", "timur")] {
            app.put(&author(slug, name));
        }
        app.store([article("a").author("w-4").author("w-2"), article("b").author("w-4")]);

        assert_eq!(app.get("/v1/authors").slugs(), ["w-3", "w-1", "w-4", "w-2"]);
        let by_use = app.get("/v1/authors?sort=-article_count");
        assert_eq!((by_use.slugs()[..2].to_vec(), by_use.each("article_count")), (
            vec!["w-4".to_owned(), "w-2".to_owned()],
            vec![json!(2), json!(1), json!(0), json!(0)]
        ));
    }

    fn they_are_found_by_the_start_of_the_name(app: &TestApp) {
        app.put(&author("dina", "Dina"));
        app.put(&author("dinara", "DINARA"));
        app.put(&author("gulnora", "Gʻulnora"));

        let found = |q: &str| app.get_query("/v1/authors", &[("q", q)]).slugs();
        assert_eq!(found("din"), ["dina", "dinara"]);
        assert_eq!(found("g'ul"), ["gulnora"]);
        assert_eq!((found("ina"), found("%"), found("")), (vec![], vec![], vec![]));
    }

    fn pages_by_number_and_by_cursor_agree(app: &TestApp) {
        for n in 1..=5 {
            app.put(&author(&format!("w-{n}"), if n % 2 == 0 { "Even" } else { "Odd" }));
        }
        app.store([article("a").author("w-3")]);

        for sort in ["name", "-article_count"] {
            let whole = app.get(&format!("/v1/authors?sort={sort}")).slugs();
            let by_number: Vec<_> =
                (1..=3).flat_map(|n| app.get(&format!("/v1/authors?sort={sort}&limit=2&page={n}")).slugs()).collect();
            let mut page = app.get(&format!("/v1/authors?sort={sort}&limit=2&cursor=*"));
            let mut pages = vec![page.slugs()];
            while let Some(next) = page.json()["links"]["next"].as_str() {
                page = app.get(next);
                pages.push(page.slugs());
            }
            assert_eq!((&by_number, &pages.concat(), whole.len()), (&whole, &whole, 5), "{sort}");
            let back = app.get(page.json()["links"]["prev"].as_str().expect("a link"));
            assert_eq!(back.slugs(), pages[1], "{sort}");
        }
    }

    fn fields_keep_those_members_alone(app: &TestApp) {
        app.put(&author("dina", "Dina"));

        let list = app.get("/v1/authors?fields=slug,article_count").json();
        assert_eq!(list["data"], json!([{"slug": "dina", "article_count": 0}]));
    }

    fn the_count_follows_publication_and_kills(app: &TestApp) {
        app.put(&json!({"type": "author", "slug": "dina", "name": "dina"}));
        let story = article("a").author("dina");
        app.store([story.clone().with("status", "draft")]);
        assert_eq!(count(app, "dina"), 0);
        app.store([story.clone()]);
        assert_eq!(count(app, "dina"), 1);
        app.store([story.clone().with("status", "withdrawn")]);
        assert_eq!(count(app, "dina"), 0);
        app.store([story.clone()]);
        assert_eq!(count(app, "dina"), 1);
        app.store([story.killed("Wrong.")]);
        assert_eq!(count(app, "dina"), 0);
    }

    fn the_count_follows_the_byline(app: &TestApp) {
        app.store([article("a").author("dina").author("timur").author("dina")]);
        assert_eq!(["dina", "timur"].map(|slug| count(app, slug)), [1, 1]);

        app.store([article("a").author("timur")]);
        assert_eq!(["dina", "timur"].map(|slug| count(app, slug)), [0, 1]);
    }

    fn the_count_leaves_pages_out(app: &TestApp) {
        app.store([article("a").author("dina")]);
        app.store([article("a").author("dina").with("kind", "page")]);

        assert_eq!(count(app, "dina"), 0);
    }
}
