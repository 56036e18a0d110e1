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
pub mod frames;
pub mod runtime_api;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::base::{Key, Now, Rng};
use crate::model::function::Version;
use crate::model::invocation::{Invoked, Refused};

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
    /// Start a process for `worker`; then say `started` or `start_failed`.
    Start { worker: Key<Worker>, function: Arc<Version> },
    /// Hand an event to a worker that asked for one.
    Deliver { worker: Key<Worker>, delivery: Delivery },
    /// End the worker's whole process group. The worker is gone already: nothing about it is heard any more.
    Kill { worker: Key<Worker> },
    /// An invocation ended.
    Done { ticket: Ticket, outcome: Result<Invoked, Refused> },
    /// A line of a function's log (without the line end).
    Line { function: Arc<Version>, request_id: Option<Arc<str>>, text: Vec<u8> },
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

/// A process of a function, from its start to its end.
pub struct Worker {}

/// All workers, and all who wait for one.
pub struct Pool<Ticket> {
    _tickets: Vec<Ticket>,
}

impl<Ticket> Pool<Ticket> {
    /// No workers yet.
    pub fn new(_limits: Limits, _rng: Rng) -> Self {
        unimplemented!()
    }
    /// Asks for an invocation. [`Effect::Done`] follows, now or later.
    pub fn invoke(&mut self, _now: Now, _invoke: Invoke<Ticket>) {
        unimplemented!()
    }
    /// The process runs.
    pub fn started(&mut self, _now: Now, _worker: Key<Worker>) {
        unimplemented!()
    }
    /// The process could not be started: `why` is for the user, and says what to do.
    pub fn start_failed(&mut self, _now: Now, _worker: Key<Worker>, _why: &str) {
        unimplemented!()
    }
    /// The worker asks for an event.
    pub fn ready(&mut self, _now: Now, _worker: Key<Worker>) {
        unimplemented!()
    }
    /// The worker answers the event that it took. `request_id` as it says it; one that isn't its own is
    /// refused with `false`.
    pub fn answered(&mut self, _now: Now, _worker: Key<Worker>, _request_id: &str, _said: Said) -> bool {
        unimplemented!()
    }
    /// The worker could not initialize; `error` is Lambda's error object.
    pub fn init_failed(&mut self, _now: Now, _worker: Key<Worker>, _error: Bytes) {
        unimplemented!()
    }
    /// The worker printed.
    pub fn output(&mut self, _now: Now, _worker: Key<Worker>, _bytes: &[u8]) {
        unimplemented!()
    }
    /// The process ended by itself.
    pub fn exited(&mut self, _now: Now, _worker: Key<Worker>, _exit: Exit) {
        unimplemented!()
    }
    /// Retires the workers whose function `keep` refuses: busy ones finish first. Call when `Live` changed.
    pub fn retain(&mut self, _now: Now, _keep: impl Fn(&Version) -> bool) {
        unimplemented!()
    }
    /// Ends every worker and refuses everyone who waits.
    pub fn stop(&mut self, _now: Now) {
        unimplemented!()
    }
    /// Ends what has taken too long. Call when [`Pool::next_timeout`] has come.
    pub fn timeout(&mut self, _now: Now) {
        unimplemented!()
    }
    /// When to call [`Pool::timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        unimplemented!()
    }
    /// The next thing to do; call until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect<Ticket>> {
        unimplemented!()
    }
    /// How many workers there are, and how many of them are busy.
    pub fn workers(&self) -> (usize, usize) {
        unimplemented!()
    }
    /// How many invocations wait or run.
    pub fn in_flight(&self) -> usize {
        unimplemented!()
    }
}
