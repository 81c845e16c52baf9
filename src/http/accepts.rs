//! Which content coding and which form of an answer a client takes.

use std::cell::RefCell;
use std::collections::VecDeque;

use actix_web::http::header::{
    ACCEPT_ENCODING, Accept, Encoding, Header, HeaderValue, Preference, Quality, QualityItem, from_comma_delimited,
};
use actix_web::{HttpMessage, HttpRequest};

/// A coding that answers come in, the smallest result first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

impl Coding {
    /// How many there are.
    pub const COUNT: usize = 4;

    /// The `Content-Encoding`; `None` for identity.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// Every coding, the one to be preferred last.
const OURS: [(Coding, fn() -> Encoding); 4] = [
    (Coding::Identity, Encoding::identity),
    (Coding::Gzip, Encoding::gzip),
    (Coding::Zstd, Encoding::zstd),
    (Coding::Brotli, Encoding::brotli),
];

/// The coding to use for `req` by its q-values; `None` when it takes none of ours, not even identity.
pub fn negotiate(req: &impl HttpMessage) -> Option<Coding> {
    best(req.headers().get_all(ACCEPT_ENCODING))
}

/// [`negotiate`] for a request with this `Accept-Encoding`.
///
/// Not by actix's own negotiation: that takes no coding for `*`, and answers `identity;q=0, *` with identity.
pub fn best<'a>(lists: impl Iterator<Item = &'a HeaderValue> + 'a) -> Option<Coding> {
    let accept: Vec<QualityItem<Preference<Encoding>>> = from_comma_delimited(lists).unwrap_or_default();
    if accept.is_empty() {
        return Some(Coding::Identity);
    }
    let quality = |of: Preference<Encoding>| accept.iter().find(|entry| entry.item == of).map(|entry| entry.quality);
    let rated = OURS.iter().map(|(coding, encoding)| {
        let named = quality(Preference::Specific(encoding())).or_else(|| quality(Preference::Any));
        // Identity will always do unless it is ruled out.
        let unnamed = if *coding == Coding::Identity { Quality::MIN } else { Quality::ZERO };
        (*coding, named.unwrap_or(unnamed))
    });
    rated.filter(|(_, quality)| *quality > Quality::ZERO).max_by_key(|(_, quality)| *quality).map(|(coding, _)| coding)
}

/// [`best`] of one list, looked up where it was asked for lately: clients send one of a few.
pub fn best_of(list: &[u8]) -> Option<Coding> {
    const MOST: usize = 16;
    const LONGEST: usize = 128;
    type Known = (Box<[u8]>, Option<Coding>);
    thread_local! {
        static LATELY: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
    }
    LATELY.with_borrow_mut(|lately| {
        if let Some((_, coding)) = lately.iter().find(|(of, _)| **of == *list) {
            return *coding;
        }
        let coding = best([HeaderValue::from_bytes(list).ok()?].iter());
        if list.len() <= LONGEST {
            lately.truncate(MOST - 1);
            lately.push_front((list.into(), coding));
        }
        coding
    })
}

/// Which of `forms`, each with its media type, `Accept` likes best; the first of equals, and without `Accept` the first.
/// `None` when it takes none of them.
pub fn preferred<F: Copy>(req: &HttpRequest, forms: &[(F, &str, &str)]) -> Option<F> {
    let ranges = Accept::parse(req).map(|accept| accept.0).unwrap_or_default();
    let quality = |kind: &str, subtype: &str| {
        let named = ranges.iter().map(|range| (range.item.type_(), range.item.subtype(), range.quality));
        let fitting = named.filter(|(of, sub, _)| (*of == "*" || *of == kind) && (*sub == "*" || *sub == subtype));
        // The range that says most about a form decides.
        let said = fitting.max_by_key(|(of, sub, _)| (*of != "*", *sub != "*"));
        said.map_or(if ranges.is_empty() { Quality::MAX } else { Quality::ZERO }, |(.., quality)| quality)
    };
    let rated = forms.iter().rev().map(|(form, kind, subtype)| (*form, quality(kind, subtype)));
    rated.filter(|(_, quality)| *quality > Quality::ZERO).max_by_key(|(_, quality)| *quality).map(|(form, _)| form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_is_answered_alike() {
        let lists: Vec<String> = (0..40).map(|number| format!("a{number}, gzip;q=0.{}", number % 10)).collect();
        let others = ["br", "", "*;q=0", "identity;q=0, *", "gzip, deflate, br, zstd", "zstd;q=1, br;q=0.5"];
        let lists: Vec<&str> = lists.iter().map(String::as_str).chain(others).collect();
        for list in lists.iter().chain(&lists).chain(lists.iter().rev()) {
            let value = HeaderValue::from_str(list).expect("a value");
            assert_eq!(best_of(list.as_bytes()), best([value].iter()), "{list}");
        }
        assert_eq!(best_of(b"br\0"), None);
    }
}
