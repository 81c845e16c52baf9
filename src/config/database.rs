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
const REPLICAS: Variable = Variable {
    name: "DATABASE_REPLICA_URLS",
    default: "",
    about: "Replicas of a PostgreSQL database, postgres://..., separated by commas: what is public is read from those that are up to date",
};
pub(super) const VARIABLES: &[Variable] = &[URL, READERS, REPLICAS];

/// Which database, and how many connections.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    pub url: DatabaseUrl,
    pub pool: PoolOptions,
    pub replicas: Vec<DatabaseUrl>,
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
        Ok(Self { url, pool: PoolOptions { readers }, replicas: replicas(&env.get(&REPLICAS))? })
    }
}

fn replicas(list: &str) -> Result<Vec<DatabaseUrl>, ConfigError> {
    let fault = |reason: String| ConfigError { name: REPLICAS.name, reason };
    let named = list.split(',').map(str::trim).filter(|url| !url.is_empty());
    let url = |text: &str| match text.parse::<DatabaseUrl>() {
        Ok(url @ DatabaseUrl::Postgres(_)) => Ok(url),
        Ok(DatabaseUrl::Sqlite(_)) => Err(fault("SQLite has no replicas".to_owned())),
        Err(error) => Err(fault(error.to_string())),
    };
    named.map(url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_postgres_databases() {
        let read = |list: &str| replicas(list).map(|urls| urls.len()).map_err(|error| error.reason);
        assert_eq!(read(""), Ok(0));
        assert_eq!(read("postgres://a/x, postgres://u:p@b:5433/x ,"), Ok(2));
        assert!(read("sqlite://x.db").is_err_and(|reason| reason.contains("SQLite")));
        assert!(read("postgres://a/x,b").is_err());
    }
}
