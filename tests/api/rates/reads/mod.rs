//! What `/v1/rates` answers, from tables that are imported as from files.

mod convert;
mod history;
mod list;
mod published;
mod recorded;
mod sources;
mod sparkline;
mod ticker;
