//! Sixteen writers and four followers: each follower ends with exactly what the export says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xabar::access::Scope;

use super::follower::{Follower, exported};
use super::writer::Writer;
use super::writing_time;
use crate::support::{Backend, Process, TestDatabase, new_key};

const WRITERS: usize = 16;
const FOLLOWERS: usize = 4;
const EDITOR: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish];

/// `killing` kills the writers' server once a second; the followers' is another one on the same database.
fn check(backend: Backend, killing: bool) {
    let database = TestDatabase::new(backend);
    let key = new_key(&database.open(), EDITOR);
    let readers = Process::start(&database, &[]);
    let mut writers = Process::start(&database, &[]);
    let (stop, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    let address = writers.address.clone();
    let acknowledged = thread::scope(|scope| {
        let followers: Vec<_> = (0..FOLLOWERS)
            .map(|_| scope.spawn(|| Follower::new(&readers.address).run(|| ended.load(Ordering::SeqCst))))
            .collect();
        let threads: Vec<_> = (0..WRITERS)
            .map(|i| (i, &address, &key, &stop))
            .map(|(i, address, key, stop)| scope.spawn(move || Writer::new(i, address, key).run(stop)))
            .collect();
        let began = Instant::now();
        while began.elapsed() < writing_time() {
            thread::sleep(Duration::from_secs(1));
            if killing {
                writers.kill();
                writers.restart();
            }
        }
        stop.store(true, Ordering::SeqCst);
        let done: Vec<Writer<'_>> = threads.into_iter().map(|it| it.join().expect("a writer")).collect();
        ended.store(true, Ordering::SeqCst);
        let followers: Vec<Follower<'_>> = followers.into_iter().map(|it| it.join().expect("a follower")).collect();
        let expected = exported(&readers.address);
        for follower in followers {
            assert_eq!(follower.state, expected);
        }
        let published = done.iter().flat_map(|it| &it.known).filter(|(_, it)| it.state == "published").count();
        assert_eq!(expected.len(), published);
        for (id, known) in done.iter().flat_map(|it| &it.known).filter(|(_, it)| it.state == "published") {
            assert_eq!(expected.get(id), Some(&(known.version, known.title.clone())));
        }
        done.iter().map(|it| it.acknowledged).sum::<usize>()
    });
    println!("{backend:?}, killing: {killing}: {acknowledged} writes");
    assert!(acknowledged > 100, "{acknowledged} writes");
}

#[test]
fn followers_end_where_the_export_is_sqlite() {
    check(Backend::Sqlite, false);
}

#[test]
fn followers_end_where_the_export_is_postgres() {
    check(Backend::Postgres, false);
}

#[test]
fn also_when_the_writers_server_is_killed_again_and_again_sqlite() {
    check(Backend::Sqlite, true);
}

#[test]
fn also_when_the_writers_server_is_killed_again_and_again_postgres() {
    check(Backend::Postgres, true);
}
