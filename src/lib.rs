//! xabar: a headless content API for a news publisher.
//!
//! The rooms, from the top: [`cli`] runs commands, [`app`] puts the process together, [`routes`] lists what it serves.
//! Below them are the slices, one for each resource: [`articles`], [`tags`], [`authors`], [`media`], [`redirects`],
//! [`tag_pages`], [`rates`], [`changes`], [`exports`], [`records`], [`imports`], [`wordpress`], [`jobs`], [`demo`], [`ops`]. Whoever calls passes by
//! [`access`], and who writes by [`manage`]. They stand on a kit that knows no resource: [`http`], [`db`], [`text`], [`clock`], [`config`]. `ARCHITECTURE.md` says who may import whom, and a test
//! holds them to it.

pub mod access;
pub mod app;
pub mod articles;
pub mod authors;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod exports;
pub mod http;
pub mod imports;
pub mod jobs;
pub mod manage;
pub mod media;
pub mod openapi;
pub mod ops;
pub mod rates;
pub mod records;
pub mod redirects;
pub mod routes;
pub mod tag_pages;
pub mod tags;
pub mod text;
pub mod wordpress;
