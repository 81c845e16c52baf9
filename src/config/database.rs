//! The database.

use super::{ConfigError, Env, Variable};
use crate::db::{DatabaseUrl, PoolOptions};

const URL: Variable = Variable {
    name: "DATABASE_URL",
    default: "sqlite://xabar.db",
    about: "sqlite://PATH (relative; sqlite:///PATH absolute) or postgres://USER:PASSWORD@HOST/NAME",
};
const READERS: Variable = Variable {
    name: "DATABASE_READERS",
    default: "",
    about: "Connections that read at once, 1 to 256; as many as there are cores when not set",
};
pub(super) const VARIABLES: &[Variable] = &[URL, READERS];

/// Which database, and how many connections.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    pub url: DatabaseUrl,
    pub pool: PoolOptions,
}

impl DatabaseConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        let missing = || ConfigError { name: URL.name, reason: "is not set".into() };
        let url = env.parse(&URL)?.ok_or_else(missing)?;
        let readers = match env.parse::<u32>(&READERS)? {
            Some(readers) if (1..=256).contains(&readers) => readers,
            Some(readers) => {
                return Err(ConfigError { name: READERS.name, reason: format!("{readers} is not from 1 to 256") });
            }
            None => std::thread::available_parallelism().map_or(2, |cores| cores.get().min(256) as u32),
        };
        Ok(Self { url, pool: PoolOptions { readers } })
    }
}
