//! A worker: one process of a function, and what it is doing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::group::Group;
use super::log::Log;
use crate::base::Key;

/// The name that a worker's keys carry. What the pool knows of it is its own.
pub enum Worker {}

/// What the pool knows of a worker.
pub(super) struct Process<Ticket> {
    pub(super) group: Key<Group<Ticket>>,
    /// The edition of the group's code that it was started with.
    pub(super) edition: u32,
    pub(super) state: State<Ticket>,
    /// Since when its group has it: since its start, and then since it asked for its first event.
    pub(super) held: Instant,
    /// How long its start took, until a report has said so.
    pub(super) init: Option<Duration>,
    /// Whose output it is that comes: the invocation that it took last.
    pub(super) request_id: Option<Arc<str>>,
    pub(super) log: Log,
    pub(super) memory: Memory,
}

/// What a worker's processes have taken of the machine's memory, in bytes.
#[derive(Default)]
pub(super) struct Memory {
    /// At most; `None`: nobody has measured it.
    pub(super) peak: Option<u64>,
    /// More than the function may, by an invocation that was over when it was seen. It is not held against the next
    /// one, and the worker ends as soon as it can.
    pub(super) overdrawn: Option<u64>,
}

/// What a worker is doing.
pub(super) enum State<Ticket> {
    /// It has not asked for an event yet.
    Starting { since: Instant },
    /// It has asked for an event, and there is none.
    Idle { since: Instant },
    /// It took an event.
    Busy(Running<Ticket>),
    /// It has answered, and not asked again.
    Answered,
}

/// An invocation that a worker took.
pub(super) struct Running<Ticket> {
    pub(super) ticket: Ticket,
    pub(super) request_id: Arc<str>,
    pub(super) since: Instant,
    /// The worker's peak, as far as it is known.
    pub(super) peak: Option<u64>,
}

impl<Ticket> Process<Ticket> {
    /// A worker that is being started, and what it prints goes to `stream`.
    pub(super) fn new(group: Key<Group<Ticket>>, edition: u32, since: Instant, stream: Arc<str>) -> Self {
        Self {
            group,
            edition,
            state: State::Starting { since },
            held: since,
            init: None,
            request_id: None,
            log: Log::new(stream),
            memory: Memory::default(),
        }
    }
}
