//! How tables come in: what fails, what is held, when they are asked for, and the commands that do it.

mod as_of;
mod commands;
mod failures;
mod quarantine;
mod timetable;
