//! Which content coding a client takes.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptEncoding, Encoding, Header, Preference, Quality};

/// A coding that answers come in, the smallest result first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

impl Coding {
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
///
/// Not by actix's own negotiation: that takes no coding for `*`, and answers `identity;q=0, *` with identity.
pub fn negotiate(req: &HttpRequest) -> Option<Coding> {
    let Ok(accept) = AcceptEncoding::parse(req) else { return Some(Coding::Identity) };
    let quality = |of: Preference<Encoding>| accept.iter().find(|entry| entry.item == of).map(|entry| entry.quality);
    let rated = OURS.iter().map(|(coding, encoding)| {
        let named = quality(Preference::Specific(encoding())).or_else(|| quality(Preference::Any));
        // Identity will always do unless it is ruled out.
        let unnamed = if *coding == Coding::Identity { Quality::MIN } else { Quality::ZERO };
        (*coding, named.unwrap_or(unnamed))
    });
    rated.filter(|(_, quality)| *quality > Quality::ZERO).max_by_key(|(_, quality)| *quality).map(|(coding, _)| coding)
}
