//! What is found among many stories, whatever happened to them between two searches.

use serde_json::json;

use super::walks::every_way;
use crate::on_both;
use crate::support::{ArticleBuilder, Random, TestApp, article};

const STORIES: usize = 700;
/// More changes at once than are looked at one by one.
const MANY: usize = 1_100;
const WORDS: [&str; 6] = ["alma", "almaz", "bidai", "qala", "tau", "zhol"];

/// A story as the test knows it.
#[derive(Clone)]
struct Story {
    number: usize,
    words: Vec<&'static str>,
    lang: &'static str,
    kind: &'static str,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Public,
    UntilOne,
    Draft,
    Killed,
}

impl Story {
    fn any(number: usize, random: &mut Random) -> Self {
        let words = (0..4).map(|_| *random.choose(&WORDS)).collect();
        let lang = if random.one_in(3) { "ru" } else { "en" };
        let kind = *random.choose(&["news", "news", "news", "opinion", "page"]);
        let state = *random.choose(&[State::Public, State::Public, State::Public, State::UntilOne, State::Draft]);
        Self { number, words, lang, kind, state }
    }

    fn record(&self) -> ArticleBuilder {
        let at =
            format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + self.number / 600, self.number / 60 % 10, self.number % 60);
        let story = article(&format!("s-{}", self.number)).with("body", self.words.join(" ")).at(&at);
        let story = story.with("title", "Title").with("lang", self.lang).with("kind", self.kind);
        match self.state {
            State::Public => story,
            State::UntilOne => story.with("expires_at", "2026-06-01T13:00:00Z"),
            State::Draft => story.with("status", "draft"),
            State::Killed => {
                story.with("status", "killed").with("kill", json!({"at": "2026-06-01T11:00:00Z", "reason": "Untrue."}))
            }
        }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }
}

/// What stands in a request, and which stories it asks for.
type Asked = (&'static str, fn(&Story) -> bool);

const SEARCHES: [Asked; 9] = [
    ("q=alma+", |story| story.has("alma") || story.has("almaz")),
    ("q=%22alma%22", |story| story.has("alma")),
    ("q=tau+%22qala%22", |story| story.has("tau") && story.has("qala")),
    ("q=tau+-%22alma%22", |story| story.has("tau") && !story.has("alma")),
    ("q=%22tau+qala%22", |story| story.words.windows(2).any(|pair| pair == ["tau", "qala"])),
    ("q=zhol&lang=ru", |story| story.has("zhol") && story.lang == "ru"),
    ("q=zhol&kind=news", |story| story.has("zhol") && story.kind == "news"),
    ("q=-zhol", |story| !story.has("zhol")),
    ("q=bidai+qala+tau", |story| ["bidai", "qala", "tau"].into_iter().all(|word| story.has(word))),
];

/// Every search as every client goes through it, beside what the test knows. Says how much each found.
fn search(app: &TestApp, stories: &[Story], until_one: bool) -> Vec<usize> {
    let public = |story: &&Story| story.state == State::Public || until_one && story.state == State::UntilOne;
    let search = |(asked, matches): Asked| {
        let listed = |story: &&Story| public(story) && story.kind != "page" && matches(story);
        let mut expected: Vec<String> =
            stories.iter().filter(listed).map(|story| format!("s-{}", story.number)).collect();
        let link = |sort: &str| format!("/v1/articles?{asked}&sort={sort}&limit=50&fields=slug");
        assert_eq!(every_way(app, &link("published_at")), expected, "{asked}");
        expected.reverse();
        assert_eq!(every_way(app, &link("-published_at")), expected, "{asked}");
        let last = app.get(&format!("/v1/articles?{asked}&sort=title&limit=1"));
        assert_eq!(last.header("x-total-count"), expected.len().to_string(), "{asked}");
        expected.len()
    };
    SEARCHES.map(search).to_vec()
}

on_both! {
    fn what_is_remembered_of_words_is_what_stands_in_the_stories(app: &TestApp) {
        // Who searches is another process than who writes.
        let reader = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let mut random = Random::seeded(0x776f_7264);
        let mut stories: Vec<Story> = (0..STORIES).map(|number| Story::any(number, &mut random)).collect();
        app.store(stories.iter().map(Story::record));
        let found = search(&reader, &stories, true);
        assert!(found.iter().any(|count| *count > 300) && found.iter().any(|count| *count < 200), "{found:?}");

        for round in 0..4 {
            let mut changed = Vec::new();
            for _ in 0..if round == 2 { MANY } else { 10 } {
                let number = random.below(STORIES);
                if stories[number].state == State::Killed {
                    continue;
                }
                stories[number] = Story::any(number, &mut random);
                if random.one_in(5) {
                    stories[number].state = State::Killed;
                }
                changed.push(stories[number].record());
            }
            app.store(changed);
            search(&reader, &stories, true);
        }
        app.set_time("2026-06-01T13:00:00Z");
        reader.set_time("2026-06-01T13:00:00Z");
        app.let_the_clock_work();
        search(&reader, &stories, false);
    }
}
