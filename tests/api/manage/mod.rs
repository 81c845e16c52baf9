//! `/v1/manage`: the newsroom's side.

mod articles;
mod lifecycle;
mod previews;
mod revisions;
