//! A newsroom that writes without a plan: what it does is generated from a seed.

use serde_json::json;
use xabar::articles::queries::{next_due, run_due};
use xabar::clock::Timestamp;

use super::app::{NOW, TestApp};
use super::content::{ArticleBuilder, article};
use super::random::Random;

/// Stories that are worked on at one time. The oldest is killed, and another one comes.
const STORIES: usize = 60;
/// Media with an identity of their own, and media that are only their content.
const MEDIA: usize = 40;
const TAGS: [&str; 4] = ["energy", "transport", "kz", "water"];
const AUTHORS: [&str; 3] = ["dina", "timur", "asel"];

/// Writes without a plan.
pub struct Newsroom<'a> {
    app: &'a TestApp,
    random: Random,
    /// Seconds since the first instant.
    time: i64,
    killed: usize,
}

impl<'a> Newsroom<'a> {
    /// With everything still to be written.
    pub fn new(app: &'a TestApp, random: Random) -> Self {
        Self { app, random, time: 0, killed: 0 }
    }

    /// Makes `count` changes, some of them by the clock.
    pub fn work(&mut self, count: usize) {
        self.write(count);
        self.let_time_pass();
    }

    /// Makes `count` changes at the present instant.
    pub fn write(&mut self, count: usize) {
        let lines: Vec<String> = (0..count).map(|_| self.line()).collect();
        let report = self.app.import(&lines.join("\n"));
        assert_eq!((&report.faults, report.skipped.len()), (&vec![], 0), "{report}");
    }

    fn let_time_pass(&mut self) {
        self.time += self.random.below(3_000) as i64;
        self.app.set_time(&self.at(0));
        let clock = self.app.clock.now();
        while self.app.db.read_here(next_due).expect("a read").is_some_and(|at| at <= clock) {
            self.app.db.write_here(|conn| run_due(conn, clock)).expect("a write");
        }
    }

    fn line(&mut self) -> String {
        match self.random.below(13) {
            2 => {
                let author = *self.random.choose(&AUTHORS);
                json!({"type": "author", "slug": author, "name": format!("{author} {}", self.random.below(3))})
                    .to_string()
            }
            0 => {
                let tag = *self.random.choose(&TAGS);
                json!({"type": "tag", "slug": tag, "name": format!("{tag} {}", self.random.below(3))}).to_string()
            }
            1 => {
                let hero = format!("hero-{}", self.random.below(MEDIA));
                let caption = format!("Caption {}", self.random.below(3));
                json!({"type": "media", "guid": hero, "url": format!("/{hero}.jpg"), "caption": caption}).to_string()
            }
            _ => self.story().line(),
        }
    }

    fn story(&mut self) -> ArticleBuilder {
        let kill = self.random.one_in(50);
        let number = self.killed + if kill { 0 } else { self.random.below(STORIES) };
        // The slug changes now and then; the guid says that it is the same story.
        let slug = format!("story-{number}-{}", self.random.below(3));
        let mut story = article(&slug).with("guid", format!("urn:example:{number}"));
        story = story.with("title", format!("Title {}", self.random.below(1_000_000)));
        if self.random.one_in(2) {
            story = story.tags(&[*self.random.choose(&TAGS)]);
        }
        if self.random.one_in(3) {
            let author = *self.random.choose(&AUTHORS);
            story = story.with("authors", json!([{"slug": author, "name": author}]));
        }
        if self.random.one_in(4) {
            let (group, lang) = (self.random.below(STORIES / 2), *self.random.choose(&["en", "ru", "kk"]));
            story = story.with("translation_group", group.to_string()).with("lang", lang);
        }
        if self.random.one_in(20) {
            story = story.with("kind", "page");
        }
        if self.random.one_in(2) {
            let hero = format!("hero-{}", self.random.below(MEDIA));
            story = story.with("hero", json!({"guid": hero, "url": format!("/{hero}.jpg")}));
        }
        if self.random.one_in(4) {
            story = story.with("media", json!([{"url": format!("/unnamed-{}.jpg", self.random.below(MEDIA))}]));
        }
        if kill {
            self.killed += 1;
            return story.killed("Wrong.");
        }
        let soon = self.random.below(6_000) as i64;
        match self.random.below(10) {
            0 => story.with("status", "draft"),
            1 => story.with("status", "withdrawn"),
            2 => story.at(&self.at(soon)),
            3 => story.with("embargo_until", self.at(soon)),
            4 => story.with("expires_at", self.at(soon + 1)),
            5 => story
                .at(&self.at(soon))
                .with("embargo_until", self.at(soon + 900))
                .with("expires_at", self.at(soon + 1_800)),
            _ => story,
        }
    }

    fn at(&self, seconds: i64) -> String {
        let first: Timestamp = NOW.parse().expect("an instant");
        first.plus_seconds(self.time + seconds).to_string()
    }
}
