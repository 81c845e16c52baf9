//! Connections with a peer at the other end, and a memory of their own.

mod waiting;

use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::TcpListener;
pub use std::net::TcpStream as Peer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use super::*;
use crate::http::admission::Admission;
use crate::http::connections::Connections;
use crate::http::message::Message;

/// A connection and the other side of it.
fn connected<F: Future<Output = ()>>(test: impl FnOnce(Stream, Peer) -> F) {
    connected_to(None, test);
}

pub fn connected_to<F: Future<Output = ()>>(memory: Option<Arc<dyn Memory>>, test: impl FnOnce(Stream, Peer) -> F) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let peer = Peer::connect(listener.local_addr().expect("an address")).expect("a connection");
    let (socket, _) = listener.accept().expect("a connection");
    socket.set_nonblocking(true).expect("that can be set");
    actix_web::rt::System::new().block_on(async {
        let socket = TcpStream::from_std(socket).expect("a socket");
        let known = Connections::new(None, Vec::new()).opened(&socket).expect("room");
        test(Stream::new(socket, known, memory), peer).await;
    });
}

#[derive(Default)]
pub struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn woken(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

/// What the server reads until there is no more for the moment; `None` when the peer has ended.
pub fn turn(stream: &mut Stream, count: &Arc<Count>) -> Option<String> {
    let (waker, mut all) = (Waker::from(count.clone()), Vec::new());
    loop {
        let mut space = [0; 8192];
        let mut buffer = ReadBuf::new(&mut space);
        match Pin::new(&mut *stream).poll_read(&mut Context::from_waker(&waker), &mut buffer) {
            Poll::Ready(read) => {
                read.expect("a read");
                if buffer.filled().is_empty() {
                    return None;
                }
                all.extend_from_slice(buffer.filled());
            }
            Poll::Pending => return Some(String::from_utf8(all).expect("text")),
        }
    }
}

async fn arrived(stream: &Stream) {
    stream.socket.readable().await.expect("something to read");
}

#[test]
fn one_head_comes_at_a_time() {
    connected(|mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        peer.write_all(b"A\r\n\r\nB\n\nthe body\r\n\r\nC").expect("room");
        arrived(&stream).await;
        for part in ["A\r\n\r\n", "B\n\n", "the body\r\n\r\n"] {
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(part));
            assert_eq!(count.woken(), 1, "there is more");
        }
        assert_eq!(turn(&mut stream, &count).as_deref(), Some("C"));
        assert_eq!(count.woken(), 0);
        drop(peer);
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count), None);
    });
}

#[test]
fn a_body_comes_whole_whatever_is_in_it() {
    connected(|mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        peer.write_all(b"A\r\n\r\nx\n\nx\r\n\r\nx").expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some("A\r\n\r\n"));
        known.flow.body_begins();
        let mut body = turn(&mut stream, &count).expect("it goes on");
        body += &turn(&mut stream, &count).expect("it goes on");
        assert_eq!(body, "x\n\nx\r\n\r\nx");
        known.flow.body_ended();
    });
}

#[test]
fn what_is_longer_than_a_chunk_comes_whole() {
    connected(|mut stream, mut peer| async move {
        let (count, long) = (Arc::new(Count::default()), "x".repeat(3 * CHUNK + 1));
        peer.write_all(long.as_bytes()).expect("room");
        let mut all = String::new();
        while all.len() < long.len() {
            arrived(&stream).await;
            all += &turn(&mut stream, &count).expect("it goes on");
        }
        assert_eq!(all, long);
    });
}

#[test]
fn nothing_comes_while_an_answer_is_under_way_but_the_end() {
    connected(|mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        known.flow.hold();
        peer.write_all(b"B\r\n\r\n").expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert_eq!(count.woken(), 0);
        known.flow.go_on();
        assert_eq!(count.woken(), 1);
        assert_eq!(turn(&mut stream, &count).as_deref(), Some("B\r\n\r\n"));
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        known.flow.hold();
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        drop(peer);
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count), None);
    });
}

#[test]
fn nothing_comes_from_a_peer_who_takes_nothing() {
    connected(|mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let write = |stream: &mut Stream| {
            Pin::new(stream)
                .poll_write(&mut Context::from_waker(&waker), &[0; 65536])
                .map(|sent| sent.expect("a write"))
        };
        let mut sent = 0;
        while let Poll::Ready(more) = write(&mut stream) {
            sent += more;
        }
        peer.write_all(b"B\r\n\r\n").expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        let reading = std::thread::spawn(move || {
            peer.read_exact(&mut vec![0; sent]).expect("all of it");
            peer
        });
        poll_fn(|context| stream.socket.poll_write_ready(context)).await.expect("room");
        count.woken();
        assert!(write(&mut stream).is_ready());
        assert_eq!(count.woken(), 1);
        assert_eq!(turn(&mut stream, &count).as_deref(), Some("B\r\n\r\n"));
        drop(reading.join());
    });
}

/// Knows what stands under `/kept`, which is this number of bytes, all but the first the same.
pub struct Kept {
    size: usize,
    admission: Admission,
    /// Whether it knows now what is under `/read`.
    has_read: AtomicBool,
    /// How often it was asked.
    asked: Count,
}

impl Kept {
    pub fn of(size: usize) -> Arc<dyn Memory> {
        Self::with(size, Admission::new(1))
    }

    fn with(size: usize, admission: Admission) -> Arc<Self> {
        Arc::new(Self { size, admission, has_read: AtomicBool::new(false), asked: Count::default() })
    }

    fn answer(&self, name: &str) -> Outgoing {
        let (own, shared) = (format!("<{name}>").into(), vec![b'.'; self.size].into());
        Outgoing::new(Message { own, id: 0..0, shared }.into())
    }
}

impl Memory for Kept {
    fn recall(&self, request: &Plain<'_>) -> Recalled {
        self.asked.0.fetch_add(1, Ordering::SeqCst);
        match request.url {
            Some("/read") if self.has_read.load(Ordering::SeqCst) => Recalled::Answer(self.answer("read")),
            Some("/read" | "/missed") => Recalled::Nothing,
            Some(url) => url.strip_prefix("/kept").map_or(Recalled::Unsure, |name| Recalled::Answer(self.answer(name))),
            None => Recalled::Unsure,
        }
    }

    fn admission(&self) -> &Admission {
        &self.admission
    }

    fn refuse(&self, request: &Plain<'_>, _: Option<Instant>) -> Outgoing {
        self.answer(request.url.expect("a URL"))
    }
}

pub const MISSED: &str = "GET /missed HTTP/1.1\r\nHost: a\r\n\r\n";

pub fn seen(peer: &mut Peer) -> String {
    peer.set_read_timeout(Some(Duration::from_secs(10))).expect("that can be set");
    let mut buffer = [0; 8192];
    let count = peer.read(&mut buffer).expect("an answer");
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

#[test]
fn what_is_in_memory_is_answered_in_its_turn() {
    connected_to(Some(Kept::of(2)), |mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        let kept = |number: u8| format!("GET /kept{number} HTTP/1.1\r\nHost: a\r\n\r\n");
        peer.write_all((kept(1) + &kept(2) + MISSED + &kept(3)).as_bytes()).expect("room");
        arrived(&stream).await;
        for number in ["<1>..", "<2>.."] {
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
            assert_eq!((count.woken(), seen(&mut peer).as_str()), (1, number));
        }
        let known = stream.known().clone();
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        known.flow.hold();
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        peer.set_nonblocking(true).expect("that can be set");
        assert!(peer.read(&mut [0; 1]).is_err(), "the third was answered before the second");
        peer.set_nonblocking(false).expect("that can be set");
        known.flow.go_on();
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert_eq!(seen(&mut peer), "<3>..");
    });
}

#[test]
fn what_may_be_part_of_something_is_no_request() {
    let hidden = "GET /kept HTTP/1.1\r\nHost: a\r\n\r\n";
    let others = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.1\r\nCookie: ",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "\r\n",
    ];
    for before in others {
        connected_to(Some(Kept::of(2)), |mut stream, mut peer| async move {
            let count = Arc::new(Count::default());
            peer.write_all(before.as_bytes()).expect("room");
            arrived(&stream).await;
            let mut passed = turn(&mut stream, &count).expect("it goes on");
            peer.write_all(hidden.as_bytes()).expect("room");
            arrived(&stream).await;
            passed += &turn(&mut stream, &count).expect("it goes on");
            passed += &turn(&mut stream, &count).expect("it goes on");
            assert_eq!(passed, format!("{before}{hidden}"));
        });
    }
}

#[test]
fn a_request_is_passed_on_as_there_is_room_for_it() {
    connected_to(Some(Kept::of(2)), |mut stream, mut peer| async move {
        // What stands in it is not taken for another one, and what comes after it is looked at.
        let long = "GET /missed HTTP/1.1\r\nA:    GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(long.find("GET /kept1"), Some(28), "a multiple of the room there is");
        let kept = "GET /kept2 HTTP/1.1\r\nHost: a\r\n\r\n";
        peer.write_all(format!("{long}{kept}").as_bytes()).expect("room");
        arrived(&stream).await;
        let (mut passed, waker) = (Vec::new(), Waker::from(Arc::new(Count::default())));
        for _ in 0..2 * long.len() {
            let mut space = [0; 7];
            let mut buffer = ReadBuf::new(&mut space);
            _ = Pin::new(&mut stream).poll_read(&mut Context::from_waker(&waker), &mut buffer);
            passed.extend_from_slice(buffer.filled());
        }
        assert_eq!((String::from_utf8_lossy(&passed).as_ref(), seen(&mut peer).as_str()), (long, "<2>.."));
    });
}

#[test]
fn nobody_is_answered_from_memory_before_an_earlier_answer_is_taken() {
    connected_to(Some(Kept::of(2)), |mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        let mut sent = 0;
        while let Poll::Ready(more) = Pin::new(&mut stream).poll_write(&mut Context::from_waker(&waker), &[b'-'; 65536])
        {
            sent += more.expect("a write");
        }
        peer.write_all(b"GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        let reading = std::thread::spawn(move || {
            let mut all = vec![0; sent + 1];
            peer.read_exact(&mut all).expect("all of it");
            (all, peer)
        });
        poll_fn(|context| stream.socket.poll_write_ready(context)).await.expect("room");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""), "the answer goes on");
        while Pin::new(&mut stream).poll_write(&mut Context::from_waker(&waker), b"-").is_pending() {
            poll_fn(|context| stream.socket.poll_write_ready(context)).await.expect("room");
        }
        let (all, mut peer) = reading.join().expect("no panic");
        assert!(all.iter().all(|byte| *byte == b'-'));
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert_eq!(seen(&mut peer), "<1>..");
    });
}

#[test]
fn an_answer_is_sent_as_its_peer_takes_it() {
    const SIZE: usize = 32 << 20;
    connected_to(Some(Kept::of(SIZE)), |mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        peer.write_all(format!("GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\n{MISSED}").as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert!(!stream.unsent.is_empty(), "the kernel took all of it");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        let reading = std::thread::spawn(move || {
            let mut all = vec![0; SIZE + 3];
            peer.read_exact(&mut all).expect("all of it");
            assert!(all.starts_with(b"<1>.") && all[3..].iter().all(|byte| *byte == b'.'));
            peer
        });
        while !stream.unsent.is_empty() {
            let waker = Waker::from(count.clone());
            poll_fn(|context| stream.socket.poll_write_ready(context)).await.expect("room");
            let sent = Pin::new(&mut stream).poll_flush(&mut Context::from_waker(&waker));
            assert!(sent.map(|sent| sent.is_ok()) != Poll::Ready(false));
        }
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        drop(reading.join().expect("no panic"));
    });
}
