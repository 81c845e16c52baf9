//! The HTTP server.

use std::net::SocketAddr;

use super::{ConfigError, Env, Variable};

const LISTEN: Variable = Variable {
    name: "LISTEN",
    default: "127.0.0.1:8080",
    about: "Address and port to listen on; port 0 takes any free one",
};
const WORKERS: Variable = Variable {
    name: "WORKERS",
    default: "",
    about: "Threads that serve connections, 1 to 256; as many as there are cores when not set",
};
const SECRET_KEY: Variable = Variable {
    name: "SECRET_KEY",
    default: "",
    about: "Signs cursors, change tokens and previews, and another one makes those invalid: at least 32 characters; made once and kept in the database when not set",
};
const KEPT_ANSWERS_MB: Variable = Variable {
    name: "KEPT_ANSWERS_MB",
    default: "64",
    about: "Megabytes of answers that are kept in memory and sent again for as long as they are true, 0 (none) to 65536",
};
pub(super) const VARIABLES: &[Variable] = &[LISTEN, WORKERS, SECRET_KEY, KEPT_ANSWERS_MB];

/// Where to listen, and with what.
#[derive(Clone)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    pub workers: usize,
    /// Without one, the database keeps it.
    pub secret_key: Option<String>,
    /// How many bytes of answers are kept in memory; 0 for none.
    pub kept_bytes: u64,
}

impl ServerConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        let missing = || ConfigError { name: LISTEN.name, reason: "is not set".into() };
        let workers = match env.parse::<usize>(&WORKERS)? {
            Some(workers) if (1..=256).contains(&workers) => workers,
            Some(workers) => {
                return Err(ConfigError { name: WORKERS.name, reason: format!("{workers} is not from 1 to 256") });
            }
            None => std::thread::available_parallelism().map_or(2, |cores| cores.get().min(256)),
        };
        let secret_key = env.parse::<String>(&SECRET_KEY)?;
        if secret_key.as_ref().is_some_and(|key| key.len() < 32) {
            return Err(ConfigError { name: SECRET_KEY.name, reason: "is shorter than 32 characters".into() });
        }
        let megabytes = env.parse::<u64>(&KEPT_ANSWERS_MB)?.unwrap_or_default();
        if megabytes > 65_536 {
            let reason = format!("{megabytes} is not from 0 to 65536");
            return Err(ConfigError { name: KEPT_ANSWERS_MB.name, reason });
        }
        let kept_bytes = megabytes * 1024 * 1024;
        Ok(Self { listen: env.parse(&LISTEN)?.ok_or_else(missing)?, workers, secret_key, kept_bytes })
    }
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { listen, workers, secret_key: _, kept_bytes } = self;
        let mut shown = f.debug_struct("ServerConfig");
        shown.field("listen", listen).field("workers", workers).field("kept_bytes", kept_bytes).finish_non_exhaustive()
    }
}
