//! Rates: where they are fetched, and what no bank publishes.

use jiff::civil::Date;

use super::{ConfigError, Env, Variable};
use crate::clock::parse_date;

const FETCH: Variable =
    Variable { name: "RATES_FETCH", default: "off", about: "on: serve fetches the banks' rates when they publish" };
const NBKR_URL: Variable = Variable {
    name: "RATES_NBKR_URL",
    default: "",
    about: "Folder with the daily.xml and weekly.xml of the National Bank of the Kyrgyz Republic; the bank's own when not set",
};
const NBK_URL: Variable = Variable {
    name: "RATES_NBK_URL",
    default: "",
    about: "Folder with the get_rates.cfm of the National Bank of Kazakhstan; the bank's own when not set",
};
const NBT_URL: Variable = Variable {
    name: "RATES_NBT_URL",
    default: "",
    about: "The export_xml.php of the National Bank of Tajikistan; the bank's own when not set",
};
const CBU_URL: Variable = Variable {
    name: "RATES_CBU_URL",
    default: "",
    about: "Folder with the all/DATE/ of the Central Bank of Uzbekistan; the bank's own when not set",
};
const MARKET_URL: Variable = Variable {
    name: "RATES_MARKET_URL",
    default: "",
    about: "A market feed in the shape of Open Exchange Rates, its key included; none when not set",
};
const MARKET_REDISTRIBUTABLE: Variable = Variable {
    name: "RATES_MARKET_REDISTRIBUTABLE",
    default: "no",
    about: "yes: your contract lets you pass the market's quotes on to partners",
};
const TMT_PEG: Variable = Variable {
    name: "RATES_TMT_PEG",
    default: "2015-01-01=3.5",
    about: "Manats a dollar, each rate with its first day: DATE=RATE, a comma between them",
};
const CALENDAR: Variable = Variable {
    name: "RATES_CALENDAR",
    default: "",
    about: "Days on which a bank works (on) or doesn't (off) against its rule: nbk:2027-05-17=off, a comma between them",
};
pub(super) const VARIABLES: &[Variable] =
    &[FETCH, NBKR_URL, NBK_URL, NBT_URL, CBU_URL, MARKET_URL, MARKET_REDISTRIBUTABLE, TMT_PEG, CALENDAR];

/// Where rates come from.
#[derive(Clone)]
pub struct RatesConfig {
    pub fetch: bool,
    pub nbkr_url: Option<String>,
    pub nbk_url: Option<String>,
    pub nbt_url: Option<String>,
    pub cbu_url: Option<String>,
    pub market_url: Option<String>,
    pub market_redistributable: bool,
    /// First day and manats a dollar.
    pub tmt_peg: Vec<(Date, String)>,
    /// Source, day, and whether it works on it.
    pub calendar: Vec<(String, Date, bool)>,
}

impl RatesConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            fetch: switch(env, &FETCH, ("on", "off"))?,
            nbkr_url: folder(env, &NBKR_URL)?,
            nbk_url: folder(env, &NBK_URL)?,
            nbt_url: url(env, &NBT_URL)?,
            cbu_url: folder(env, &CBU_URL)?,
            market_url: url(env, &MARKET_URL)?,
            market_redistributable: switch(env, &MARKET_REDISTRIBUTABLE, ("yes", "no"))?,
            tmt_peg: items(env, &TMT_PEG, "DATE=RATE", read_peg)?,
            calendar: items(env, &CALENDAR, "SOURCE:DATE=on or SOURCE:DATE=off", read_day)?,
        })
    }

    /// The peg can't be used.
    pub fn fault_of_peg(&self, why: &dyn std::fmt::Display) -> ConfigError {
        ConfigError { name: TMT_PEG.name, reason: format!("the rate {why}") }
    }

    /// The calendar names a source that there isn't.
    pub fn fault_of_calendar(&self, source: &str) -> ConfigError {
        ConfigError { name: CALENDAR.name, reason: format!("{source:?} is not one of nbkr, nbk, nbt, cbu, market") }
    }
}

fn switch(env: &Env<'_>, variable: &Variable, (yes, no): (&str, &str)) -> Result<bool, ConfigError> {
    let value = env.get(variable);
    if value == yes || value == no {
        return Ok(value == yes);
    }
    Err(ConfigError { name: variable.name, reason: format!("{value:?} is not {yes:?} or {no:?}") })
}

/// An address; never shown in an error, since it may have a key in it.
fn url(env: &Env<'_>, variable: &Variable) -> Result<Option<String>, ConfigError> {
    let value = env.get(variable);
    if value.is_empty() {
        return Ok(None);
    }
    let is_web = ["https://", "http://127.0.0.1", "http://localhost", "http://[::1]"];
    if is_web.iter().any(|start| value.starts_with(start)) {
        return Ok(Some(value));
    }
    let reason = "is not an https address (http is for this machine alone)".to_owned();
    Err(ConfigError { name: variable.name, reason })
}

/// The address of a folder, which ends with a slash.
fn folder(env: &Env<'_>, variable: &Variable) -> Result<Option<String>, ConfigError> {
    let ended = |address: String| if address.ends_with('/') { address } else { address + "/" };
    Ok(url(env, variable)?.map(ended))
}

fn items<T>(
    env: &Env<'_>,
    variable: &Variable,
    form: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, ConfigError> {
    let value = env.get(variable);
    let fault = |item: &str| ConfigError { name: variable.name, reason: format!("{item:?} is not {form}") };
    let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| read(item).ok_or_else(|| fault(item))).collect()
}

fn read_peg(item: &str) -> Option<(Date, String)> {
    let (date, rate) = item.split_once('=')?;
    Some((parse_date(date)?, rate.to_owned()))
}

fn read_day(item: &str) -> Option<(String, Date, bool)> {
    let (source, rest) = item.split_once(':')?;
    let (date, state) = rest.split_once('=')?;
    let works = match state {
        "on" => true,
        "off" => false,
        _ => return None,
    };
    Some((source.to_owned(), parse_date(date)?, works))
}

impl std::fmt::Debug for RatesConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses are left out: one may have a key in it.
        f.debug_struct("RatesConfig").field("fetch", &self.fetch).finish_non_exhaustive()
    }
}
