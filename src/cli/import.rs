//! `xabar import`.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::articles::queries::{complete, index_titles, leave_titles};
use crate::articles::read_lang;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Db, Occupancy};
use crate::imports::{Report, ndjson};
use crate::rates::sources::{LARGEST, Source};
use crate::rates::{Rates, fetching};
use crate::wordpress;

use super::rates::show;

/// An import of so many records changes what the database should know of its tables.
const MANY: u64 = 1000;

#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// Records as JSON, one a line: articles, tags, authors and media.
    Ndjson {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
    /// Tables of a central bank, or of a market feed, in the form in which it publishes them.
    Rates {
        /// nbkr, nbk, nbt, cbu or market.
        source: Source,
        /// The files, in the order in which they were published.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// A WordPress export (WXR).
    Wxr {
        /// The file, or all of them where WordPress made several.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Do everything but keep nothing of it.
        #[arg(long)]
        dry_run: bool,
        /// Language of the articles, when it is not the one that the export names.
        #[arg(long, value_parser = read_lang)]
        lang: Option<String>,
    },
}

impl Import {
    /// Imports, prints what was done, and fails when a record was refused.
    pub fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        let db = Db::open(&config.database.url, config.database.pool)
            .with_context(|| format!("DATABASE_URL: {}", config.database.url))?;
        db::migrate(&db)?;
        // What is there may be of an older version; what comes is complete.
        complete(&db)?;
        let clock = Clock::system();
        let mut keeps = true;
        let Report { faults, created, updated, .. } = match &self.format {
            Format::Rates { source, files } => {
                return import_rates(&db, &clock, &Rates::new(&config.rates)?, *source, files);
            }
            Format::Ndjson { file } => in_bulk(&db, |is_first| import_ndjson(&db, &clock, file, is_first))?,
            Format::Wxr { files, dry_run, lang } => {
                let options = wordpress::Options { dry_run: *dry_run, lang: lang.clone() };
                let outcome = in_bulk(&db, |_| import_wxr(&db, &clock, files, &options))?;
                keeps = !outcome.dry_run;
                outcome.stored
            }
        };
        if keeps
            && created + updated >= MANY
            && let Err(error) = db.after_bulk()
        {
            tracing::warn!(%error, "the database was not prepared for reading what was imported: {error}");
        }
        Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Does what writes much, and is told whether it is the first import; prints what it did. What it wrote is on the disk and in every index
/// when this has succeeded; of what fails what was committed stays.
fn in_bulk<T: Display>(db: &Db, work: impl FnOnce(bool) -> anyhow::Result<T>) -> anyhow::Result<T> {
    // Nobody follows what is empty, and could miss what a power cut takes of it.
    let is_first = leave_titles(db)?;
    let occupancy = if is_first { Occupancy::Empty } else { Occupancy::Used };
    let done = db.expect_bulk(occupancy).map_err(Into::into).and_then(|bulk| {
        let done = work(is_first).inspect(|done| println!("{done}"));
        both(done, db.end_bulk(bulk).context("what was stored may not be safe from a power cut"))
    });
    // Whatever happened to the rest. Where it fails, whatever is started next does it.
    both(done, index_titles(db).context("titles are not indexed"))
}

/// What was done, unless it or what follows it failed.
fn both<T>(done: anyhow::Result<T>, then: anyhow::Result<()>) -> anyhow::Result<T> {
    match (done, then) {
        (Err(error), Err(also)) => Err(error.context(format!("{also:#}"))),
        (done, then) => then.and(done),
    }
}

fn import_ndjson(db: &Db, clock: &Clock, file: &Path, is_first: bool) -> anyhow::Result<Report> {
    let (input, size): (Box<dyn BufRead + Send>, u64) = if file == Path::new("-") {
        (Box::new(BufReader::with_capacity(1 << 20, io::stdin())), 0)
    } else {
        let open = File::open(file).with_context(|| file.display().to_string())?;
        let size = open.metadata()?.len();
        (Box::new(BufReader::with_capacity(1 << 20, open)), size)
    };
    let bar = bar(size);
    let progress = |bytes| bar.set_position(bytes);
    let report = if is_first {
        ndjson::import_first(db, clock, input, progress)
    } else {
        ndjson::import(db, clock, input, progress)
    };
    bar.finish_and_clear();
    report.with_context(|| file.display().to_string())
}

fn import_wxr(
    db: &Db,
    clock: &Clock,
    files: &[PathBuf],
    options: &wordpress::Options,
) -> anyhow::Result<wordpress::Outcome> {
    let mut total = 0;
    for file in files {
        let found = std::fs::metadata(file).with_context(|| file.display().to_string())?;
        anyhow::ensure!(found.is_file(), "{}: an export is read twice, so it must be a regular file", file.display());
        total += found.len();
    }
    let (bar, mut at) = (bar(2 * total), 0);
    let opened: Vec<_> = files.iter().map(|file| move || File::open(file).map(BufReader::new)).collect();
    let outcome = wordpress::import(db, clock, &opened, options, |file, bytes| {
        at = file;
        // Posts that wait for their slugs are read once more.
        bar.set_position(bytes.min(2 * total));
    });
    bar.finish_and_clear();
    outcome.with_context(|| files[at].display().to_string())
}

fn import_rates(db: &Db, clock: &Clock, rates: &Rates, source: Source, files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        let payload = read_at_most(file, LARGEST).with_context(|| file.display().to_string())?;
        let result = fetching::import(db, clock, rates, source, &payload)?;
        if !show(&file.display().to_string(), &result) {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// Reads a file, but of a large one only enough to see that it is too large.
fn read_at_most(file: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut payload = Vec::new();
    Read::take(File::open(file)?, most as u64 + 1).read_to_end(&mut payload)?;
    Ok(payload)
}

/// A progress bar over bytes, on a terminal only.
fn bar(bytes: u64) -> ProgressBar {
    if !io::stderr().is_terminal() || bytes == 0 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {elapsed} eta {eta}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
