//! `xabar openapi`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::openapi;

const PATH: &str = "openapi/openapi.json";

#[derive(Debug, Args)]
pub struct Openapi {
    /// Write nothing; fail when the file differs from what the code serves.
    #[arg(long)]
    check: bool,
}

impl Openapi {
    /// Writes or compares the document.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let text = openapi::text()?;
        if !self.check {
            if let Some(folder) = Path::new(PATH).parent() {
                std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
            std::fs::write(PATH, text).context(PATH)?;
            println!("wrote {PATH}");
            return Ok(ExitCode::SUCCESS);
        }
        let published = std::fs::read_to_string(PATH).context(PATH)?;
        if published == text {
            println!("{PATH} is up to date");
            return Ok(ExitCode::SUCCESS);
        }
        let line = published.lines().zip(text.lines()).position(|(a, b)| a != b).map_or(0, |line| line + 1);
        eprintln!("{PATH} differs from what the code serves, from line {line} on; mend it with: cargo run -- openapi");
        Ok(ExitCode::FAILURE)
    }
}
