//! `mode=full`: what changed, as its own endpoint shows it.

use jiff::civil::date;
use serde_json::{Value, json};
use xabar::rates::sources::{FeedKey, Source};

use super::reader::{Reader, get};
use crate::on_both;
use crate::support::rates::{import_of, market, table};
use crate::support::{TestApp, article};

fn data(app: &TestApp, query: &str) -> Vec<Value> {
    Reader::new(app, "", query).all().iter().map(|entry| entry["data"].clone()).collect()
}

on_both! {
    fn each_thing_is_what_its_endpoint_shows(app: &TestApp) {
        app.store([article("a").tags(&["t"]).author("w").with("hero", json!({"url": "/hero.jpg"}))]);
        app.put(&json!({"type": "tag", "slug": "t", "name": "T", "aliases": ["u"]}));
        assert_eq!(data(app, "mode=full&types=article"), [app.get("/v1/articles").json()["data"][0].clone()]);
        assert_eq!(data(app, "mode=full&types=tag"), [app.get("/v1/tags/t").json()]);
        assert_eq!(data(app, "mode=full&types=author"), [app.get("/v1/authors/w").json()]);
        assert_eq!(data(app, "mode=full&types=media"), [app.get("/v1/media/1").json()]);
        assert_eq!(data(app, "types=article,tag,author,media"), [Value::Null, Value::Null, Value::Null, Value::Null]);
    }

    fn cards_have_the_shape_that_was_asked_for(app: &TestApp) {
        app.store([article("a").with("body", "<p>One two three.</p>")]);
        assert_eq!(data(app, "mode=full&fields=slug,excerpt,body&body=text&excerpt_words=2"),
            [json!({"slug": "a", "excerpt": "One two...", "body": "One two three."})]);
    }

    fn what_is_deleted_has_no_data(app: &TestApp) {
        app.store([article("a")]);
        app.store([article("a").with("status", "withdrawn")]);
        let (entries, _) = Reader::new(app, "", "mode=full").page();
        assert_eq!((&entries[0]["op"], entries[0].get("data")), (&json!("delete"), None));
    }

    fn a_rate_is_that_of_its_pair_by_whose_quote_it_is(app: &TestApp) {
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, date(2026, 6, 1), &[("USD", "478.77")]));
        import_of(app, Source::Market, &market("2026-06-01T11:00:00Z", &[("KZT", "480.5")]));
        let (entries, _) = Reader::new(app, "", "mode=full&types=rate").page();
        let official = app.get("/v1/rates/USD/KZT").json();
        let of_market = app.get("/v1/rates/USD/KZT?source=market").json();
        let shown: Vec<&Value> = entries.iter().map(|entry| &entry["data"]).collect();
        assert_eq!(shown, [&official, &of_market]);
        assert_eq!((&official["rate"], &entries[0]["slug"]), (&json!("478.77"), &json!("USD/KZT")));
    }

    fn a_page_of_long_bodies_ends_early(app: &TestApp) {
        let body = format!("<p>{}</p>", "word ".repeat(90_000));
        app.store(["a", "b", "c"].map(|slug| article(slug).with("body", body.as_str())));
        let mut reader = Reader::new(app, "", "mode=full&body=text&fields=slug,body");
        let (first, more) = reader.page();
        assert_eq!((first.len(), more), (2, true));
        assert_eq!(reader.page().0[0]["data"]["slug"], "c");
        assert_eq!(get(app, "", "mode=full", None).each("id").len(), 3, "without bodies they are short");
    }

    fn a_translation_that_comes_or_goes_is_an_entry_of_those_that_show_it(app: &TestApp) {
        app.set_time("2026-06-01T12:00:00Z");
        let (anyone, early) = (String::new(), app.key(&[xabar::access::Scope::ContentEmbargoed]));
        let of = |slug: &str, lang: &str| article(slug).with("translation_group", "g").with("lang", lang);
        app.store([of("a", "en"), of("d", "kk").with("status", "draft"), article("else")]);
        let read = |key: &str, path: &str| if key.is_empty() { app.get(path) } else { app.get_as(path, key) };
        let now = |key: &str| read(key, "/v1/changes?since=now").json()["token"].as_str().expect("a token").to_owned();
        // The slugs that those who follow are told of, and what they are then shown as translations of a.
        let told = |key: &str, since: &str| {
            let page = read(key, &format!("/v1/changes?types=article&mode=full&since={since}")).json();
            let entries = page["data"].as_array().expect("entries").clone();
            for entry in entries.iter().filter(|entry| entry["slug"] == "a") {
                let present = read(key, "/v1/articles?ids=1").json()["data"][0]["translations"].clone();
                assert_eq!(entry["data"]["translations"], present);
            }
            let mut slugs: Vec<String> = entries.iter().map(|entry| entry["slug"].as_str().expect("a slug").to_owned()).collect();
            slugs.sort();
            slugs
        };
        for (story, public, embargoed) in [
            (of("b", "ru").with("embargo_until", "2026-06-01T13:00:00Z"), vec![], vec!["a", "b"]),
            (of("b", "ru"), vec!["a", "b"], vec!["a", "b"]),
            (of("b", "uz"), vec!["a", "b"], vec!["a", "b"]),
            (of("b", "uz").with("title", "Only a title"), vec!["b"], vec!["b"]),
            (of("b", "uz").with("translation_group", "h"), vec!["a", "b"], vec!["a", "b"]),
            (of("d", "kk").with("status", "draft").with("slug", "d"), vec![], vec![]),
            (of("b", "uz").with("expires_at", "2026-06-01T14:00:00Z"), vec!["a", "b"], vec!["a", "b"]),
        ] {
            let (since, since_early) = (now(&anyone), now(&early));
            app.store([story]);
            assert_eq!((told(&anyone, &since), told(&early, &since_early)), (strings(&public), strings(&embargoed)));
        }
        let since = now(&anyone);
        app.set_time("2026-06-01T14:00:00Z");
        app.let_the_clock_work();
        assert_eq!(told(&anyone, &since), ["a", "b"]);
    }

    fn a_group_of_translations_has_an_end(app: &TestApp) {
        app.store((0..100).map(|number| article(&format!("s-{number}")).with("translation_group", "g").with("body", "Short.")));
        let report = app.import(&article("one-more").with("translation_group", "g").line());
        assert_eq!((report.created, report.faults.len()), (0, 1), "{report}");
        app.store([article("s-5").with("translation_group", "g").with("title", "Edited")]);
    }
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}
