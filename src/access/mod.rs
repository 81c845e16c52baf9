//! Access: keys and what each may do. Public reads need none.
//!
//! A key is shown once, when it is made; only its SHA-256 is kept. [`guard`] finds out who calls, before any handler;
//! a handler asks the [`Caller`] for the scope that its operation needs, and never looks at the path.

mod caller;
pub mod guard;
mod limits;
mod new_key;
pub mod queries;
pub mod routes;
pub mod rows;
mod scope;
mod state;
mod token;
mod used;
mod wire;

pub use caller::{Caller, Key};
pub use limits::Limits;
pub use new_key::{LONGEST_OVERLAP, OVERLAP, checked_expiry, checked_name, checked_scope};
pub use scope::{Scope, Scopes};
pub use state::KeyState;
pub use token::{NotAKey, Token};
pub use used::LastUse;
