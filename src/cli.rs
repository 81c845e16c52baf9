//! The command line. One file a command; each reads its configuration and calls the library.

mod import;
mod keys;
mod log;
mod migrate;
mod openapi;
mod rates;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Env};
use crate::text::secrets::holds_key;

/// A headless content API for a news publisher.
///
/// Configuration comes from the environment, or from a file `.env` in the working directory; `.env.example` lists it.
#[derive(Debug, Parser)]
#[command(name = "xabar", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API. The database is migrated first.
    Serve(serve::Serve),
    /// Bring the database's schema up to date.
    Migrate,
    /// Write the OpenAPI document to openapi/openapi.json.
    Openapi(openapi::Openapi),
    /// Bring content and rates in.
    Import(import::Import),
    /// Make, list, rotate and revoke keys.
    Keys(keys::KeysCommand),
    /// Fetch rates, and decide about those that are held.
    Rates(rates::RatesCommand),
}

/// Runs the command that the arguments name. Prints an error with its causes, and then exits with 1.
pub fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            log::complain(&format!("xabar: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return Ok(explain(&error)),
    };
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(error) if error.not_found() => {}
        Err(error) => anyhow::bail!(".env: {error}"),
    }
    match cli.command {
        Command::Openapi(command) => return command.run(),
        Command::Serve(command) => command.run(&config()?)?,
        Command::Migrate => migrate::run(&config()?)?,
        Command::Import(command) => return command.run(&config()?),
        Command::Keys(command) => command.run(&config()?)?,
        Command::Rates(command) => return command.run(&config()?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what is wrong with the arguments, or gives the help that they ask for.
fn explain(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if holds_key(&text) {
        log::complain(&text);
    } else if let Err(error) = error.print() {
        tracing::debug!(%error, "nobody reads what is wrong: {error}");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn config() -> anyhow::Result<Config> {
    let config = Config::read(&Env::process())?;
    log::to_stderr(&config.logging)?;
    Ok(config)
}
