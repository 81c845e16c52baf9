//! Configuration: the only reader of the environment. One struct a concern; an error names its variable.

mod access;
mod database;
mod logging;
mod rates;
mod server;
mod site;

pub use access::{AccessConfig, Environment, Rate};
pub use database::DatabaseConfig;
pub use logging::{LogFormat, LoggingConfig};
pub use rates::RatesConfig;
pub use server::ServerConfig;
pub use site::SiteConfig;

/// A variable that this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; empty when it is worked out.
    pub default: &'static str,
    pub about: &'static str,
}

/// Every variable, in the order of `.env.example`.
pub const VARIABLES: &[&[Variable]] =
    &[database::VARIABLES, server::VARIABLES, site::VARIABLES, access::VARIABLES, rates::VARIABLES, logging::VARIABLES];

/// A variable whose value can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct ConfigError {
    pub name: &'static str,
    pub reason: String,
}

/// Where variables come from: the process, or a test's table.
pub struct Env<'a>(Lookup<'a>);

type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

impl<'a> Env<'a> {
    /// The process's environment.
    pub fn process() -> Self {
        Self(Box::new(|name| std::env::var(name).ok()))
    }

    /// A table.
    pub fn of(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(Box::new(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())))
    }

    /// The value of a variable, or its default; an empty one counts as not set.
    fn get(&self, variable: &Variable) -> String {
        (self.0)(variable.name).filter(|value| !value.is_empty()).unwrap_or_else(|| variable.default.to_owned())
    }

    /// Reads a value by its `FromStr`; `None` when it is neither set nor has a default.
    fn parse<T>(&self, variable: &Variable) -> Result<Option<T>, ConfigError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let value = self.get(variable);
        if value.is_empty() {
            return Ok(None);
        }
        let error = |error: T::Err| ConfigError { name: variable.name, reason: format!("{value:?}: {error}") };
        value.parse().map(Some).map_err(error)
    }
}

/// Everything that `xabar serve` needs.
#[derive(Debug, Clone)]
pub struct Config {
    pub database: DatabaseConfig,
    pub server: ServerConfig,
    pub site: SiteConfig,
    pub access: AccessConfig,
    pub rates: RatesConfig,
    pub logging: LoggingConfig,
}

impl Config {
    /// Reads all of it.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            database: DatabaseConfig::read(env)?,
            server: ServerConfig::read(env)?,
            site: SiteConfig::read(env)?,
            access: AccessConfig::read(env)?,
            rates: RatesConfig::read(env)?,
            logging: LoggingConfig::read(env)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_complete() {
        let config = Config::read(&Env::of(&[])).expect("defaults are valid");
        assert_eq!(config.database.url.to_string(), "sqlite://xabar.db");
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    }

    #[test]
    fn an_error_names_its_variable() {
        for (name, value) in [
            ("DATABASE_URL", "xabar.db"),
            ("DATABASE_READERS", "0"),
            ("LISTEN", "8080"),
            ("ARTICLE_URL", "https://example.org/news/"),
            ("LOG_FORMAT", "xml"),
            ("LOG", "info,what=loud"),
            ("SECRET_KEY", "short"),
            ("KEPT_ANSWERS_MB", "65537"),
            ("KEY_ENVIRONMENT", "staging"),
            ("RATE_LIMIT_ADDRESS", "600"),
            ("RATE_LIMIT_KEY", "0/60"),
            ("CONNECTIONS_PER_ADDRESS", "0"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,everyone"),
            ("RATES_FETCH", "yes"),
            ("RATES_NBK_URL", "http://bank.example/rss/"),
            ("RATES_TMT_PEG", "3.5"),
            ("RATES_CALENDAR", "nbk:2027-05-17"),
            ("RATES_MARKET_REDISTRIBUTABLE", "on"),
        ] {
            let pairs = [(name, value)];
            let error = Config::read(&Env::of(&pairs)).expect_err(name);
            assert_eq!(error.name, name, "{error}");
        }
    }

    #[test]
    fn the_example_file_names_every_variable_with_its_default() {
        let expected: String = VARIABLES
            .iter()
            .map(|group| {
                group.iter().map(|v| format!("# {}\n#{}={}\n", v.about, v.name, v.default)).collect::<String>()
            })
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(include_str!("../.env.example"), expected, "update .env.example to the right-hand side");
    }
}
