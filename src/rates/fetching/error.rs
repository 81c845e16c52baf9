//! Why a fetch failed: a stable code for programs and logs, and a sentence that anybody may read.
//!
//! No variant carries text from outside. A market address has its key in the query, so that neither `Display` nor
//! `Debug` may ever show a part of an address, and there is no `source` that could.

use std::io;
use std::time::Duration;

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("only https addresses are fetched, and http ones of this machine")]
    Insecure,
    #[error("the host has no public network address")]
    Private,
    #[error("the host's name is not known")]
    Dns,
    #[error("there was no full answer in time")]
    Timeout,
    #[error("the connection failed before an answer came")]
    Connection,
    #[error("no trusted TLS connection could be made")]
    Tls,
    #[error("the answer redirects {0}")]
    Redirect(Astray),
    #[error("the answer has the status {0}")]
    Status(u16),
    #[error("the answer has the status {status} and asks for patience")]
    RateLimited { status: u16, after: Option<Duration> },
    #[error("the answer is longer than {limit} bytes")]
    Oversize { limit: usize },
    #[error("the answer broke off before its end")]
    Truncated,
    #[error("the answer is not HTTP as it was asked for")]
    Protocol,
}

/// What is wrong with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    #[error("to another host, port or scheme")]
    Elsewhere,
    #[error("without saying where")]
    Nowhere,
    #[error("too often")]
    TooOften,
}

impl FetchError {
    /// The name that programs may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Insecure => "insecure",
            Self::Private => "private-address",
            Self::Dns => "dns",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Redirect(_) => "redirect",
            Self::Status(_) => "status",
            Self::RateLimited { .. } => "rate-limited",
            Self::Oversize { .. } => "oversize",
            Self::Truncated => "truncated",
            Self::Protocol => "protocol",
        }
    }

    /// How long the source wants to be left alone, when it said so; at most a day.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } => *after,
            _ => None,
        }
    }

    /// Whether the next attempt may well end otherwise.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Dns | Self::Timeout | Self::Connection | Self::Truncated | Self::Protocol => true,
            Self::Status(status) => *status >= 500,
            Self::Insecure | Self::Private | Self::Tls | Self::Redirect(_) => false,
            Self::RateLimited { .. } | Self::Oversize { .. } => false,
        }
    }

    /// What ended the exchange before its head had come.
    pub(super) fn before_head(error: ureq::Error) -> Self {
        use ureq::Error;
        match error {
            Error::Timeout(_) => Self::Timeout,
            Error::Io(error) => Self::of_transport(&error),
            Error::ConnectionFailed => Self::Connection,
            Error::HostNotFound => Self::Dns,
            Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => Self::Tls,
            // The way in which the resolver hands out an error of this crate.
            Error::Other(error) => error.downcast().map_or(Self::Protocol, |error| *error),
            _ => Self::Protocol,
        }
    }

    /// What ended the exchange within its body, of which at most `limit` bytes are taken.
    pub(super) fn in_body(error: ureq::Error, limit: usize) -> Self {
        match error {
            ureq::Error::BodyExceedsLimit(_) => Self::Oversize { limit },
            error => match Self::before_head(error) {
                Self::Connection => Self::Truncated,
                other => other,
            },
        }
    }

    /// An operator needs the machine's own words, which hold no address, to tell a bad certificate from a bad cable.
    fn of_transport(error: &io::Error) -> Self {
        tracing::debug!(%error, "a connection to a source failed: {error}");
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Timeout,
            // TCP has no such error: it is how rustls refuses a certificate or a record.
            io::ErrorKind::InvalidData => Self::Tls,
            _ => Self::Connection,
        }
    }
}
