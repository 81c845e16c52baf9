//! Ten thousand stories of one instant: nothing but the id tells where one stands.

use super::newsroom::Newsroom;
use super::walks::every_way;
use crate::on_both;
use crate::support::{Random, article};

const STORIES: usize = 10_000;

on_both! {
    fn of_one_instant_page_without_a_repeat_or_a_gap_also_while_others_come_and_go(app: &TestApp) {
        let mut expected: Vec<String> = (0..STORIES).map(|number| format!("s-{number}")).collect();
        app.store(expected.iter().map(|slug| article(slug).with("body", "Short.")));

        let oldest = every_way(app, "/v1/articles?limit=100&fields=slug&sort=published_at");
        assert_eq!(oldest, expected);
        expected.reverse();
        assert_eq!(every_way(app, "/v1/articles?limit=100&fields=slug"), expected);

        let mut newsroom = Newsroom::new(app, Random::seeded(71), &expected);
        newsroom.walk_while_it_works("/v1/articles?limit=100&fields=slug");
        newsroom.walk_while_it_works("/v1/articles?limit=100&fields=slug&sort=published_at");
    }
}
