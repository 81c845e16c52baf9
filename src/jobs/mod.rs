//! Background jobs, one file each. A job reads the clock and calls a slice's queries; a failure is logged and tried again.

pub mod keys;
pub mod limits;
pub mod rates;
pub mod replicas;
pub mod retention;
pub mod titles;
pub mod transitions;
