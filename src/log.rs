//! The log: a line for each request, event and line that a function printed, on stderr, for people or machines.
//!
//! ```text
//! reactor: Logger ── buffer ──┐ 16 KB or 20 ms
//!                             ├── bounded channel ──> write_all (a thread of its own) ──> stderr
//! jobs:    Handle ────────────┘
//! ```
//!
//! Nobody waits for the log. When the channel is full because nobody reads stderr, lines are dropped, and a
//! later line says how many. What comes from outside is escaped, so that no request can forge a line or move a
//! terminal's cursor.

mod line;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::base::Now;
use line::Line;

/// How urgent a line is; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is logged.
    Off,
    /// Something is broken.
    Error,
    /// Something will not work as it looks.
    Warn,
    /// What users come to see: requests, and what functions print.
    Info,
    /// What explains an answer.
    Debug,
    /// What explains us.
    Trace,
}

/// How a line is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged of a request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a str,
    /// The path without the query, which may hold secrets.
    pub path: &'a str,
    /// Who served it.
    pub served: Served<'a>,
    /// The answer's status.
    pub status: u16,
    /// From the request's last byte to the answer, in microseconds.
    pub duration_us: u64,
    /// The size of the answer's body.
    pub bytes: u64,
    /// What the answer does not say.
    pub error: Option<&'a str>,
}

/// Who served a request.
#[derive(Clone, Copy, Debug)]
pub enum Served<'a> {
    /// Nobody: it could not be read.
    Nobody,
    /// An api; `None`: it, or its stage or route, does not exist.
    Api {
        /// The api's id.
        api: Option<&'a str>,
        /// The stage's name.
        stage: Option<&'a str>,
        /// The route key.
        route: Option<&'a str>,
    },
    /// An AWS operation, or one of our own endpoints.
    Operation {
        /// `apigatewayv2`, `lambda`, …
        service: &'a str,
        /// `GetApis`, …
        operation: &'a str,
    },
}

/// Chunks of lines that wait for a slow reader: 64 of 16 KB are a megabyte, and some seconds of a busy log.
const QUEUE: usize = 64;
/// A chunk is handed over when it is as large as this,
const CHUNK: usize = 16 * 1024;
/// or as old as this: too short for people to notice, long enough to be shared by thousands of requests.
const LINGER: Duration = Duration::from_millis(20);

/// A log with its three ends: for the reactor, for other threads, and for the thread that runs [`write_all`].
pub fn channel(level: Level, format: Format) -> (Logger, Handle, Receiver<Vec<u8>>) {
    let (out, chunks) = sync_channel(QUEUE);
    let handle = Handle { level, format, out, dropped: Arc::default() };
    let logger = Logger {
        handle: handle.clone(),
        buffer: Vec::new(),
        lines: 0,
        due: None,
        clock: line::Clock::default(),
        reported: 0,
        reporting: 0,
    };
    (logger, handle, chunks)
}

/// How urgent the line of a request is that was answered so.
fn level_of(status: u16) -> Level {
    if status >= 500 { Level::Warn } else { Level::Info }
}

/// Writes what comes, until nobody can log any more.
pub fn write_all(chunks: Receiver<Vec<u8>>, mut out: impl Write) {
    for chunk in chunks {
        // There is nobody left to tell.
        let _ = out.write_all(&chunk).and_then(|()| out.flush());
    }
}

/// The reactor's end of the log.
#[derive(Debug)]
pub struct Logger {
    handle: Handle,
    buffer: Vec<u8>,
    /// How many are in `buffer`.
    lines: u64,
    due: Option<Instant>,
    clock: line::Clock,
    /// How many dropped lines the log has told of, in chunks that arrived,
    reported: u64,
    /// and together with `buffer`.
    reporting: u64,
}

impl Logger {
    /// Whether lines of this level are logged: for those that take trouble to make.
    pub fn logs(&self, level: Level) -> bool {
        level <= self.handle.level
    }

    /// The same, of answers of this status.
    pub fn logs_requests(&self, status: u16) -> bool {
        self.logs(level_of(status))
    }

    /// A request was answered.
    pub fn request(&mut self, now: Now, request: &RequestLine<'_>) {
        self.line(now, level_of(request.status), |line| line.request(request));
    }

    /// Something happened. `target` is a room's name.
    pub fn event(&mut self, now: Now, level: Level, target: &str, message: &str) {
        self.line(now, level, |line| line.event(target, message));
    }

    /// A function printed a line.
    pub fn function_line(&mut self, now: Now, function: &str, request_id: Option<&str>, text: &[u8]) {
        self.line(now, Level::Info, |line| line.function(function, request_id, text));
    }

    /// A line that says itself all that it says, at any level.
    pub fn line_of_others(&mut self, now: Now, text: &str) {
        self.begin(now);
        line::plain(&mut self.buffer, text);
        self.buffer.push(b'\n');
        self.end();
    }

    /// When to call [`Logger::flush`]; `None`: nothing waits.
    pub fn flush_due(&self) -> Option<Instant> {
        self.due
    }

    /// Hands over what has waited long enough.
    pub fn flush(&mut self, now: Now) {
        if self.due.is_some_and(|due| due <= now.instant) {
            self.hand_over();
        }
    }

    /// Hands over what waits, at the end.
    pub fn finish(mut self) {
        self.hand_over();
    }

    /// How many lines were dropped because nobody took them.
    pub fn dropped(&self) -> u64 {
        self.handle.dropped.load(Ordering::Relaxed)
    }

    fn line(&mut self, now: Now, level: Level, write: impl FnOnce(Line<'_>)) {
        if !self.logs(level) {
            return;
        }
        self.begin(now);
        write(Line::new(&mut self.buffer, self.handle.format, &mut self.clock, now, level));
        self.end();
    }

    fn begin(&mut self, now: Now) {
        if self.due.is_none() {
            self.due = Some(now.instant + LINGER);
            self.report_dropped(now);
        }
    }

    fn end(&mut self) {
        self.lines += 1;
        if self.buffer.len() >= CHUNK {
            self.hand_over();
        }
    }

    fn report_dropped(&mut self, now: Now) {
        let dropped = self.dropped();
        if dropped > self.reported && self.logs(Level::Warn) {
            let message = format!("{} lines were dropped: nobody takes them", dropped - self.reported);
            Line::new(&mut self.buffer, self.handle.format, &mut self.clock, now, Level::Warn)
                .event("log", &message);
            self.reporting = dropped;
        }
    }

    fn hand_over(&mut self) {
        self.due = None;
        if !self.buffer.is_empty() {
            let fresh = Vec::with_capacity(CHUNK + CHUNK / 4);
            let chunk = std::mem::replace(&mut self.buffer, fresh);
            match self.handle.send(chunk, std::mem::take(&mut self.lines)) {
                true => self.reported = self.reporting,
                false => self.reporting = self.reported,
            }
        }
    }
}

/// Other threads' end of the log: each line is handed over at once.
#[derive(Clone, Debug)]
pub struct Handle {
    level: Level,
    format: Format,
    out: SyncSender<Vec<u8>>,
    dropped: Arc<AtomicU64>,
}

impl Handle {
    /// As [`Logger::event`].
    pub fn event(&self, now: Now, level: Level, target: &str, message: &str) {
        self.events(now, level, target, [message]);
    }

    /// Several at once, which are handed over, or dropped, together.
    pub fn events(
        &self,
        now: Now,
        level: Level,
        target: &str,
        messages: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        if level <= self.level {
            let (mut buffer, mut lines, mut clock) = (Vec::new(), 0, line::Clock::default());
            for message in messages {
                Line::new(&mut buffer, self.format, &mut clock, now, level).event(target, message.as_ref());
                lines += 1;
            }
            self.send(buffer, lines);
        }
    }

    /// Whether there was room.
    fn send(&self, chunk: Vec<u8>, lines: u64) -> bool {
        let sent = self.out.try_send(chunk).is_ok();
        if !sent {
            self.dropped.fetch_add(lines, Ordering::Relaxed);
        }
        sent
    }
}

#[cfg(test)]
mod tests;
