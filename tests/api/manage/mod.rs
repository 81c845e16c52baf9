//! `/v1/manage`: the newsroom's side.

mod articles;
mod lifecycle;
mod limits;
mod previews;
mod revisions;
