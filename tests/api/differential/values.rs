//! Values for a parameter: from its schema, from the content, and wrong ones.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::content::Vocabulary;
use super::document::Parameter;
use super::rates;
use crate::support::Random;

/// What no parameter takes, or few.
const WRONG: [&str; 26] = [
    "",
    " ",
    "0",
    "-1",
    "+1",
    "01",
    "1.0",
    "1e2",
    "101",
    "501",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
    "true",
    "TRUE",
    "null",
    "*",
    "a,,b",
    ",",
    "a,a",
    "exact",
    "NEWS",
    "2026-02-30T00:00:00Z",
    "2026-01-01",
    "2026-01-01T00:00:00.1234567+05:30",
    "ﬀ🚢\u{301}\u{200d}",
];

/// Text that search engines and LIKE patterns stumble over.
const QUERIES: [&str; 20] = [
    "\"",
    "\"\"",
    "\"same title\"",
    "\"ferry",
    "-ferry",
    "ferry -паром",
    "--",
    "- -",
    "*",
    "fer*",
    "title:ferry",
    "a OR b",
    "NEAR(ferry паром)",
    "паром AND",
    "(ferry)",
    "%",
    "_",
    "\\",
    "'; --",
    "c++",
];

/// Makes values, the same in each run.
pub struct Values<'a> {
    pub random: Random,
    runner: TestRunner,
    words: &'a Vocabulary,
}

impl<'a> Values<'a> {
    /// From what there is.
    pub fn new(mut random: Random, words: &'a Vocabulary) -> Self {
        let seed: Vec<u8> = (0..32).map(|_| random.below(256) as u8).collect();
        let runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        Self { random, runner, words }
    }

    /// A value that the document allows.
    pub fn valid(&mut self, parameter: &Parameter, path: &str) -> String {
        if !self.random.one_in(if parameter.in_path { 12 } else { 5 })
            && let Some(value) = self.value_of_content(&parameter.name, path)
        {
            return value;
        }
        if let Some(example) = parameter.example.as_ref().filter(|_| self.random.one_in(6)) {
            return example.clone();
        }
        self.value_of_schema(parameter)
    }

    /// A value that it likely doesn't.
    pub fn wrong(&mut self) -> String {
        match self.random.below(12) {
            0 => "ы".repeat([127, 128, 129, 199, 200, 201][self.random.below(6)]),
            1 => vec!["1"; [20, 21, 100, 101][self.random.below(4)]].join(","),
            _ => self.random.pick(&WRONG).to_owned(),
        }
    }

    fn value_of_content(&mut self, name: &str, path: &str) -> Option<String> {
        let words = self.words;
        if path.starts_with("/v1/rates") {
            return rates::value(&mut self.random, name, path);
        }
        Some(match name {
            "q" => self.query(),
            "tag" => self.random.choose(&words.tags).clone(),
            "tags_all" => self.some(&words.tags, 2),
            "tags_any" | "tags_none" => self.some(&words.tags, 5),
            "author" => self.random.choose(&words.authors).clone(),
            "lang" => self.random.choose(&words.langs).clone(),
            "ids" => self.some(&words.ids, 100),
            "published_after" | "published_before" | "updated_after" => self.random.choose(&words.instants).clone(),
            "key" if self.random.one_in(3) => self.random.choose(&words.ids).clone(),
            "key" => self.random.choose(&words.slugs).clone(),
            "slug" if path.contains("author") => self.random.choose(&words.authors).clone(),
            "slug" => self.random.choose(&words.tags).clone(),
            "id" => self.random.choose(&words.media).clone(),
            "fields" if path.contains("articles") => {
                self.some(&["id", "slug", "title", "body", "tags"].map(String::from), 4)
            }
            "limit" => ["1", "2", "3", "7", "100"][self.random.below(5)].to_owned(),
            "page" => ["1", "2", "3", "12", "1000000", "9223372036854775807"][self.random.below(6)].to_owned(),
            "token" => self.random.choose(&words.previews).clone(),
            "cursor" => "*".to_owned(),
            _ => return None,
        })
    }

    /// Words of the content, whole or cut, in any case, as phrases or excluded.
    fn query(&mut self) -> String {
        if self.random.one_in(6) {
            return self.random.pick(&QUERIES).to_owned();
        }
        let count = 1 + self.random.below(3);
        let words: Vec<String> = (0..count).map(|_| self.word()).collect();
        words.join(" ").chars().take(128).collect()
    }

    fn word(&mut self) -> String {
        let word = self.random.choose(&self.words.words).clone();
        match self.random.below(8) {
            0 => word.to_uppercase(),
            1 => format!("-{word}"),
            2 => format!("\"{word}\""),
            3 | 4 => word.chars().take(1 + self.random.below(5)).collect(),
            _ => word,
        }
    }

    fn some(&mut self, among: &[String], most: usize) -> String {
        let count = 1 + self.random.below(most);
        (0..count).map(|_| self.random.choose(among).clone()).collect::<Vec<_>>().join(",")
    }

    fn value_of_schema(&mut self, parameter: &Parameter) -> String {
        let schema = &parameter.schema;
        if let Some(values) = schema["enum"].as_array() {
            return self.random.choose(values).as_str().expect("a word").to_owned();
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            let strategy = string_regex(inner).unwrap_or_else(|error| panic!("{}: {error}", parameter.name));
            return strategy.new_tree(&mut self.runner).expect("a value").current();
        }
        let bound = |name: &str, other: i64| schema[name].as_i64().unwrap_or(other);
        match schema["type"].as_str() {
            Some("integer") => {
                let (least, most) = (bound("minimum", 0), bound("maximum", 40));
                let between = least + self.random.below((most - least + 1) as usize) as i64;
                self.random.choose(&[least, most, between]).to_string()
            }
            Some("boolean") => ["true", "false"][self.random.below(2)].to_owned(),
            _ if schema["format"] == "date-time" => "2026-05-01T09:00:00+06:00".to_owned(),
            _ => self.word(),
        }
    }
}
