//! Load and kills: what was acknowledged is kept, and who follows the log ends where the export is.
//!
//! The servers are processes of their own. By default each run is short; `ENDURANCE=full` makes them as long as the promise
//! says: 20 seconds with 16 writers, and 50 kills.

mod follower;
mod kills;
mod writer;
mod writers;

use std::time::Duration;

/// Whether the whole promise is to be shown.
fn full() -> bool {
    std::env::var("ENDURANCE").is_ok_and(|value| value == "full")
}

/// How long writers write.
fn writing_time() -> Duration {
    Duration::from_secs(if full() { 20 } else { 3 })
}

/// How often a server is killed.
fn kills() -> usize {
    if full() { 50 } else { 3 }
}
