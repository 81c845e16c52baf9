//! Answers in the bytes in which they are sent, where that is not for the server to do.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;

use crate::clock::Timestamp;

/// An answer in the bytes in which it is sent.
#[derive(Debug)]
pub struct Message {
    /// What is its own: the head, and a small body.
    pub own: Vec<u8>,
    /// Where in that the id of the request stands.
    pub id: Range<usize>,
    /// A large body, which it shares with others.
    pub shared: Bytes,
}

impl Message {
    /// Makes it the answer to another request, whose id is as long.
    pub fn name(&mut self, id: &str) {
        self.own[self.id.clone()].copy_from_slice(id.as_bytes());
    }
}

/// An answer on its way, or what is left of it.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// The answer, until all of its own was sent.
    message: Option<Rc<Message>>,
    /// How much of that was sent.
    sent: usize,
    /// The rest of a large body.
    shared: Bytes,
}

impl Outgoing {
    pub fn new(message: Rc<Message>) -> Self {
        let shared = message.shared.clone();
        Self { message: Some(message), sent: 0, shared }
    }

    /// What is to be sent, the first part first.
    pub fn parts(&self) -> [&[u8]; 2] {
        [self.message.as_ref().map_or(&[], |message| &message.own[self.sent..]), &self.shared]
    }

    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.is_empty())
    }

    /// Leaves out its first bytes, which were sent. What was sent whole takes no memory while the connection is idle.
    pub fn advance(&mut self, sent: usize) {
        let left = self.parts()[0].len();
        let own = sent.min(left);
        self.sent += own;
        drop(self.shared.split_to(sent - own));
        if own == left {
            (self.message, self.sent) = (None, 0);
        }
    }
}

/// The end of a line.
const END: &[u8] = b"\r\n";

/// A head, which begins with this.
pub fn begin(status: StatusCode) -> Vec<u8> {
    [b"HTTP/1.1 ", status.as_str().as_bytes(), b" ", status.canonical_reason().unwrap_or_default().as_bytes(), END]
        .concat()
}

/// Adds a field, and says where its value stands.
pub fn push_field(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) -> Range<usize> {
    for part in [name.as_str().as_bytes(), b": ", value, END] {
        head.extend_from_slice(part);
    }
    let end = head.len() - END.len();
    end - value.len()..end
}

/// Adds how many bytes follow the head.
pub fn push_length(head: &mut Vec<u8>, bytes: usize) {
    push_field(head, &header::CONTENT_LENGTH, bytes.to_string().as_bytes());
}

/// Adds the time in HTTP's form, which is written once a second.
pub fn push_date(head: &mut Vec<u8>, now: Timestamp) {
    thread_local! {
        static WRITTEN: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    let second = now.second();
    WRITTEN.with_borrow_mut(|(of, date)| {
        if *of != second {
            (*of, *date) = (second, now.http_date());
        }
        push_field(head, &header::DATE, date.as_bytes());
    });
}

/// Ends a head.
pub fn end(head: &mut Vec<u8>) {
    head.extend_from_slice(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_given_back() {
        let message = Rc::new(Message { own: b"head".to_vec(), id: 0..0, shared: Bytes::from_static(b"body") });
        let mut outgoing = Outgoing::new(message.clone());
        outgoing.advance(3);
        assert_eq!(outgoing.parts(), [&b"d"[..], b"body"]);
        outgoing.advance(2);
        assert_eq!((outgoing.parts(), Rc::strong_count(&message)), ([&b""[..], b"ody"], 1));
        outgoing.advance(3);
        assert!(outgoing.is_empty());
    }
}
