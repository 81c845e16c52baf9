//! kill -9 under write load: no acknowledged write is lost, none is doubled, and the server is back soon.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::blocking::Client;
use serde_json::Value;
use xabar::access::Scope;

use super::kills;
use super::writer::Writer;
use crate::support::{Backend, Process, Random, TestDatabase, new_key};

const WRITERS: usize = 4;

fn check(backend: Backend) {
    let database = TestDatabase::new(backend);
    let key = new_key(&database.open(), &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish]);
    let mut server = Process::start(&database, &[]);
    let (address, stop) = (server.address.clone(), AtomicBool::new(false));
    let mut random = Random::seeded(7);
    let done: Vec<Writer<'_>> = thread::scope(|scope| {
        let (address, key, stop) = (&address, &key, &stop);
        let threads: Vec<_> =
            (0..WRITERS).map(|i| scope.spawn(move || Writer::new(i, address, key).run(stop))).collect();
        for _ in 0..kills() {
            thread::sleep(Duration::from_millis(200 + random.below(300) as u64));
            server.kill();
            let took = server.restart();
            assert!(took < Duration::from_secs(2), "{backend:?}: ready after {took:?}");
        }
        stop.store(true, Ordering::SeqCst);
        threads.into_iter().map(|it| it.join().expect("a writer")).collect()
    });
    let client = Client::new();
    let get = |path: &str| -> Value {
        let request = client.get(format!("{address}{path}")).bearer_auth(&key);
        request.send().expect("an answer").json().expect("JSON")
    };
    let (mut created, mut acknowledged) = (0, 0);
    for writer in &done {
        created += writer.created.len();
        acknowledged += writer.acknowledged;
        for (id, known) in &writer.known {
            let stored = get(&format!("/v1/manage/articles/{id}"));
            assert_eq!((&stored["version"], &stored["title"]), (&known.version.into(), &known.title.as_str().into()));
            assert_eq!(stored["state"], known.state.as_str());
        }
    }
    assert_eq!(get("/v1/manage/articles?limit=1")["page"]["total"], created, "no POST was doubled, none was lost");
    println!("{backend:?}: {} kills, {acknowledged} writes, {created} articles", kills());
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_sqlite() {
    check(Backend::Sqlite);
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_postgres() {
    check(Backend::Postgres);
}
