//! Forgets callers who are idle, so that the limits' memory has a bound.

use std::time::Duration;

use crate::access::Limits;

const EVERY: Duration = Duration::from_secs(1);

/// Runs for as long as it is polled; ends at once when there is no limit.
pub async fn run(limits: Limits) {
    while limits.are_set() {
        tokio::time::sleep(EVERY).await;
        limits.tidy();
    }
}
