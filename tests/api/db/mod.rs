//! The database layer: one behaviour on two databases.

mod changes;
mod migrations;
mod outage;
mod schema;
mod sql;
mod titles;
mod transactions;
mod url;
mod values;
