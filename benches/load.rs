//! A load over HTTP/1.1 that is sent at a fixed rate whatever comes back, or as fast as answers come. What it measures begins
//! when a request was due, so that a server which keeps others waiting can't hide it (`served` begins when it was sent).
//!
//! `load --servers 127.0.0.1:8000,127.0.0.1:8001 --paths FILE [--rate N] [--seconds N] [--connections N] [--writes FILE]`
//!
//! FILE has a path a line; they are sent in turn. With `--writes` (its first line is a key with `content:write` and
//! `content:publish`, the others are ids of articles) each hundredth request sets the title of an article to a number that
//! grows, and every answer is searched for such titles: one that shows a number older than what was acknowledged before it was
//! asked for is stale, by the time in between. Prints one JSON object.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::mem::take;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Mutex};
use tokio::time::{sleep_until, timeout};

/// How a title is marked: `Mark 17 4.` is the fourth title of article 17.
const MARK: &str = "Mark ";

struct Load {
    servers: Vec<String>,
    paths: Vec<String>,
    /// Requests a second; none to send the next one when an answer has come.
    rate: Option<f64>,
    /// Set when all connections are open.
    started: OnceLock<Instant>,
    open: Barrier,
    next: AtomicU64,
    over: AtomicBool,
    writes: Option<Writes>,
    buffers: Buffers,
}

/// Room for answers, which connections have while one comes: with some for each the memory of thousands would be all that is measured.
#[derive(Default)]
struct Buffers(std::sync::Mutex<Vec<Vec<u8>>>);

struct Writes {
    key: String,
    ids: Vec<u64>,
    /// Of each article the last number that was acknowledged, and when; and the one before it. Held for a write.
    acknowledged: HashMap<u64, Mutex<Vec<(u64, Instant)>>>,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    /// Microseconds from when it was due, of answers 200.
    good: Vec<u64>,
    /// The same from when it was sent.
    served: Vec<u64>,
    refused: Vec<u64>,
    written: Vec<u64>,
    failed: u64,
    other: u64,
    /// Microseconds by which the stalest answer was older than what had been acknowledged.
    stalest: u64,
    stale: u64,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run())) {
        Ok(()) => {}
        Err(error) => {
            eprintln!("load: {error}");
            std::process::exit(1);
        }
    }
}

impl Buffers {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn take(&self) -> Vec<u8> {
        self.all().pop().unwrap_or_else(|| Vec::with_capacity(64 * 1024))
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.all().push(buffer);
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: HashMap<&str, &str> =
        arguments.chunks(2).map(|pair| (pair[0].as_str(), pair.get(1).map_or("", |value| value))).collect();
    let read = |name: &str| given.get(name).copied().ok_or(format!("{name} is missing"));
    let seconds: u64 = given.get("--seconds").map_or(Ok(5), |text| text.parse())?;
    let connections: usize = given.get("--connections").map_or(Ok(64), |text| text.parse())?;
    let rate: Option<f64> = given.get("--rate").map(|text| text.parse()).transpose()?;
    let lines =
        |path: &str| std::io::Result::Ok(std::fs::read_to_string(path)?.lines().map(str::to_owned).collect::<Vec<_>>());
    let load = Arc::new(Load {
        servers: read("--servers")?.split(',').map(str::to_owned).collect(),
        paths: lines(read("--paths")?)?,
        rate,
        started: OnceLock::new(),
        open: Barrier::new(connections + 1),
        next: AtomicU64::new(0),
        over: AtomicBool::new(false),
        writes: given.get("--writes").map(|path| Writes::of(&lines(path)?)).transpose()?,
        buffers: Buffers::default(),
    });
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let load = load.clone();
            tokio::spawn(async move { load.client(number).await })
        })
        .collect();
    load.open.wait().await;
    load.started();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    load.over.store(true, Ordering::Relaxed);
    let took = load.started().elapsed();
    let mut all = Seen::default();
    for client in clients {
        all.add(client.await?);
    }
    println!("{}", all.report(took));
    Ok(())
}

impl Writes {
    fn of(lines: &[String]) -> std::io::Result<Self> {
        let invalid = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
        let (key, ids) = lines.split_first().ok_or_else(|| invalid("no key"))?;
        let ids: Result<Vec<u64>, _> = ids.iter().map(|line| line.parse()).collect();
        let ids = ids.map_err(|_| invalid("not an id"))?;
        let acknowledged = ids.iter().map(|id| (*id, Mutex::default())).collect();
        Ok(Self { key: key.clone(), ids, acknowledged })
    }
}

impl Load {
    fn started(&self) -> Instant {
        *self.started.get_or_init(Instant::now)
    }

    async fn client(&self, number: usize) -> Seen {
        let mut seen = Seen::default();
        let server = &self.servers[number % self.servers.len()];
        let mut connection = Connection::open(server).await.ok();
        self.open.wait().await;
        while !self.over.load(Ordering::Relaxed) {
            let request = self.next.fetch_add(1, Ordering::Relaxed);
            let due = match self.rate {
                Some(rate) => self.started() + Duration::from_secs_f64(request as f64 / rate),
                None => Instant::now(),
            };
            sleep_until(due.into()).await;
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            let done =
                timeout(Duration::from_secs(30), self.send(&mut connection, server, request, due, &mut seen)).await;
            if let Some(open) = &mut connection {
                open.give_back(&self.buffers);
            }
            if !matches!(done, Ok(Ok(()))) {
                seen.failed += 1;
                connection = None;
            }
        }
        seen
    }

    async fn send(
        &self,
        connection: &mut Option<Connection>,
        server: &str,
        request: u64,
        due: Instant,
        seen: &mut Seen,
    ) -> std::io::Result<()> {
        let open = match connection {
            Some(open) => open,
            None => connection.insert(Connection::open(server).await?),
        };
        if let Some(writes) = &self.writes
            && request % 100 == 99
        {
            let id = writes.ids[(request / 100) as usize % writes.ids.len()];
            let mut known = writes.acknowledged[&id].lock().await;
            let mark = known.last().map_or(1, |(mark, _)| mark + 1);
            let body = json!({"title": format!("{MARK}{id} {mark}.")}).to_string();
            let head = format!(
                "PATCH /v1/manage/articles/{id} HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer {}\r\nIf-Match: *\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                writes.key,
                body.len()
            );
            let status = open.exchange(head.as_bytes(), &self.buffers).await?;
            match status {
                200 => {
                    known.push((mark, Instant::now()));
                    seen.written.push(due.elapsed().as_micros() as u64);
                }
                503 => seen.refused.push(due.elapsed().as_micros() as u64),
                _ => seen.other += 1,
            }
            return Ok(());
        }
        let path = &self.paths[request as usize % self.paths.len()];
        let asked = Instant::now();
        let status =
            open.exchange(format!("GET {path} HTTP/1.1\r\nHost: load\r\n\r\n").as_bytes(), &self.buffers).await?;
        let micros = due.elapsed().as_micros() as u64;
        match status {
            200 => {
                seen.good.push(micros);
                seen.served.push(asked.elapsed().as_micros() as u64);
            }
            503 => seen.refused.push(asked.elapsed().as_micros() as u64),
            _ => seen.other += 1,
        }
        if let (Some(writes), 200) = (&self.writes, status) {
            seen.look(writes, open.body(), asked).await;
        }
        Ok(())
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    body: usize,
}

impl Connection {
    async fn open(server: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new(), body: 0 })
    }

    /// Sends a request and reads its answer, which must say its length; returns the status.
    async fn exchange(&mut self, request: &[u8], buffers: &Buffers) -> std::io::Result<u16> {
        self.stream.write_all(request).await?;
        self.stream.readable().await?;
        self.read = buffers.take();
        let invalid = || Error::from(ErrorKind::InvalidData);
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                self.body = end + 4;
                break;
            }
        }
        let head = std::str::from_utf8(&self.read[..self.body]).map_err(|_| invalid())?;
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(invalid)?;
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse().ok());
        let whole = self.body + length.unwrap_or(0_usize);
        while self.read.len() < whole {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(status)
    }

    /// The answer is no longer needed.
    fn give_back(&mut self, buffers: &Buffers) {
        if self.read.capacity() > 0 {
            buffers.give_back(take(&mut self.read));
        }
    }

    fn body(&self) -> &[u8] {
        &self.read[self.body..]
    }
}

impl Seen {
    /// Searches an answer for titles that had been replaced before it was asked for.
    async fn look(&mut self, writes: &Writes, body: &[u8], asked: Instant) {
        let text = String::from_utf8_lossy(body);
        for (at, _) in text.match_indices(MARK) {
            let mut words = text[at + MARK.len()..].split([' ', '.']).map(str::parse::<u64>);
            let (Some(Ok(id)), Some(Ok(mark))) = (words.next(), words.next()) else { continue };
            let Some(known) = writes.acknowledged.get(&id) else { continue };
            let known = known.lock().await;
            // The first one that is newer than what is shown, if it was acknowledged before this was asked for.
            let Some((_, since)) = known.iter().find(|(other, _)| *other > mark) else { continue };
            if let Some(age) = asked.checked_duration_since(*since) {
                self.stale += 1;
                self.stalest = self.stalest.max(age.as_micros() as u64);
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.good.extend(other.good);
        self.served.extend(other.served);
        self.refused.extend(other.refused);
        self.written.extend(other.written);
        self.failed += other.failed;
        self.other += other.other;
        self.stale += other.stale;
        self.stalest = self.stalest.max(other.stalest);
    }

    fn report(mut self, took: Duration) -> serde_json::Value {
        let quantiles = |micros: &mut Vec<u64>| {
            micros.sort_unstable();
            let at =
                |share: f64| micros.get(((micros.len() as f64 * share) as usize).min(micros.len().saturating_sub(1)));
            let ms = |share: f64| at(share).map(|micros| *micros as f64 / 1000.0);
            json!({"count": micros.len(), "p50_ms": ms(0.5), "p99_ms": ms(0.99), "max_ms": ms(1.0)})
        };
        json!({
            "seconds": took.as_secs_f64(),
            "good_a_second": self.good.len() as f64 / took.as_secs_f64(),
            "good": quantiles(&mut self.good),
            "served": quantiles(&mut self.served),
            "refused": quantiles(&mut self.refused),
            "written": quantiles(&mut self.written),
            "failed": self.failed,
            "other": self.other,
            "stale": self.stale,
            "stalest_ms": self.stalest as f64 / 1000.0,
        })
    }
}
