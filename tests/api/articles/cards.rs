//! Cards are stored beside their articles, and are always what would be put together now.

use diesel::prelude::*;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::db::schema::{article_cards, articles};
use xabar::db::{DbConnection, DbError};

use crate::on_both;
use crate::support::{Newsroom, Random, TestApp, article};

/// Every member of a card: who names them has it put together from its rows.
const ALL: &str = "id,guid,slug,url,kind,lang,translations,title,standfirst,excerpt,authors,tags,hero,word_count,\
    reading_minutes,published_at,first_published_at,updated_at,version";

/// A list, from memory never.
fn list(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/v1/articles?limit=100{query}")).json()["data"].clone()
}

/// What a detail has beyond a card.
const MORE: &str = "corrections,media,rights,canonical_url,previous,next,related";

fn compare(app: &TestApp, round: usize) {
    for id in list(app, "&sort=title&fields=id").as_array().expect("articles").iter().map(|one| &one["id"]) {
        let whole = app.get(&format!("/v1/articles/{id}"));
        let put_together = app.get(&format!("/v1/articles/{id}?fields={ALL},body,{MORE}"));
        assert_eq!(whole.json(), put_together.json(), "round {round}: {id}");
        assert_eq!(whole.header("surrogate-key"), put_together.header("surrogate-key"), "round {round}: {id}");
        let without = app.get(&format!("/v1/articles/{id}?body=none&excerpt_words=2"));
        let put_together = app.get(&format!("/v1/articles/{id}?body=none&excerpt_words=2&fields={ALL},{MORE}"));
        assert_eq!(without.json(), put_together.json(), "round {round}: {id}");
    }
    for query in ["", "&kind=page", "&sort=title&excerpt_words=3", "&tag=energy&excerpt_words=500"] {
        let put_together = list(app, &format!("&fields={ALL}{query}"));
        assert_eq!(list(app, query), put_together, "round {round}: {query}");
    }
}

/// How many public articles have a card that is up to date.
fn stored(app: &TestApp) -> (i64, i64) {
    app.db
        .read_here(|conn| {
            let all = articles::table.filter(articles::public);
            let up_to_date = article_cards::table.inner_join(articles::table).filter(articles::public);
            let up_to_date = up_to_date.filter(article_cards::made_at.eq(articles::modified_at));
            Ok::<_, DbError>((all.count().get_result(conn)?, up_to_date.count().get_result(conn)?))
        })
        .expect("a read")
}

on_both! {
    fn a_stored_card_is_what_would_be_put_together_now(app: &TestApp) {
        let app = &app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        let mut random = Random::seeded(0x6361_7264);
        let mut newsroom = Newsroom::new(app, random.clone());
        newsroom.work(150);
        for round in 0..40 {
            newsroom.work(1 + random.below(8));
            if random.one_in(4) {
                // Two names for one thing become one.
                let (other, slug) = (format!("other-{round}"), format!("merged-{round}"));
                app.store([article(&slug).tags(&[&other, "energy"]), article(&format!("{slug}-2")).tags(&["energy", &other])]);
                let answer = app.post(&format!("/v1/manage/tags/{other}/merge"), &key, &json!({"into": "energy"}));
                assert_eq!(answer.status, 200);
            }
            if random.one_in(4) {
                let name = format!(r#"Name {round} "quoted" \ "url":"\u0001x\u0002""#);
                assert_eq!(app.patch("/v1/manage/authors/dina", &key, &json!({"name": name})).status, 200);
                // A text may end as a marked address does.
                let story = article("corrected").with("title", format!(r"{round} \u0002")).with("standfirst", r"\u0002").with("corrections", json!([{"at": "2026-05-20T09:00:00Z", "text": name}]));
                app.store([story.with("canonical_url", format!("/original/{round}")).with("rights", json!({"usage": name})).with("media", json!([{"guid": "hero-1", "url": "/hero-1.jpg"}]))]);
            }
            compare(app, round);
            let (public, up_to_date) = stored(app);
            assert_eq!(public, up_to_date, "round {round}");
        }
    }

    fn what_lists_show_is_the_stored_card_while_it_is_up_to_date(app: &TestApp) {
        let plain = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        app.store([article("a").tags(&["t"]), article("b").tags(&["t"])]);
        let set = |made_at: i64| {
            app.db
                .write_here(|conn| {
                    let card = (article_cards::tail.eq(",\"mark\":true}"), article_cards::made_at.eq(article_cards::made_at + made_at));
                    diesel::update(article_cards::table).set(card).execute(conn)?;
                    Ok::<_, DbError>(())
                })
                .expect("a write");
        };
        set(0);
        assert_eq!((&list(&plain, "")[0]["mark"], list(&plain, "")[0]["slug"].clone()), (&json!(true), json!("b")));
        assert_eq!(list(&plain, "&tag=t")[0]["mark"], true);
        assert_eq!(list(&plain, "&lang=en&body=text")[0]["mark"], Value::Null);
        // An older process changed the article, and did not know of cards.
        set(1);
        assert_eq!((&list(&plain, "")[0]["mark"], list(&plain, "")[0]["title"].clone()), (&Value::Null, json!("Title of b")));
        let page = plain.get("/v1/page/tag/t").json();
        assert_eq!(page["articles"]["data"], list(&plain, ""));
        assert_eq!(list(&plain, "&tag=t"), list(&plain, ""));
    }

    fn short_excerpts_are_made_of_the_lead_while_it_is_of_this_version(app: &TestApp) {
        let plain = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let words: Vec<String> = (1..=70).map(|number| format!("w{number}")).collect();
        app.store([article("a").tags(&["t"]).with("body", words.join(" "))]);
        let excerpt = |path: &str, words: usize| {
            let joint = if path.contains('?') { '&' } else { '?' };
            let answer = plain.get(&format!("{path}{joint}excerpt_words={words}")).json();
            let list = answer["articles"]["data"].as_array().or(answer["data"].as_array());
            let card = list.map_or(&answer, |list| &list[0]);
            card["excerpt"].as_str().expect("an excerpt").to_owned()
        };
        const PATHS: [&str; 6] =
            ["/v1/articles?tag=t", "/v1/articles", "/v1/articles/a", "/v1/articles/1", "/v1/articles?q=w70", "/v1/page/tag/t"];
        for (path, count) in PATHS.iter().flat_map(|path| [1, 59, 60, 61, 70, 71].map(|count| (path, count))) {
            let dots = if count < 70 { "..." } else { "" };
            assert_eq!(excerpt(path, count), words[..count.min(70)].join(" ") + dots, "{path} {count}");
        }
        let write = |change: &dyn Fn(&mut DbConnection) -> Result<(), DbError>| app.db.write_here(change).expect("a write");
        write(&|conn| {
            diesel::update(article_cards::table).set(article_cards::lead.eq("The lead")).execute(conn)?;
            Ok(())
        });
        assert_eq!(PATHS.map(|path| excerpt(path, 60)), ["The lead..."; 6]);
        assert!(excerpt("/v1/articles?tag=t", 61).starts_with("w1 w2"));
        // An older process wrote the article anew within the same instant, and did not know of leads.
        write(&|conn| {
            diesel::update(articles::table).set(articles::version.eq(articles::version + 1)).execute(conn)?;
            Ok(())
        });
        assert_eq!(PATHS.map(|path| excerpt(path, 2)), ["w1 w2..."; 6]);
        // It set the card itself.
        write(&|conn| {
            let none = (article_cards::lead.eq(None::<String>), article_cards::lead_version.eq(None::<i64>));
            diesel::update(article_cards::table).set(none).execute(conn)?;
            Ok(())
        });
        assert_eq!(PATHS.map(|path| excerpt(path, 2)), ["w1 w2..."; 6]);
    }

    fn cards_that_are_not_there_are_set_at_the_start(app: &TestApp) {
        app.store([article("a").tags(&["t"]), article("b").with("status", "draft")]);
        let whole = list(app, "");
        app.db
            .write_here(|conn| {
                diesel::delete(article_cards::table).execute(conn)?;
                diesel::delete(xabar::db::schema::settings::table.find("cards")).execute(conn)?;
                Ok::<_, DbError>(())
            })
            .expect("a write");
        let plain = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        assert_eq!(stored(app), (1, 1));
        assert_eq!(list(&plain, ""), whole);
    }

    fn addresses_are_those_of_the_configuration(app: &TestApp) {
        app.store([
            article("a").with("translation_group", "g"),
            article("қазақша").with("translation_group", "g").with("lang", "kk"),
        ]);
        let site = app.beside(&[("KEPT_ANSWERS_MB", "0"), ("ARTICLE_URL", "https://n.example/{slug}?\"x\"={slug}")]);
        let data = list(&site, "");
        let slug = "%D2%9B%D0%B0%D0%B7%D0%B0%D2%9B%D1%88%D0%B0";
        assert_eq!(data[0]["url"], format!("https://n.example/{slug}?\"x\"={slug}"));
        assert_eq!(data[0]["translations"][0]["url"], "https://n.example/a?\"x\"=a");
        assert_eq!(data[1]["translations"][0]["url"], data[0]["url"]);
    }
}
