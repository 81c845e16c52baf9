//! Who may import whom: the rules of `ARCHITECTURE.md`, held against what every file names.

use super::paths::{module_of, named};
use super::rust_files;

/// Rooms that know no resource.
const KIT: [&str; 5] = ["http", "db", "text", "clock", "config"];
/// Rooms that put the process together.
const TOP: [&str; 5] = ["main", "cli", "app", "routes", "openapi"];
/// The slices' files that speak SQL.
const SQL: [&str; 3] = ["rows", "queries", "search"];
const DATABASE_CRATES: [&str; 5] = ["diesel", "diesel_migrations", "r2d2", "libsqlite3_sys", "pq_sys"];
const SERVER_CRATES: [&str; 4] = ["actix_web", "actix_rt", "actix_http", "utoipa_actix_web"];

/// A place in the house.
struct Place<'a> {
    room: &'a str,
    /// The part of a slice: `routes`, `wire`, `queries`; empty for the room's own `mod.rs`.
    part: &'a str,
}

impl<'a> Place<'a> {
    fn of(module: &'a [String]) -> Self {
        let at = |i: usize| module.get(i).map_or("", String::as_str);
        Self { room: if module.is_empty() { "main" } else { at(0) }, part: at(1) }
    }

    fn is_slice(&self) -> bool {
        !KIT.contains(&self.room) && !TOP.contains(&self.room) && !self.room.is_empty()
    }

    fn is_sql(&self) -> bool {
        self.is_slice() && SQL.contains(&self.part)
    }
}

/// Why `from` may not name `path`; `None` when it may.
fn breach(from: &Place<'_>, path: &[String]) -> Option<String> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        // Macros stand at the root of a crate wherever they are written; these are of the database layer.
        ["crate", "cut_by" | "text_column"] => between_rooms(from, &Place { room: "db", part: "" }),
        ["crate", rest @ ..] => {
            let at = |i: usize| rest.get(i).copied().unwrap_or("");
            between_rooms(from, &Place { room: at(0), part: at(1) })
        }
        ["std", "env", ..] if from.room != "config" => Some("only config reads the environment".to_owned()),
        ["dotenvy", ..] if !matches!(from.room, "cli" | "config") => Some("only cli loads .env".to_owned()),
        [.., "SystemTime" | "Timestamp" | "Zoned" | "Utc", "now"] if from.room != "clock" => {
            Some("only clock reads the time".to_owned())
        }
        [first, ..] if DATABASE_CRATES.contains(first) && !(from.room == "db" || from.is_sql()) => {
            Some(format!("{first} is for db and for rows, queries and search"))
        }
        [first, ..] if SERVER_CRATES.contains(first) && !may_serve(from) => {
            Some(format!("{first} is for http, routes, app, ops and the slices' routes"))
        }
        _ => None,
    }
}

/// Beyond the rule's own list, `openapi` collects the document from actix's routes.
fn may_serve(from: &Place<'_>) -> bool {
    matches!(from.room, "http" | "routes" | "app" | "ops" | "openapi")
        || (from.room == "manage" && !from.is_sql())
        || matches!((from.room, from.part), ("cli", "serve") | ("access", "guard" | "limits"))
        || (from.is_slice() && from.part == "routes")
}

fn between_rooms(from: &Place<'_>, to: &Place<'_>) -> Option<String> {
    let other = to.room != from.room;
    let no = |why: &str| Some(why.to_owned());
    match from.room {
        "db" if to.is_slice() => return no("db knows no resource"),
        "http" if to.is_slice() => return no("http knows no resource"),
        "text" | "clock" | "config" if to.is_slice() => return no("the kit knows no resource"),
        "db" if to.room == "http" => return no("db knows no HTTP"),
        "text" | "clock" if other && KIT.contains(&to.room) => return no("text and clock stand on nothing"),
        "config" if other && !matches!(to.room, "db" | "clock") => {
            return no("config names options of db and nothing else");
        }
        "main" if to.room != "cli" && !to.room.is_empty() => return no("main calls cli alone"),
        "manage" if to.is_slice() && other && !matches!(to.room, "access" | "records") => {
            return no("manage knows no resource");
        }
        "routes" if to.is_slice() && to.part != "routes" => return no("routes lists the slices' routes"),
        _ => {}
    }
    if matches!(to.room, "cli" | "app" | "routes" | "openapi") && !TOP.contains(&from.room) {
        return Some(format!("{} stands above", to.room));
    }
    if matches!(
        (from.room, to.room),
        ("app" | "routes" | "openapi", "cli") | ("routes" | "openapi", "app") | ("routes", "openapi")
    ) {
        return Some(format!("{} stands above", to.room));
    }
    if from.is_sql() && to.room == "http" {
        return no("rows, queries and search know no HTTP");
    }
    if from.is_slice() && from.part == "jobs" && to.room == "http" {
        return no("jobs know no HTTP");
    }
    let inside = matches!(to.part, "routes" | "wire");
    if from.is_slice() && to.is_slice() && other && inside {
        return Some(format!("{}::{} is that slice's own", to.room, to.part));
    }
    if from.is_slice() && !other && to.part == "routes" && from.part != "routes" {
        return no("nothing in a slice stands above its routes");
    }
    if from.is_sql() && !other && inside {
        return no("rows, queries and search know no wire types");
    }
    if matches!(from.room, "cli") && to.is_slice() && inside {
        return no("commands call the library, not its handlers");
    }
    None
}

fn breaches(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    let from = Place::of(&module);
    named(file, text)
        .into_iter()
        .filter_map(|named| {
            let why = breach(&from, &named.path)?;
            Some(format!("{file}:{}: {}: {why}", named.line, named.path.join("::")))
        })
        .collect()
}

#[test]
fn every_file_keeps_to_its_place() {
    let files: Vec<(String, String)> = rust_files("src")
        .into_iter()
        .filter(|(name, _)| !name.contains("/tests/") && !name.ends_with("/tests.rs") && name != "src/lib.rs")
        .collect();
    assert!(files.len() > 80, "{} files were found", files.len());
    let found: Vec<String> = files.iter().flat_map(|(name, text)| breaches(name, text)).collect();
    assert!(found.is_empty(), "{} imports break the rules:\n{}", found.len(), found.join("\n"));
}

#[test]
fn planted_breaches_are_caught() {
    for (file, line) in [
        ("src/db/pool.rs", "use crate::articles::Kind;"),
        ("src/db/mod.rs", "use crate::http::Code;"),
        ("src/http/answer.rs", "use crate::tags::Tag;"),
        ("src/text/fold.rs", "use crate::cut_by;"),
        ("src/http/answer.rs", "fn f(x: crate::media::Media) {}"),
        ("src/http/answer.rs", "use super::super::tags::Tag;"),
        ("src/text/fold.rs", "use crate::db::DbError;"),
        ("src/config/site.rs", "use crate::articles::Kind;"),
        ("src/articles/queries/list.rs", "use actix_web::web;"),
        ("src/articles/rows.rs", "fn f() -> actix_web::HttpResponse {}"),
        ("src/articles/queries/list.rs", "use crate::http::Paging;"),
        ("src/tags/queries.rs", "use super::wire::Tag;"),
        ("src/articles/search/sql.rs", "use crate::articles::wire::ArticleCard;"),
        ("src/articles/wire.rs", "use diesel::prelude::*;"),
        ("src/articles/wire.rs", "#[diesel(table_name = articles)] struct X;"),
        ("src/articles/wire.rs", "#[derive(diesel::Queryable)] struct X;"),
        ("src/articles/wire.rs", "use super::routes::list_articles;"),
        ("src/articles/visibility.rs", "use diesel::dsl::exists;"),
        ("src/articles/params.rs", "use actix_web::HttpRequest;"),
        ("src/articles/routes.rs", "use crate::tags::routes::get_tag;"),
        ("src/articles/routes.rs", "use crate::tags::{queries, wire::Tag};"),
        ("src/tag_pages/wire.rs", "use crate::articles::wire;"),
        ("src/jobs/transitions.rs", "use diesel::prelude::*;"),
        ("src/jobs/transitions.rs", "use crate::articles::wire::ArticleCard;"),
        ("src/imports/store.rs", "use crate::app::Application;"),
        ("src/app.rs", "use crate::cli::main;"),
        ("src/routes.rs", "use crate::articles::queries;"),
        ("src/manage/call.rs", "use crate::articles::Kind;"),
        ("src/manage/queries.rs", "use actix_web::web;"),
        ("src/access/queries.rs", "use actix_web::web;"),
        ("src/main.rs", "fn main() { xabar::app::run() }"),
        ("src/cli/import.rs", "use actix_web::web;"),
        ("src/cli/import.rs", "use diesel::prelude::*;"),
        ("src/cli/serve.rs", "fn f() { std::env::var(\"X\"); }"),
        ("src/db/url.rs", "use std::env;"),
        ("src/articles/queries/store.rs", "fn f() { jiff::Timestamp::now(); }"),
        ("src/http/context.rs", "use std::time::SystemTime; fn f() { SystemTime::now(); }"),
        ("src/records/check.rs", "fn f() { std::time::SystemTime::now(); }"),
    ] {
        assert_eq!(breaches(file, line).len(), 1, "{file}: {line}: {:?}", breaches(file, line));
    }
}

#[test]
fn what_the_rules_allow_is_not_caught() {
    for (file, line) in [
        ("src/db/pool.rs", "use diesel::Connection; use crate::clock::Timestamp;"),
        ("src/http/answer.rs", "use actix_web::web; use crate::db::DbError; use crate::clock::Timestamp;"),
        (
            "src/articles/routes.rs",
            "use super::wire::X; use crate::http::Answer; use crate::tags::queries; use actix_web::get;",
        ),
        ("src/articles/wire.rs", "use super::rows::Card; use crate::media::Media; use crate::http::Links;"),
        ("src/articles/queries/store.rs", "use crate::tags::queries as tags; use crate::changes::rows::NewChange;"),
        ("src/articles/mod.rs", "pub use wire::ArticleList;"),
        ("src/tag_pages/wire.rs", "use crate::articles::ArticleList;"),
        ("src/jobs/transitions.rs", "use crate::articles::queries::run_due; use crate::db::Db;"),
        ("src/config.rs", "fn f() { std::env::var(\"X\"); }"),
        ("src/config/database.rs", "use crate::db::DatabaseUrl;"),
        ("src/clock.rs", "fn f() { jiff::Timestamp::now(); }"),
        ("src/cli/serve.rs", "use crate::app::Application; fn f() { actix_web::rt::System::new(); }"),
        ("src/manage/queries.rs", "use crate::cut_by; use crate::db::schema::audit;"),
        ("src/manage/call.rs", "use actix_web::web; use crate::access::Caller; use crate::records::Invalid;"),
        ("src/access/guard.rs", "use actix_web::web; use crate::http::Problem;"),
        ("src/main.rs", "fn main() { xabar::cli::main() }"),
        ("src/http/boundary.rs", "use std::time::Instant; fn f() { Instant::now(); }"),
        ("src/tags/queries.rs", "// use actix_web::web;\nconst X: &str = \"use actix_web::web;\";"),
    ] {
        assert_eq!(breaches(file, line), Vec::<String>::new(), "{file}: {line}");
    }
}
