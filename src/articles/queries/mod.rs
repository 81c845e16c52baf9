//! Every statement on the article tables.

mod cards;
mod counts;
mod detail;
mod facets;
mod list;
mod related;
mod scope;
mod store;
mod transitions;

pub use cards::{CardNeeds, cards};
pub use detail::{Found, corrections, detail, find};
pub use facets::{FacetCount, facets};
pub use list::{any, list};
pub use related::related;
pub use scope::next_change;
pub use store::{Stored, slug_of, store};
pub use transitions::{next_due, run_due};
