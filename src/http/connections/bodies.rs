//! What comes of a request's body, and until when its answer goes on.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::{HttpMessage, Request};
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, Response};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream as _;

use super::Busy;

/// Whether all of a body has come; shared by cloning.
#[derive(Debug, Clone, Default)]
pub struct Arrived(Rc<Cell<bool>>);

impl Arrived {
    pub(super) fn is_whole(&self) -> bool {
        self.0.get()
    }
}

/// Watches whether all of a request's body comes, where that has a length; `None` for any other. What is left of a body in chunks the
/// server reads after the answer, and keeps the connection.
pub fn watch_body(req: &mut Request) -> Option<Arrived> {
    if matches!(req.payload(), Payload::None) || req.chunked().unwrap_or(false) {
        return None;
    }
    let arrived = Arrived::default();
    let payload = Watched { payload: req.take_payload(), arrived: arrived.clone() };
    *req.payload() = Payload::Stream { payload: Box::pin(payload) };
    Some(arrived)
}

struct Watched {
    payload: Payload,
    arrived: Arrived,
}

impl futures_util::Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.payload).poll_next(context);
        if matches!(next, Poll::Ready(None)) {
            self.arrived.0.set(true);
        }
        next
    }
}

impl Drop for Watched {
    /// What was refused unread may have come for all that.
    fn drop(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while matches!(Pin::new(&mut *self).poll_next(&mut context), Poll::Ready(Some(Ok(_)))) {}
    }
}

/// Keeps the connection busy for as long as a response goes on: until a stream has ended, or at once for what is whole.
pub fn until_sent(response: Response<BoxBody>, busy: Option<Busy>) -> Response<BoxBody> {
    match busy {
        Some(busy) if response.body().size() == BodySize::Stream => {
            response.map_body(|_, body| BoxBody::new(GoingOn { body, _busy: busy }))
        }
        _ => response,
    }
}

/// A body that goes on, and the request that it is the answer to.
struct GoingOn {
    body: BoxBody,
    _busy: Busy,
}

impl MessageBody for GoingOn {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
