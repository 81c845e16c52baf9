//! Connections that stall are closed, and nobody else feels them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Backend, TestApp, article};

/// What a client does that gets no further.
const STALLS: [(&str, &str); 6] = [
    ("says nothing", ""),
    ("half a head", "GET /v1/articles HTTP/1.1\r\nHost: a\r\nX-"),
    ("half of a second head", "GET /v1/articles HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/articles HTTP/1.1\r\nHost: a\r\nX-"),
    ("half of a second head after one that is not kept", "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /v1"),
    ("a body that nobody asked for", "GET /v1/articles HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"),
    (
        "a body that does not come",
        "POST /v1/manage/articles HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n",
    ),
];

fn connect(app: &TestApp) -> TcpStream {
    let stream = TcpStream::connect(app.address.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out can be set");
    stream
}

#[test]
fn what_stalls_is_closed_within_forty_seconds() {
    let app = TestApp::start(Backend::Sqlite);
    app.store([article("a")]);
    let key = app.key(&[xabar::access::Scope::ContentWrite]);
    let since = Instant::now();
    let stalled: Vec<(&str, TcpStream)> = STALLS
        .iter()
        .map(|(what, bytes)| {
            let mut stream = connect(&app);
            stream.write_all(bytes.as_bytes()).expect("bytes can be sent");
            if bytes.contains("POST") {
                let rest = format!("Authorization: Bearer {key}\r\n\r\n{{");
                stream.write_all(rest.as_bytes()).expect("bytes can be sent");
            }
            (*what, stream)
        })
        .collect();
    assert_eq!(app.get("/v1/articles").status, 200);
    for (what, mut stream) in stalled {
        // A reset is an end too.
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        let timed_out = end
            .is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        assert!(!timed_out && since.elapsed() < Duration::from_secs(40), "{what}: {:?}", since.elapsed());
    }
    let answer = app.raw(b"GET /v1/articles HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
}

#[test]
fn what_is_asked_in_one_breath_is_answered_in_that_order() {
    let app = TestApp::start(Backend::Sqlite);
    app.store((0..60).map(|n| article(&format!("a-{n}")).with("body", format!("<p>{}</p>", "word ".repeat(400)))));
    let key = app.key(&[xabar::access::Scope::ContentWrite]);
    let mut asked = String::new();
    for round in 0..40 {
        // Of some kilobytes together; what is kept, what is not, an error, and a body with empty lines in it.
        asked +=
            "GET /v1/articles?limit=50&body=text HTTP/1.1\r\nHost: a\r\n\r\nGET /health/live HTTP/1.1\nHost: a\n\n";
        asked += &format!("GET /v1/tags/none-{round} HTTP/1.1\r\nHost: a\r\n\r\n");
        let body = format!("{{\r\n\r\n\"slug\": \"written-{round}\",\r\n\r\n\"title\": \"A\", \"lang\": \"en\"}}");
        asked += &format!(
            "POST /v1/manage/articles HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
    }
    asked += "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answers = String::from_utf8(app.raw(asked.as_bytes())).expect("text");
    let codes: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    let round = ["200", "200", "404", "201"];
    assert_eq!(codes, [round.repeat(40), vec!["200"]].concat());
}

#[test]
fn a_connection_ends_at_once_after_a_body_that_nobody_read() {
    let app = TestApp::start(Backend::Sqlite);
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let since = Instant::now();
        let head = format!("{method} /v1/manage/articles HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
        for body in ["Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"] {
            let answer = app.raw(format!("{head}{body}").as_bytes());
            assert!(answer.starts_with(b"HTTP/1.1 40"), "{method}");
        }
        assert!(since.elapsed() < Duration::from_millis(900), "{method}: {:?}", since.elapsed());
    }
}

#[test]
fn what_goes_on_is_left_alone() {
    let app = TestApp::start(Backend::Sqlite);
    let since = Instant::now();
    // A heartbeat comes every 15 s; the connection must outlive the time after which idle ones are closed.
    let mut stream = connect(&app);
    stream.write_all(b"GET /v1/changes/stream HTTP/1.1\r\nHost: a\r\n\r\n").expect("bytes can be sent");
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    std::thread::scope(|scope| {
        // What is hidden wakes the stream, and is no reason to be silent for longer.
        scope.spawn(|| {
            for number in 0..10 {
                app.store([article("draft").with("status", "draft").with("title", number.to_string())]);
                std::thread::sleep(Duration::from_secs(3));
            }
        });
        while since.elapsed() < Duration::from_secs(34) {
            let count = stream.read(&mut buffer).expect("the stream goes on");
            assert_ne!(count, 0, "it ended after {:?}: {}", since.elapsed(), String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..count]);
            assert!(
                since.elapsed() < Duration::from_secs(20) || seen.windows(3).any(|bytes| bytes == b":\n\n"),
                "silent for too long"
            );
            if seen.windows(3).filter(|bytes| bytes == b":\n\n").count() == 3 {
                break;
            }
        }
    });
    assert!(since.elapsed() > Duration::from_secs(30), "three heartbeats came too soon");
    app.store([article("a")]);
    let count = stream.read(&mut buffer).expect("the stream goes on");
    assert!(String::from_utf8_lossy(&buffer[..count]).contains("\"slug\":\"a\""));
}

#[test]
fn a_connection_that_is_only_answered_from_memory_is_not_idle() {
    let app = TestApp::start(Backend::Sqlite);
    app.get("/v1/tags");
    let from_memory = || {
        let metrics = String::from_utf8(app.get("/metrics").body).expect("text");
        let line = metrics.lines().find_map(|line| line.strip_prefix("xabar_kept_answers_total{from=\"memory\"} "));
        line.expect("it is counted").to_owned()
    };
    let mut stream = connect(&app);
    // The first request must come within 5 s, and the connection may be idle for 30 s after each.
    for _ in 0..4 {
        stream.write_all(b"GET /v1/tags HTTP/1.1\r\nHost: a\r\n\r\n").expect("bytes can be sent");
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).expect("it goes on");
        assert!(buffer[..count].starts_with(b"HTTP/1.1 200 OK\r\n"));
        std::thread::sleep(Duration::from_secs(4));
    }
    assert_eq!(from_memory(), "4");
}

#[test]
fn a_connection_goes_on_after_a_body_that_nobody_read_where_it_had_come() {
    let app = TestApp::start(Backend::Sqlite);
    // A key of another's: it is looked up before anything of a body is read.
    let key = TestApp::start(Backend::Sqlite).key(&[xabar::access::Scope::ContentWrite]);
    let head = format!("/v1/manage/articles HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n");
    let mut buffer = [0; 4096];
    let mut answered = |request: String| {
        let mut stream = connect(&app);
        stream.write_all(request.as_bytes()).expect("bytes can be sent");
        let count = stream.read(&mut buffer).expect("an answer");
        let answer = String::from_utf8_lossy(&buffer[..count]);
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        (stream, answer.contains("connection: close"))
    };
    let whole = format!("POST {head}Content-Length: 2\r\n\r\n{{}}");
    let chunked = format!("POST {head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n");
    // Where the database is faster than actix comes to the body, which is rare, the connection ends.
    let going_on = [whole, chunked].map(|request| {
        let mut tries = (0..5).map(|_| answered(request.clone()));
        tries.find(|(_, ends)| !ends).expect("a connection that goes on")
    });
    let parts = ["POST", "GET"].map(|method| answered(format!("{method} {head}Content-Length: 2\r\n\r\n{{")));
    let since = Instant::now();
    for (mut stream, ends) in parts {
        assert!(ends);
        assert_eq!(stream.read(&mut [0; 1]).expect("an end"), 0);
        let after = since.elapsed();
        assert!((Duration::from_millis(700)..Duration::from_millis(3500)).contains(&after), "{after:?}");
    }
    std::thread::sleep(Duration::from_secs(3));
    for (mut stream, _) in going_on {
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n").expect("bytes can be sent");
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).expect("an answer");
        assert!(buffer[..count].starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn one_address_has_as_many_connections_as_it_may() {
    let app = TestApp::start_with(Backend::Sqlite, &[("CONNECTIONS_PER_ADDRESS", "3")]);
    let ask = |stream: &mut TcpStream| {
        let sent = stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut buffer = [0; 1024];
        sent.is_ok() && stream.read(&mut buffer).is_ok_and(|count| count > 0)
    };
    let mut open: Vec<TcpStream> = (0..3).map(|_| connect(&app)).collect();
    assert!(open.iter_mut().all(ask));
    assert!(!ask(&mut connect(&app)));
    drop(open.pop());
    let since = Instant::now();
    while !ask(&mut connect(&app)) {
        assert!(since.elapsed() < Duration::from_secs(5), "a place that was given back is not given away again");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(open.iter_mut().all(ask));
}

#[test]
fn a_trusted_proxy_has_as_many_as_it_likes() {
    let more = [("CONNECTIONS_PER_ADDRESS", "2"), ("TRUSTED_PROXIES", "127.0.0.0/8")];
    let app = TestApp::start_with(Backend::Sqlite, &more);
    let mut open: Vec<TcpStream> = (0..8).map(|_| connect(&app)).collect();
    for stream in &mut open {
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n").expect("bytes can be sent");
        assert!(stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0));
    }
}
