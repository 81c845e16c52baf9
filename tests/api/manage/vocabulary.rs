//! Random work on tags. After each step every slug that ever led to a tag leads to the same as that tag's own.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::json;

use super::trail::editor;
use crate::on_both;
use crate::support::{Random, TestApp, article};

const STEPS: usize = 60;
const TAGS: &str = "/v1/manage/tags";

/// What the tags are to be, kept in the plainest way.
struct Model<'a> {
    app: &'a TestApp,
    key: String,
    random: Random,
    /// Every slug that leads to a tag, with that tag's number.
    slugs: BTreeMap<String, usize>,
    /// Each tag's own slug, while it is in use.
    own: BTreeMap<usize, String>,
    /// The tags of each public article, in order.
    articles: BTreeMap<String, Vec<usize>>,
    made: usize,
}

impl<'a> Model<'a> {
    fn new(app: &'a TestApp) -> Self {
        let (key, random) = (editor(app), Random::seeded(4));
        let (slugs, own, articles) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut model = Self { app, key, random, slugs, own, articles, made: 0 };
        (0..4).for_each(|_| model.create());
        model
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("t-{}", self.made)
    }

    fn some_tag(&mut self) -> (usize, String) {
        let all: Vec<(usize, String)> = self.own.iter().map(|(id, slug)| (*id, slug.clone())).collect();
        self.random.choose(&all).clone()
    }

    fn some_slug(&mut self) -> String {
        let all: Vec<String> = self.slugs.keys().cloned().collect();
        self.random.choose(&all).clone()
    }

    /// Whether it is the slug of a tag that was merged away.
    fn is_merged(&self, slug: &str) -> bool {
        let answer = self.app.get_as(&format!("{TAGS}/{slug}"), &self.key);
        answer.status == 200 && answer.json()["merged_into"].is_string()
    }

    fn step(&mut self) {
        match self.random.below(10) {
            0 => self.create(),
            1 | 2 => self.rename(),
            3 => self.add_alias(),
            4 => self.remove_alias(),
            5 | 6 => self.merge(),
            _ => self.import(),
        }
    }

    fn create(&mut self) {
        let slug = self.name();
        let answer = self.app.post(TAGS, &self.key, &json!({"name": slug}));
        assert_eq!((answer.status, answer.json()["slug"].clone()), (201, json!(slug)));
        self.slugs.insert(slug.clone(), self.made);
        self.own.insert(self.made, slug);
    }

    /// To a new slug, or to one that is in use: by itself, by another, or by one that was merged away.
    fn rename(&mut self) {
        let (id, slug) = self.some_tag();
        let to = if self.random.one_in(2) { self.name() } else { self.some_slug() };
        let was_merged = self.is_merged(&to);
        let body = json!({"slug": to, "name": format!("N {to}")});
        let answer = self.app.patch(&format!("{TAGS}/{slug}"), &self.key, &body);
        let free = self.slugs.get(&to).is_none_or(|owner| *owner == id && !was_merged);
        assert_eq!(answer.status, if free { 200 } else { 422 }, "{slug} to {to}");
        if free {
            self.slugs.insert(to.clone(), id);
            self.own.insert(id, to);
        }
    }

    fn add_alias(&mut self) {
        let (id, slug) = self.some_tag();
        let alias = if self.random.one_in(3) { self.some_slug() } else { self.name() };
        let answer = self.app.post(&format!("{TAGS}/{slug}/aliases"), &self.key, &json!({"slug": alias}));
        let free = alias != slug && self.slugs.get(&alias).is_none_or(|owner| *owner == id);
        assert_eq!(answer.status, if free { 200 } else { 422 }, "{alias} to {slug}");
        if free {
            self.slugs.insert(alias, id);
        }
    }

    fn remove_alias(&mut self) {
        let alias = self.some_slug();
        let owner = self.own[&self.slugs[&alias]].clone();
        let expected = if alias == owner {
            404
        } else if self.is_merged(&alias) {
            409
        } else {
            200
        };
        let path = format!("{TAGS}/{owner}/aliases/{alias}");
        let answer = self.app.send(Method::DELETE, &path, &self.key, &[("If-Match", "*")], &json!({}));
        assert_eq!(answer.status, expected, "{path}");
        if expected == 200 {
            self.slugs.remove(&alias);
        }
    }

    fn merge(&mut self) {
        if self.own.len() < 3 {
            return self.create();
        }
        let ((from, slug), into) = (self.some_tag(), self.some_slug());
        let answer = self.app.post(&format!("{TAGS}/{slug}/merge"), &self.key, &json!({"into": into}));
        let target = self.slugs[&into];
        if answer.status == 409 {
            assert!(target == from || self.is_merged(&into), "{slug} into {into}");
            return;
        }
        assert_eq!(answer.status, 200, "{slug} into {into}");
        self.own.remove(&from);
        self.slugs.values_mut().filter(|owner| **owner == from).for_each(|owner| *owner = target);
        for tags in self.articles.values_mut() {
            tags.iter_mut().filter(|tag| **tag == from).for_each(|tag| *tag = target);
            first_mentions(tags);
        }
    }

    /// A new article, or another version of one, under any of its tags' slugs.
    fn import(&mut self) {
        let slug = format!("a-{}", self.random.below(8));
        let mentions: Vec<String> = (0..self.random.below(4)).map(|_| self.some_slug()).collect();
        let public = !self.random.one_in(4);
        let words: Vec<&str> = mentions.iter().map(String::as_str).collect();
        let record = article(&slug).tags(&words).with("status", if public { "published" } else { "draft" });
        self.app.store([record]);
        let mut tags = mentions.iter().map(|mention| self.slugs[mention]).collect();
        first_mentions(&mut tags);
        if public {
            self.articles.insert(slug, tags)
        } else {
            self.articles.remove(&slug)
        };
    }

    fn check(&self) {
        for (slug, id) in &self.slugs {
            let own = &self.own[id];
            let answer = self.app.get(&format!("/v1/tags/{slug}"));
            let expected = if slug == own { (200, String::new()) } else { (301, format!("/v1/tags/{own}")) };
            assert_eq!((answer.status, answer.header("location").to_owned()), expected, "{slug}");
            let list = self.app.get(&format!("/v1/articles?tag={slug}&sort=title"));
            let tagged = self.articles.iter().filter(|(_, tags)| tags.contains(id));
            assert_eq!(list.slugs(), tagged.map(|(slug, _)| slug.clone()).collect::<Vec<_>>(), "{slug}");
            let general = self.app.get(&format!("/v1/articles?tags_any={slug}&sort=title"));
            assert_eq!(general.slugs(), list.slugs(), "{slug}");
        }
        let list = self.app.get("/v1/tags?limit=100").json();
        let kept = list["data"].as_array().expect("data").iter();
        let kept: BTreeMap<String, u64> = kept
            .map(|tag| {
                (tag["slug"].as_str().expect("a slug").to_owned(), tag["article_count"].as_u64().expect("a count"))
            })
            .collect();
        let counted = |id: &usize| self.articles.values().filter(|tags| tags.contains(id)).count() as u64;
        let expected = self.own.iter().map(|(id, slug)| (slug.clone(), counted(id))).collect::<BTreeMap<_, _>>();
        assert_eq!(kept, expected);
        for (slug, tags) in &self.articles {
            let shown = self.app.get(&format!("/v1/articles/{slug}")).json()["tags"].clone();
            let shown: Vec<&str> =
                shown.as_array().expect("tags").iter().map(|tag| tag["slug"].as_str().expect("a slug")).collect();
            assert_eq!(shown, tags.iter().map(|id| &*self.own[id]).collect::<Vec<_>>(), "{slug}");
        }
    }
}

/// The first mention of a tag counts.
fn first_mentions(tags: &mut Vec<usize>) {
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(*tag));
}

on_both! {
    fn every_slug_that_ever_led_to_a_tag_leads_to_it(app: &TestApp) {
        let mut model = Model::new(app);
        for _ in 0..STEPS {
            model.step();
            model.check();
        }
        assert!(model.own.len() < model.made && model.articles.len() > 3, "there was too little to see");
    }
}
