//! A client that comes back after any number of changes reaches through the log the state that an export has now.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::db::DbError;
use xabar::db::schema::media;

use super::reader::{Reader, export};
use crate::on_both;
use crate::support::{Newsroom, Random, TestApp};

/// Changes in all. `XABAR_OPERATIONS` names another number.
fn operations() -> usize {
    let given = std::env::var("XABAR_OPERATIONS").ok();
    let usual = if cfg!(debug_assertions) { 1_000 } else { 5_000 };
    given.map_or(usual, |text| text.parse().expect("XABAR_OPERATIONS is a whole number"))
}

/// What a client knows: things by type and id.
#[derive(Default, Clone, PartialEq)]
struct State(BTreeMap<(String, i64), Value>);

impl State {
    /// What an export says of articles.
    fn exported(app: &TestApp, key: &str) -> (Self, String) {
        let (records, token) = export(app, key);
        (Self(records.iter().map(|(id, record)| (("article".to_owned(), *id), story(record))).collect()), token)
    }

    /// Takes note of entries, each of which must say something new.
    fn follow(&mut self, entries: &[Value]) {
        for entry in entries {
            let type_ = entry["type"].as_str().expect("a type").to_owned();
            let key = (type_, entry["id"].as_i64().expect("an id"));
            match entry["op"].as_str() {
                Some("upsert") => {
                    let data = &entry["data"];
                    assert!(data.is_object(), "{entry}");
                    self.0.insert(key.clone(), if key.0 == "article" { story(data) } else { data.clone() });
                }
                _ => drop(self.0.remove(&key)),
            }
        }
    }

    fn of(&self, type_: &str) -> BTreeMap<i64, Value> {
        self.0.iter().filter(|((of, _), _)| of == type_).map(|((_, id), data)| (*id, data.clone())).collect()
    }
}

/// What a card and a record both say of a story. Of tags and heroes only which ones: their own entries say the rest.
fn story(of: &Value) -> Value {
    let each = |list: &Value, name: &str| -> Vec<Value> {
        list.as_array().expect("a list").iter().map(|one| one[name].clone()).collect()
    };
    // What is under embargo was not published yet, and a card then shows when it is to be.
    let first = if of["first_published_at"].is_null() { &of["published_at"] } else { &of["first_published_at"] };
    json!({"slug": of["slug"], "version": of["version"], "title": of["title"], "body": of["body"], "guid": of["guid"],
        "published_at": of["published_at"], "first_published_at": first, "updated_at": of["updated_at"],
        "tags": each(&of["tags"], "slug"), "hero": of["hero"]["url"]})
}

/// Two states know the same things of a type; else the first that differs is shown.
fn same(who: &str, one: &State, other: &State, type_: &str) {
    let (one, other) = (one.of(type_), other.of(type_));
    let ids: BTreeSet<&i64> = one.keys().chain(other.keys()).collect();
    let differing = ids.into_iter().find(|id| one.get(id) != other.get(id));
    let both = differing.map(|id| (id, one.get(id), other.get(id)));
    assert_eq!(both, None, "{who}");
}

/// What the public can see of media.
fn media(app: &TestApp) -> BTreeMap<i64, Value> {
    let ids: Vec<i64> = app
        .db
        .read_here(|conn| Ok::<_, DbError>(media::table.select(media::id).load(conn)?))
        .expect("media can be read");
    let seen =
        |id: i64| Some(app.get(&format!("/v1/media/{id}"))).filter(|it| it.status == 200).map(|it| (id, it.json()));
    ids.into_iter().filter_map(seen).collect()
}

/// What the log says to one who begins anew is what there is.
fn check_media(app: &TestApp) {
    let mut fresh = State::default();
    fresh.follow(&Reader::new(app, "", "types=media&mode=full").all());
    let present = State(media(app).into_iter().map(|(id, data)| (("media".to_owned(), id), data)).collect());
    same("the log and the media", &fresh, &present, "media");
}

fn tag_names(tags: impl IntoIterator<Item = Value>) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    tags.into_iter().map(|tag| (text(&tag["slug"]), text(&tag["name"]))).collect()
}

on_both! {
    fn who_comes_back_reaches_the_present(app: &TestApp) {
        let early = app.key(&[Scope::ContentEmbargoed]);
        let mut random = Random::seeded(0xc0_ffee);
        let mut newsroom = Newsroom::new(app, random.clone());
        newsroom.work(100);
        let callers = ["", early.as_str()];
        // Three clients for each right: one stays away throughout, one looks in now and then, one begins anew at the end.
        let away = callers.map(|key| State::exported(app, key));
        let all = "mode=full&body=html";
        let mut regulars = callers.map(|key| {
            let (state, token) = State::exported(app, key);
            let state = State(state.0.into_iter().chain(start(app, key)).collect());
            (state, Reader::new(app, key, &format!("{all}&limit=7")).at(&token))
        });
        let (all_in_all, mut done) = (operations(), 0);
        while done < all_in_all {
            let some = (1 + random.below(40)).min(all_in_all - done);
            newsroom.work(some);
            if (done + some) / 100 > done / 100 {
                check_media(app);
            }
            done += some;
            for (state, reader) in &mut regulars {
                for _ in 0..random.below(4) {
                    state.follow(&reader.page().0);
                }
            }
        }
        for (i, key) in callers.into_iter().enumerate() {
            let (present, _) = State::exported(app, key);
            assert!(present.0.len() > 10, "{} stories are too few to tell", present.0.len());
            let (mut state, token) = away[i].clone();
            state.follow(&Reader::new(app, key, &format!("{all}&types=article")).at(&token).all());
            same("the one who stayed away", &state, &present, "article");
            let (state, reader) = &mut regulars[i];
            state.follow(&reader.all());
            same("the one who looked in", state, &present, "article");
            let mut fresh = State::default();
            fresh.follow(&Reader::new(app, key, all).all());
            same("the one who began anew", &fresh, &present, "article");
            same("both of them", state, &fresh, "media");
            assert_eq!(tag_names(state.of("tag").into_values()), tag_names(fresh.of("tag").into_values()));
            if key.is_empty() {
                check_media(app);
                let tags = app.get("/v1/tags?limit=100").json()["data"].as_array().expect("a list").clone();
                assert_eq!(tag_names(fresh.of("tag").into_values()), tag_names(tags));
            }
        }
    }
}

/// What is there of tags, authors and media when a client begins.
fn start(app: &TestApp, key: &str) -> BTreeMap<(String, i64), Value> {
    let mut state = State::default();
    state.follow(&Reader::new(app, key, "mode=full&types=tag,author,media").all());
    state.0
}
