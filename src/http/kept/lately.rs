//! What a thread has sent lately, in the bytes in which it was sent: an answer that is sent again in the same second differs from it in
//! the request's id alone. To write the id into its place costs less than to copy a page.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use foldhash::fast::FixedState;

use super::Kept;
use crate::http::accepts::Coding;
use crate::http::freshness::Freshness;
use crate::http::message::Message;

/// How many answers a thread remembers, each with a body of up to 16 KB: of a larger one no copy is made that could be saved. Two that
/// share a place take it from each other.
const PLACES: usize = 64;

thread_local! {
    static LATELY: RefCell<[Option<Sent>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

struct Sent {
    /// Which answer it is. The weak reference keeps its address from being another one's.
    kept: Weak<Kept>,
    form: Form,
    message: Rc<Message>,
}

/// What decides the bytes of an answer beside the answer itself and the request's id. Two of the same form are of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    coding: Coding,
    /// Whether it is a 304.
    same: bool,
    /// In which second it is sent.
    second: i64,
    /// For how many seconds it stays true.
    left: i64,
    id_length: usize,
}

impl Form {
    pub fn new(coding: Coding, same: bool, late: Freshness, id: &str) -> Self {
        Self { coding, same, second: late.now.second(), left: late.left(), id_length: id.len() }
    }
}

/// The bytes of an answer with this id: those that were sent lately, else those that `make` makes.
pub(super) fn message(kept: &Arc<Kept>, form: Form, id: &str, make: impl FnOnce() -> Message) -> Rc<Message> {
    let address = Arc::as_ptr(kept);
    let place = FixedState::default().hash_one((address, form.coding as u8, form.same)) as usize % PLACES;
    LATELY.with_borrow_mut(|lately| {
        if let Some(Sent { kept, form: of, message }) = &mut lately[place]
            && kept.as_ptr() == address
            && *of == form
            // A peer who has not taken all of the last one still needs it as it is.
            && let Some(last) = Rc::get_mut(message)
        {
            last.name(id);
            return message.clone();
        }
        let message = Rc::new(make());
        if message.shared.is_empty() {
            lately[place] = Some(Sent { kept: Arc::downgrade(kept), form, message: message.clone() });
        }
        message
    })
}
