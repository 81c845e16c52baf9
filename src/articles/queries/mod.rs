//! Every statement on the article tables.

mod add;
mod around;
mod beside;
mod cards;
mod counts;
mod detail;
mod edit;
mod editor;
mod export;
mod facets;
mod fresh;
mod leaf;
mod links;
mod list;
mod managed;
mod overview;
mod picked;
mod places;
mod predicates;
mod preview;
mod references;
pub mod revisions;
mod scope;
mod search;
mod sets;
mod shelf;
mod spans;
mod store;
mod titles;
mod totals;
mod touch;
mod transitions;
mod values;
mod way;

pub use around::{Around, around};
pub use beside::{OFFERED, offer, surroundings, teasers};
pub use cards::{CardNeeds, cards};
pub use detail::{ArticleKey, Found, StoredArticle, corrections, detail, find, stored_articles};
pub use edit::{NotDone, act, create, patch, restore};
pub use editor::Editor;
pub use export::{Exported, export_batch, word_counts};
pub use facets::{FACET_VALUES, FacetCount, FacetValue, facet, facet_values, is_kept, kept_facet};
pub use leaf::{TagLeaf, leaf_of};
pub use list::{any, list};
pub use managed::{Managed, managed};
pub use overview::{ManagedFilter, ManagedSort, Overview, overviews};
pub use places::counted_places_of_tag;
pub use predicates::Visible;
pub use preview::preview;
pub use scope::{Scope, TagScope, next_change};
pub use search::is_in_form;
pub use sets::{Common, Sets, set};
pub use shelf::{Shelved, brief_cards, set_cards, stored_cards, whole_cards};
pub use spans::{SPAN, recount_tag, spans_of_tag};
pub use store::{Stored, slug_of, store, store_all};
pub use titles::{has_titles, index_titles, leave_titles};
pub use touch::{Of, touch};
pub use transitions::{next_due, run_due};
pub use way::{DEEP, Place, Way, by_date};

use crate::db::{Db, DbError};

/// Brings what is kept beside the articles to what this version keeps: the index for the search and the cards, once for each of
/// their forms, the eras of lists, to which an older version may have written since, and the index of titles that an import which
/// came to no end has left out.
pub fn complete(db: &Db) -> Result<(), DbError> {
    search::complete_search(db)?;
    shelf::complete_cards(db)?;
    spans::complete_eras(db)?;
    index_titles(db)
}
