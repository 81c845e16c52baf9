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

/// Whose turn it is.
enum Next {
    Server,
    /// Other connections; there is more to answer on this one.
    Others,
}

impl Stream {
    /// Answers what comes first from memory, until something comes that is for the server: nothing of that is taken off. Once the
    /// server `stops` it does so with what has come already, and waits for nothing more.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn first(mut self, stops: impl Future<Output = ()>) -> Result<Self> {
        let (mut stops, mut stopped, mut looked) = (pin!(stops), false, 0);
        poll_fn(|context| {
            stopped = stopped || stops.as_mut().poll(context).is_ready();
            match self.poll_first(context, &mut looked) {
                Poll::Ready(Ok(Next::Server)) => Poll::Ready(Ok(())),
                Poll::Ready(Ok(Next::Others)) => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending if stopped && self.unsent.is_empty() => {
                    let ended = Pin::new(&mut self.socket).poll_shutdown(context);
                    ended.map(|ended| ended.and(Err(ErrorKind::ConnectionAborted.into())))
                }
                Poll::Pending => Poll::Pending,
            }
        })
        .await?;
        Ok(self)
    }

    /// `looked` is how many bytes of what came are known to be part of a head.
    fn poll_first(&mut self, context: &mut Context<'_>, looked: &mut usize) -> Poll<Result<Next>> {
        loop {
            if !self.unsent.is_empty() {
                ready!(self.poll_unsent(context))?;
                if !self.rest.is_empty() {
                    return Poll::Ready(Ok(Next::Others));
                }
            }
            if self.rest.len() > *looked {
                let rest = self.rest.clone();
                match self.step(&rest) {
                    Step::Answered(length) => {
                        (self.rest, *looked) = (rest.slice(length..), 0);
                        continue;
                    }
                    Step::Wait => *looked = rest.len(),
                    Step::Pass => return Poll::Ready(Ok(Next::Server)),
                }
            }
            let mut space = [MaybeUninit::uninit(); CHUNK];
            let mut chunk = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut chunk))?;
            let come = chunk.filled();
            if come.is_empty() {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            if !self.rest.is_empty() {
                self.rest = [&self.rest, come].concat().into();
                continue;
            }
            match self.step(come) {
                Step::Answered(length) => self.rest = Bytes::copy_from_slice(&come[length..]),
                Step::Wait => (self.rest, *looked) = (Bytes::copy_from_slice(come), come.len()),
                Step::Pass => {
                    self.rest = Bytes::copy_from_slice(come);
                    return Poll::Ready(Ok(Next::Server));
                }
            }
        }
    }

    fn step(&mut self, bytes: &[u8]) -> Step {
        match Begun::read(bytes) {
            Begun::Partial if bytes.len() < CHUNK => Step::Wait,
            Begun::Plain(plain) if self.answers(&plain) => Step::Answered(plain.length),
            Begun::Plain(_) | Begun::Partial | Begun::Other => Step::Pass,
        }
    }
}

#[cfg(test)]
mod tests;
