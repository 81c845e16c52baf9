//! A server that is to stop is not held up by those who listen.

use std::io::Read;
use std::net::TcpListener;
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

#[test]
fn open_streams_and_long_polls_end_with_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
    let address = format!("http://127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xabar"));
    command.arg("serve").env_clear().current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("DATABASE_URL", "sqlite://stop.db").env("LISTEN", format!("127.0.0.1:{port}")).env("WORKERS", "2");
    let mut process = Process(command.spawn().expect("the server starts"));
    let client = Client::builder().timeout(Duration::from_secs(40)).build().expect("a client");
    until("it serves", 30, || {
        client.get(format!("{address}/health/ready")).send().ok().filter(|it| it.status() == 200)
    });
    std::thread::scope(|scope| {
        let poll =
            scope.spawn(|| client.get(format!("{address}/v1/changes?wait=25")).send().expect("an answer").status());
        let mut streams: Vec<_> = ["/v1/changes/stream", "/v1/rates/stream"]
            .map(|path| client.get(format!("{address}{path}")).send().expect("an answer"))
            .into();
        sleep(Duration::from_millis(500));
        let told = Instant::now();
        let id = process.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        assert_eq!(poll.join().expect("an answer"), 200);
        for stream in &mut streams {
            stream.read_to_end(&mut Vec::new()).expect("a stream has an end");
        }
        let status = until("it ends", 20, || process.0.try_wait().expect("its state"));
        assert!(status.success(), "{status}");
        assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    });
}
