//! What is counted of requests, for operators.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

/// Methods that are told apart. One of the caller's own making is none of them: so the labels have a bound, and nothing that was sent
/// is among them.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

/// How many requests the application has answered, and how fast.
#[derive(Clone)]
pub struct RequestMetrics {
    total: IntCounterVec,
    seconds: HistogramVec,
}

impl RequestMetrics {
    /// # Errors
    /// Where the registry has metrics of these names already.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        const LABELS: [&str; 3] = ["endpoint", "method", "status"];
        let about = "Requests that were answered by the application, and not from memory in front of it";
        let total = IntCounterVec::new(Opts::new("xabar_http_requests_total", about), &LABELS)?;
        let about = "Seconds from such a request to the head of its answer";
        let seconds = HistogramVec::new(HistogramOpts::new("xabar_http_requests_duration_seconds", about), &LABELS)?;
        registry.register(Box::new(total.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { total, seconds })
    }

    /// Counts a request for a path of this pattern, or for nothing that there is.
    pub fn count(&self, pattern: Option<&str>, method: &Method, status: StatusCode, time: Duration) {
        let endpoint = pattern.unwrap_or("unmatched");
        let method = if METHODS.contains(method) { method.as_str() } else { "OTHER" };
        let labels = [endpoint, method, status.as_str()];
        self.total.with_label_values(&labels).inc();
        self.seconds.with_label_values(&labels).observe(time.as_secs_f64());
    }
}
