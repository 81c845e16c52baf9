//! The log, on standard error. All that is written there, panics included, passes by one place that hides keys.

use std::io::{self, Stderr, Write};

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LoggingConfig};
use crate::text::secrets::redacted;

/// Standard error without keys.
struct Redacting(Stderr);

impl Write for Redacting {
    /// A log line comes in one piece, so that no key is in two.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(redacted(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Begins to log.
pub fn to_stderr(config: &LoggingConfig) -> anyhow::Result<()> {
    // At its finest the client of the banks logs whole addresses, and a market's has a key in it.
    let filter = format!("{},ureq=info,ureq_proto=info", config.filter);
    let filter = EnvFilter::try_new(filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Redacting(io::stderr()));
    match config.format {
        LogFormat::Json => subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
        LogFormat::Text => subscriber.init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(%panic, %backtrace, "a panic: {panic}");
    }));
    Ok(())
}

/// Says why the command failed.
pub fn complain(text: &str) {
    eprintln!("{}", redacted(text));
}
