//! `src/db/schema.rs` against what the migrations make.

use super::sql::columns;
use crate::support::{Backend, TestDatabase};

const SCHEMA: &str = include_str!("../../../src/db/schema.rs");

/// The columns that `schema.rs` declares, as [`columns`] writes them, with the types of a database.
fn declared(backend: Backend) -> Vec<String> {
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    let mut sql_name = None;
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            tables.push((name.to_owned(), Vec::new()));
        } else if let Some(rest) = line.strip_prefix("#[sql_name = \"") {
            sql_name = rest.split('"').next().map(str::to_owned);
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let (table, found) = tables.last_mut().expect("a table");
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(kind) => (kind.trim_end_matches('>'), "null"),
                None => (kind, "not null"),
            };
            let column = sql_name.take().unwrap_or_else(|| column.to_owned());
            found.push(format!("{table}.{column} {} {null}", type_of(kind, backend)));
        }
    }
    tables.sort();
    tables.into_iter().flat_map(|(_, columns)| columns).collect()
}

fn type_of(kind: &str, backend: Backend) -> &'static str {
    match (kind, backend) {
        ("BigInt" | "Bool", Backend::Sqlite) => "INTEGER",
        ("Text", Backend::Sqlite) => "TEXT",
        ("BigInt", Backend::Postgres) => "bigint",
        ("Bool", Backend::Postgres) => "boolean",
        ("LongText", Backend::Sqlite) => "BLOB",
        ("Text" | "LongText", Backend::Postgres) => "text",
        (other, _) => panic!("{other} is none of the column types of this schema"),
    }
}

#[test]
fn the_declared_columns_are_those_of_the_migrated_databases() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let expected = declared(backend);
        assert!(expected.len() > 80, "{} columns", expected.len());
        let found = columns(&TestDatabase::new(backend).open());
        let differing: Vec<_> = expected.iter().zip(&found).filter(|(a, b)| a != b).take(3).collect();
        assert_eq!(differing, Vec::new(), "{backend:?}: declared, found");
        assert_eq!(found.len(), expected.len(), "{backend:?}");
    }
}
