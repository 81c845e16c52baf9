//! Walks through every kind of list of articles while the newsroom works.

use super::newsroom::Newsroom;
use crate::on_both;
use crate::support::{Random, article};

const STORIES: usize = 150;

on_both! {
    fn each_order_gives_what_stays_public_once(app: &TestApp) {
        let slugs: Vec<String> = (0..STORIES).map(|number| format!("s-{number}")).collect();
        app.store(slugs.iter().map(|slug| article(slug).with("body", "Short.")));

        let mut newsroom = Newsroom::new(app, Random::seeded(6), &slugs);
        for order in ["sort=-published_at", "sort=published_at", "sort=-updated_at", "sort=title", "q=short&sort=relevance"] {
            newsroom.walk_while_it_works(&format!("/v1/articles?limit=7&fields=slug&{order}"));
        }
        for filter in ["q=short", "kind=news", "lang=en", "tags_none=none", "published_after=2026-01-01T00:00:00Z"] {
            newsroom.walk_while_it_works(&format!("/v1/articles?limit=6&fields=slug&{filter}"));
        }
    }
}
