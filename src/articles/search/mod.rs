//! Full-text search: one parse of the query, one order of the results, and SQL of its own for each database.

mod highlight;
mod hits;
mod query;
mod sql;

pub use highlight::{highlight, snippet};
pub use hits::{Group, Hits};
pub use query::{Field, Indexed, Query, Term, TooManyWords};
pub use sql::{POINTS, ids_with, index, index_new, matching, places};
