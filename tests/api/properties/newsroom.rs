//! A newsroom at work: between two requests of a walk it publishes, withdraws, brings back and kills.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::walks::{Page, page};
use crate::support::{ArticleBuilder, Random, TestApp, article};

/// The instant of the stories that were there first, and others before and after it.
const INSTANT: &str = "2026-05-01T09:00:00Z";
const INSTANTS: [&str; 4] = [INSTANT, "2026-05-31T08:00:00Z", "2026-05-01T09:00:00.000001Z", "2026-04-01T07:00:00Z"];

/// Knows what is public, and changes it.
pub struct Newsroom<'a> {
    app: &'a TestApp,
    random: Random,
    /// What is public, and since when.
    public: BTreeMap<String, &'static str>,
    withdrawn: BTreeMap<String, &'static str>,
    /// Not public all the time since the walk began.
    touched: BTreeSet<String>,
    published: usize,
}

impl<'a> Newsroom<'a> {
    /// With stories that are public already, all of [`INSTANT`].
    pub fn new(app: &'a TestApp, random: Random, public: &[String]) -> Self {
        let public = public.iter().map(|slug| (slug.clone(), INSTANT)).collect();
        Self { app, random, public, withdrawn: BTreeMap::new(), touched: BTreeSet::new(), published: 0 }
    }

    /// Walks a list of all stories forward and back again, and works between any two pages. What is public during the
    /// whole of a walk is seen in it once; nothing is seen twice, and nothing that is not public at the time.
    pub fn walk_while_it_works(&mut self, list: &str) {
        let there_at_first = self.begin();
        let (seen, last, prev) = self.forward(list);
        self.check(list, &there_at_first, &seen, &[]);

        let there_at_first = self.begin();
        let seen = self.backward(list, prev);
        self.check(&format!("{list}, back"), &there_at_first, &seen, &last);
    }

    fn begin(&mut self) -> BTreeSet<String> {
        self.touched.clear();
        self.public.keys().cloned().collect()
    }

    /// What was seen, what of it on the last page, and the link back from there.
    fn forward(&mut self, list: &str) -> (Vec<String>, Vec<String>, String) {
        let mut here = self.page(&format!("{list}&cursor=*"));
        let mut seen = here.names.clone();
        let mut last = (here.names, here.prev);
        while let Some(next) = here.next {
            self.work();
            here = self.page(&next);
            // What was to come may have been withdrawn, and then the last page is empty.
            if !here.names.is_empty() {
                seen.extend(here.names.clone());
                last = (here.names, here.prev);
            }
        }
        (seen, last.0, last.1.expect("a page that is not empty has a link back"))
    }

    fn backward(&mut self, list: &str, mut prev: String) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let here = self.page(&prev);
            if here.names.is_empty() {
                assert_eq!(here.prev.as_ref(), Some(&prev), "an empty page before the first keeps its place: {list}");
                return seen;
            }
            // Work that went on until the end would add to what is before the first page for ever.
            if here.names.len() > 3 {
                self.work();
            }
            seen.extend(here.names);
            prev = here.prev.expect("a page that is not empty has a link back");
        }
    }

    fn page(&mut self, link: &str) -> Page {
        let page = page(self.app, link);
        let hidden: Vec<&String> = page.names.iter().filter(|name| !self.public.contains_key(*name)).collect();
        assert!(hidden.is_empty(), "{link} shows what is not public: {hidden:?}");
        page
    }

    /// `aside` is what the walk could not meet: the page that it set out from.
    fn check(&self, list: &str, there_at_first: &BTreeSet<String>, seen: &[String], aside: &[String]) {
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "something came twice: {list}");
        let steady = there_at_first.difference(&self.touched).filter(|slug| !aside.contains(slug));
        let missed: Vec<&String> = steady.filter(|slug| !once.contains(slug)).collect();
        assert!(missed.is_empty(), "{} were missed: {list}: {missed:?}", missed.len());
        assert!(!self.touched.is_empty() && self.touched.len() < there_at_first.len(), "there was too little to see");
    }

    /// Makes up to four changes.
    fn work(&mut self) {
        let lines: Vec<String> = (0..self.random.below(5)).filter_map(|_| self.change()).map(|it| it.line()).collect();
        let report = self.app.import(&lines.join("\n"));
        assert_eq!(report.created + report.updated, lines.len() as u64, "{report}");
    }

    fn change(&mut self) -> Option<ArticleBuilder> {
        let kind = self.random.below(8);
        let story = match kind {
            0..4 => {
                self.published += 1;
                let slug = format!("n-{}", self.published);
                let at = *self.random.choose(&INSTANTS);
                self.public.insert(slug.clone(), at);
                (slug, at)
            }
            4 => {
                let (slug, at) = self.withdrawn.pop_first()?;
                self.public.insert(slug.clone(), at);
                (slug, at)
            }
            _ => self.take()?,
        };
        let (slug, at) = story;
        self.touched.insert(slug.clone());
        let record = article(&slug).with("body", "Short.").with("updated_at", at).at(at);
        Some(match kind {
            0..=4 => record,
            5..=6 => {
                self.withdrawn.insert(slug, at);
                record.with("status", "withdrawn")
            }
            _ => {
                record.with("status", "killed").with("kill", json!({"at": "2026-06-01T11:00:00Z", "reason": "Untrue."}))
            }
        })
    }

    /// Takes a story away from the public.
    fn take(&mut self) -> Option<(String, &'static str)> {
        let nth = self.random.below(self.public.len().max(1));
        let slug = self.public.keys().nth(nth)?.clone();
        self.public.remove_entry(&slug)
    }
}
