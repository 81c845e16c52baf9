//! Plain SQL, for what diesel's DSL has no words for.

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use xabar::db::{Backend, Db, DbError};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The rows of a query whose one column is a text called `line`.
pub fn lines(db: &Db, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = db
        .read_here(|conn| Ok::<_, DbError>(diesel::sql_query(sql).load(conn)?))
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// Everything that makes up the schema, sorted.
pub fn schema(db: &Db) -> Vec<String> {
    match db.backend() {
        Backend::Sqlite => lines(
            db,
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master
             WHERE name <> '__diesel_schema_migrations' AND tbl_name <> '__diesel_schema_migrations'
             AND name <> 'sqlite_sequence' ORDER BY 1",
        ),
        Backend::Postgres => lines(
            db,
            "SELECT * FROM (
               SELECT 'column ' || table_name || '.' || ordinal_position || ' ' || column_name || ' ' || data_type || ' '
                 || is_nullable || ' ' || is_identity || ' ' || coalesce(collation_name, '') AS line
                 FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
               UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
                 WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'
               UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '__diesel_schema_migrations'
             ) AS everything ORDER BY 1",
        ),
    }
}

/// Each column as `table.column TYPE null|not null`, in the order of the tables' names and of their columns.
pub fn columns(db: &Db) -> Vec<String> {
    match db.backend() {
        Backend::Sqlite => lines(
            db,
            "SELECT m.name || '.' || c.name || ' ' || c.type || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE ' null' END AS line
             FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'article_search%' AND m.name NOT LIKE 'sqlite_%'
             AND m.name <> '__diesel_schema_migrations' ORDER BY m.name, c.cid",
        ),
        Backend::Postgres => lines(
            db,
            "SELECT table_name || '.' || column_name || ' ' || data_type
               || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE ' null' END AS line
             FROM information_schema.columns WHERE table_schema = 'public'
             AND table_name NOT IN ('article_search', '__diesel_schema_migrations')
             ORDER BY table_name COLLATE \"C\", ordinal_position",
        ),
    }
}
