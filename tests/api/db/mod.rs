//! The database layer: one behaviour on two databases.

mod changes;
mod long_texts;
mod migrations;
mod outage;
mod schema;
mod sql;
mod titles;
mod transactions;
mod url;
mod values;
