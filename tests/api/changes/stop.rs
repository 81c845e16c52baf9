//! A server that is to stop is not held up by those who listen.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;

/// The process, which does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended, or the test has failed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        sleep(Duration::from_millis(20));
    }
}

/// A server with two threads on a port of its own, in a folder of its own.
fn serving() -> (Process, u16, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xabar"));
    command.arg("serve").arg("--demo").env_clear().current_dir(folder.path());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.env("DATABASE_URL", "sqlite://stop.db").env("LISTEN", format!("127.0.0.1:{port}")).env("WORKERS", "2");
    let process = Process(command.spawn().expect("the server starts"));
    until("it serves", 30, || {
        let ready = reqwest::blocking::get(format!("http://127.0.0.1:{port}/health/ready")).ok();
        ready.filter(|answer| answer.status() == 200)
    });
    (process, port, folder)
}

impl Process {
    fn terminate(&self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
    }

    /// Waits for its end, which is to come within five seconds of `told`.
    fn ends(&mut self, told: Instant) {
        let status = until("it ends", 20, || self.0.try_wait().expect("its state"));
        assert!(status.success(), "{status}");
        assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    }
}

#[test]
fn who_has_asked_nothing_does_not_hold_up_the_end() {
    let (mut process, port, _folder) = serving();
    let kept = "GET /v1/tags?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    // The first of these makes the answer that the others get from memory.
    let mut peers: Vec<TcpStream> = [kept, "", "GET /", kept, &format!("{kept}GET /")]
        .iter()
        .map(|bytes| {
            let mut peer = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            peer.write_all(bytes.as_bytes()).expect("room");
            sleep(Duration::from_millis(200));
            peer
        })
        .collect();
    let told = Instant::now();
    process.terminate();
    let lengths: Vec<usize> = peers
        .iter_mut()
        .map(|peer| {
            let mut all = Vec::new();
            peer.read_to_end(&mut all).expect("an end");
            all.len()
        })
        .collect();
    assert!(lengths[0] > 0 && lengths[0] == lengths[3] && lengths[0] == lengths[4], "{lengths:?}");
    assert_eq!(lengths[1..3], [0, 0]);
    process.ends(told);
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let (mut process, port, _folder) = serving();
    let path = "/v1/articles?limit=100&body=html";
    let one = reqwest::blocking::get(format!("http://127.0.0.1:{port}{path}")).and_then(|answer| answer.bytes());
    // Too much for the kernel to take: the rest waits in the server, which has not come to the last one. That is not in memory.
    let count = (32 << 20) / one.expect("an answer").len();
    let large = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let last = "GET /v1/articles?limit=1&page=3 HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut peer = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let mut sender = peer.try_clone().expect("its other half");
    let sending = std::thread::spawn(move || sender.write_all((large.repeat(count) + last).as_bytes()));
    sleep(Duration::from_millis(500));
    let told = Instant::now();
    process.terminate();
    sleep(Duration::from_millis(500));
    let mut all = Vec::new();
    peer.read_to_end(&mut all).expect("an end");
    sending.join().expect("no panic").expect("room");
    let text = String::from_utf8_lossy(&all);
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), count + 1);
    process.ends(told);
}

#[test]
fn open_streams_and_long_polls_end_with_the_server() {
    let (mut process, port, _folder) = serving();
    let address = format!("http://127.0.0.1:{port}");
    let client = Client::builder().timeout(Duration::from_secs(40)).build().expect("a client");
    std::thread::scope(|scope| {
        let poll =
            scope.spawn(|| client.get(format!("{address}/v1/changes?wait=25")).send().expect("an answer").status());
        let mut streams: Vec<_> = ["/v1/changes/stream", "/v1/rates/stream"]
            .map(|path| client.get(format!("{address}{path}")).send().expect("an answer"))
            .into();
        sleep(Duration::from_millis(500));
        let told = Instant::now();
        process.terminate();
        assert_eq!(poll.join().expect("an answer"), 200);
        for stream in &mut streams {
            stream.read_to_end(&mut Vec::new()).expect("a stream has an end");
        }
        process.ends(told);
    });
}
