//! Connections with a peer at the other end, and a memory of their own.

use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::TcpListener;
pub use std::net::TcpStream as Peer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use actix_web::App;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::*;
use crate::http::admission::Admission;
use crate::http::connections::Connections;
use crate::http::kept::in_front;
use crate::http::message::Message;
use crate::http::server::serve;

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

const READ: &str = "GET /read HTTP/1.1\r\nHost: a\r\n\r\n";

/// All the places there are.
fn taken(admission: &Admission) -> Vec<Place> {
    std::iter::from_fn(|| admission.place_now()).collect()
}

/// What is read when it is the turn of who waits.
async fn in_turn(stream: &mut Stream) -> String {
    let mut space = [0; 8192];
    let mut buffer = ReadBuf::new(&mut space);
    poll_fn(|context| match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
        // It was answered.
        Poll::Pending if matches!(stream.waiting, Waiting::Not) => Poll::Ready(Ok(())),
        polled => polled,
    })
    .await
    .expect("a read");
    String::from_utf8_lossy(buffer.filled()).into_owned()
}

#[test]
fn what_has_to_be_read_waits_for_a_place_and_takes_it_along() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        let mut places = taken(&kept.admission);
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        for _ in 0..2 {
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        }
        assert_eq!(count.woken(), 0, "it waits");
        places.pop();
        assert_eq!(count.woken(), 1);
        assert!(kept.admission.place_now().is_none(), "it is this one's");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        drop(known.place().expect("its place"));
        let place = kept.admission.place_now();
        assert!(place.is_some() && kept.admission.place_now().is_none(), "one was given back");
        // Where there is one, nobody waits.
        drop(place);
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        assert!(known.place().is_some());
    });
}

#[test]
fn who_has_waited_in_vain_is_refused_and_what_follows_is_looked_at() {
    let kept = Kept::with(0, Admission::new(0));
    connected_to(Some(kept), |mut stream, mut peer| async move {
        peer.write_all([READ, MISSED, "GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /"].concat().as_bytes())
            .expect("room");
        arrived(&stream).await;
        for answer in ["</read>", "</missed>", "<1>"] {
            assert_eq!(in_turn(&mut stream).await, "");
            assert_eq!(seen(&mut peer), answer);
        }
        assert_eq!(in_turn(&mut stream).await, "POST /");
    });
}

#[test]
fn what_was_read_meanwhile_is_answered_from_memory() {
    for places in [0, 1] {
        let kept = Kept::with(0, Admission::new(places));
        connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
            let others = taken(&kept.admission);
            let all = others.len();
            peer.write_all(READ.as_bytes()).expect("room");
            arrived(&stream).await;
            assert_eq!(turn(&mut stream, &Arc::default()).as_deref(), Some(""));
            kept.has_read.store(true, Ordering::SeqCst);
            drop(others);
            assert_eq!(in_turn(&mut stream).await, "");
            assert_eq!(seen(&mut peer), "<read>");
            assert_eq!(taken(&kept.admission).len(), all, "it needed none");
        });
    }
}

#[test]
fn the_place_of_what_the_server_makes_no_request_of_is_given_back() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        let others = taken(&kept.admission);
        let waker = Waker::from(count);
        assert!(Pin::new(&mut stream).poll_write(&mut Context::from_waker(&waker), b"400").is_ready());
        assert_eq!(taken(&kept.admission).len(), 1);
        assert!(stream.known().place().is_none());
        drop(others);
    });
}

#[test]
fn the_server_stops_after_what_waits() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        let waker = Waker::from(count.clone());
        let mut stops = Box::pin(known.nothing_waits());
        let mut polled = || stops.as_mut().poll(&mut Context::from_waker(&waker));
        let others = taken(&kept.admission);
        peer.write_all(READ.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert!(polled().is_pending());
        kept.has_read.store(true, Ordering::SeqCst);
        drop(others);
        assert_eq!(count.woken(), 1, "by the place");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert_eq!(seen(&mut peer), "<read>");
        assert_eq!(count.woken(), 1, "to be told that nothing waits");
        assert!(polled().is_ready());
    });
}

/// What is sent to who waits when the server stops and `meanwhile` happens.
fn answered_at_a_stop(kept: Arc<Kept>, request: &str, meanwhile: impl FnOnce()) -> String {
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (connections, memory) = (Connections::new(None, Vec::new()), kept.clone());
        let server = serve(listener, 1, connections, Some(memory), || in_front(None, App::new())).expect("a server");
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        let mut peer = TcpStream::connect(address).await.expect("a connection");
        peer.write_all(request.as_bytes()).await.expect("room");
        // Once before the server has the connection, and once when it reads.
        while kept.asked.0.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let stopping = actix_web::rt::spawn(handle.stop(true));
        tokio::time::sleep(Duration::from_millis(20)).await;
        meanwhile();
        let mut all = String::new();
        let ended = timeout(Duration::from_secs(5), peer.read_to_string(&mut all)).await;
        ended.expect("an end, before the server is forced to stop").expect("no reset");
        stopping.await.expect("no panic");
        serving.await.expect("no panic").expect("it served");
        all
    })
}

#[test]
fn who_waits_when_the_server_stops_is_answered() {
    let kept = Kept::with(0, Admission::new(0));
    assert_eq!(answered_at_a_stop(kept, READ, || ()), "</read>");
    let kept = Kept::with(0, Admission::new(1));
    let others = taken(&kept.admission);
    let answer = answered_at_a_stop(kept, MISSED, move || drop(others));
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
}
