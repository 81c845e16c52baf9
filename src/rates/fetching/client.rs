//! The one way out: fetches a source's table over HTTP, and knows nothing of what is in it.
//!
//! It blocks, so that it belongs on a thread of its own. It goes through no proxy, not even through one that the
//! environment names: only `config` reads the environment, and a proxy would resolve the name in place of
//! [`CheckedResolver`].

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::header::{CONTENT_ENCODING, ETAG, HeaderName, IF_NONE_MATCH, LOCATION, RETRY_AFTER};
use ureq::http::{HeaderMap, Response};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::{Position, Url};
use uuid::Uuid;

use super::address::{CheckedResolver, checked, redirected};
use super::error::{Astray, FetchError};
use super::retry_after::retry_after;

const USER_AGENT: &str = concat!("xabar/", env!("CARGO_PKG_VERSION"));
const REDIRECTS: usize = 3;

/// How patient a client is.
#[derive(Debug, Clone)]
pub struct Options {
    /// For one attempt from the name's resolution to the body's last byte, redirects included.
    pub timeout: Duration,
    /// For the name's resolution, and again for the connection with its TLS handshake.
    pub connect: Duration,
    /// How often to ask before giving up; 0 counts as 1.
    pub attempts: u32,
    /// Before the second attempt; doubles before each further one. Up to half of it is left out at random.
    pub pause: Duration,
    /// The most bytes that a body may have.
    pub largest: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(20),
            connect: Duration::from_secs(5),
            attempts: 3,
            pause: Duration::from_secs(1),
            largest: 4 * 1024 * 1024,
        }
    }
}

/// What a source answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It still has what the given entity tag stands for.
    NotModified,
    /// The body as it was sent, and its entity tag for the next time.
    Payload { bytes: Vec<u8>, etag: Option<String> },
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotModified => f.write_str("NotModified"),
            Self::Payload { bytes, etag } => write!(f, "Payload({} bytes, {etag:?})", bytes.len()),
        }
    }
}

/// A client that keeps its connections. Clones share them.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    options: Options,
}

impl Client {
    /// A client without a connection as yet.
    pub fn new(options: Options) -> Self {
        let config = Agent::config_builder()
            .user_agent(USER_AGENT)
            .accept("*/*")
            .accept_encoding("")
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(options.connect))
            .timeout_connect(Some(options.connect))
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), CheckedResolver::default());
        Self { agent, options }
    }

    /// GETs an address, on condition that its entity tag is no longer `etag`. Sleeps between attempts.
    ///
    /// `Ok` means the status 200 and a whole body, or a 304 that was asked for. A failure that may pass is tried again;
    /// [`FetchError::retry_after`] and any other status below 500 are for the caller.
    pub fn get(&self, address: &str, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let url = checked(address)?;
        let mut tried = 1;
        loop {
            match self.attempt(url.clone(), etag) {
                Err(error) if error.may_pass() && tried < self.options.attempts => {
                    thread::sleep(pause(self.options.pause, tried, random()));
                    tried += 1;
                }
                result => return result,
            }
        }
    }

    fn attempt(&self, mut url: Url, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let started = Instant::now();
        for _ in 0..=REDIRECTS {
            let left = self.options.timeout.saturating_sub(started.elapsed());
            let response = self.request(&url, etag, left)?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return self.read(response, etag.is_some());
            }
            url = redirected(&url, text(response.headers(), LOCATION))?;
        }
        Err(FetchError::Redirect(Astray::TooOften))
    }

    fn request(&self, url: &Url, etag: Option<&str>, timeout: Duration) -> Result<Response<Body>, FetchError> {
        let mut request = self.agent.get(&url[..Position::AfterQuery]);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        request.config().timeout_global(Some(timeout)).build().call().map_err(FetchError::before_head)
    }

    fn read(&self, response: Response<Body>, conditional: bool) -> Result<Fetched, FetchError> {
        match response.status().as_u16() {
            200 => {}
            304 if conditional => return Ok(Fetched::NotModified),
            status => return Err(refusal(status, response.headers())),
        }
        // None was accepted; the bytes would be taken for the table.
        if text(response.headers(), CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            return Err(FetchError::Protocol);
        }
        let limit = self.options.largest;
        let etag = text(response.headers(), ETAG).map(str::to_owned);
        let body = response.into_body();
        if body.content_length().is_some_and(|length| length > limit as u64) {
            return Err(FetchError::Oversize { limit });
        }
        let bytes = body.into_with_config().limit(limit as u64).read_to_vec();
        Ok(Fetched::Payload { bytes: bytes.map_err(|error| FetchError::in_body(error, limit))?, etag })
    }
}

/// A 503 without `Retry-After` is a failure like any other; with it, asking again at once would be rude.
fn refusal(status: u16, headers: &HeaderMap) -> FetchError {
    match status {
        429 => FetchError::RateLimited { status, after: retry_after(headers) },
        503 if headers.contains_key(RETRY_AFTER) => FetchError::RateLimited { status, after: retry_after(headers) },
        _ => FetchError::Status(status),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The wait after the `tried`th attempt: between half of the doubled pause and all of it, where `random` says.
fn pause(first: Duration, tried: u32, random: u16) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
    let half = whole / 2;
    half + half / u32::from(u16::MAX) * u32::from(random)
}

/// The last 16 bits of a version 4 UUID are random ones.
fn random() -> u16 {
    let [.., high, low] = Uuid::new_v4().into_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_keeps_its_bounds() {
        let second = Duration::from_secs(1);
        for (tried, whole) in [(1, 1), (2, 2), (3, 4), (6, 32)] {
            let whole = Duration::from_secs(whole);
            assert_eq!(pause(second, tried, 0), whole / 2);
            let longest = pause(second, tried, u16::MAX);
            assert!(longest <= whole && whole - longest < Duration::from_millis(5), "{longest:?}");
        }
        assert_eq!(pause(Duration::ZERO, 3, 9), Duration::ZERO);
        assert!(pause(Duration::MAX, u32::MAX, u16::MAX) > Duration::from_secs(u64::MAX / 3));
    }

    #[test]
    fn random_numbers_differ() {
        let first = random();
        assert!((0..20).any(|_| random() != first));
    }

    #[test]
    fn a_payload_is_not_printed() {
        let payload = Fetched::Payload { bytes: vec![65; 3], etag: None };
        assert_eq!(format!("{payload:?}"), "Payload(3 bytes, None)");
    }
}
