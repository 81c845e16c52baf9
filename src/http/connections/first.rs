//! A connection before the server has it.
//!
//! As long as all that comes is plain requests for what is in memory, the server is not needed. What it keeps for a connection, two
//! buffers of 8 KB above all, is not made before; so who stalls in a head, or takes no answer, costs little more than the socket.

use std::future::{Future, poll_fn};
use std::io::{ErrorKind, Result};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::{CHUNK, Stream};
use crate::http::plain::Begun;

/// What is done about what came.
enum Step {
    /// A request of so many bytes is answered.
    Answered(usize),
    /// It is a head, so far.
    Wait,
    /// The server takes it.
    Pass,
}

impl Stream {
    /// Answers what comes first from memory, until something comes that is for the server: nothing of that is taken off. Once the
    /// server `stops` that is any request, so that its answer says that the connection ends.
    ///
    /// # Errors
    /// When the connection has ended. It is ended here when the server stops and nothing comes after what was answered.
    pub async fn first(mut self, stops: impl Future<Output = ()>) -> Result<Self> {
        let (mut stops, mut answered) = (pin!(stops), false);
        let mut stopped = false;
        poll_fn(|context| {
            if !stopped && stops.as_mut().poll(context).is_ready() {
                stopped = true;
                self.memory = None;
            }
            let polled = self.poll_first(context, &mut answered);
            if polled.is_pending() && stopped && answered && self.unsent.is_empty() && self.rest.is_empty() {
                return Pin::new(&mut self.socket)
                    .poll_shutdown(context)
                    .map(|_| Err(ErrorKind::ConnectionAborted.into()));
            }
            polled
        })
        .await?;
        Ok(self)
    }

    fn poll_first(&mut self, context: &mut Context<'_>, answered: &mut bool) -> Poll<Result<()>> {
        loop {
            if !self.unsent.is_empty() {
                ready!(self.poll_unsent(context))?;
                if !self.rest.is_empty() {
                    // Others have their turn.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
            let rest = self.rest.clone();
            match self.step(&rest) {
                Step::Answered(length) => {
                    *answered = true;
                    self.rest = rest.slice(length..);
                    continue;
                }
                Step::Pass => return Poll::Ready(Ok(())),
                Step::Wait => {}
            }
            let mut space = [MaybeUninit::uninit(); CHUNK];
            let mut chunk = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut chunk))?;
            let come = chunk.filled();
            if come.is_empty() {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            if rest.is_empty()
                && let Step::Answered(length) = self.step(come)
            {
                *answered = true;
                self.rest = Bytes::copy_from_slice(&come[length..]);
            } else {
                self.rest = [&rest, come].concat().into();
            }
        }
    }

    fn step(&mut self, bytes: &[u8]) -> Step {
        match Begun::read(bytes) {
            _ if bytes.is_empty() => Step::Wait,
            Begun::Partial if bytes.len() < CHUNK => Step::Wait,
            Begun::Plain(plain) => match self.memory.as_ref().and_then(|memory| memory.recall(&plain)) {
                Some(answer) => {
                    self.unsent = answer;
                    self.known().touch();
                    Step::Answered(plain.length)
                }
                None => Step::Pass,
            },
            Begun::Partial | Begun::Other => Step::Pass,
        }
    }
}

#[cfg(test)]
mod tests;
