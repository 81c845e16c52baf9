//! What the public may not see: never a word about it, and of what it may see no longer, that it has gone.

use serde_json::{Value, json};
use xabar::access::Scope;

use super::reader::{Reader, now};
use crate::on_both;
use crate::support::{TestApp, article};

fn articles(app: &TestApp) -> Reader<'_> {
    Reader::new(app, "", "types=article")
}

on_both! {
    fn a_draft_is_not_mentioned(app: &TestApp) {
        app.store([article("draft").with("status", "draft"), article("later").at("2026-07-01T00:00:00Z")]);
        app.store([article("draft").with("status", "draft").with("title", "Another")]);
        assert_eq!(articles(app).lines(), Vec::<String>::new());
        app.store([article("draft")]);
        assert_eq!(articles(app).lines(), ["upsert article draft v3 published"]);
    }

    fn work_on_what_was_withdrawn_is_not_told(app: &TestApp) {
        app.store([article("a").with("guid", "g")]);
        app.set_time("2026-06-01T13:00:00Z");
        app.store([article("a").with("guid", "g").with("status", "withdrawn")]);
        let mut reader = articles(app);
        let gone = reader.all();
        assert_eq!(gone.len(), 1);
        app.set_time("2026-06-02T13:00:00Z");
        app.store([article("the-secret-slug").with("guid", "g").with("status", "draft")]);
        assert_eq!(reader.all(), Vec::<Value>::new());
        assert_eq!(articles(app).all(), gone, "neither its slug nor when it was written");
        app.store([article("the-new-slug").with("guid", "g")]);
        assert_eq!(reader.lines(), ["upsert article the-new-slug v4 published"]);
    }

    fn a_tombstone_has_the_slug_that_was_public(app: &TestApp) {
        app.store([article("a").with("guid", "g")]);
        let mut reader = articles(app).at(&now(app, ""));
        app.store([article("the-secret-slug").with("guid", "g").with("status", "draft")]);
        assert_eq!(reader.lines(), ["delete article a v2 unpublished"]);
        assert_eq!(articles(app).lines(), ["delete article a v2 unpublished"]);
    }

    fn a_kill_is_told_to_all_who_knew_the_story(app: &TestApp) {
        app.store([article("known"), article("gone"), article("unknown").with("status", "draft")]);
        app.store([article("gone").with("status", "withdrawn")]);
        let mut reader = articles(app).at(&now(app, ""));
        app.store(["known", "gone", "unknown"].map(|slug| article(slug).killed("Wrong.")));
        assert_eq!(reader.lines(), ["delete article known v2 killed", "delete article gone v3 killed"]);
    }

    fn the_clock_brings_and_takes(app: &TestApp) {
        let brief = article("brief").at("2026-06-01T13:00:00Z").with("expires_at", "2026-06-01T14:00:00Z");
        app.store([brief]);
        let mut reader = Reader::new(app, "", "types=article&wait=5");
        app.set_time("2026-06-01T13:00:00Z");
        assert_eq!(reader.lines(), ["upsert article brief v1 published"]);
        app.set_time("2026-06-01T14:00:00Z");
        assert_eq!(reader.lines(), ["delete article brief v1 expired"]);
    }

    fn an_end_that_is_moved_into_the_past_is_one_by_the_clock(app: &TestApp) {
        app.store([article("a").with("guid", "g").at("2026-05-01T00:00:00Z")]);
        let mut reader = articles(app).at(&now(app, ""));
        app.store([article("a").with("guid", "g").at("2026-05-01T00:00:00Z").with("expires_at", "2026-05-02T00:00:00Z")]);
        assert_eq!(reader.lines(), ["delete article a v2 expired"]);
    }

    fn what_is_put_under_embargo_is_updated_for_those_who_still_see_it(app: &TestApp) {
        let key = app.key(&[Scope::ContentEmbargoed]);
        app.store([article("a").with("guid", "g")]);
        let (mut everyone, mut early) = (articles(app).at(&now(app, "")), Reader::new(app, &key, "types=article").at(&now(app, &key)));
        app.store([article("a").with("guid", "g").with("embargo_until", "2026-07-01T00:00:00Z")]);
        assert_eq!(everyone.lines(), ["delete article a v2 unpublished"]);
        assert_eq!(early.lines(), ["upsert article a v2 updated"]);
    }

    fn the_media_of_what_is_hidden_are_hidden(app: &TestApp) {
        let story = |status: &str| {
            let hero = json!({"guid": "hero", "url": "/hero.jpg"});
            article("a").with("status", status).with("hero", hero).with("media", json!([{"url": "/further.jpg"}]))
        };
        let mut reader = Reader::new(app, "", "types=media&mode=full");
        app.store([story("draft")]);
        assert_eq!(reader.lines(), Vec::<String>::new());
        app.store([story("published")]);
        let told = reader.all();
        assert_eq!(told.iter().map(|it| &it["data"]["url"]).collect::<Vec<_>>(), ["/hero.jpg", "/further.jpg"]);
        app.store([story("withdrawn")]);
        assert_eq!(reader.lines(), ["delete media 1 v1 updated", "delete media 2 v1 updated"]);
        app.put(&json!({"type": "media", "guid": "hero", "url": "/hero.jpg", "caption": "A secret."}));
        assert_eq!(reader.lines(), Vec::<String>::new());
        app.store([article("b").with("hero", json!({"guid": "hero", "url": "/hero.jpg", "caption": "A secret."}))]);
        assert_eq!(reader.all()[0]["data"]["caption"], "A secret.");
        app.store([article("b")]);
        assert_eq!(reader.lines(), ["delete media 1 v1 updated"], "the draft still has it");
        app.store([article("a")]);
        assert_eq!(reader.lines(), ["upsert media 1 v1 updated"], "it belongs to no article, the other one is deleted");
    }

    fn media_come_and_go_with_the_clock(app: &TestApp) {
        app.store([article("a").at("2026-06-01T13:00:00Z").with("hero", json!({"url": "/hero.jpg"}))]);
        let mut reader = Reader::new(app, "", "wait=5");
        app.set_time("2026-06-01T13:00:00Z");
        assert_eq!(reader.lines(), ["upsert media 1 v1 updated", "upsert article a v1 published"]);
    }
}
