//! Exports: everything that a caller may see, as records, one a line, in memory that does not grow with it.

mod record;
pub mod routes;
mod stream;

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Exports at once: each of them keeps a connection busy, and the rest are for everyone else.
const MOST_EXPORTS: usize = 4;

/// The places of those who export. Clones share them.
#[derive(Debug, Clone)]
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_EXPORTS)))
    }
}
