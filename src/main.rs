//! The `xabar` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    xabar::cli::main()
}
