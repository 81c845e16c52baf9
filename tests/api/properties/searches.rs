//! What is found among many stories, whatever happened to them between two searches.

use std::collections::BTreeMap;

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
    title: &'static str,
    standfirst: &'static str,
    words: Vec<&'static str>,
    lang: &'static str,
    kind: &'static str,
    tags: Vec<&'static str>,
    author: &'static str,
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
        let mut one_of_many = |often: &'static str| if random.one_in(4) { *random.choose(&WORDS) } else { often };
        let (title, standfirst) = (one_of_many("title"), one_of_many("standfirst"));
        let lang = if random.one_in(3) { "ru" } else { "en" };
        let kind = *random.choose(&["news", "news", "news", "opinion", "page"]);
        let tags = *random.choose::<&[&'static str]>(&[&["rail"], &["rail", "sea"], &["rail"], &["sea"], &[]]);
        let few = number.is_multiple_of(30).then_some("few");
        let author = *random.choose(&["dina", "dina", "timur"]);
        let state = *random.choose(&[State::Public, State::Public, State::Public, State::UntilOne, State::Draft]);
        Self {
            number,
            title,
            standfirst,
            words,
            lang,
            kind,
            tags: tags.iter().copied().chain(few).collect(),
            author,
            state,
        }
    }

    fn day(&self) -> usize {
        1 + self.number / 60
    }

    fn year(&self) -> i32 {
        if self.number < 100 { 2024 } else { 2026 }
    }

    fn record(&self) -> ArticleBuilder {
        let at = format!("{}-03-{:02}T09:{:02}:00Z", self.year(), self.day(), self.number % 60);
        let story = article(&format!("s-{}", self.number)).with("body", self.words.join(" ")).at(&at);
        let story = story.with("title", self.title).with("standfirst", self.standfirst);
        let story = story.with("lang", self.lang).with("kind", self.kind).tags(&self.tags).author(self.author);
        match self.state {
            State::Public => story,
            State::UntilOne => story.with("expires_at", "2026-06-01T13:00:00Z"),
            State::Draft => story.with("status", "draft"),
            State::Killed => {
                story.with("status", "killed").with("kill", json!({"at": "2026-06-01T11:00:00Z", "reason": "Untrue."}))
            }
        }
    }
}

/// A term of a search.
enum Term {
    Word(&'static str),
    Prefix(&'static str),
    Phrase([&'static str; 2]),
    Not(&'static str),
}

impl Term {
    fn stands_in(&self, words: &[&'static str]) -> bool {
        match self {
            Self::Word(word) | Self::Not(word) => words.contains(word),
            Self::Prefix(begin) => words.iter().any(|word| word.starts_with(begin)),
            Self::Phrase(phrase) => words.windows(2).any(|pair| pair == phrase),
        }
    }

    fn matches(&self, story: &Story) -> bool {
        let above = [[story.title], [story.standfirst]];
        let found = self.stands_in(&story.words) || above.iter().any(|field| self.stands_in(field));
        found != matches!(self, Self::Not(_))
    }

    fn points(&self, story: &Story) -> usize {
        match self {
            Self::Not(_) => 0,
            _ => 2 * usize::from(self.stands_in(&[story.title])) + usize::from(self.stands_in(&[story.standfirst])),
        }
    }
}

/// What stands in a request, the terms that it has, and to which stories it is narrowed.
type Asked = (&'static str, &'static [Term], fn(&Story) -> bool);

const SEARCHES: [Asked; 28] = {
    use Term::{Not, Phrase, Prefix, Word};
    [
        ("q=alma+", &[Prefix("alma")], |_| true),
        ("q=%22alma%22", &[Word("alma")], |_| true),
        ("q=tau+%22qala%22", &[Prefix("tau"), Word("qala")], |_| true),
        ("q=tau+-%22alma%22", &[Prefix("tau"), Not("alma")], |_| true),
        ("q=%22tau+qala%22", &[Phrase(["tau", "qala"])], |_| true),
        ("q=zhol&lang=ru", &[Prefix("zhol")], |story| story.lang == "ru"),
        ("q=zhol&kind=news", &[Prefix("zhol")], |story| story.kind == "news"),
        ("q=-zhol", &[Not("zhol")], |_| true),
        ("q=bidai+qala+tau", &[Word("bidai"), Word("qala"), Prefix("tau")], |_| true),
        ("q=zhol+-bidai&tag=rail", &[Prefix("zhol"), Not("bidai")], |story| story.tags.contains(&"rail")),
        ("q=tau&tags_all=rail,sea", &[Prefix("tau")], |story| story.tags.starts_with(&["rail", "sea"])),
        ("q=tau&tags_none=sea", &[Prefix("tau")], |story| !story.tags.contains(&"sea")),
        ("q=alma&tags_any=rail,sea", &[Prefix("alma")], |story| {
            story.tags.contains(&"rail") || story.tags.contains(&"sea")
        }),
        ("q=qala&author=dina", &[Prefix("qala")], |story| story.author == "dina"),
        ("q=qala&published_after=2026-03-03T00:00:00Z", &[Prefix("qala")], |story| story.day() >= 3),
        ("q=tau&author=dina&published_before=2026-03-11T00:00:00Z", &[Prefix("tau")], |story| {
            story.author == "dina" && story.day() <= 10
        }),
        ("q=tau&tag=few", &[Prefix("tau")], |story| story.tags.contains(&"few")),
        ("tag=few&published_after=2026-03-04T00:00:00Z", &[], |story| story.tags.contains(&"few") && story.day() >= 4),
        ("tag=rail", &[], |story| story.tags.contains(&"rail")),
        ("lang=en", &[], |story| story.lang == "en"),
        ("tag=rail&lang=en", &[], |story| story.tags.contains(&"rail") && story.lang == "en"),
        ("tag=rail&author=dina&kind=news", &[], |story| {
            story.tags.contains(&"rail") && story.author == "dina" && story.kind == "news"
        }),
        ("tags_all=rail,sea", &[], |story| story.tags.starts_with(&["rail", "sea"])),
        ("tags_any=few,sea&lang=ru", &[], |story| {
            (story.tags.contains(&"few") || story.tags.contains(&"sea")) && story.lang == "ru"
        }),
        ("tags_none=rail", &[], |story| !story.tags.contains(&"rail")),
        ("published_after=2026-03-04T00:00:00Z&published_before=2026-03-10T00:00:00Z", &[], |story| {
            (4..10).contains(&story.day())
        }),
        ("tag=sea&published_before=2026-03-10T00:00:00Z", &[], |story| story.tags.contains(&"sea") && story.day() < 10),
        ("author=timur&published_after=2026-03-04T00:00:00Z", &[], |story| story.author == "timur" && story.day() >= 4),
    ]
};

/// Every search as every client goes through it, in every order, beside what the test knows. Says how much each found.
fn search(app: &TestApp, stories: &[Story], until_one: bool) -> Vec<usize> {
    let public = |story: &&Story| story.state == State::Public || until_one && story.state == State::UntilOne;
    let search = |(asked, terms, narrowed): Asked| {
        let listed = |story: &&Story| {
            public(story) && story.kind != "page" && narrowed(story) && terms.iter().all(|term| term.matches(story))
        };
        let points = |story: &Story| terms.iter().map(|term| term.points(story)).sum::<usize>();
        let mut expected: Vec<&Story> = stories.iter().filter(listed).collect();
        let check = |sort: &str, expected: &[&Story]| {
            let expected: Vec<String> = expected.iter().map(|story| format!("s-{}", story.number)).collect();
            let link = format!("/v1/articles?{asked}&sort={sort}&limit=50&fields=slug");
            assert_eq!(every_way(app, &link), expected, "{asked} by {sort}");
        };
        check("published_at", &expected);
        expected.reverse();
        check("-published_at", &expected);
        expected.sort_by_key(|story| std::cmp::Reverse(points(story)));
        if !terms.is_empty() {
            check("relevance", &expected);
        }
        expected.sort_by_key(|story| (story.title, story.number));
        check("title", &expected);
        let last = app.get(&format!("/v1/articles?{asked}&sort=title&limit=1&facets=tag,author,kind,lang,year"));
        assert_eq!(last.header("x-total-count"), expected.len().to_string(), "{asked}");
        let facets = last.json()["facets"].clone();
        let check = |facet: &str, values: Vec<String>| {
            let counts: BTreeMap<String, i64> = values.into_iter().fold(BTreeMap::new(), |mut counts, value| {
                *counts.entry(value).or_default() += 1;
                counts
            });
            let entries = facets[facet].as_array().expect("a facet");
            let shown: Vec<(String, i64)> = entries
                .iter()
                .map(|entry| {
                    (entry["value"].as_str().expect("a value").to_owned(), entry["count"].as_i64().expect("a count"))
                })
                .collect();
            assert_eq!(shown.iter().cloned().collect::<BTreeMap<_, _>>(), counts, "{facet}s of {asked}");
            let key =
                |(value, count): &(String, i64)| if facet == "year" { value.parse().expect("a year") } else { *count };
            assert!(shown.is_sorted_by_key(|shown| std::cmp::Reverse(key(shown))), "{facet}s of {asked}: {shown:?}");
        };
        let of = |value: fn(&Story) -> String| expected.iter().map(|story| value(story)).collect();
        check("tag", expected.iter().flat_map(|story| &story.tags).map(|tag| (*tag).to_owned()).collect());
        check("author", of(|story| story.author.to_owned()));
        check("kind", of(|story| story.kind.to_owned()));
        check("lang", of(|story| story.lang.to_owned()));
        check("year", of(|story| story.year().to_string()));
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
