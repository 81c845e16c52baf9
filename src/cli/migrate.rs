//! `xabar migrate`.

use anyhow::Context;

use crate::articles::queries::complete;
use crate::config::Config;
use crate::db::{self, Db};

/// Runs pending migrations and prints their names.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let db = Db::open(&config.database.url, config.database.pool)
        .with_context(|| format!("DATABASE_URL: {}", config.database.url))?;
    let versions = db::migrate(&db)?;
    complete(&db)?;
    for version in &versions {
        println!("migrated {version}");
    }
    if versions.is_empty() {
        println!("up to date");
    }
    Ok(())
}
