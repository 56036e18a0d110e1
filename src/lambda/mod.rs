//! Lambda functions as local processes, sans-IO: who waits, who works, what is printed, what ends when.
//!
//! ```text
//! invoke ──> queue ──> worker ──> Done            started  ready  answered  output  exited   (what happened)
//!              │          ^                       ─────────────────────────────────────────> Pool
//!              └─ Start ──┘                       Start  Deliver  Kill  Done  Line <──────── (what to do)
//! ```
//!
//! The pool does not know who asks (`Ticket`) nor what a process is; `net` introduces them.

pub mod environment;
mod failure;
#[cfg(test)]
mod fixture;
pub mod frames;
mod group;
mod log;
mod pool;
pub mod runtime_api;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::base::Key;
use crate::model::function::Version;
use crate::model::invocation::{Invoked, Refused};

pub use pool::Pool;
pub use worker::Worker;

/// The largest payload that a function may answer. AWS: 6 MB and some room; it stands in the text of the error.
pub const MAX_RESPONSE: usize = 6_291_556;

/// How many workers, how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Workers at once, of all functions.
    pub workers: usize,
    /// Workers that start at once: more would only fight for the processors.
    pub starting: usize,
    /// Invocations that wait for a worker, of all functions.
    pub queue: usize,
    /// How long an idle worker is kept.
    pub idle: Duration,
    /// How long a worker may take to ask for its first event, when the function's own timeout is shorter.
    pub init: Duration,
}

/// An invocation that is asked for.
pub struct Invoke<Ticket> {
    /// What runs.
    pub function: Arc<Version>,
    /// For hot reload: what the folder looked like just now. A worker that started with another one is retired.
    pub fingerprint: u64,
    /// The function's ARN as the caller spelled it, with the qualifier.
    pub arn: Arc<str>,
    /// `X-Amzn-Trace-Id`
    pub trace_id: Arc<str>,
    /// `ClientContext`, as JSON.
    pub client_context: Option<Arc<str>>,
    /// The event, at most 6 MB (the caller checks).
    pub event: Bytes,
    /// Who waits.
    pub ticket: Ticket,
}

/// What the pool wants done.
pub enum Effect<Ticket> {
    /// Start a process; then say `started` or `start_failed`.
    Start {
        /// Its key from now on.
        worker: Key<Worker>,
        /// What it runs: [`environment::command`].
        function: Arc<Version>,
        /// The name of its log stream.
        stream: Arc<str>,
    },
    /// Hand an event to a worker that asked for one.
    Deliver {
        /// Who asked.
        worker: Key<Worker>,
        /// [`frames::encode`] or [`runtime_api::next`] writes it.
        delivery: Delivery,
    },
    /// End the worker's whole process group. The worker is gone already: nothing about it is heard any more.
    Kill {
        /// Whose.
        worker: Key<Worker>,
    },
    /// An invocation ended.
    Done {
        /// Who waits.
        ticket: Ticket,
        /// How it ended.
        outcome: Result<Invoked, Refused>,
    },
    /// A line of a function's log.
    Line {
        /// Whose log.
        function: Arc<Version>,
        /// The worker's log stream.
        stream: Arc<str>,
        /// The invocation that it belongs to; `None`: printed during the start.
        request_id: Option<Arc<str>>,
        /// Without the line end; as the function wrote it, so perhaps no UTF-8.
        text: Vec<u8>,
    },
    /// A line of Lambda's own around an invocation: `START`, `END`, `REPORT`.
    Platform {
        /// Whose log.
        function: Arc<Version>,
        /// The worker's log stream.
        stream: Arc<str>,
        /// Without the line end.
        text: Vec<u8>,
    },
}

/// An event on its way to a worker.
pub struct Delivery {
    /// A UUID.
    pub request_id: Arc<str>,
    /// When the function times out, in Unix milliseconds.
    pub deadline_ms: u64,
    /// As [`Invoke::arn`].
    pub arn: Arc<str>,
    /// As [`Invoke::trace_id`].
    pub trace_id: Arc<str>,
    /// As [`Invoke::client_context`].
    pub client_context: Option<Arc<str>>,
    /// The event.
    pub event: Bytes,
}

/// A worker at work: [`Pool::at_work`].
#[derive(Clone, Debug)]
pub struct Work {
    /// Who.
    pub worker: Key<Worker>,
    /// The invocation that it took last; `None`: it starts.
    pub request_id: Option<Arc<str>>,
}

/// What a worker says, over whichever channel; [`frames`] and [`runtime_api`] read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromWorker {
    /// It asks for an event: [`Pool::ready`].
    Ready,
    /// [`Pool::answered`], with [`Said::Response`].
    Response {
        /// The invocation that it means.
        request_id: String,
        /// The function's payload.
        payload: Bytes,
    },
    /// [`Pool::answered`], with [`Said::Error`].
    Error {
        /// The invocation that it means.
        request_id: String,
        /// Lambda's error object, as JSON.
        error: Bytes,
    },
    /// It could not initialize: [`Pool::init_failed`].
    InitError {
        /// Lambda's error object, as JSON.
        error: Bytes,
    },
}

/// What a worker says of the event it took.
pub enum Said {
    /// The function's payload.
    Response(Bytes),
    /// Lambda's error object, as JSON: `{"errorMessage": …, "errorType": …}`.
    Error(Bytes),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// Its channel closed and we ended it.
    Closed,
}
