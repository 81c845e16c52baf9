//! `/v1/changes`, `/v1/changes/stream` and `/v1/export`: those who follow what was written.

mod collapse;
mod embargo;
mod export;
mod full;
mod hidden;
mod reader;
mod retention;
mod returning;
mod stop;
mod stream;
mod tokens;
mod wait;
