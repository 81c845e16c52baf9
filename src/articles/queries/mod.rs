//! Every statement on the article tables.

mod around;
mod cards;
mod counts;
mod detail;
mod edit;
mod export;
mod facets;
mod list;
mod managed;
mod overview;
mod predicates;
mod preview;
mod references;
mod related;
pub mod revisions;
mod scope;
mod store;
mod touch;
mod transitions;

pub use around::{Around, around};
pub use cards::{CardNeeds, cards};
pub use detail::{Found, corrections, detail, find};
pub use edit::{Editor, NotDone, act, create, patch, restore};
pub use export::{Exported, export_batch, word_counts};
pub use facets::{FacetCount, facets};
pub use list::{any, list};
pub use managed::{Managed, managed};
pub use overview::{ManagedFilter, ManagedSort, Overview, overviews};
pub use predicates::Visible;
pub use preview::preview;
pub use related::related;
pub use scope::next_change;
pub use store::{Stored, slug_of, store};
pub use touch::{Of, touch};
pub use transitions::{next_due, run_due};
