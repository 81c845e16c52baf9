//! Answers kept in memory: they are the handler's own, found by their URL alone, and gone when they are no longer true.

mod changes;
mod fresh;
mod outage;
mod overload;
mod plain;
mod requests;

use crate::support::{Answer, TestApp};

/// What asking does to a count of where answers came from.
fn counted(app: &TestApp, from: &str, ask: impl FnOnce() -> Answer) -> (Answer, bool) {
    let before = count(app, from);
    let answer = ask();
    (answer, count(app, from) == before + 1)
}

fn count(app: &TestApp, from: &str) -> u64 {
    let metrics = app.get("/metrics");
    let text = String::from_utf8(metrics.body).expect("metrics are text");
    let name = format!("xabar_kept_answers_total{{from=\"{from}\"}} ");
    let found = text.lines().find_map(|line| line.strip_prefix(&name)).expect("it is counted");
    found.parse().expect("a number")
}

/// Whether the answer to a path comes from memory now.
fn is_kept(app: &TestApp, path: &str) -> bool {
    counted(app, "memory", || app.get(path)).1
}
