//! The program: reads the configuration, runs, and says in its exit code how that went.

use std::io::Write;
use std::process::ExitCode;

use gatelet::app;
use gatelet::config::{Asked, Config};

/// A flag, a variable or an address that cannot be used: what shells call a usage error.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let done = match Config::read() {
        Ok(Asked::Run(config)) => app::run(*config),
        Ok(Asked::Print(text)) => {
            // Who closed stdout does not want to read it.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(true)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        // What failed was said where it did.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "gatelet: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}
