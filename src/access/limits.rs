//! How often one may call: anonymous callers and failed keys by address, valid keys by key. Nothing that a caller writes
//! into a request decides whom it counts against.
//!
//! A limit is a bucket that refills evenly (GCRA), in this process's memory and by the monotonic clock. What probes and
//! operators ask is not counted, nor what no route takes, which costs nothing. Answers carry `RateLimit-Policy` and
//! `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use super::caller::Key;
use crate::config::{AccessConfig, Rate};
use crate::http::network::network;
use crate::http::{Code, Problem};

/// Callers that are counted one by one. Past them all share [`SHARED`] counters, until some have been idle for long enough
/// to be forgotten: memory has a bound, and a flood from everywhere is slowed down.
const MOST: usize = 200_000;
/// Counters for everyone while there are too many callers.
const SHARED: u64 = 4_096;

type Buckets<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The limits that are set. Clones share their counts.
#[derive(Clone)]
pub struct Limits {
    addresses: Option<Arc<Limit<IpAddr>>>,
    keys: Option<Arc<Limit<i64>>>,
    trusted: Arc<[IpNet]>,
}

/// One limit.
struct Limit<K: Hash + Eq + Clone> {
    policy: String,
    name: &'static str,
    rate: Rate,
    clock: DefaultClock,
    each: Buckets<K>,
    shared: Buckets<u64>,
    full: AtomicBool,
    most: usize,
    hasher: RandomState,
}

/// How a caller stands after a call was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    policy: String,
    limit: String,
    /// Seconds to wait, when the call is over the limit.
    pub wait: Option<u64>,
}

impl Limits {
    /// As configured.
    pub fn new(config: &AccessConfig) -> Self {
        let AccessConfig { rate_of_address, rate_of_key, trusted_proxies, environment: _, connections_per_address: _ } =
            config;
        Self {
            addresses: rate_of_address.map(|rate| Arc::new(Limit::new("address", rate, MOST))),
            keys: rate_of_key.map(|rate| Arc::new(Limit::new("key", rate, MOST))),
            trusted: trusted_proxies.as_slice().into(),
        }
    }

    /// Whether calls are counted at all: then none may be answered before the guard has seen it.
    pub fn are_set(&self) -> bool {
        self.addresses.is_some() || self.keys.is_some()
    }

    /// Counts a call of a valid key; `None` without a limit.
    pub fn count_key(&self, key: &Key) -> Option<Standing> {
        self.keys.as_ref().map(|limit| limit.count(&key.id))
    }

    /// Counts a call without a valid key; `None` without a limit. `forwarded` are the values of `X-Forwarded-For`, which
    /// are looked at only when there is one.
    pub fn count_address<'a>(
        &self,
        peer: Option<IpAddr>,
        forwarded: impl DoubleEndedIterator<Item = &'a HeaderValue>,
    ) -> Option<Standing> {
        let limit = self.addresses.as_ref()?;
        let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        Some(limit.count(&network(client(peer, forwarded, &self.trusted))))
    }

    /// Forgets callers that have been idle for so long that they are as good as new. To be called every second or so.
    pub fn tidy(&self) {
        self.addresses.iter().for_each(|limit| limit.tidy());
        self.keys.iter().for_each(|limit| limit.tidy());
    }
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, rate: Rate, most: usize) -> Self {
        let (requests, seconds) = (rate.requests, rate.seconds);
        Self {
            policy: format!("\"{name}\";q={requests};w={seconds}"),
            name,
            rate,
            clock: DefaultClock::default(),
            each: buckets(rate),
            shared: buckets(rate),
            full: AtomicBool::new(false),
            most,
            hasher: RandomState::new(),
        }
    }

    fn count(&self, caller: &K) -> Standing {
        let counted = if self.full.load(Ordering::Relaxed) {
            self.shared.check_key(&(self.hasher.hash_one(caller) % SHARED))
        } else {
            self.each.check_key(caller)
        };
        let (left, seconds, wait) = match counted {
            Ok(state) => (state.remaining_burst_capacity(), whole_seconds(interval(self.rate)), None),
            Err(until) => {
                let wait = whole_seconds(until.wait_time_from(self.clock.now()));
                (0, wait, Some(wait))
            }
        };
        Standing { policy: self.policy.clone(), limit: format!("\"{}\";r={left};t={seconds}", self.name), wait }
    }

    fn tidy(&self) {
        self.each.retain_recent();
        self.shared.retain_recent();
        self.full.store(self.each.len() >= self.most, Ordering::Relaxed);
    }
}

fn buckets<K: Hash + Eq + Clone>(rate: Rate) -> Buckets<K> {
    // A period is zero for no rate that can be configured; the fallback is only there for the types.
    let quota = Quota::with_period(interval(rate)).unwrap_or(Quota::per_second(rate.requests));
    let buckets = RateLimiter::dashmap(quota.allow_burst(rate.requests));
    buckets.with_middleware::<StateInformationMiddleware>()
}

/// How long it takes until one more request is allowed.
fn interval(rate: Rate) -> Duration {
    Duration::from_secs(rate.seconds.get().into()) / rate.requests.get()
}

/// Rounded up, and never 0: a client that waits so long is not refused again.
fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

impl Standing {
    /// What the answer says of it, whatever it is.
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let header = |(name, text): (&'static str, &String)| match HeaderValue::from_str(text) {
            Ok(value) => Some((HeaderName::from_static(name), value)),
            Err(error) => {
                tracing::error!(%error, "a header could not be written: {name}: {error}");
                None
            }
        };
        [("ratelimit-policy", &self.policy), ("ratelimit", &self.limit)].into_iter().filter_map(header).collect()
    }

    /// The refusal of a call that is over the limit.
    pub fn refusal(&self) -> Option<Problem> {
        let wait = self.wait?;
        let detail = format!("That is more than the limit of {} allows. Wait {wait} s.", self.policy.replace('"', "`"));
        Some(Problem::new(Code::RateLimited, detail).with_header(RETRY_AFTER, HeaderValue::from(wait)))
    }
}

/// Who calls: the peer or, when that is a trusted proxy, the right-most address in `X-Forwarded-For` that is not one
/// itself. What stands to the left of that was written by whoever liked to; so was what stands left of a malformed entry.
fn client<'a>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a HeaderValue>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let values = forwarded.rev().flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
    for entry in values {
        if !is_trusted(&client) {
            break;
        }
        let Some(address) = std::str::from_utf8(entry).ok().and_then(address) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: some add the port, and some brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches([' ', '\t']);
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests;
