//! Pages by cursor.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{Answer, ArticleBuilder, TestApp, article};

/// `a-1` to `a-COUNT`, each a day newer than the last.
fn numbered(count: usize) -> impl Iterator<Item = ArticleBuilder> {
    (1..=count).map(|n| article(&format!("a-{n}")).at(&format!("2026-05-{n:02}T09:00:00Z")))
}

fn link(answer: &Answer, rel: &str) -> Option<String> {
    answer.json()["links"][rel].as_str().map(str::to_owned)
}

fn follow(app: &TestApp, answer: &Answer, rel: &str) -> Answer {
    let target = link(answer, rel).unwrap_or_else(|| panic!("no {rel}: {}", answer.json()));
    let next = app.get(&target);
    assert_eq!(next.status, 200, "{target}");
    next
}

/// The slugs of all pages from `path` on.
fn walk(app: &TestApp, path: &str) -> Vec<Vec<String>> {
    let mut page = app.get(path);
    let mut pages = vec![page.slugs()];
    while link(&page, "next").is_some() {
        page = follow(app, &page, "next");
        pages.push(page.slugs());
    }
    pages
}

/// The cursor in a link.
fn cursor(link: &str) -> &str {
    link.split_once("cursor=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or_default())
}

on_both! {
    fn a_star_starts_a_walk(app: &TestApp) {
        app.store(numbered(3));

        let page = app.get("/v1/articles?cursor=*&limit=2");

        assert_eq!(page.slugs(), ["a-3", "a-2"]);
        assert_eq!(page.json()["page"], json!({"mode": "cursor", "limit": 2, "has_more": true}));
        let start = "/v1/articles?limit=2&cursor=*";
        let links = page.json()["links"].clone();
        assert_eq!((&links["self"], &links["first"], links.get("last")), (&json!(start), &json!(start), None));
        assert_eq!(page.header("x-total-count"), "");
        let header = page.header("link");
        assert!(header.contains(&format!("<{}>; rel=\"next\"", links["next"].as_str().expect("a link"))), "{header}");
    }

    fn next_and_prev_lead_through_the_same_pages(app: &TestApp) {
        app.store(numbered(5));

        let first = app.get("/v1/articles?cursor=*&limit=2");
        let second = follow(app, &first, "next");
        let third = follow(app, &second, "next");
        assert_eq!((second.slugs(), third.slugs()), (vec!["a-3".into(), "a-2".into()], vec!["a-1".to_owned()]));
        assert_eq!((link(&third, "next"), &third.json()["page"]["has_more"]), (None, &json!(false)));

        let back = follow(app, &third, "prev");
        assert_eq!((back.slugs(), &back.json()["page"]["has_more"]), (second.slugs(), &json!(true)));
        let back = follow(app, &back, "prev");
        assert_eq!((back.slugs(), &back.json()["page"]["has_more"]), (first.slugs(), &json!(false)));
        assert_eq!(follow(app, &back, "next").slugs(), second.slugs());
    }

    fn an_exact_count_adds_the_total(app: &TestApp) {
        app.store(numbered(3));

        let first = app.get("/v1/articles?cursor=*&limit=2&count=exact");
        let second = follow(app, &first, "next");

        assert_eq!(first.json()["page"], json!({"mode": "cursor", "limit": 2, "has_more": true, "total": 3}));
        assert_eq!(second.json()["page"], json!({"mode": "cursor", "limit": 2, "has_more": false, "total": 3}));
        assert_eq!((first.header("x-total-count"), second.header("x-total-count")), ("3", "3"));
    }

    fn prev_of_the_first_page_finds_what_is_new(app: &TestApp) {
        app.store(numbered(2));
        let first = app.get("/v1/articles?cursor=*");

        let before = follow(app, &first, "prev");
        assert_eq!(before.slugs(), [] as [&str; 0]);
        app.store([article("new").at("2026-05-30T09:00:00Z")]);

        assert_eq!(follow(app, &first, "prev").slugs(), ["new"]);
        assert_eq!(follow(app, &before, "prev").slugs(), ["new"], "an empty page keeps its place");
        assert_eq!(follow(app, &before, "next").slugs(), ["new", "a-2", "a-1"]);
    }

    fn prev_finds_the_nearest_of_many_new_stories_first(app: &TestApp) {
        app.store(numbered(1));
        let first = app.get("/v1/articles?cursor=*&limit=2");
        app.store((2..=4).map(|n| article(&format!("a-{n}")).at(&format!("2026-05-{n:02}T09:00:00Z"))));

        let nearest = follow(app, &first, "prev");

        assert_eq!(nearest.slugs(), ["a-3", "a-2"]);
        assert_eq!(nearest.json()["page"]["has_more"], true);
        assert_eq!(follow(app, &nearest, "prev").slugs(), ["a-4"]);
    }

    fn new_stories_shift_nothing(app: &TestApp) {
        app.store(numbered(4));
        let first = app.get("/v1/articles?cursor=*&limit=2");

        app.store([article("new").at("2026-05-30T09:00:00Z")]);

        assert_eq!(follow(app, &first, "next").slugs(), ["a-2", "a-1"]);
    }

    fn a_killed_or_withdrawn_anchor_is_harmless(app: &TestApp) {
        app.store(numbered(6));
        let first = app.get("/v1/articles?cursor=*&limit=2");
        assert_eq!(first.slugs(), ["a-6", "a-5"]);

        app.store([article("a-5").at("2026-05-05T09:00:00Z").killed("Wrong.")]);
        let second = follow(app, &first, "next");
        assert_eq!(second.slugs(), ["a-4", "a-3"]);

        app.store([article("a-3").at("2026-05-03T09:00:00Z").with("status", "withdrawn")]);
        assert_eq!(follow(app, &second, "next").slugs(), ["a-2", "a-1"]);
        app.store([article("a-4").at("2026-05-04T09:00:00Z").with("status", "withdrawn")]);
        assert_eq!(follow(app, &second, "prev").slugs(), ["a-6"]);
    }

    fn a_kill_beats_a_cursor(app: &TestApp) {
        app.store(numbered(4));
        let first = app.get("/v1/articles?cursor=*&limit=2");

        app.store([article("a-2").at("2026-05-02T09:00:00Z").killed("Wrong.")]);

        assert_eq!(follow(app, &first, "next").slugs(), ["a-1"]);
    }

    fn every_order_walks_without_a_repeat_or_a_gap(app: &TestApp) {
        app.store((1..=7).map(|n| {
            let day = n / 3 + 1;
            article(&format!("a-{n}"))
                .tags(&["rail"])
                .author("dina")
                .at(&format!("2026-05-0{day}T09:00:00Z"))
                .with("title", format!("Rail {}", n / 4))
        }));

        for order in [
            "sort=-published_at", "sort=published_at", "sort=-updated_at", "sort=title", "q=rail&sort=relevance",
            "q=rail", "tag=rail",
            "tag=rail&sort=published_at", "author=dina", "author=dina&sort=published_at", "tags_any=rail",
        ] {
            let whole = app.get(&format!("/v1/articles?{order}")).slugs();
            assert_eq!(whole.len(), 7, "{order}");
            assert_eq!(walk(app, &format!("/v1/articles?{order}&cursor=*&limit=2")).concat(), whole, "{order}");
        }
    }

    fn every_order_walks_back_the_way_it_came(app: &TestApp) {
        app.store((1..=5).map(|n| {
            let day = n / 3 + 1;
            article(&format!("a-{n}")).tags(&["rail"]).at(&format!("2026-05-0{day}T09:00:00Z")).with("title", "Rail")
        }));

        for order in ["sort=published_at", "sort=-updated_at", "sort=title", "q=rail&sort=relevance", "tag=rail"] {
            let first = app.get(&format!("/v1/articles?{order}&cursor=*&limit=2"));
            let second = follow(app, &first, "next");
            let third = follow(app, &second, "next");
            assert_eq!(follow(app, &third, "prev").slugs(), second.slugs(), "{order}");
            assert_eq!(follow(app, &second, "prev").slugs(), first.slugs(), "{order}");
        }
    }

    fn a_cursor_of_another_list_is_refused(app: &TestApp) {
        app.store(numbered(3).map(|article| article.tags(&["rail"])));
        let first = app.get("/v1/articles?tag=rail&cursor=*&limit=1");
        let next = link(&first, "next").expect("there is more");
        let cursor = cursor(&next);

        for path in [
            "/v1/articles?",
            "/v1/articles?tag=road&",
            "/v1/articles?tag=rail&lang=en&",
            "/v1/articles?tag=rail&sort=published_at&",
            "/v1/page/tag/rail?tag=rail&",
            "/v1/tags?",
        ] {
            let answer = app.get(&format!("{path}cursor={cursor}"));
            assert_eq!((answer.status, answer.code().as_str()), (400, "cursor-mismatch"), "{path}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "cursor", "{path}");
        }
    }

    fn a_cursor_may_go_on_in_another_shape(app: &TestApp) {
        app.store(numbered(4));
        let next = link(&app.get("/v1/articles?cursor=*&limit=1"), "next").expect("there is more");

        let page = app.get(&format!("/v1/articles?limit=3&fields=slug&count=exact&cursor={}", cursor(&next)));

        assert_eq!(page.slugs(), ["a-3", "a-2", "a-1"]);
        assert_eq!(page.json()["page"], json!({"mode": "cursor", "limit": 3, "has_more": false, "total": 4}));
    }

    fn an_altered_cursor_is_refused(app: &TestApp) {
        app.store(numbered(2));
        let next = link(&app.get("/v1/articles?cursor=*&limit=1"), "next").expect("there is more");
        let sealed = cursor(&next);
        let altered = format!("{}{}", if sealed.starts_with('A') { "B" } else { "A" }, &sealed[1..]);

        let long = "A".repeat(4000);
        for wrong in [altered.as_str(), &sealed[..sealed.len() - 1], "**", "1", "*1", "%D1%8F", "' OR 1=1", &long] {
            let answer = app.get_query("/v1/articles", &[("limit", "1"), ("cursor", wrong)]);
            assert_eq!((answer.status, answer.code().as_str()), (400, "cursor-invalid"), "{wrong}");
        }
    }

    fn a_page_number_and_a_cursor_together_are_refused(app: &TestApp) {
        let answer = app.get("/v1/articles?page=1&cursor=*");

        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid-parameter"));
        assert_eq!(answer.json()["errors"][0]["parameter"], "cursor");
    }

    fn a_walk_through_nothing_ends_at_once(app: &TestApp) {
        let page = app.get("/v1/articles?cursor=*&tag=nowhere&count=exact").json();

        assert_eq!(page["data"], json!([]));
        assert_eq!(page["page"], json!({"mode": "cursor", "limit": 20, "has_more": false, "total": 0}));
        assert_eq!((&page["links"]["next"], &page["links"]["prev"]), (&Value::Null, &Value::Null));
    }
}
