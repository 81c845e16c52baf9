//! A connection's bytes as the server takes them: as many as it can use, and none from a peer who takes none.
//!
//! actix reads whatever comes and parses all of it at once. Each request that waits for its turn takes seven kilobytes then, of
//! which a peer can send one in twenty bytes; and once 128 KB lie unparsed actix asks itself for more in a loop that takes all of
//! the thread. So a peer is read from one request at a time here, and not at all while an answer is under way to it: what
//! it sends meanwhile waits in its own system.
//!
//! A plain request whose answer is in memory is answered here, and the server never sees it. One that finds nothing there waits here for a
//! place, looks again when it is its turn, and is refused here when that takes too long: each of thousands that wait takes some hundred bytes
//! more than its connection does, and not some thousand. What comes next must be known to be a plain request for that: as soon as anything
//! was passed on that is none, such as a body or a part of a head, nothing that follows is looked at any more.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Result};
use std::mem::{MaybeUninit, replace, take};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use actix_web::rt::net::TcpStream;
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Known;
use super::ends::end_of_request;
use crate::http::admission::{Place, Turn};
use crate::http::boundary::noted_from;
use crate::http::message::Outgoing;
use crate::http::plain::{Memory, Plain, Recalled};

/// As much is read at once.
pub(super) const CHUNK: usize = 4096;

/// A connection that is read from with restraint.
pub struct Stream {
    pub(super) socket: TcpStream,
    /// What came with an earlier request and is not passed on yet.
    pub(super) rest: Bytes,
    /// Whether the end of a request was passed on, after which the server looks at what it has.
    passed: bool,
    /// How many bytes of a plain request the server had no room for yet.
    passing: usize,
    /// Whether the peer takes no more bytes for the moment.
    blocked: bool,
    known: Rc<Known>,
    /// Where answers to plain requests may be. There is none once something was passed on that is no plain one.
    memory: Option<Arc<dyn Memory>>,
    /// What the peer has not taken yet of an answer from there.
    pub(super) unsent: Outgoing,
    /// How the request that came first in what is not passed on stands with admission.
    waiting: Waiting,
}

/// How a request stands with admission.
#[derive(Default)]
enum Waiting {
    #[default]
    Not,
    /// It waits for its turn, since then where that will be noted.
    For(Turn, Option<Instant>),
    /// It has waited: for a place, or in vain.
    Done(Option<Place>, Option<Instant>),
}

/// What becomes of a plain request.
enum Met {
    Answered,
    Waits,
    Passes,
}

/// Whether a connection may be read from, as those see it who answer.
#[derive(Default)]
pub struct Flow {
    under_way: Cell<u32>,
    /// Requests under way whose body is read.
    bodies: Cell<u32>,
    /// Whether a request waits for a place.
    waits: Cell<bool>,
    /// Whether the server is to be told once none does.
    stops: Cell<bool>,
    /// Who wanted to read when that was not to be.
    reader: RefCell<Option<Waker>>,
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

    /// Ready once no request waits for a place. The server, which begins nothing when it knows that it stops, is not told of it before:
    /// it has this polled each time before it reads.
    pub async fn nothing_waits(&self) {
        poll_fn(|_| {
            self.stops.set(true);
            if self.waits.get() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
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
    pub fn new(socket: TcpStream, known: Rc<Known>, memory: Option<Arc<dyn Memory>>) -> Self {
        let (rest, unsent) = (Bytes::new(), Outgoing::default());
        let waiting = Waiting::Not;
        Self { socket, rest, passed: false, passing: 0, blocked: false, known, memory, unsent, waiting }
    }

    pub fn known(&self) -> &Rc<Known> {
        &self.known
    }

    /// Finds out whether the peer has gone, and leaves what else it sent where it is.
    fn poll_end(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let mut byte = [MaybeUninit::uninit(); 1];
        if self.rest.is_empty() && ready!(self.socket.poll_peek(context, &mut ReadBuf::uninit(&mut byte)))? == 0 {
            return Poll::Ready(Ok(()));
        }
        *self.known.flow.reader.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }

    /// Takes what comes next off some bytes, and says how many those are: a plain request that is answered here, or what goes into the
    /// buffer; none where a request has to wait.
    fn take_off(&mut self, bytes: &[u8], buffer: &mut ReadBuf<'_>) -> usize {
        let room = buffer.remaining();
        let length = if self.passing > 0 {
            self.pass(Some(self.passing), bytes, room)
        } else if let Some(plain) = self.plain(bytes) {
            match self.meet(&plain) {
                Met::Answered => return plain.length,
                Met::Waits => return 0,
                Met::Passes => {}
            }
            self.passing = plain.length;
            self.pass(Some(plain.length), bytes, room)
        } else {
            self.memory = None;
            let end = if self.known.flow.bodies.get() > 0 { None } else { end_of_request(bytes) };
            self.pass(end, bytes, room)
        };
        self.passing = self.passing.saturating_sub(length);
        buffer.put_slice(&bytes[..length]);
        length
    }

    /// The plain request that some bytes begin with.
    fn plain<'a>(&self, bytes: &'a [u8]) -> Option<Plain<'a>> {
        if self.memory.is_some() && self.known.flow.bodies.get() == 0 { Plain::read(bytes) } else { None }
    }

    /// Whether a request is answered from memory; then the answer is to be sent.
    pub(super) fn answers(&mut self, plain: &Plain<'_>) -> bool {
        let recalled = self.memory.as_ref().map(|memory| memory.recall(plain));
        let Some(Recalled::Answer(answer)) = recalled else { return false };
        self.send(answer);
        true
    }

    fn send(&mut self, answer: Outgoing) {
        self.unsent = answer;
        self.known.touch();
    }

    /// Answers a request, or lets it in when it is its turn.
    fn meet(&mut self, plain: &Plain<'_>) -> Met {
        let (waited, Some(memory)) = (take(&mut self.waiting), self.memory.clone()) else { return Met::Passes };
        match memory.recall(plain) {
            Recalled::Answer(answer) => {
                self.send(answer);
                return Met::Answered;
            }
            Recalled::Unsure => {
                if let Waiting::Done(place, _) = waited {
                    self.known.place.set(place);
                }
                return Met::Passes;
            }
            Recalled::Nothing => {}
        }
        let place = match waited {
            Waiting::Done(Some(place), _) => Some(place),
            Waiting::Done(None, since) => {
                self.send(memory.refuse(plain, since));
                return Met::Answered;
            }
            Waiting::Not | Waiting::For(..) => memory.admission().place_now(),
        };
        if place.is_some() {
            self.known.place.set(place);
            return Met::Passes;
        }
        self.waiting = Waiting::For(memory.admission().turn(), noted_from());
        self.known.flow.waits.set(true);
        self.known.touch();
        Met::Waits
    }

    /// Waits for the turn of the request that came first.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Waiting::For(turn, since) = &mut self.waiting {
            self.waiting = Waiting::Done(ready!(turn.as_mut().poll(context)), *since);
            self.known.flow.waits.set(false);
            if self.known.flow.stops.get() {
                context.waker().wake_by_ref();
            }
        }
        Poll::Ready(())
    }

    /// How many of some bytes to pass on: up to the end of a request, or all of a body.
    fn pass(&mut self, end: Option<usize>, bytes: &[u8], room: usize) -> usize {
        let length = end.unwrap_or(bytes.len()).min(room);
        self.passed = end == Some(length);
        length
    }

    /// Sends what is left of an answer from memory.
    pub(super) fn poll_unsent(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.unsent.is_empty() {
            let socket = Pin::new(&mut self.socket);
            let sent = match self.unsent.parts() {
                [own, []] => socket.poll_write(context, own),
                parts => socket.poll_write_vectored(context, &parts.map(IoSlice::new)),
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
        // What the server took for no request it answers by itself.
        drop(self.known.place());
        self.blocked = sent.is_pending();
        if !self.blocked {
            self.known.flow.wake();
        }
        sent
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_unsent(context))?;
        if this.blocked || this.known.flow.is_held() {
            return this.poll_end(context);
        }
        if replace(&mut this.passed, false) {
            return this.later(context);
        }
        loop {
            ready!(this.poll_turn(context));
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
            if !matches!(this.waiting, Waiting::For(..)) {
                break;
            }
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
pub(super) mod tests;
