//! The log.

use super::{ConfigError, Env, Variable};

const LOG: Variable = Variable {
    name: "LOG",
    default: "info",
    about: "What is logged: error, warn, info, debug, trace, or a filter such as info,xabar::db=debug",
};
const LOG_FORMAT: Variable =
    Variable { name: "LOG_FORMAT", default: "json", about: "json for machines, text for people" };
pub(super) const VARIABLES: &[Variable] = &[LOG, LOG_FORMAT];

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = String, parse_err_fn = not_a_format)]
pub enum LogFormat {
    Json,
    Text,
}

fn not_a_format(text: &str) -> String {
    format!("{text} is neither json nor text")
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LoggingConfig {
    pub filter: String,
    pub format: LogFormat,
}

impl LoggingConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        let filter = env.get(&LOG);
        if let Err(error) = filter.parse::<tracing_subscriber::filter::Targets>() {
            return Err(ConfigError { name: LOG.name, reason: format!("{filter:?}: {error}") });
        }
        Ok(Self { filter, format: env.parse(&LOG_FORMAT)?.unwrap_or(LogFormat::Json) })
    }
}
