//! `/v1/articles`.

mod cards;
mod cursor;
mod detail;
mod excerpt;
mod facets;
mod filters;
mod list;
mod related;
mod remembered;
mod shape;
mod sort;
mod visibility;
