//! A bank's web site on a free loopback port, which answers as a test tells it to and remembers what it was asked.
//!
//! It speaks just enough HTTP/1.1, over kept-alive connections, to be wrong about it in the ways that real ones are.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a bank does with a request.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// A whole answer; `Content-Length` is added.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// 200 with an entity tag, or 304 when the request has it.
    WithETag { etag: String, body: Vec<u8> },
    /// 302 to that `Location`.
    Redirect(String),
    /// Promises a longer body than this one, and closes.
    Truncated(Vec<u8>),
    /// Says nothing for that long, then answers 200.
    Slow(Duration, Vec<u8>),
    /// Says nothing for that long, then does that.
    Late(Duration, Box<Behaviour>),
    /// The head at once, then a byte of the body after each such pause.
    Drip(Duration, Vec<u8>),
    /// 200 with that many bytes, announced by `Content-Length`.
    Oversize(usize),
    /// 200 with that many bytes, in chunks, so that nothing tells the size.
    Stream(usize),
    /// Closes with RST and without an answer.
    Reset,
    /// Closes without an answer.
    HangUp,
    /// These bytes in place of an answer, then closes.
    Raw(Vec<u8>),
}

impl Behaviour {
    /// 200 with that body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::answer(200, &[], body)
    }

    /// An answer with headers.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Answer { status, headers, body: body.into() }
    }

    /// The page that a firewall sends in place of the table, with 200.
    pub fn html() -> Self {
        let page = "<!DOCTYPE html><html><head><title>Request Rejected</title></head><body>Support ID: 1</body></html>";
        Self::answer(200, &[("Content-Type", "text/html; charset=utf-8")], page)
    }

    /// A status with a short body.
    pub fn status(status: u16) -> Self {
        Self::answer(status, &[("Content-Type", "text/plain")], format!("{status}\n"))
    }

    /// 429 that asks to wait that many seconds.
    pub fn rate_limited(seconds: u64) -> Self {
        Self::answer(429, &[("Retry-After", &seconds.to_string())], "slow down\n")
    }
}

/// A request that a bank got.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// When its head was complete.
    pub at: Instant,
    /// Which of the bank's connections it came over.
    pub connection: usize,
}

impl Seen {
    /// A header; its name's case doesn't matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A running bank. Its threads end when it is dropped.
pub struct Bank {
    address: SocketAddr,
    desk: Arc<Desk>,
    door: Option<JoinHandle<()>>,
}

impl Bank {
    /// Starts a bank that answers everything with 404.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let desk = Arc::new(Desk::default());
        let its_desk = Arc::clone(&desk);
        let door = thread::spawn(move || keep_door(&listener, &its_desk));
        Self { address, desk, door: Some(door) }
    }

    /// The address of its root, which ends in a slash.
    pub fn home(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The address of a path, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What happens at a path from now on. The path with its query goes before the longest beginning of it.
    pub fn on(&self, path: &str, behaviour: Behaviour) {
        self.then(path, vec![behaviour]);
    }

    /// What happens at a path from now on, one after the other; the last one stays.
    pub fn then(&self, path: &str, behaviours: Vec<Behaviour>) {
        assert!(!behaviours.is_empty(), "no behaviour for {path}");
        self.desk.open().script.insert(path.to_owned(), behaviours.into());
    }

    /// What happens everywhere else.
    pub fn otherwise(&self, behaviour: Behaviour) {
        self.on("", behaviour);
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.desk.open().seen.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.desk.open().seen.clear();
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        let mut book = self.desk.open();
        book.closed = true;
        for stream in book.streams.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(book);
        self.desk.closing.notify_all();
        // The door waits for a visitor.
        let _ = TcpStream::connect(self.address);
        if let Some(door) = self.door.take() {
            // A panic there has been printed.
            let _ = door.join();
        }
    }
}

/// What the threads share.
#[derive(Default)]
struct Desk {
    book: Mutex<Book>,
    closing: Condvar,
}

#[derive(Default)]
struct Book {
    script: HashMap<String, VecDeque<Behaviour>>,
    seen: Vec<Seen>,
    streams: HashMap<usize, TcpStream>,
    closed: bool,
}

impl Desk {
    fn open(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no thread panicked with the book in its hands")
    }

    /// Waits, but no longer than the bank is open.
    fn wait(&self, pause: Duration) -> io::Result<()> {
        let wait = self.closing.wait_timeout_while(self.open(), pause, |book| !book.closed);
        let closed = wait.expect("no thread panicked with the book in its hands").0.closed;
        if closed { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Notes a request and says what to do with it.
    fn take(&self, request: Seen) -> Behaviour {
        let mut book = self.open();
        let path = request.path.clone();
        book.seen.push(request);
        let key = if book.script.contains_key(&path) {
            Some(path)
        } else {
            book.script.keys().filter(|key| path.starts_with(key.as_str())).max_by_key(|key| key.len()).cloned()
        };
        match key.and_then(|key| book.script.get_mut(&key)) {
            Some(script) if script.len() > 1 => script.pop_front().expect("two behaviours"),
            Some(script) => script[0].clone(),
            None => Behaviour::status(404),
        }
    }
}

/// Lets visitors in until the bank closes, and waits for the last one to leave.
fn keep_door(listener: &TcpListener, desk: &Arc<Desk>) {
    let mut visits = Vec::new();
    for (number, stream) in listener.incoming().enumerate() {
        let Ok(stream) = stream else { continue };
        let mut book = desk.open();
        if book.closed {
            break;
        }
        book.streams.insert(number, stream.try_clone().expect("a second handle"));
        drop(book);
        let desk = Arc::clone(desk);
        visits.push(thread::spawn(move || {
            // An error is the visitor's leaving, which is no fault of the bank.
            let _ = serve(&stream, &desk, number);
            // The second handle goes first: a connection is closed with the last one.
            desk.open().streams.remove(&number);
        }));
    }
    for visit in visits {
        // A panic there has been printed.
        let _ = visit.join();
    }
}

fn serve(stream: &TcpStream, desk: &Desk, connection: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while let Some(request) = read_head(stream, connection)? {
        let behaviour = desk.take(request.clone());
        let unread = matches!(behaviour, Behaviour::Reset);
        if !unread {
            let mut last = [0];
            (&*stream).read_exact(&mut last)?;
        }
        if !perform(stream, desk, &request, behaviour)? {
            break;
        }
    }
    Ok(())
}

/// Reads a head but for its last byte: a socket that is closed with something unread in it sends RST and not FIN.
fn read_head(mut stream: &TcpStream, connection: usize) -> io::Result<Option<Seen>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
        if !head[0].is_ascii_uppercase() {
            // Somebody speaks TLS.
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
            return Ok(None);
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Some(Seen { method, path, headers, at: Instant::now(), connection }))
}

/// Answers, or doesn't; `false` closes the connection.
fn perform(mut stream: &TcpStream, desk: &Desk, request: &Seen, behaviour: Behaviour) -> io::Result<bool> {
    match behaviour {
        Behaviour::Answer { status, headers, body } => write_answer(stream, status, &headers, &body)?,
        Behaviour::WithETag { etag, body } => write_tagged(stream, request, etag, &body)?,
        Behaviour::Redirect(to) => write_answer(stream, 302, &[("Location".to_owned(), to)], b"")?,
        Behaviour::Truncated(body) => {
            write_head(stream, 200, &[length(body.len() + 100)])?;
            stream.write_all(&body)?;
            return Ok(false);
        }
        Behaviour::Slow(pause, body) => {
            desk.wait(pause)?;
            write_answer(stream, 200, &[], &body)?;
        }
        Behaviour::Late(pause, then) => {
            desk.wait(pause)?;
            return perform(stream, desk, request, *then);
        }
        Behaviour::Drip(pause, body) => {
            write_head(stream, 200, &[length(body.len())])?;
            for byte in body {
                desk.wait(pause)?;
                stream.write_all(&[byte])?;
            }
        }
        Behaviour::Oversize(size) => write_answer(stream, 200, &[], &vec![b'x'; size])?,
        Behaviour::Stream(size) => write_chunks(stream, size)?,
        Behaviour::Reset | Behaviour::HangUp => return Ok(false),
        Behaviour::Raw(bytes) => {
            stream.write_all(&bytes)?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn length(length: usize) -> (String, String) {
    ("Content-Length".to_owned(), length.to_string())
}

fn write_head(mut stream: &TcpStream, status: u16, headers: &[(String, String)]) -> io::Result<()> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    stream.write_all(format!("HTTP/1.1 {status} As Told\r\n{lines}\r\n").as_bytes())
}

fn write_answer(mut stream: &TcpStream, status: u16, headers: &[(String, String)], body: &[u8]) -> io::Result<()> {
    write_head(stream, status, &[headers, &[length(body.len())]].concat())?;
    stream.write_all(body)
}

fn write_tagged(stream: &TcpStream, request: &Seen, etag: String, body: &[u8]) -> io::Result<()> {
    let known = request.header("If-None-Match") == Some(etag.as_str());
    let headers = [("ETag".to_owned(), etag)];
    if known { write_head(stream, 304, &headers) } else { write_answer(stream, 200, &headers, body) }
}

fn write_chunks(mut stream: &TcpStream, size: usize) -> io::Result<()> {
    write_head(stream, 200, &[("Transfer-Encoding".to_owned(), "chunked".to_owned())])?;
    let mut left = size;
    while left > 0 {
        let chunk = left.min(8192);
        stream.write_all(format!("{chunk:x}\r\n{}\r\n", "x".repeat(chunk)).as_bytes())?;
        left -= chunk;
    }
    stream.write_all(b"0\r\n\r\n")
}
