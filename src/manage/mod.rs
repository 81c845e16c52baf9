//! What every call of the newsroom's tools has in common: the key and its scope, a checked body, preconditions, one
//! transaction for the write, its audit row and its idempotent answer.
//!
//! It knows no resource. A handler says which scope it needs and what is to be done; [`Call::write`] does the rest.

mod body;
mod call;
pub mod etag;
mod params;
mod patch;
pub mod queries;
mod reply;
pub mod routes;
pub mod rows;
mod wire;

pub use body::{Body, Nothing, OBJECTS, faults};
pub use call::{Act, Call, Done, InFlight};
pub use patch::Patch;
pub use reply::Reply;
