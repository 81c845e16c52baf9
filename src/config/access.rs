//! Who may call, and how often.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

use ipnet::IpNet;
use strum::{AsRefStr, EnumString};

use super::{ConfigError, Env, Variable};

const KEY_ENVIRONMENT: Variable = Variable {
    name: "KEY_ENVIRONMENT",
    default: "live",
    about: "live or test: which keys are made and taken; a copy of a live database should be test",
};
const RATE_LIMIT_ADDRESS: Variable = Variable {
    name: "RATE_LIMIT_ADDRESS",
    default: "",
    about: "REQUESTS/SECONDS for each address, of IPv6 each /64, that calls without a key, such as 600/60; no limit when not set, since behind a proxy that TRUSTED_PROXIES doesn't name all visitors share one address",
};
const RATE_LIMIT_KEY: Variable = Variable {
    name: "RATE_LIMIT_KEY",
    default: "",
    about: "REQUESTS/SECONDS for each key, such as 6000/60; no limit when not set",
};
const TRUSTED_PROXIES: Variable = Variable {
    name: "TRUSTED_PROXIES",
    default: "",
    about: "Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8,2001:db8::/32; none when not set",
};
const CONNECTIONS_PER_ADDRESS: Variable = Variable {
    name: "CONNECTIONS_PER_ADDRESS",
    default: "",
    about: "Connections that one address, of IPv6 one /64, may have open at once, 1 to 1000000, but for the networks of TRUSTED_PROXIES; no limit when not set",
};
pub(super) const VARIABLES: &[Variable] =
    &[KEY_ENVIRONMENT, RATE_LIMIT_ADDRESS, RATE_LIMIT_KEY, CONNECTIONS_PER_ADDRESS, TRUSTED_PROXIES];

/// Where a key is valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, AsRefStr)]
#[strum(serialize_all = "lowercase")]
pub enum Environment {
    #[default]
    Live,
    Test,
}

/// So many requests in so many seconds, evenly refilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub requests: NonZeroU32,
    pub seconds: NonZeroU32,
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not REQUESTS/SECONDS such as 600/60, with 1 to 1000000 requests in 1 to 86400 seconds")]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (requests, seconds) = text.split_once('/').ok_or(NotARate)?;
        let read = |digits: &str, most: u32| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<NonZeroU32>().ok().filter(|number| plain && number.get() <= most).ok_or(NotARate)
        };
        Ok(Self { requests: read(requests, 1_000_000)?, seconds: read(seconds, 86_400)? })
    }
}

/// Keys and limits.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    pub environment: Environment,
    /// For each address that calls without a valid key.
    pub rate_of_address: Option<Rate>,
    pub rate_of_key: Option<Rate>,
    pub connections_per_address: Option<NonZeroU32>,
    pub trusted_proxies: Vec<IpNet>,
}

impl AccessConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            environment: env.parse(&KEY_ENVIRONMENT)?.unwrap_or_default(),
            rate_of_address: env.parse(&RATE_LIMIT_ADDRESS)?,
            rate_of_key: env.parse(&RATE_LIMIT_KEY)?,
            connections_per_address: connections(env)?,
            trusted_proxies: networks(env, &TRUSTED_PROXIES)?,
        })
    }
}

fn connections(env: &Env<'_>) -> Result<Option<NonZeroU32>, ConfigError> {
    let most = env.parse::<NonZeroU32>(&CONNECTIONS_PER_ADDRESS)?;
    match most.filter(|most| most.get() > 1_000_000) {
        Some(most) => {
            let reason = format!("{most} is not from 1 to 1000000");
            Err(ConfigError { name: CONNECTIONS_PER_ADDRESS.name, reason })
        }
        None => Ok(most),
    }
}

fn networks(env: &Env<'_>, variable: &Variable) -> Result<Vec<IpNet>, ConfigError> {
    let value = env.get(variable);
    let read = |item: &str| {
        let network = item.parse::<IpNet>().ok().or_else(|| item.parse::<IpAddr>().ok().map(IpNet::from));
        let reason = || format!("{item:?} is neither a network such as 10.0.0.0/8 nor an address");
        network.ok_or_else(|| ConfigError { name: variable.name, reason: reason() })
    };
    value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_rate_and_nothing_like_one() {
        let rate: Rate = "600/60".parse().expect("a rate");
        assert_eq!((rate.requests.get(), rate.seconds.get()), (600, 60));
        for text in [
            "",
            "600",
            "600/",
            "/60",
            "0/60",
            "600/0",
            "+600/60",
            "600/60/1",
            "6e2/60",
            "1000001/60",
            "1/86401",
            "600 / 60",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn reads_networks_and_single_addresses() {
        let pairs = [("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,2001:db8::/32")];
        let config = AccessConfig::read(&Env::of(&pairs)).expect("networks");
        let read: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(read, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]);
    }
}
