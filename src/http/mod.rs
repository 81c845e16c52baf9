//! HTTP mechanics that must not drift between resources: problems, parameters, paging, conditional answers, the boundary.
//!
//! It knows no resource: no slice is imported here.

pub mod accepts;
pub mod admission;
pub mod answer;
pub mod boundary;
pub mod connections;
pub mod consistency;
pub mod context;
mod cors;
pub mod cursor;
pub mod events;
pub mod fields;
mod finished;
mod freshness;
pub mod kept;
mod message;
pub mod methods;
pub mod metrics;
pub mod network;
pub mod paging;
pub mod params;
mod plain;
pub mod problem;
pub mod sealed;
pub mod server;
pub mod sparse;
pub mod topic;

pub use answer::{Answer, moved, segment};
pub use context::{Context, RequestId, Shared};
use finished::SLICE;
pub use freshness::Freshness;
pub use paging::{Links, PageInfo, Paging};
pub use params::{NoParams, Params, PathKey, PathPair, QueryParams, RawQuery};
pub use plain::Memory;
pub use problem::{Code, Fault, Problem, ProblemBody};
