//! Every state on every surface for every caller before, at and after each instant.

use std::collections::BTreeSet;

use xabar::access::Scope;
use xabar::clock::Timestamp;

use super::articles::{Case, INSTANTS, START, Seen, instant, make};
use super::callers;
use super::surfaces::View;
use crate::on_both;

/// Just before, at and just after each instant.
fn instants() -> Vec<Timestamp> {
    let around = |text: &&str| {
        let at = instant(text).micros();
        [-1, 0, 1].map(|by| Timestamp::from_micros(at + by).expect("in range"))
    };
    std::iter::once(instant(START)).chain(INSTANTS.iter().flat_map(around)).collect()
}

/// What a caller must be able to see for an article to show.
fn needs(caller: Option<Scope>) -> Seen {
    if caller == Some(Scope::ContentEmbargoed) { Seen::UnderEmbargo } else { Seen::ByEveryone }
}

fn check_caller(view: &View<'_>, caller: Option<Scope>, cases: &[Case], now: Timestamp, cells: &mut usize) {
    let class = needs(caller);
    let visible: BTreeSet<String> =
        cases.iter().filter(|case| case.seen(now) >= class).map(|case| case.name.to_owned()).collect();
    for (surface, found) in view.crowds() {
        *cells += cases.len();
        assert_eq!(found, visible, "{surface} for {caller:?} at {now}");
    }
    let dead = |case: &&Case| case.seen(now) < class && case.known(now) >= class;
    let tombstones: BTreeSet<String> = cases.iter().filter(dead).map(|case| case.name.to_owned()).collect();
    assert_eq!(view.tombstones(), tombstones, "tombstones for {caller:?} at {now}");
    for case in cases {
        for (surface, found) in view.alone(case) {
            let class = if surface.starts_with("public: ") { Seen::ByEveryone } else { class };
            *cells += 1;
            assert_eq!(found, case.seen(now) >= class, "{surface} of {} for {caller:?} at {now}", case.name);
        }
        for (surface, found) in view.names(case) {
            *cells += 1;
            assert_eq!(found, case.known(now) >= class, "{surface} of {} for {caller:?} at {now}", case.name);
        }
        let expected = match (case.seen(now) >= class, case.killed && case.known(now) >= class) {
            (true, _) => 200,
            (false, true) => 410,
            (false, false) => 404,
        };
        assert_eq!(
            view.get(&format!("/v1/articles/{}", case.id)).status,
            expected,
            "{} for {caller:?} at {now}",
            case.name
        );
    }
}

on_both! {
    fn every_cell(app: &TestApp) {
        app.set_time(START);
        let seat = |caller: Option<Scope>| {
            let key = caller.map(|scope| app.key(&[scope])).unwrap_or_default();
            let now = View { app, key: &key, token: "" }.get("/v1/changes?since=now").json();
            (caller, key, now["token"].as_str().expect("a token").to_owned())
        };
        let seats: Vec<(Option<Scope>, String, String)> = callers().into_iter().map(seat).collect();
        let cases = make(app);
        let mut cells = 0;
        for now in instants() {
            app.clock.set(now);
            app.let_the_clock_work();
            for (caller, key, token) in &seats {
                check_caller(&View { app, key, token }, *caller, &cases, now, &mut cells);
            }
        }
        assert!(cells > 25_000, "{cells} cells");
    }
}
