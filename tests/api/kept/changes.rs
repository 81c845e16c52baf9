//! What a change makes untrue, and what it leaves alone.

use std::time::{Duration, Instant};

use serde_json::json;

use super::is_kept;
use crate::on_both;
use crate::support::{TestApp, article};

/// Which of these paths are not answered from memory any longer, after having been.
fn dropped<'a>(app: &TestApp, paths: &[&'a str], change: impl FnOnce()) -> Vec<&'a str> {
    for path in paths {
        assert_eq!(app.get(path).status, 200, "{path}");
        assert!(is_kept(app, path), "{path}");
    }
    change();
    paths.iter().filter(|path| !is_kept(app, path)).copied().collect()
}

on_both! {
    fn a_change_to_one_story_drops_its_pages_and_not_the_site(app: &TestApp) {
        let at = |day: u8| format!("2026-05-{day:02}T09:00:00Z");
        app.store((1..=9).map(|n| article(&format!("a-{n}")).at(&at(n)).tags(&[if n < 5 { "t" } else { "u" }])));
        app.store([article("a-1").at(&at(1)).tags(&["t"]).author("w")]);
        let paths = ["/v1/articles", "/v1/articles?tag=t", "/v1/articles?tag=u", "/v1/articles?ids=1,2", "/v1/articles?ids=8",
            "/v1/articles?author=w", "/v1/articles/a-1", "/v1/articles/a-4", "/v1/articles/a-9", "/v1/page/tag/t", "/v1/page/tag/u",
            "/v1/tags", "/v1/tags/t", "/v1/tags/u", "/v1/authors/w", "/v1/rates/ticker", "/v1/currencies"];
        let rewrite = || app.store([article("a-1").at(&at(1)).tags(&["t"]).author("w").with("title", "Rewritten")]);
        let gone = dropped(app, &paths, rewrite);
        // The stories that name it as related show its title.
        let expected = ["/v1/articles", "/v1/articles?tag=t", "/v1/articles?ids=1,2", "/v1/articles?author=w", "/v1/articles/a-1",
            "/v1/articles/a-4", "/v1/page/tag/t", "/v1/tags", "/v1/tags/t", "/v1/authors/w"];
        assert_eq!(gone, expected);
    }

    fn a_new_story_drops_the_lists_it_comes_into_and_the_story_beside_it(app: &TestApp) {
        app.store([article("old").at("2026-05-01T09:00:00Z").tags(&["t"]), article("new").at("2026-05-05T09:00:00Z").tags(&["u"])]);
        app.store([article("first").at("2026-04-01T09:00:00Z").tags(&["v"])]);
        let paths = ["/v1/articles", "/v1/articles/first", "/v1/articles/old", "/v1/articles/new", "/v1/articles?tag=t", "/v1/articles?tag=v",
            "/v1/articles?tags_any=t,v", "/v1/articles?tags_any=u,v"];
        let gone = dropped(app, &paths, || app.store([article("later").at("2026-05-09T09:00:00Z").tags(&["t"])]));
        assert_eq!(gone, ["/v1/articles", "/v1/articles/new", "/v1/articles?tag=t", "/v1/articles?tags_any=t,v"]);
        assert_eq!(app.get("/v1/articles/new").json()["next"]["slug"], "later");
    }

    fn a_new_name_drops_what_shows_it(app: &TestApp) {
        app.store([article("a").tags(&["t"]).author("w"), article("b").tags(&["u"])]);
        let paths = ["/v1/articles/a", "/v1/articles/b", "/v1/articles?tag=u", "/v1/page/tag/t", "/v1/tags/t", "/v1/tags/u", "/v1/authors/w",
            "/v1/articles?tag=u&facets=tag"];
        let renamed = dropped(app, &paths, || app.put(&json!({"type": "tag", "slug": "t", "name": "New name"})));
        // `b` is beside `a` and shows its title, but no tag of it.
        assert_eq!(renamed, ["/v1/articles/a", "/v1/articles/b", "/v1/page/tag/t", "/v1/tags/t", "/v1/articles?tag=u&facets=tag"]);
        assert_eq!(app.get("/v1/page/tag/t").json()["articles"]["data"][0]["tags"][0]["name"], "New name");
        let renamed = dropped(app, &paths[1..7], || app.put(&json!({"type": "author", "slug": "w", "name": "New name"})));
        assert_eq!(renamed, ["/v1/articles/b", "/v1/page/tag/t", "/v1/authors/w"]);
    }

    fn a_translation_drops_the_story_that_it_is_of(app: &TestApp) {
        app.store([article("a").with("translation_group", "g"), article("b")]);
        let paths = ["/v1/articles/a", "/v1/articles?ids=1", "/v1/articles?ids=2"];
        let russian = || article("a-ru").with("translation_group", "g").with("lang", "ru");
        assert_eq!(dropped(app, &paths, || app.store([russian()])), paths[..2]);
        assert_eq!(dropped(app, &paths, || app.store([russian().with("status", "withdrawn")])), paths[..2]);
        assert_eq!(app.get("/v1/articles/a").json()["translations"], json!([]));
    }

    fn a_tag_that_was_unknown_drops_the_empty_list(app: &TestApp) {
        app.store([article("a").tags(&["t"])]);
        for path in ["/v1/articles?tag=later", "/v1/articles?tags_none=later", "/v1/articles?author=later"] {
            app.get(path);
        }
        app.store([article("b").tags(&["later"]).author("later")]);
        assert_eq!(app.get("/v1/articles?tag=later").slugs(), ["b"]);
        assert_eq!(app.get("/v1/articles?tags_none=later").slugs(), ["a"]);
        assert_eq!(app.get("/v1/articles?author=later").slugs(), ["b"]);
    }

    fn the_schedule_clips_what_is_kept(app: &TestApp) {
        app.store([article("a")]);
        let before = app.get("/v1/articles").header("cache-control").to_owned();
        app.store([article("soon").at("2026-06-01T12:00:20Z").with("lang", "ru")]);
        let after = app.get("/v1/articles/a").header("cache-control").to_owned();
        assert!(before.contains("s-maxage=300") && after.contains("s-maxage=20"), "{before} {after}");
        app.get("/v1/articles?ids=1");
        app.store([article("sooner").at("2026-06-01T12:00:10Z").with("lang", "ru")]);
        assert!(is_kept(app, "/v1/articles?ids=1"));
        assert!(app.get("/v1/articles?ids=1").header("cache-control").contains("s-maxage=10"));
        app.set_time("2026-06-01T12:00:04Z");
        assert!(app.get("/v1/articles?ids=1").header("cache-control").contains("s-maxage=6"));
        app.set_time("2026-06-01T12:00:10Z");
        app.let_the_clock_work();
        assert_eq!(app.get("/v1/articles?lang=ru").slugs(), ["sooner"]);
    }

    fn another_process_hears_of_it_within_a_second(app: &TestApp) {
        app.store([article("a")]);
        let other = app.beside(&[]);
        for n in 0..5 {
            assert_eq!(other.get("/v1/articles?ids=1").status, 200);
            let title = format!("Title {n}");
            app.store([article("a").with("title", title.as_str())]);
            let since = Instant::now();
            while other.get("/v1/articles?ids=1").json()["data"][0]["title"] != title {
                assert!(since.elapsed() < Duration::from_secs(1), "the other process still has the old title");
            }
        }
    }

    fn more_changes_than_are_told_apart_drop_everything(app: &TestApp) {
        app.store([article("a").tags(&["t"])]);
        let gone = dropped(app, &["/v1/articles?tag=t", "/v1/tags/t"], || app.store((0..250).map(|n| article(&format!("b-{n}")))));
        assert_eq!(gone, ["/v1/articles?tag=t", "/v1/tags/t"]);
    }
}
