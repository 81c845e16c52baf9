//! Connections with a peer at the other end, from their first byte.

use std::future::{Future, pending};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::http::connections::stream::tests::{Kept, MISSED, Peer, connected_to, seen, turn};

const KEPT: &str = "GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\n";

/// What becomes of a connection that knows what is kept, while the peer does what the test says.
fn first<F: Future<Output = ()>>(test: impl FnOnce(JoinHandle<Result<Stream>>, oneshot::Sender<()>, Peer) -> F) {
    connected_to(Some(Kept::of(2)), |stream, peer| {
        let (stop, stops) = oneshot::channel::<()>();
        let stops = async {
            // One that is dropped never stops it.
            if stops.await.is_err() {
                pending::<()>().await;
            }
        };
        test(actix_web::rt::spawn(stream.first(stops)), stop, peer)
    });
}

/// What a peer reads next; the connection's side goes on meanwhile.
async fn next(peer: Peer) -> (Peer, String) {
    let reading = move || {
        let mut peer = peer;
        let seen = seen(&mut peer);
        (peer, seen)
    };
    tokio::task::spawn_blocking(reading).await.expect("no panic")
}

async fn passed(first: JoinHandle<Result<Stream>>) -> Result<Stream> {
    timeout(Duration::from_secs(10), first).await.expect("in time").expect("no panic")
}

async fn waits(first: &mut JoinHandle<Result<Stream>>) {
    assert!(timeout(Duration::from_millis(50), first).await.is_err(), "it was passed on");
}

#[test]
fn what_is_kept_is_answered_and_what_follows_is_passed_on_whole() {
    first(|first, _stop, mut peer| async move {
        peer.write_all([KEPT, &KEPT.replace("kept1", "kept2"), MISSED, "GET /x"].concat().as_bytes()).expect("room");
        let mut all = String::new();
        while all.len() < 10 {
            let seen;
            (peer, seen) = next(peer).await;
            all += &seen;
        }
        assert_eq!(all, "<1>..<2>..");
        let (mut stream, count) = (passed(first).await.expect("it goes on"), Default::default());
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        assert_eq!(turn(&mut stream, &count).as_deref(), Some("GET /x"));
    });
}

#[test]
fn a_head_may_come_in_pieces() {
    first(|mut first, _stop, mut peer| async move {
        for (at, byte) in KEPT.bytes().enumerate() {
            if at % 8 == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            peer.write_all(&[byte]).expect("room");
        }
        let (mut peer, seen) = next(peer).await;
        assert_eq!(seen, "<1>..");
        peer.write_all(&MISSED.as_bytes()[..20]).expect("room");
        waits(&mut first).await;
        peer.write_all(&MISSED.as_bytes()[20..]).expect("room");
        let mut stream = passed(first).await.expect("it goes on");
        assert_eq!(turn(&mut stream, &Default::default()).as_deref(), Some(MISSED));
    });
}

#[test]
fn what_is_no_plain_request_is_passed_on_at_once() {
    let long = format!("GET / HTTP/1.1\r\nCookie: {}", "x".repeat(CHUNK));
    let others = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "\u{16}\u{3}\u{1}",
        &long,
    ];
    for other in others {
        first(|first, _stop, mut peer| async move {
            peer.write_all(other.as_bytes()).expect("room");
            let mut stream = passed(first).await.expect("it goes on");
            let mut all = String::new();
            while all.len() < other.len() {
                all += &turn(&mut stream, &Default::default()).expect("it goes on");
            }
            assert_eq!(all, other);
        });
    }
}

#[test]
fn the_end_of_a_peer_is_the_end() {
    for before in ["", KEPT, &KEPT[..9]] {
        first(|first, _stop, mut peer| async move {
            peer.write_all(before.as_bytes()).expect("room");
            peer.shutdown(Shutdown::Write).expect("open");
            assert!(passed(first).await.is_err());
            let answer = if before == KEPT { "<1>.." } else { "" };
            let mut all = String::new();
            peer.read_to_string(&mut all).expect("an end");
            assert_eq!(all, answer, "{before}");
        });
    }
}

#[test]
fn when_the_server_stops_who_has_asked_nothing_is_told_so() {
    for before in ["", KEPT, &KEPT[..9]] {
        first(|mut first, stop, mut peer| async move {
            peer.write_all(before.as_bytes()).expect("room");
            waits(&mut first).await;
            stop.send(()).expect("it runs");
            assert!(passed(first).await.is_err());
            let mut all = String::new();
            peer.read_to_string(&mut all).expect("an end");
            assert_eq!(all, if before == KEPT { "<1>.." } else { "" }, "{before}");
        });
    }
}

#[test]
fn when_the_server_stops_what_has_come_is_answered_or_passed_on() {
    for asked in [KEPT, MISSED] {
        connected_to(Some(Kept::of(2)), |stream, mut peer| async move {
            peer.write_all(asked.as_bytes()).expect("room");
            stream.socket.readable().await.expect("something to read");
            let first = stream.first(std::future::ready(())).await;
            if asked == MISSED {
                let mut stream = first.expect("it goes on");
                assert_eq!(turn(&mut stream, &Default::default()).as_deref(), Some(MISSED));
            } else {
                assert!(first.is_err());
                assert_eq!(seen(&mut peer), "<1>..");
            }
        });
    }
}

#[test]
fn an_answer_goes_on_when_the_server_stops() {
    const SIZE: usize = 8 << 20;
    connected_to(Some(Kept::of(SIZE)), |stream, mut peer| async move {
        let (stop, stops) = oneshot::channel::<()>();
        let first = actix_web::rt::spawn(stream.first(async { drop(stops.await) }));
        peer.write_all(KEPT.as_bytes()).expect("room");
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(stop);
        let reading = move || {
            let mut all = Vec::new();
            peer.read_to_end(&mut all).map(|_| all.len())
        };
        assert_eq!(tokio::task::spawn_blocking(reading).await.expect("no panic").expect("an end"), SIZE + 3);
        assert!(passed(first).await.is_err());
    });
}
