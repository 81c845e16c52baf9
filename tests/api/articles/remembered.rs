//! Pages of a tag's list of which the list is remembered, and of searches of which the sets are: the cards are read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::{Value, json};
use xabar::access::Scope as Access;
use xabar::articles::Lists;
use xabar::articles::filter::{Filter, Sort};
use xabar::articles::queries::Scope;
use xabar::articles::search::Query;
use xabar::changes::Audience;
use xabar::changes::queries::latest;
use xabar::db::schema::{article_tags, articles};
use xabar::db::{DbConnection, DbError};

use crate::on_both;
use crate::support::{Newsroom, Random, TestApp, article};

/// Pages that are among the newest of a tag, and some that go beyond.
fn paths() -> Vec<String> {
    let of_tag = |tag: &str| {
        let shapes = [
            "",
            "&limit=2",
            "&limit=2&page=2",
            "&limit=3&page=9",
            "&limit=3&cursor=*",
            "&excerpt_words=200",
            "&limit=8&page=8",
            "&limit=16&page=4",
            "&limit=16&page=5",
            "&limit=63&cursor=*",
            "&limit=64&cursor=*",
        ];
        let page = shapes.map(|shape| format!("/v1/page/tag/{tag}?{}", shape.trim_start_matches('&')));
        let list = shapes.map(|shape| format!("/v1/articles?tag={tag}{shape}"));
        [page, list].concat()
    };
    let search = |q: &str| {
        let shapes = ["", "&limit=2&page=2", "&limit=3&cursor=*", "&sort=-published_at&page=4", "&lang=kk&sort=title"];
        shapes.map(|shape| format!("/v1/articles?q={q}{shape}"))
    };
    let searches = ["title", "title+-of", "%22title+of+old%22+1", "nowhere"].into_iter().flat_map(search);
    ["energy", "kz", "water", "none"].iter().flat_map(|tag| of_tag(tag)).chain(searches).collect()
}

/// What is shown, and what is said of it.
fn shown(app: &TestApp, path: &str, token: &str) -> (u16, Value, [String; 4]) {
    let answer = app.get_with(path, &[("Consistency-Token", token)]);
    let mut json = answer.json();
    json.as_object_mut().and_then(|object| object.remove("request_id"));
    // A problem has a number of its own in it.
    let named =
        if answer.status == 200 { ["etag", "surrogate-key", "cache-control", "link"] } else { ["content-type"; 4] };
    (answer.status, json, named.map(|name| answer.header(name).to_owned()))
}

/// Which articles a list has and how it is paged, as the ordinary way finds it: with chosen fields nothing is remembered.
fn by_the_ordinary_way(app: &TestApp, path: &str, token: &str) -> (Vec<Value>, Value) {
    let answer = app.get_with(&format!("{path}&fields=id"), &[("Consistency-Token", token)]);
    (answer.each("id"), answer.json()["page"].clone())
}

fn write(app: &TestApp, work: impl FnOnce(&mut DbConnection) -> QueryResult<usize>) {
    let written = app.db.write_here(|conn| Ok::<_, DbError>(work(conn)?));
    assert!(written.expect("a write") > 0);
}

/// The slugs of a page by cursor, and the links of it.
fn page(app: &TestApp, path: &str) -> (Vec<String>, Value) {
    let answer = app.get(path);
    (answer.slugs(), answer.json()["links"].clone())
}

on_both! {
    fn a_page_of_a_remembered_list_is_that_of_a_process_that_remembers_nothing(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let mut random = Random::seeded(0x746f_7073);
        let mut newsroom = Newsroom::new(app, random.clone());
        newsroom.work(150);
        // More than are remembered of a tag.
        app.store((0..70).map(|n| article(&format!("old-{n}")).tags(&["kz"]).at(&format!("2025-03-{:02}T09:00:00Z", 1 + n / 3))));
        for round in 0..10 {
            newsroom.work(1 + random.below(3));
            let token = app.consistency_token();
            let fresh = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
            for path in paths() {
                let first = shown(app, &path, &token);
                // The second is of what the first one has left.
                assert_eq!(first, shown(app, &path, &token), "round {round}: {path}");
                assert_eq!(first, shown(&fresh, &path, &token), "round {round}: {path}");
                if path.starts_with("/v1/articles") {
                    let found = (app.get(&path).each("id"), first.1["page"].clone());
                    assert_eq!(found, by_the_ordinary_way(app, &path, &token), "round {round}: {path}");
                }
            }
        }
    }

    fn a_page_of_a_search_in_what_is_remembered_is_that_of_a_process_that_remembers_nothing(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        // More than are looked up by their ids, in which case nothing is remembered of what they have in common.
        let story = |n: usize| {
            let title = ["Zher suv", "Suv", "Tau"][n % 3];
            let story = article(&format!("s-{n}")).with("title", title).with("body", "Zher suv tau. Qala");
            let story = story.with("lang", if n.is_multiple_of(4) { "ru" } else { "en" });
            story.at(&format!("2026-04-{:02}T09:{:02}:00Z", 1 + n / 40, n % 7))
        };
        app.store((0..900).map(story));
        let shapes = ["", "&limit=7&page=3", "&limit=50&page=18", "&limit=50&page=19", "&limit=5&cursor=*", "&sort=published_at&page=20", "&sort=-published_at&cursor=*", "&lang=ru&page=2"];
        let paths = ["suv", "zher+suv", "%22zher+suv%22", "qala+-tau", "qala+-nowhere"].map(|q| shapes.map(|shape| format!("/v1/articles?q={q}{shape}")));
        let mut random = Random::seeded(0x7375_7665);
        for round in 0..3 {
            let token = app.consistency_token();
            let fresh = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
            for path in paths.iter().flatten() {
                let first = shown(app, path, &token);
                assert_eq!(first, shown(app, path, &token), "round {round}: {path}");
                // A cursor is sealed anew each time.
                let expected = fresh.get(path);
                assert_eq!((app.get(path).slugs(), &first.1["page"]), (expected.slugs(), &expected.json()["page"]), "round {round}: {path}");
                if let Some(next) = first.1["links"]["next"].as_str() {
                    assert_eq!(app.get(next).slugs(), fresh.get(next).slugs(), "round {round}: {next}");
                }
                assert_eq!(by_the_ordinary_way(app, path, &token), (expected.each("id"), first.1["page"].clone()), "round {round}: {path}");
            }
            let hidden = |n| story(n).with("status", "draft");
            app.store((0..5).map(|_| hidden(random.below(900))));
            app.store((0..5).map(|_| story(random.below(900)).with("title", "Qala").at("2026-05-01T09:00:00Z")));
        }
    }

    fn the_list_is_remembered_until_the_log_tells_of_a_change_to_it(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let key = app.key(&[Access::ContentRead, Access::ContentWrite]);
        app.store([("a", 1), ("b", 2), ("c", 3)].map(|(slug, day)| article(slug).tags(&["t"]).at(&format!("2026-05-0{day}T09:00:00Z"))));
        app.store([article("d").tags(&["t", "u"]).at("2026-04-01T09:00:00Z")]);
        let order = || [app.get("/v1/articles?tag=t").slugs(), app.get("/v1/page/tag/t").json()["articles"]["data"].as_array().expect("cards").iter().map(|card| card["slug"].as_str().expect("a slug").to_owned()).collect()];
        assert_eq!(order(), [["c", "b", "a", "d"]; 2]);
        // Nobody does this, and the log knows nothing of it.
        write(app, |conn| {
            let earliest = article_tags::published_at.eq(article_tags::article_id.nullable());
            diesel::update(article_tags::table).set(earliest).execute(conn)
        });
        assert_eq!(order(), [["c", "b", "a", "d"]; 2], "it was read again");
        // A change elsewhere is none to this list.
        app.store([article("e").tags(&["v"]).at("2026-04-01T09:00:00Z")]);
        assert_eq!(order(), [["c", "b", "a", "d"]; 2], "it was read again");
        assert_eq!(app.patch("/v1/manage/tags/t", &key, &json!({"name": "New"})).status, 200);
        assert_eq!(order(), [["d", "c", "b", "a"]; 2]);
        assert_eq!(app.get("/v1/page/tag/t").json()["tag"]["name"], "New");
    }

    fn a_search_is_remembered_as_of_where_the_log_ends(app: &TestApp) {
        let postings = Lists::new(Arc::default()).postings;
        let found = |remembered: bool| {
            let read = |conn: &mut DbConnection| {
                let q = Some(Query::parse("story -hidden").expect("a query"));
                let scope = Scope::of(conn, Filter { q, ..Filter::default() }, None, Audience::Everyone)?;
                let seq = latest(conn)?;
                let hits = match remembered {
                    true => postings.remembered(seq, &scope, Sort::Relevance, true)?.map(Arc::unwrap_or_clone),
                    false => postings.find(conn, &scope, Sort::Relevance, true)?,
                };
                Ok::<_, DbError>(hits.map(|hits| hits.total()))
            };
            app.db.read_here(read).expect("a reading")
        };
        // More than are looked up by their ids.
        app.store((0..300).map(|n| article(&format!("a-{n}")).with("body", "A story.")));
        assert_eq!([found(true), found(false), found(true)], [None, Some(300), Some(300)]);
        app.store([article("b").with("body", "A hidden story."), article("c").with("standfirst", "Story")]);
        assert_eq!([found(true), found(false), found(true)], [None, Some(301), Some(301)]);
    }

    fn what_a_card_shows_is_read_each_time(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        app.store(["a", "b"].map(|slug| article(slug).tags(&["t"])));
        let titles = || app.get("/v1/articles?tag=t").each("title");
        assert_eq!(titles(), ["Title of b", "Title of a"]);
        write(app, |conn| {
            // The card is older than this, and so is not used.
            let edit = (articles::title.eq("Edited"), articles::modified_at.eq(articles::modified_at + 1));
            diesel::update(articles::table.filter(articles::slug.eq("a"))).set(edit).execute(conn)
        });
        assert_eq!(titles(), ["Title of b", "Edited"]);
    }

    fn another_process_shows_no_story_that_was_hidden_and_every_change_within_a_second(app: &TestApp) {
        let other = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        app.store(["a", "b"].map(|slug| article(slug).tags(&["t"])));
        let until = |expected: &[&str]| {
            let since = Instant::now();
            while other.get("/v1/articles?tag=t").slugs() != expected {
                assert!(since.elapsed() < Duration::from_secs(1), "{expected:?} is not shown");
            }
        };
        for n in 0..10 {
            app.store([article("b").tags(&["t"])]);
            until(&["b", "a"]);
            app.store([article("b").tags(&["t"]).with("status", "draft").with("title", format!("Hidden {n}"))]);
            for path in ["/v1/articles?tag=t", "/v1/page/tag/t"] {
                let answer = other.get(path).json().to_string();
                assert!(!answer.contains("Hidden") && !answer.contains("Title of b"), "{n}: {answer}");
            }
            until(&["a"]);
        }
    }

    fn cursors_lead_from_what_is_remembered_to_what_is_not_and_back(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let all: Vec<String> = (0..80).map(|n| format!("a-{n}")).collect();
        // Three at each instant.
        app.store((0..80).map(|n| article(&all[n]).tags(&["t"]).at(&format!("2026-04-{:02}T09:00:00Z", 1 + n / 3))));
        let newest: Vec<String> = all.iter().rev().cloned().collect();
        let (mut seen, mut pages, mut next) = (Vec::new(), Vec::new(), json!("/v1/articles?tag=t&limit=7&cursor=*"));
        while let Some(path) = next.as_str() {
            let (slugs, links) = page(app, path);
            seen.extend(slugs.clone());
            pages.push((path.to_owned(), slugs));
            next = links["next"].clone();
        }
        assert_eq!(seen, newest);
        let mut back = page(app, &pages.last().expect("pages").0).1["prev"].clone();
        for (_, slugs) in pages.iter().rev().skip(1) {
            let (found, links) = page(app, back.as_str().expect("a way back"));
            assert_eq!(&found, slugs);
            back = links["prev"].clone();
        }
    }

    fn many_at_once_are_each_given_their_own(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let tags: Vec<String> = (0..8).map(|n| format!("t-{n}")).collect();
        app.store((0..40).map(|n| article(&format!("a-{n}")).tags(&[&tags[n % 8]])));
        let path = |tag: &str| format!("/v1/page/tag/{tag}?limit=3");
        let alone: Vec<Value> = tags.iter().map(|tag| app.get(&path(tag)).json()).collect();
        std::thread::scope(|scope| {
            for n in 0..24 {
                let (tags, alone) = (&tags, &alone);
                scope.spawn(move || {
                    for k in 0..20 {
                        let which = (n + k) % 8;
                        assert_eq!(app.get(&path(&tags[which])).json(), alone[which]);
                    }
                });
            }
        });
    }
}
