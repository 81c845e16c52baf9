//! `xabar rates`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;

use crate::clock::{Clock, parse_date};
use crate::config::Config;
use crate::db::{self, Db};
use crate::rates::fetching::{self, Client, Failure, Taken, backfill};
use crate::rates::sources::{FEEDS, Feed, Source};
use crate::rates::{Rates, queries};

#[derive(Debug, Args)]
pub struct RatesCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Fetch from the sources now; all of those that have an address, or one.
    Fetch(Fetch),
    /// List the quotes that are held, each with its id and reason.
    Held,
    /// Serve held quotes after all.
    Release {
        /// Their ids, from `rates held`.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}

#[derive(Debug, Args)]
struct Fetch {
    /// nbkr, nbk, nbt, cbu or market.
    source: Option<Source>,
    /// The table that is in force from this day; without it, the newest.
    #[arg(long, value_parser = read_date, conflicts_with_all = ["from", "to"])]
    date: Option<Date>,
    /// Fetch a range of days, of which those that are there already are left out.
    #[arg(long, value_parser = read_date, requires = "to", requires = "source")]
    from: Option<Date>,
    /// The last day of the range.
    #[arg(long, value_parser = read_date, requires = "from")]
    to: Option<Date>,
}

/// What a command works with.
struct Tools {
    db: Db,
    clock: Clock,
    rates: Rates,
}

impl RatesCommand {
    /// Runs it, prints what was done, and fails when a table was refused.
    pub fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        let db = Db::open(&config.database.url, config.database.pool)
            .with_context(|| format!("DATABASE_URL: {}", config.database.url))?;
        db::migrate(&db)?;
        let tools = Tools { db, clock: Clock::system(), rates: Rates::new(&config.rates)? };
        let done = match &self.action {
            Action::Fetch(fetch) => match (fetch.source, fetch.from, fetch.to) {
                (Some(source), Some(from), Some(to)) => tools.backfill(source, from, to)?,
                _ => tools.fetch(fetch.source, fetch.date)?,
            },
            Action::Held => tools.list_held()?,
            Action::Release { ids } => tools.release(ids)?,
        };
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Tools {
    fn fetch(&self, source: Option<Source>, date: Option<Date>) -> anyhow::Result<bool> {
        let client = Client::new(Default::default());
        let wanted = |feed: &&dyn Feed| match source {
            Some(source) => feed.source() == source,
            None => self.rates.has_address(feed.key()),
        };
        let mut done = true;
        for feed in FEEDS.into_iter().filter(wanted) {
            for asked in self.days(feed, date) {
                let name: &str = feed.key().into();
                let result = fetching::fetch(&self.db, &self.clock, &client, &self.rates, feed, asked)?;
                let place = asked.map_or(name.to_owned(), |day| format!("{name} {day}"));
                if self.is_to_come(feed, date, asked, &result) {
                    println!("{place}: not published yet");
                } else {
                    done &= show(&place, &result);
                }
            }
        }
        Ok(done)
    }

    /// The tables to ask for: the one that is in force, and what should come next.
    fn days(&self, feed: &dyn Feed, date: Option<Date>) -> Vec<Option<Date>> {
        if date.is_some() || !feed.dated() {
            return vec![date];
        }
        let now = self.clock.now();
        let today = self.rates.calendar.date(feed.source(), now);
        let current = self.rates.calendar.due(feed.key(), today, now);
        let newest = self.rates.calendar.newest(feed.key(), now).map(|table| table.date);
        let mut days: Vec<Option<Date>> = [current, newest].into_iter().filter(Option::is_some).collect();
        days.dedup();
        days
    }

    /// Whether a table that nobody asked for by name is missing only because its time isn't over.
    fn is_to_come(
        &self,
        feed: &dyn Feed,
        named: Option<Date>,
        asked: Option<Date>,
        result: &Result<Taken, Failure>,
    ) -> bool {
        let open = asked.and_then(|day| self.rates.calendar.table(feed.key(), day));
        let open = open.is_some_and(|table| table.is_open(self.clock.now()));
        named.is_none() && open && matches!(result, Err(Failure::WrongDate { .. }))
    }

    fn backfill(&self, source: Source, from: Date, to: Date) -> anyhow::Result<bool> {
        anyhow::ensure!(from <= to, "--from {from} lies after --to {to}");
        let feed = source.feeds().find(|feed| feed.dated());
        let feed = feed.with_context(|| format!("{} gives its newest table only, and no past ones", source.name()))?;
        let days = fetching::missing(&self.db, &self.clock, &self.rates, feed, (from, to))?;
        let bar = bar(days.len() as u64);
        let (mut had, mut refused) = (0, Vec::new());
        backfill(&self.db, &self.clock, &Client::new(Default::default()), &self.rates, feed, &days, |day, result| {
            match result {
                Ok(_) => had += 1,
                Err(failure) => refused.push(format!("{day}: {failure}")),
            }
            bar.inc(1);
        })?;
        bar.finish_and_clear();
        let left = days.len() - had - refused.len();
        let left = if left > 0 { format!(", {left} not asked for") } else { String::new() };
        println!("{had} tables fetched, {} not{left}", refused.len());
        refused.iter().for_each(|line| println!("  {line}"));
        Ok(refused.is_empty())
    }

    fn list_held(&self) -> anyhow::Result<bool> {
        let held = self.db.read_here(queries::held)?;
        for one in &held {
            let source: &str = one.source.into();
            println!(
                "{}  {source}  {}  {} for {}  {}  {}",
                one.id, one.pair, one.digits, one.nominal, one.date, one.reason
            );
        }
        if held.is_empty() {
            println!("nothing is held");
        }
        Ok(true)
    }

    /// All of them, or, where one can't be, none.
    fn release(&self, ids: &[i64]) -> anyhow::Result<bool> {
        let now = self.clock.now();
        let pairs = self.db.write_here(|conn| {
            let release = |id: &i64| Ok::<_, anyhow::Error>(queries::release(conn, now, *id)??);
            ids.iter().map(release).collect::<Result<Vec<_>, _>>()
        })?;
        for (id, pair) in ids.iter().zip(pairs) {
            tracing::info!(id, %pair, "{pair}: held quote {id} was released by hand");
            println!("{id}  {pair}  is served from now on");
        }
        Ok(true)
    }
}

/// Prints how a table fared; whether it was had.
pub fn show(place: &str, result: &Result<Taken, Failure>) -> bool {
    match result {
        Ok(Taken::NotModified) => println!("{place}: not modified"),
        Ok(Taken::Stored { feed, date, outcome }) => {
            let feed: &str = feed.into();
            let counted = [
                ("new", outcome.accepted),
                ("corrected", outcome.corrected),
                ("unchanged", outcome.unchanged),
                ("released", outcome.released),
                ("held", outcome.held.len()),
            ];
            let counted: Vec<String> =
                counted.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")).collect();
            println!("{place}: {feed} of {date}: {}", counted.join(", "));
            outcome.held.iter().for_each(|(pair, reason)| println!("  {pair} is held: it {reason}"));
        }
        Err(failure) => println!("{place}: refused: {failure}"),
    }
    result.is_ok()
}

fn read_date(text: &str) -> Result<Date, &'static str> {
    parse_date(text).ok_or("not a date such as 2026-04-01")
}

/// A progress bar over days, on a terminal only.
fn bar(days: u64) -> ProgressBar {
    if !io::stderr().is_terminal() || days == 0 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} days {elapsed} eta {eta}");
    ProgressBar::new(days).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
