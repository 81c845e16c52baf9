//! A database for one test, copied from one that was migrated once.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use xabar::db::{Backend, DatabaseUrl, Db, PoolOptions, migrate};

use super::postgres;

const POOL: PoolOptions = PoolOptions { readers: 2 };

/// Gone when dropped.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    kept: Kept,
}

enum Kept {
    Folder { _folder: tempfile::TempDir },
    Name(String),
}

impl TestDatabase {
    /// A migrated, empty database.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(Some(sqlite_template())),
            Backend::Postgres => Self::postgres(Some(postgres_template())),
        }
    }

    /// A database without a schema.
    pub fn bare(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(None),
            Backend::Postgres => Self::postgres(None),
        }
    }

    /// Opens it.
    pub fn open(&self) -> Db {
        Db::open(&self.url, POOL).expect("the test's database opens")
    }

    /// Lets PostgreSQL refuse this database, and end the connections to it, or take it back.
    pub fn set_reachable(&self, reachable: bool) {
        match &self.kept {
            Kept::Name(name) => postgres::server().allow_connections(name, reachable),
            Kept::Folder { .. } => panic!("SQLite has no server that could refuse"),
        }
    }

    fn sqlite(template: Option<&PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        if let Some(template) = template {
            std::fs::copy(template, &path).expect("the template can be copied");
        }
        Self { url: DatabaseUrl::Sqlite(path), kept: Kept::Folder { _folder: folder } }
    }

    fn postgres(template: Option<&str>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("xabar_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let url = postgres::server().create_database(&name, template);
        Self { url: DatabaseUrl::Postgres(url), kept: Kept::Name(name) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Kept::Name(name) = &self.kept {
            postgres::server().drop_database(name);
        }
    }
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("template.db");
        let db = Db::open(&DatabaseUrl::Sqlite(path.clone()), POOL).expect("a new SQLite database opens");
        migrate(&db).expect("migrations run on SQLite");
        (folder, path)
    });
    path
}

fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("xabar_template_{}", std::process::id());
        let url = postgres::server().create_database(&name, None);
        let db = Db::open(&DatabaseUrl::Postgres(url), POOL).expect("a new PostgreSQL database opens");
        migrate(&db).expect("migrations run on PostgreSQL");
        name
    })
}
