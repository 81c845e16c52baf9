//! The outbound client against banks that misbehave.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use xabar::rates::fetching::{Client, FetchError, Fetched, Options};

use crate::support::{Bank, Behaviour};

/// No test that waits for its end gets there.
const FOREVER: Duration = Duration::from_secs(600);
const KEY: &str = "5eCr3T";

fn options() -> Options {
    Options { pause: Duration::from_millis(1), ..Options::default() }
}

/// A client that is quick to try again.
fn client() -> Client {
    Client::new(options())
}

/// A client that asks once and gives up soon.
fn hasty() -> Client {
    Client::new(Options { timeout: Duration::from_millis(300), attempts: 1, ..options() })
}

fn payload(bytes: &[u8]) -> Result<Fetched, FetchError> {
    Ok(Fetched::Payload { bytes: bytes.to_vec(), etag: None })
}

/// What comes of a behaviour at `/table`, and how often it was asked for.
fn outcome(client: &Client, behaviour: Behaviour) -> (Result<Fetched, FetchError>, usize) {
    outcome_of(client, vec![behaviour])
}

fn outcome_of(client: &Client, behaviours: Vec<Behaviour>) -> (Result<Fetched, FetchError>, usize) {
    let bank = Bank::start();
    bank.then("/table", behaviours);
    let result = client.get(&bank.at("/table"), None);
    (result, bank.requests().len())
}

#[test]
fn a_table_arrives_as_it_was_sent() {
    assert_eq!(outcome(&client(), Behaviour::ok([0xd0, 0x00, 0xff])), (payload(&[0xd0, 0x00, 0xff]), 1));
    assert_eq!(outcome(&client(), Behaviour::ok("")), (payload(b""), 1));
    assert_eq!(outcome(&client(), Behaviour::Stream(20_000)), (payload(&[b'x'; 20_000]), 1));
    let dripping = Behaviour::Drip(Duration::from_millis(1), b"drop by drop".to_vec());
    assert_eq!(outcome(&client(), dripping), (payload(b"drop by drop"), 1));
}

#[test]
fn the_judgement_of_a_page_is_left_to_its_reader() {
    let (result, asked) = outcome(&client(), Behaviour::html());
    assert!(matches!(result, Ok(Fetched::Payload { bytes, .. }) if bytes.starts_with(b"<!DOCTYPE html>")));
    assert_eq!(asked, 1);
}

#[test]
fn a_request_says_who_asks_and_no_more() {
    let bank = Bank::start();
    bank.otherwise(Behaviour::answer(200, &[("Set-Cookie", "visitor=1")], "x"));
    let client = client();
    for _ in 0..2 {
        client.get(&format!("{}rates.cfm?fdate=01.04.2026#top", bank.home()), None).expect("an answer");
    }
    let requests = bank.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/rates.cfm?fdate=01.04.2026"));
        assert_eq!(request.header("User-Agent"), Some(concat!("xabar/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(request.header("Accept"), Some("*/*"));
        let mut names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        names.sort();
        assert_eq!(names, ["accept", "host", "user-agent"]);
    }
}

#[test]
fn a_connection_is_used_again_and_by_clones_too() {
    let bank = Bank::start();
    bank.otherwise(Behaviour::ok("x"));
    let client = client();
    for path in ["/daily.xml", "/weekly.xml"] {
        client.get(&bank.at(path), None).expect("an answer");
        client.clone().get(&bank.at(path), None).expect("an answer");
    }
    let connections: Vec<usize> = bank.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0; 4]);
}

#[test]
fn an_entity_tag_saves_the_body() {
    let bank = Bank::start();
    bank.on("/daily.xml", Behaviour::WithETag { etag: "\"69cd\"".to_owned(), body: b"table".to_vec() });
    let client = client();
    let first = Fetched::Payload { bytes: b"table".to_vec(), etag: Some("\"69cd\"".to_owned()) };
    assert_eq!(client.get(&bank.at("/daily.xml"), None), Ok(first.clone()));
    assert_eq!(client.get(&bank.at("/daily.xml"), Some("\"69cd\"")), Ok(Fetched::NotModified));
    assert_eq!(client.get(&bank.at("/daily.xml"), Some("\"old\"")), Ok(first));
    let sent: Vec<Option<String>> =
        bank.requests().iter().map(|request| request.header("If-None-Match").map(str::to_owned)).collect();
    assert_eq!(sent, [None, Some("\"69cd\"".to_owned()), Some("\"old\"".to_owned())]);
}

#[test]
fn a_304_that_nobody_asked_for_is_an_error() {
    let answer = Behaviour::Raw(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec());
    assert_eq!(outcome(&client(), answer), (Err(FetchError::Status(304)), 1));
}

#[test]
fn only_200_is_a_table() {
    for status in [201, 204, 206, 300, 400, 403, 404, 410] {
        let answer = Behaviour::Raw(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").into_bytes());
        assert_eq!(outcome(&client(), answer), (Err(FetchError::Status(status)), 1));
    }
}

#[test]
fn addresses_that_are_not_secure_are_never_asked() {
    for address in ["http://www.nbkr.kg/XML/daily.xml", "http://10.0.0.1/", "ftp://localhost/", "", "daily.xml"] {
        assert_eq!(client().get(address, None), Err(FetchError::Insecure), "{address}");
    }
}

#[test]
fn private_networks_are_never_asked() {
    for host in ["10.0.0.1", "169.254.169.254", "0xa000001", "[fe80::1]", "[::ffff:192.168.0.1]", "[::ffff:127.0.0.1]"]
    {
        assert_eq!(client().get(&format!("https://{host}/"), None), Err(FetchError::Private), "{host}");
    }
}

#[test]
fn a_name_that_cannot_exist_is_not_found() {
    // A label has at most 63 letters, so that no name server is asked.
    let address = format!("https://{}.example/", "a".repeat(64));
    assert_eq!(client().get(&address, None), Err(FetchError::Dns));
}

#[test]
fn redirects_within_a_host_are_followed() {
    let bank = Bank::start();
    bank.on("/a/old", Behaviour::Redirect("new?date=2026-04-01".to_owned()));
    bank.on("/a/new", Behaviour::Redirect("/b".to_owned()));
    bank.on("/b", Behaviour::Redirect(bank.at("/table")));
    bank.on("/table", Behaviour::ok("table"));
    assert_eq!(client().get(&bank.at("/a/old"), None), payload(b"table"));
    let paths: Vec<String> = bank.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/a/old", "/a/new?date=2026-04-01", "/b", "/table"]);
}

#[test]
fn redirects_to_elsewhere_are_refused() {
    let (bank, other) = (Bank::start(), Bank::start());
    other.otherwise(Behaviour::ok("stolen"));
    let port = bank.home().replace("http://127.0.0.1", "");
    let elsewhere = ["https://www.nbkr.kg/".to_owned(), other.home(), format!("http://localhost{port}")];
    for to in elsewhere.into_iter().chain([format!("https://127.0.0.1{port}"), "//evil.example/".to_owned()]) {
        bank.on("/table", Behaviour::Redirect(to.clone()));
        bank.forget();
        let error = client().get(&bank.at("/table"), None).expect_err("a refusal");
        assert_eq!((error.code(), bank.requests().len()), ("redirect", 1), "{to}");
    }
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn redirects_in_a_circle_come_to_an_end() {
    let (result, asked) = outcome(&client(), Behaviour::Redirect("/table".to_owned()));
    assert_eq!((result.expect_err("an end").code(), asked), ("redirect", 4));
}

#[test]
fn a_redirect_has_to_say_where_to() {
    let (result, asked) = outcome(&client(), Behaviour::status(302));
    assert_eq!((result.expect_err("a refusal").code(), asked), ("redirect", 1));
}

#[test]
fn a_body_has_a_size_that_it_may_reach_and_not_pass() {
    let client = Client::new(Options { largest: 10_000, ..options() });
    for behaviour in [Behaviour::Oversize, Behaviour::Stream] {
        assert_eq!(outcome(&client, behaviour(10_000)), (payload(&[b'x'; 10_000]), 1));
        assert_eq!(outcome(&client, behaviour(10_001)), (Err(FetchError::Oversize { limit: 10_000 }), 1));
    }
    assert_eq!(outcome(&client, Behaviour::Stream(10_000_000)), (Err(FetchError::Oversize { limit: 10_000 }), 1));
    let until_closed = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 10_001]].concat();
    assert_eq!(outcome(&client, Behaviour::Raw(until_closed)), (Err(FetchError::Oversize { limit: 10_000 }), 1));
}

#[test]
fn an_announced_size_is_refused_before_it_comes() {
    let bank = Bank::start();
    // The body never comes: whoever waits for it times out.
    bank.on("/table", Behaviour::Drip(FOREVER, vec![b'x'; 10_001]));
    let client = Client::new(Options { largest: 10_000, ..options() });
    assert_eq!(client.get(&bank.at("/table"), None), Err(FetchError::Oversize { limit: 10_000 }));
}

#[test]
fn a_head_without_an_end_is_refused() {
    let endless = format!("HTTP/1.1 200 OK\r\nX-Long: {}", "x".repeat(200_000));
    let (result, asked) = outcome(&client(), Behaviour::Raw(endless.into_bytes()));
    assert_eq!((result.expect_err("a refusal").code(), asked), ("protocol", 3));
}

#[test]
fn a_slow_head_and_a_slow_body_time_out() {
    let started = Instant::now();
    let drip = Behaviour::Drip(Duration::from_millis(50), vec![b'x'; 100_000]);
    for behaviour in [Behaviour::Slow(FOREVER, Vec::new()), Behaviour::Drip(FOREVER, vec![b'x']), drip] {
        assert_eq!(outcome(&hasty(), behaviour).0, Err(FetchError::Timeout));
    }
    assert!(started.elapsed() < FOREVER / 2);
}

#[test]
fn redirects_share_one_timeout() {
    let bank = Bank::start();
    let late = |then| Behaviour::Late(Duration::from_millis(200), Box::new(then));
    bank.on("/a", late(Behaviour::Redirect("/b".to_owned())));
    bank.on("/b", late(Behaviour::Redirect("/c".to_owned())));
    bank.on("/c", late(Behaviour::ok("too late")));
    assert_eq!(hasty().get(&bank.at("/a"), None), Err(FetchError::Timeout));
}

#[test]
fn a_silent_handshake_times_out_by_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("https://{}/", listener.local_addr().expect("an address"));
    let timeout = Duration::from_secs(30);
    let client = Client::new(Options { timeout, connect: Duration::from_millis(200), attempts: 2, ..options() });
    let started = Instant::now();
    assert_eq!(client.get(&address, None), Err(FetchError::Timeout));
    assert!(started.elapsed() < timeout);
    listener.set_nonblocking(true).expect("a socket");
    let visits = listener.incoming().take_while(|visit| !would_block(visit)).count();
    assert_eq!(visits, 2);
}

fn would_block<T>(visit: &std::io::Result<T>) -> bool {
    visit.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn a_server_without_tls_is_not_trusted() {
    let bank = Bank::start();
    let address = bank.home().replace("http:", "https:");
    assert_eq!(client().get(&address, None), Err(FetchError::Tls));
    assert_eq!(bank.requests().len(), 0);
}

#[test]
fn nobody_at_home_is_a_connection_error() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    assert_eq!(client().get(&format!("http://{free}/"), None), Err(FetchError::Connection));
}

#[test]
fn attempts_are_bounded() {
    for (behaviour, code) in [
        (Behaviour::status(500), "status"),
        (Behaviour::status(503), "status"),
        (Behaviour::Reset, "connection"),
        (Behaviour::HangUp, "connection"),
        (Behaviour::Truncated(b"<rates>".to_vec()), "truncated"),
        (Behaviour::Raw(b"SMTP ready\r\n\r\n".to_vec()), "protocol"),
    ] {
        for (attempts, asked) in [(0, 1), (1, 1), (2, 2), (4, 4)] {
            let client = Client::new(Options { attempts, ..options() });
            let (result, requests) = outcome(&client, behaviour.clone());
            assert_eq!((result.expect_err("a failure").code(), requests), (code, asked), "{behaviour:?}");
        }
    }
}

#[test]
fn what_passes_is_tried_again() {
    let broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks = |rest: &[u8]| Behaviour::Raw([broken.as_slice(), rest].concat());
    for passing in [
        Behaviour::status(500),
        Behaviour::status(502),
        Behaviour::Reset,
        Behaviour::HangUp,
        Behaviour::Truncated(Vec::new()),
        Behaviour::Truncated(b"half".to_vec()),
        chunks(b"5\r\nhalf"),
        chunks(b"4\r\nhalf\r\n"),
        chunks(b"not a number\r\nhalf\r\n0\r\n\r\n"),
    ] {
        let script = vec![passing.clone(), passing.clone(), Behaviour::ok("whole")];
        assert_eq!(outcome_of(&client(), script), (payload(b"whole"), 3), "{passing:?}");
    }
}

#[test]
fn a_timeout_is_tried_again() {
    let bank = Bank::start();
    bank.then("/table", vec![Behaviour::Slow(FOREVER, Vec::new()), Behaviour::ok("whole")]);
    // More attempts than it takes, for a machine that is slow itself.
    let client = Client::new(Options { timeout: Duration::from_millis(500), attempts: 20, ..options() });
    assert_eq!(client.get(&bank.at("/table"), None), payload(b"whole"));
}

#[test]
fn the_pause_doubles_between_attempts() {
    let bank = Bank::start();
    bank.on("/table", Behaviour::status(500));
    let client = Client::new(Options { pause: Duration::from_millis(40), ..options() });
    assert_eq!(client.get(&bank.at("/table"), None), Err(FetchError::Status(500)));
    let at: Vec<Instant> = bank.requests().iter().map(|request| request.at).collect();
    // Half of a pause is the least that jitter leaves, and how long the machine takes is anybody's guess.
    assert!(at[2] - at[0] >= Duration::from_millis(20 + 40), "{:?}", at[2] - at[0]);
}

#[test]
fn a_source_that_asks_for_patience_gets_it() {
    let (result, asked) = outcome(&client(), Behaviour::rate_limited(120));
    assert_eq!((result.expect_err("a refusal").retry_after(), asked), (Some(Duration::from_secs(120)), 1));
    let dates = [("Date", "Wed, 01 Apr 2026 12:00:00 GMT"), ("Retry-After", "Wed, 01 Apr 2026 12:05:00 GMT")];
    for (status, headers, wait) in [
        (503, dates.as_slice(), Some(300)),
        (429, dates.as_slice(), Some(300)),
        (503, &[("Retry-After", "7")], Some(7)),
        (503, &[("Retry-After", "later")], None),
        (429, &[], None),
    ] {
        let (result, asked) = outcome(&client(), Behaviour::answer(status, headers, ""));
        let error = result.expect_err("a refusal");
        assert_eq!((error.code(), asked), ("rate-limited", 1), "{status} {headers:?}");
        assert_eq!(error.retry_after(), wait.map(Duration::from_secs), "{status} {headers:?}");
    }
}

#[test]
fn a_compressed_body_was_not_asked_for() {
    let zipped = Behaviour::answer(200, &[("Content-Encoding", "gzip")], [0x1f, 0x8b]);
    assert_eq!(outcome(&client(), zipped).0, Err(FetchError::Protocol));
    assert_eq!(outcome(&client(), Behaviour::answer(200, &[("Content-Encoding", "identity")], "x")).0, payload(b"x"));
}

#[test]
fn no_error_shows_the_address() {
    let bank = Bank::start();
    bank.on("/slow", Behaviour::Slow(FOREVER, Vec::new()));
    let client = Client::new(Options { largest: 1000, ..options() });
    let mut errors = vec![hasty().get(&bank.at(&format!("/slow?key={KEY}")), None).expect_err("a failure")];
    for behaviour in [
        Behaviour::status(500),
        Behaviour::status(403),
        Behaviour::rate_limited(1),
        Behaviour::Redirect(format!("https://evil.example/?key={KEY}")),
        Behaviour::Redirect(format!("/latest?key={KEY}")),
        Behaviour::Redirect(format!("https://[{KEY}")),
        Behaviour::Oversize(1001),
        Behaviour::Truncated(KEY.into()),
        Behaviour::Reset,
        Behaviour::Raw(format!("HTTP/1.1 {KEY}\r\n{KEY}\r\n\r\n").into_bytes()),
    ] {
        bank.on("/latest", behaviour);
        errors.push(client.get(&bank.at(&format!("/latest?key={KEY}")), None).expect_err("a failure"));
    }
    for address in ["http://nbkr.kg", "ftp://[", "https://10.0.0.1", &bank.home().replace("http:", "https:")] {
        errors.push(client.get(&format!("{address}/latest?key={KEY}"), None).expect_err("a failure"));
    }
    for error in &errors {
        let shown = format!("{error} {error:?} {} {:?}", error.code(), std::error::Error::source(error)).to_lowercase();
        for secret in [&KEY.to_lowercase(), "latest", "key", "127.0.0.1", "nbkr", "evil", "://"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let mut codes: Vec<&str> = errors.iter().map(FetchError::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 11, "{codes:?}");
}
