//! `xabar keys`.

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::access::queries::{self, KeyInput};
use crate::access::rows::KeyRow;
use crate::access::{LONGEST_OVERLAP, OVERLAP, Scope, Token, checked_expiry, checked_name, checked_scope};
use crate::clock::{Clock, Timestamp, parse_date};
use crate::config::{Config, Environment};
use crate::db::{self, Db};
use crate::manage::queries::record_command;

#[derive(Debug, Args)]
pub struct KeysCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and print it, this once. Nothing else goes to standard output.
    Create(Create),
    /// List the keys, the newest first.
    List,
    /// Make a key in the place of another and print it; the old one is valid for a while more.
    Rotate {
        /// Its id, from `keys list`.
        #[arg(value_parser = read_id)]
        id: i64,
        /// For how long the old key is still valid: 90s, 30m, 24h, 7d; 0 ends it now.
        #[arg(long, value_parser = read_overlap, default_value = "24h")]
        overlap: i64,
    },
    /// Make a key worthless, from now on and in every process.
    Revoke {
        /// Its id, from `keys list`.
        #[arg(value_parser = read_id)]
        id: i64,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// For people: who has it, and what for.
    #[arg(long, value_parser = checked_name)]
    name: String,
    /// What it may do; several with blanks or commas between them.
    #[arg(long = "scope", value_parser = checked_scope, required = true, num_args = 1.., value_delimiter = ',')]
    scopes: Vec<Scope>,
    /// When it expires: an instant such as 2027-01-01T00:00:00Z, or a date, at whose start in UTC it does.
    #[arg(long, value_parser = read_expiry)]
    expires: Option<Timestamp>,
}

/// What a command works with.
struct Tools {
    db: Db,
    clock: Clock,
    environment: Environment,
}

impl KeysCommand {
    /// Runs it.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let db = Db::open(&config.database.url, config.database.pool)
            .with_context(|| format!("DATABASE_URL: {}", config.database.url))?;
        db::migrate(&db)?;
        let tools = Tools { db, clock: Clock::system(), environment: config.access.environment };
        match &self.action {
            Action::Create(create) => tools.create(create),
            Action::List => tools.list(),
            Action::Rotate { id, overlap } => tools.rotate(*id, *overlap),
            Action::Revoke { id } => tools.revoke(*id),
        }
    }
}

impl Tools {
    fn create(&self, create: &Create) -> anyhow::Result<()> {
        let now = self.clock.now();
        let Create { name, scopes, expires } = create;
        if let Some(at) = expires {
            checked_expiry(*at, now).map_err(|reason| anyhow::anyhow!("--expires {reason}"))?;
        }
        let input = KeyInput { name: name.clone(), scopes: scopes.iter().copied().collect(), expires_at: *expires };
        let token = self.generate()?;
        let row = self.db.write_here(|conn| {
            let row = queries::create(conn, now, &input, &token)?;
            record_command(conn, now, "create_key", ("key", row.id), name)?;
            Ok::<_, anyhow::Error>(row)
        })?;
        show(&row, &token);
        Ok(())
    }

    fn rotate(&self, id: i64, overlap: i64) -> anyhow::Result<()> {
        let now = self.clock.now();
        let token = self.generate()?;
        let (row, old) = self.db.write_here(|conn| {
            let row = queries::rotate(conn, now, id, overlap, &token)??;
            record_command(conn, now, "rotate_key", ("key", id), &row.name)?;
            Ok::<_, anyhow::Error>((row, queries::find(conn, id)?))
        })?;
        show(&row, &token);
        let until = old.and_then(|old| old.expires_at).unwrap_or(now);
        eprintln!("Key {id} is valid until {until}.");
        Ok(())
    }

    fn revoke(&self, id: i64) -> anyhow::Result<()> {
        let now = self.clock.now();
        let row = self.db.write_here(|conn| {
            let row = queries::revoke(conn, now, id)?.with_context(|| format!("there is no key {id}"))?;
            record_command(conn, now, "revoke_key", ("key", id), &row.name)?;
            Ok::<_, anyhow::Error>(row)
        })?;
        println!("key {id} ({}) is revoked since {}", row.name, row.revoked_at.unwrap_or(now));
        Ok(())
    }

    fn list(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let rows = self.db.read_here(queries::all)?;
        for row in &rows {
            let said = |what: &str, at: Option<Timestamp>| at.map(|at| format!("  {what} {at}")).unwrap_or_default();
            println!(
                "{}  {}…  {}  [{}]  {}{}{}{}",
                row.id,
                row.hint,
                row.name,
                row.scopes.as_ref(),
                row.state(now).as_ref(),
                said("revoked", row.revoked_at),
                said("expires", row.expires_at),
                said("used", row.last_used_at),
            );
        }
        if rows.is_empty() {
            eprintln!("There are no keys.");
        }
        Ok(())
    }

    fn generate(&self) -> anyhow::Result<Token> {
        Token::generate(self.environment).context("the system gives no randomness")
    }
}

/// The key alone on standard output, so that `KEY=$(xabar keys create ...)` holds it; remarks beside it.
fn show(row: &KeyRow, token: &Token) {
    println!("{}", token.reveal());
    let end = row.expires_at.map_or("It does not expire.".to_owned(), |at| format!("It expires at {at}."));
    eprintln!("Key {} ({}) has the scopes {}. {end}", row.id, row.name, row.scopes.as_ref());
    eprintln!("It is shown this once and kept nowhere.");
}

fn read_id(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "not an id from `xabar keys list`")
}

fn read_expiry(text: &str) -> Result<Timestamp, &'static str> {
    let instant = parse_date(text).map_or_else(|| text.parse(), |date| format!("{date}T00:00:00Z").parse());
    instant.map_err(|_| "neither a date such as 2027-01-01 nor an instant such as 2027-01-01T00:00:00Z")
}

/// A number with s, m, h or d after it, in seconds.
fn read_overlap(text: &str) -> Result<i64, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let unit = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)));
    let (number, seconds) = unit.unwrap_or((text, if text == "0" { 1 } else { 0 }));
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let overlap = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds));
    let overlap = overlap.filter(|_| plain && seconds > 0).filter(|overlap| *overlap <= LONGEST_OVERLAP);
    let longest = LONGEST_OVERLAP / OVERLAP;
    overlap.ok_or_else(|| format!("not a time such as 90s, 30m, 24h or 7d, of at most {longest}d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_a_number_with_its_unit() {
        for (text, seconds) in
            [("0", 0), ("0h", 0), ("90s", 90), ("30m", 1_800), ("24h", OVERLAP), ("30d", LONGEST_OVERLAP)]
        {
            assert_eq!(read_overlap(text), Ok(seconds), "{text}");
        }
        for text in ["", "24", "h", "-1h", "+1h", "1.5h", "31d", "1w", "24 h", "9999999999999999999d", "24hh"] {
            assert!(read_overlap(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_expiry_is_a_date_or_an_instant() {
        let read = |text: &str| read_expiry(text).map(|at| at.to_string());
        assert_eq!(read("2027-01-01").as_deref(), Ok("2027-01-01T00:00:00Z"));
        assert_eq!(read("2027-01-01T06:00:00+06:00").as_deref(), Ok("2027-01-01T00:00:00Z"));
        for text in ["", "2027-02-30", "tomorrow", "2027-01-01T00:00:00"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
