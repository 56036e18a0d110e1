//! Access logs: their lines are kept where CloudWatch Logs are read from, and are written to stderr or a file if that
//! is wanted.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::{Reactor, spawn_log_writer, spawn_writer};
use crate::base::Now;
use crate::live::access_log::AccessLog;
use crate::log::{self, Format, Level, Logger};
use crate::model::logs::{Event, MAX_GROUP_BYTES};
use crate::model::settings::Parity;

/// Opens what access logs are written to besides their log groups: a file, whose end is appended to, or stderr (`-`).
/// Beside the log, the thread that writes it.
///
/// # Errors
/// One line: why it cannot be written.
pub(crate) fn open(place: &Path) -> Result<(Logger, JoinHandle<()>), String> {
    let (logger, _, lines) = log::channel(Level::Info, Format::Text);
    let writer = if place == Path::new("-") {
        spawn_log_writer(lines)
    } else {
        let file = OpenOptions::new().append(true).create(true).open(place);
        let file = file.map_err(|error| format!("{}: cannot write there: {error}", place.display()))?;
        spawn_writer(lines, file)
    };
    Ok((logger, writer.map_err(|error| format!("cannot start a thread: {error}"))?))
}

impl Reactor {
    /// A line of a stage's access log.
    pub(super) fn keep_access(&mut self, now: Now, log: &AccessLog, line: &str) {
        if let Some(out) = &mut self.access_log {
            out.line_of_others(now, line);
        }
        let Some((owner, group)) = &log.group else { return };
        let makes_group = self.live.get().settings.parity == Parity::LocalStack;
        let event = Event {
            stream: Arc::clone(&log.stream),
            time_ms: now.unix_ms,
            ingested_ms: now.unix_ms,
            message: line.into(),
        };
        let full = {
            let mut logs = self.control.context().logs();
            (!makes_group || logs.ensure_group(owner, group, now.unix_ms)) && logs.append(owner, group, event)
        };
        if full {
            self.tell_full(now, group);
        }
    }

    /// A log group has dropped its first event.
    pub(super) fn tell_full(&mut self, now: Now, group: &str) {
        let what = format!(
            "the log group {group} is full ({} MB): from now on its oldest events are dropped",
            MAX_GROUP_BYTES / (1024 * 1024)
        );
        self.logger.event(now, Level::Warn, "logs", &what);
    }
}
