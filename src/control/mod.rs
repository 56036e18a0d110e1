//! The control planes: AWS operations on the store.
//!
//! One writer: each operation holds the one lock, and what it changed is compiled and published before it is
//! answered, so a client always sees its own write.

pub mod files;

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::base::{Now, Published, Rng};
use crate::live::Live;
use crate::model::function::Version;
use crate::model::invocation::{Invoked, Refused};
use crate::model::{Settings, Store};
use crate::proto::http1::{Request, Response};

use files::Files;

/// The control planes, shared by all threads.
pub struct Control {
    store: Mutex<Store>,
    live: Arc<Published<Live>>,
    files: Arc<dyn Files>,
    settings: Arc<Settings>,
}

/// What becomes of a call.
pub enum Turn {
    /// It is done.
    Done(Done),
    /// It may take its time: `run` it on the jobs thread.
    Later(Later),
    /// It is an invocation: ask the pool, then [`Invocation::response`].
    Invoke(Invocation),
    /// Everything was emptied: end workers and connections too.
    Reset(Done),
    /// `GET /_gatelet/metrics`: who counts must answer.
    Metrics,
}

/// An answered call, and what log and metrics say of it.
pub struct Done {
    /// The answer.
    pub response: Response,
    /// The service: `apigatewayv2`, `lambda`, `sts`, …; `gatelet` for our own endpoints.
    pub service: &'static str,
    /// The operation's name; `-` where none was recognised.
    pub operation: &'static str,
}

/// A call that may take its time: unpacking, reading folders.
pub struct Later {}

impl Later {
    /// Runs it. Blocks; a panic is caught and answered 500.
    pub fn run(self, _control: &Control) -> Done {
        unimplemented!()
    }
}

/// A call of Lambda's Invoke, checked: what runs, and how the answer is to be shaped.
pub struct Invocation {
    /// What runs.
    pub function: Arc<Version>,
    /// The ARN with the qualifier that was asked for.
    pub arn: Arc<str>,
    /// The event.
    pub event: Bytes,
    /// `X-Amz-Client-Context`, decoded.
    pub client_context: Option<Arc<str>>,
    /// `RequestResponse`: the caller waits. `Event`: answer at once ([`Invocation::accepted`]), forget the outcome.
    pub waits: bool,
    /// `LogType=Tail`
    pub tail: bool,
}

impl Invocation {
    /// The answer once it ended.
    pub fn response(&self, _outcome: Result<Invoked, Refused>, _now: Now) -> Done {
        unimplemented!()
    }
    /// The answer to `InvocationType=Event`: 202.
    pub fn accepted(&self, _now: Now) -> Done {
        unimplemented!()
    }
}

impl Control {
    /// Control planes over an empty store.
    pub fn new(
        _settings: Arc<Settings>,
        _live: Arc<Published<Live>>,
        _files: Arc<dyn Files>,
        _rng: Rng,
        _started: Now,
    ) -> Self {
        unimplemented!()
    }
    /// A request that no api owns: an AWS operation, one of our own endpoints, or nothing that exists.
    /// Never blocks for long. A panic is caught and answered 500.
    pub fn call(&self, _now: Now, _request: Request) -> Turn {
        unimplemented!()
    }
    /// How large a body this request may have, judged by its head alone: Lambda uploads may be large.
    pub fn body_limit(_request: &Request) -> usize {
        unimplemented!()
    }
}
