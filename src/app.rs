//! Wires the pieces: store, published snapshot, threads, reactor.

use crate::config::Config;

/// Runs until it is told to stop.
///
/// # Errors
/// One line: why it cannot run.
pub fn run(config: Config) -> Result<(), String> {
    Err(format!("cannot listen on {:?} yet", config.listen))
}
