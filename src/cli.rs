//! The command line. One file a command; each reads its configuration and calls the library.

mod import;
mod migrate;
mod openapi;
mod rates;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, Env, LogFormat, LoggingConfig};

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
    /// Fetch rates, and decide about those that are held.
    Rates(rates::RatesCommand),
}

/// Runs the command that the arguments name. Prints an error with its causes, and then exits with 1.
pub fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xabar: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
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
        Command::Rates(command) => return command.run(&config()?),
    }
    Ok(ExitCode::SUCCESS)
}

fn config() -> anyhow::Result<Config> {
    let config = Config::read(&Env::process())?;
    log_to_stderr(&config.logging)?;
    Ok(config)
}

fn log_to_stderr(config: &LoggingConfig) -> anyhow::Result<()> {
    // At its finest the client of the banks logs whole addresses, and a market's has a key in it.
    let filter = format!("{},ureq=info,ureq_proto=info", config.filter);
    let filter = EnvFilter::try_new(filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Json => subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
        LogFormat::Text => subscriber.init(),
    }
    Ok(())
}
