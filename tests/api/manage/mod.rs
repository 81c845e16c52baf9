//! `/v1/manage`: the newsroom's side.

mod articles;
mod audit;
mod authors;
mod keys;
mod lifecycle;
mod limits;
mod log;
mod media;
mod merges;
mod names;
mod previews;
mod rates;
mod revisions;
mod rights;
mod rotation;
mod scopes;
mod secrets;
mod tags;
mod trail;
mod vocabulary;
