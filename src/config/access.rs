//! Who may call, and how often.

use strum::{AsRefStr, EnumString};

use super::{ConfigError, Env, Variable};

const KEY_ENVIRONMENT: Variable = Variable {
    name: "KEY_ENVIRONMENT",
    default: "live",
    about: "live or test: which keys are made and taken; a copy of a live database should be test",
};
pub(super) const VARIABLES: &[Variable] = &[KEY_ENVIRONMENT];

/// Where a key is valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, AsRefStr)]
#[strum(serialize_all = "lowercase")]
pub enum Environment {
    #[default]
    Live,
    Test,
}

/// Keys and limits.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    pub environment: Environment,
}

impl AccessConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        Ok(Self { environment: env.parse(&KEY_ENVIRONMENT)?.unwrap_or_default() })
    }
}
