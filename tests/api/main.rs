//! The integration tests: one binary, so that linking is paid for once. The modules mirror the URLs; `http` holds what is
//! the same for all of them, `db` the database layer, `house` the shape of the code, `properties` what is generated.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't go on panics, and says why")]

#[path = "../support/mod.rs"]
mod support;

mod articles;
mod authors;
mod changes;
mod db;
mod differential;
mod docs;
mod endurance;
mod health;
mod house;
mod http;
mod imports;
mod jobs;
mod kept;
mod manage;
mod matrix;
mod media;
mod page;
mod properties;
mod rates;
mod redirects;
mod replicas;
mod search;
mod tags;
