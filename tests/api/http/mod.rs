//! What is the same for every path: problems, parameters, conditional answers, caching, compression, methods, CORS.

mod caching;
mod compression;
mod conditional;
mod connections;
mod cors;
mod errors;
mod methods;
mod parameters;
