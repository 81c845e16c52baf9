//! `wait`: an answer when there is something to tell.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use super::reader::{get, now};
use crate::on_both;
use crate::support::article;

on_both! {
    fn an_answer_comes_as_soon_as_there_is_something(app: &TestApp) {
        let token = now(app, "");
        scope(|scope| {
            let wait = scope.spawn(|| (get(app, "", "wait=25", Some(&token)), Instant::now()));
            sleep(Duration::from_millis(500));
            // Of no concern to this reader.
            app.store([article("draft").with("status", "draft")]);
            sleep(Duration::from_millis(500));
            assert!(!wait.is_finished());
            let stored = Instant::now();
            app.store([article("a")]);
            let (answer, at) = wait.join().expect("an answer");
            assert_eq!(answer.slugs(), ["a"]);
            assert!(at - stored < Duration::from_secs(5), "{:?}", at - stored);
        });
    }

    fn without_anything_the_page_is_empty_at_the_end(app: &TestApp) {
        let token = now(app, "");
        let begun = Instant::now();
        let answer = get(app, "", "wait=1", Some(&token));
        assert_eq!((answer.status, answer.slugs().len()), (200, 0));
        assert!(begun.elapsed() >= Duration::from_secs(1));
    }

    fn what_is_there_is_not_waited_for(app: &TestApp) {
        app.store([article("a")]);
        let begun = Instant::now();
        assert_eq!(get(app, "", "wait=25", None).slugs(), ["a"]);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    fn those_who_wait_keep_no_one_from_the_database(app: &TestApp) {
        let token = now(app, "");
        scope(|scope| {
            let waits: Vec<_> = (0..20).map(|_| scope.spawn(|| get(app, "", "wait=20", Some(&token)))).collect();
            sleep(Duration::from_millis(600));
            for _ in 0..20 {
                assert_eq!(app.get("/v1/articles").status, 200);
            }
            app.store([article("a")]);
            for wait in waits {
                let answer = wait.join().expect("an answer");
                // Two connections and twenty who wake at once: one may be told to come again.
                assert!(answer.status == 503 || answer.slugs() == ["a"], "{answer:?}");
            }
        });
    }
}
