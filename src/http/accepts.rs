//! Which content coding a client takes.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptEncoding, ContentEncoding, Encoding, Header};

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

/// The coding to use for `req` by its q-values; `None` when it takes none of ours, not even identity.
pub fn negotiate(req: &HttpRequest) -> Option<Coding> {
    let Ok(accept) = AcceptEncoding::parse(req) else { return Some(Coding::Identity) };
    if accept.is_empty() {
        return Some(Coding::Identity);
    }
    let ours = [Encoding::brotli(), Encoding::zstd(), Encoding::gzip(), Encoding::identity()];
    match accept.negotiate(ours.iter())? {
        Encoding::Known(ContentEncoding::Brotli) => Some(Coding::Brotli),
        Encoding::Known(ContentEncoding::Zstd) => Some(Coding::Zstd),
        Encoding::Known(ContentEncoding::Gzip) => Some(Coding::Gzip),
        _ => Some(Coding::Identity),
    }
}
