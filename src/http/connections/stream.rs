//! A connection's bytes as the server takes them: as many as it can use, and none from a peer who takes none.
//!
//! actix reads whatever comes and parses all of it at once. Each request that waits for its turn takes seven kilobytes then, of
//! which a peer can send one in twenty bytes; and once 128 KB lie unparsed actix asks itself for more in a loop that takes all of
//! the thread. So a peer is read from one request at a time here, and not at all while an answer is under way to it: what
//! it sends meanwhile waits in its own system.
//!
//! A plain request whose answer is in memory is answered here, and the server never sees it. What comes next must be known to be a
//! request for that: as soon as anything was passed on that is no plain one, such as a body or a part of a head, nothing
//! that follows is looked at any more.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{ErrorKind, IoSlice, Result};
use std::mem::{MaybeUninit, replace, take};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use actix_web::rt::net::TcpStream;
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Connection;
use crate::http::plain::{Memory, Outgoing, Plain};

/// As much is read at once.
const CHUNK: usize = 4096;

/// A connection that is read from with restraint.
pub struct Stream {
    socket: TcpStream,
    /// What came with an earlier request and is not passed on yet.
    rest: Bytes,
    /// Whether the end of a request was passed on, after which the server looks at what it has.
    passed: bool,
    /// How many bytes of a plain request the server had no room for yet.
    passing: usize,
    /// Whether the peer takes no more bytes for the moment.
    blocked: bool,
    flow: Rc<Flow>,
    /// Where answers to plain requests may be. There is none once something was passed on that is no plain one.
    memory: Option<Arc<dyn Memory>>,
    /// What the peer has not taken yet of an answer from there.
    unsent: Outgoing,
}

/// Whether a connection may be read from, as those see it who answer.
#[derive(Default)]
pub struct Flow {
    under_way: Cell<u32>,
    /// Requests under way whose body is read.
    bodies: Cell<u32>,
    /// Who wanted to read when that was not to be.
    reader: RefCell<Option<Waker>>,
    pub(super) connection: OnceCell<Arc<Connection>>,
}

impl Flow {
    /// Nothing is to be read until [`Flow::go_on`].
    pub fn hold(&self) {
        self.under_way.set(self.under_way.get() + 1);
    }

    pub fn go_on(&self) {
        self.under_way.set(self.under_way.get() - 1);
        self.wake();
    }

    /// What comes is a body until [`Flow::body_ended`].
    pub fn body_begins(&self) {
        self.bodies.set(self.bodies.get() + 1);
    }

    pub fn body_ended(&self) {
        self.bodies.set(self.bodies.get() - 1);
    }

    /// A request has come and was answered at once.
    pub fn touch(&self) {
        if let Some(connection) = self.connection.get() {
            connection.touch();
        }
    }

    fn is_held(&self) -> bool {
        self.under_way.get() > 0
    }

    fn wake(&self) {
        if !self.is_held()
            && let Some(reader) = take(&mut *self.reader.borrow_mut())
        {
            reader.wake();
        }
    }
}

impl Stream {
    pub fn new(socket: TcpStream, memory: Option<Arc<dyn Memory>>) -> Self {
        let (rest, flow, unsent) = (Bytes::new(), Rc::default(), Outgoing::default());
        Self { socket, rest, passed: false, passing: 0, blocked: false, flow, memory, unsent }
    }

    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub fn flow(&self) -> Rc<Flow> {
        self.flow.clone()
    }

    /// Finds out whether the peer has gone, and leaves what else it sent where it is.
    fn poll_end(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let mut byte = [MaybeUninit::uninit(); 1];
        if self.rest.is_empty() && ready!(self.socket.poll_peek(context, &mut ReadBuf::uninit(&mut byte)))? == 0 {
            return Poll::Ready(Ok(()));
        }
        *self.flow.reader.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }

    /// Takes what comes next off some bytes, and says how many those are: a plain request that is answered from memory, or what goes
    /// into the buffer.
    fn take_off(&mut self, bytes: &[u8], buffer: &mut ReadBuf<'_>) -> usize {
        let room = buffer.remaining();
        let length = if self.passing > 0 {
            self.pass(Some(self.passing), bytes, room)
        } else if let Some(plain) = self.plain(bytes) {
            let answer = self.memory.as_ref().and_then(|memory| memory.recall(&plain));
            if let Some(answer) = answer {
                self.unsent = answer;
                self.flow.touch();
                return plain.length;
            }
            self.passing = plain.length;
            self.pass(Some(plain.length), bytes, room)
        } else {
            self.memory = None;
            let end = if self.flow.bodies.get() > 0 { None } else { end_of_request(bytes) };
            self.pass(end, bytes, room)
        };
        self.passing = self.passing.saturating_sub(length);
        buffer.put_slice(&bytes[..length]);
        length
    }

    /// The plain request that some bytes begin with.
    fn plain<'a>(&self, bytes: &'a [u8]) -> Option<Plain<'a>> {
        if self.memory.is_some() && self.flow.bodies.get() == 0 { Plain::read(bytes) } else { None }
    }

    /// How many of some bytes to pass on: up to the end of a request, or all of a body.
    fn pass(&mut self, end: Option<usize>, bytes: &[u8], room: usize) -> usize {
        let length = end.unwrap_or(bytes.len()).min(room);
        self.passed = end == Some(length);
        length
    }

    /// Sends what is left of an answer from memory.
    fn poll_unsent(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.unsent.is_empty() {
            let Outgoing { head, body } = &self.unsent;
            let socket = Pin::new(&mut self.socket);
            let sent = match body.is_empty() {
                true => socket.poll_write(context, head),
                false => socket.poll_write_vectored(context, &[IoSlice::new(head), IoSlice::new(body)]),
            };
            match ready!(sent)? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                sent => self.unsent.advance(sent),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Comes back when there is more.
    fn later(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.rest.is_empty() || self.socket.poll_read_ready(context).is_ready() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn sent(&mut self, sent: Poll<Result<usize>>) -> Poll<Result<usize>> {
        self.blocked = sent.is_pending();
        if !self.blocked {
            self.flow.wake();
        }
        sent
    }
}

/// Where the first request ends whose head is there: with as much of its body as came along, so that the server knows when it has
/// all of a short one, whether it looks at it or not.
fn end_of_request(bytes: &[u8]) -> Option<usize> {
    let end = end_of_head(bytes)?;
    let fields = bytes[..end].split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    });
    let mut body = 0;
    for (name, value) in fields {
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Some(end + end_of_chunks(&bytes[end..]).unwrap_or(bytes.len() - end));
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            body = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0_usize);
        }
    }
    Some(end.saturating_add(body).min(bytes.len()))
}

/// Where a body in chunks ends, with its trailers; `None` when it is not all there.
fn end_of_chunks(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = at + memchr::memchr(b'\n', bytes.get(at..)?)?;
        let size = std::str::from_utf8(&bytes[at..line]).ok()?.split(';').next()?.trim();
        match usize::from_str_radix(size, 16).ok()? {
            0 => return Some(at + end_of_head(&bytes[at..])?),
            size => at = line.checked_add(1)?.checked_add(size)?.checked_add(2)?,
        }
    }
}

/// Where the first empty line after something ends, be it with or without carriage returns.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let before = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let bytes = &bytes[before..];
    memchr::memchr_iter(b'\n', bytes).find_map(|newline| match &bytes[newline + 1..] {
        [b'\n', ..] => Some(before + newline + 2),
        [b'\r', b'\n', ..] => Some(before + newline + 3),
        _ => None,
    })
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        if this.blocked || this.flow.is_held() {
            return this.poll_end(context);
        }
        if replace(&mut this.passed, false) {
            return this.later(context);
        }
        if !this.rest.is_empty() {
            let mut rest = take(&mut this.rest);
            let length = this.take_off(&rest, buffer);
            this.rest = rest.split_off(length);
        } else {
            let mut space = [MaybeUninit::uninit(); CHUNK];
            let mut chunk = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut this.socket).poll_read(context, &mut chunk))?;
            let length = this.take_off(chunk.filled(), buffer);
            this.rest = Bytes::copy_from_slice(&chunk.filled()[length..]);
        }
        if this.unsent.is_empty() {
            return Poll::Ready(Ok(()));
        }
        ready!(this.poll_unsent(context))?;
        this.later(context)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        let sent = Pin::new(&mut this.socket).poll_write(context, bytes);
        this.sent(sent)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        let sent = Pin::new(&mut this.socket).poll_write_vectored(context, bytes);
        this.sent(sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        Pin::new(&mut this.socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        Pin::new(&mut this.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream as Peer};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[test]
    fn a_head_ends_with_the_first_empty_line() {
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), Some(27));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\n\nGET"), Some(16));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\n\r\n"), Some(17));
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r"), None);
        assert_eq!(end_of_head(b""), None);
        assert_eq!(end_of_head(b"\r\n\n\nGET /\n\nGET"), Some(11), "what some send after a body");
        assert_eq!(end_of_head(b"\n\n\r\n\r\n"), None);
    }

    #[test]
    fn a_request_ends_with_its_body() {
        let get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET";
        assert_eq!(end_of_request(get), Some(27));
        let post = b"POST / HTTP/1.1\ncontent-LENGTH: 2 \n\n{}GET /";
        assert_eq!(end_of_request(post), Some(post.len() - 5));
        let more = b"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n{}";
        assert_eq!(end_of_request(more), Some(more.len()));
        let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\n\n\r\n0\r\n\r\n";
        assert_eq!(end_of_request(chunked), Some(chunked.len()));
        let more = [&chunked[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(end_of_request(&more), Some(chunked.len()), "what follows is another request");
        let trailed = b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0;x=y\r\nA: b\r\n\r\nGET /";
        assert_eq!(end_of_request(trailed), Some(trailed.len() - 5));
        let overlong = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx\r\n\r\n";
        assert_eq!(end_of_request(overlong), Some(overlong.len()));
        let huge = b"POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nx";
        assert_eq!(end_of_request(huge), Some(huge.len()));
        assert_eq!(end_of_request(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n"), None);
    }

    /// A connection and the other side of it.
    fn connected<F: Future<Output = ()>>(test: impl FnOnce(Stream, Peer) -> F) {
        connected_to(None, test);
    }

    fn connected_to<F: Future<Output = ()>>(memory: Option<Arc<dyn Memory>>, test: impl FnOnce(Stream, Peer) -> F) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let peer = Peer::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (socket, _) = listener.accept().expect("a connection");
        socket.set_nonblocking(true).expect("that can be set");
        actix_web::rt::System::new().block_on(async {
            test(Stream::new(TcpStream::from_std(socket).expect("a socket"), memory), peer).await;
        });
    }

    #[derive(Default)]
    struct Count(AtomicUsize);

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
    fn turn(stream: &mut Stream, count: &Arc<Count>) -> Option<String> {
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
            let (count, flow) = (Arc::new(Count::default()), stream.flow());
            peer.write_all(b"A\r\n\r\nx\n\nx\r\n\r\nx").expect("room");
            arrived(&stream).await;
            assert_eq!(turn(&mut stream, &count).as_deref(), Some("A\r\n\r\n"));
            flow.body_begins();
            let mut body = turn(&mut stream, &count).expect("it goes on");
            body += &turn(&mut stream, &count).expect("it goes on");
            assert_eq!(body, "x\n\nx\r\n\r\nx");
            flow.body_ended();
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
            let (count, flow) = (Arc::new(Count::default()), stream.flow());
            flow.hold();
            peer.write_all(b"B\r\n\r\n").expect("room");
            arrived(&stream).await;
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
            assert_eq!(count.woken(), 0);
            flow.go_on();
            assert_eq!(count.woken(), 1);
            assert_eq!(turn(&mut stream, &count).as_deref(), Some("B\r\n\r\n"));
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
            flow.hold();
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
    struct Known(usize);

    impl Memory for Known {
        fn recall(&self, request: &Plain<'_>) -> Option<Outgoing> {
            let name = request.url?.strip_prefix("/kept")?;
            let head = Bytes::from(format!("<{name}>"));
            Some(Outgoing { head, body: vec![b'.'; self.0].into() })
        }
    }

    const MISSED: &str = "GET /missed HTTP/1.1\r\nHost: a\r\n\r\n";

    fn seen(peer: &mut Peer) -> String {
        let mut buffer = [0; 8192];
        let count = peer.read(&mut buffer).expect("an answer");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    }

    #[test]
    fn what_is_in_memory_is_answered_in_its_turn() {
        connected_to(Some(Arc::new(Known(2))), |mut stream, mut peer| async move {
            let count = Arc::new(Count::default());
            let kept = |number: u8| format!("GET /kept{number} HTTP/1.1\r\nHost: a\r\n\r\n");
            peer.write_all((kept(1) + &kept(2) + MISSED + &kept(3)).as_bytes()).expect("room");
            arrived(&stream).await;
            for number in ["<1>..", "<2>.."] {
                assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
                assert_eq!((count.woken(), seen(&mut peer).as_str()), (1, number));
            }
            let flow = stream.flow();
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
            flow.hold();
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
            peer.set_nonblocking(true).expect("that can be set");
            assert!(peer.read(&mut [0; 1]).is_err(), "the third was answered before the second");
            peer.set_nonblocking(false).expect("that can be set");
            flow.go_on();
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
            connected_to(Some(Arc::new(Known(2))), |mut stream, mut peer| async move {
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
        connected_to(Some(Arc::new(Known(2))), |mut stream, mut peer| async move {
            // What stands in it is not taken for another one, and what comes after it is looked at.
            let long = "GET /missed HTTP/1.1\r\nHost: a\r\nA: GET /kept1 HTTP/1.1\r\nB: c\r\n\r\n";
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
        connected_to(Some(Arc::new(Known(2))), |mut stream, mut peer| async move {
            let count = Arc::new(Count::default());
            let waker = Waker::from(count.clone());
            peer.write_all(MISSED.as_bytes()).expect("room");
            arrived(&stream).await;
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
            let mut sent = 0;
            while let Poll::Ready(more) =
                Pin::new(&mut stream).poll_write(&mut Context::from_waker(&waker), &[b'-'; 65536])
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
        connected_to(Some(Arc::new(Known(SIZE))), |mut stream, mut peer| async move {
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
}
