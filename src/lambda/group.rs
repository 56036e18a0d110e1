//! A group: the workers of one function version, and who waits for them. It decides how many workers there
//! should be; it starts none.
//!
//! A start costs some 50 ms of a processor, an invocation often less than a tenth of a millisecond. So a queue
//! alone is no reason to start: what counts is whether it would be gone before a new worker could help.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Invoke, Worker};
use crate::base::Key;
use crate::model::function::Version;

/// At least this lies between two starts in one group, so that the first answers are known before the next one:
/// the first call of a process is much slower than the rest.
pub(super) const PACE: Duration = Duration::from_millis(5);

/// As long as nothing is known of how long invocations take, a queue that stands still this long is slow.
const UNKNOWN: Duration = Duration::from_millis(10);

/// While no worker of the group is ready yet: how long until another one is started beside it.
const SLOW_START: Duration = Duration::from_millis(250);

/// How many workers start at once of code that never came up.
const UNPROVEN: usize = 2;

/// What a start is thought to take before one was seen, and the bounds of what is believed of those seen.
const START: Duration = Duration::from_millis(80);
const SHORTEST_START: Duration = Duration::from_millis(20);
const LONGEST_START: Duration = Duration::from_secs(1);

/// The workers of one function version, and who waits for them.
pub(super) struct Group<Ticket> {
    pub(super) function: Arc<Version>,
    /// What the code looked like when it was last asked for.
    pub(super) fingerprint: u64,
    /// Goes up with each new fingerprint: workers of older editions are ended.
    pub(super) edition: u32,
    /// The function has changed or is gone: what waits is still served, and then its workers end.
    pub(super) retired: bool,
    /// Whether a worker of this edition ever came so far as to ask for an event.
    pub(super) proven: bool,
    pub(super) queue: VecDeque<Waiting<Ticket>>,
    /// Those that wait for an event, the longest first.
    pub(super) idle: VecDeque<Key<Worker>>,
    /// All workers, those that start, and those that have an event.
    pub(super) workers: usize,
    pub(super) starting: usize,
    pub(super) busy: usize,
    /// Whether it stands in the line of groups that could not start a worker.
    pub(super) hungry: bool,
    last_start: Option<Instant>,
    last_delivery: Option<Instant>,
    /// How long invocations take, smoothed.
    service: Option<Duration>,
    /// How long starts take, smoothed.
    start: Duration,
}

/// An invocation that no worker has taken yet.
pub(super) struct Waiting<Ticket> {
    pub(super) invoke: Invoke<Ticket>,
    pub(super) request_id: Arc<str>,
    pub(super) since: Instant,
}

impl<Ticket> Group<Ticket> {
    pub(super) fn new(function: Arc<Version>, fingerprint: u64) -> Self {
        Self {
            function,
            fingerprint,
            edition: 0,
            retired: false,
            proven: false,
            queue: VecDeque::new(),
            idle: VecDeque::new(),
            workers: 0,
            starting: 0,
            busy: 0,
            hungry: false,
            last_start: None,
            last_delivery: None,
            service: None,
            start: START,
        }
    }

    /// Whether nothing is left of it.
    pub(super) fn is_empty(&self) -> bool {
        self.workers == 0 && self.queue.is_empty()
    }

    /// Those that wait and those that run.
    pub(super) fn in_flight(&self) -> usize {
        self.queue.len() + self.busy
    }

    /// How long the first in line has waited.
    pub(super) fn longest_wait(&self, now: Instant) -> Duration {
        self.queue.front().map_or(Duration::ZERO, |first| now.duration_since(first.since))
    }

    /// Whether more wait than there are workers on their way to them.
    pub(super) fn is_short(&self) -> bool {
        self.queue.len() > self.starting
    }

    /// Whether another worker should be started now.
    pub(super) fn wants_worker(&self, now: Instant) -> bool {
        if !self.is_short() {
            return false;
        }
        let since = |then: Option<Instant>| then.map_or(Duration::MAX, |then| now.duration_since(then));
        let ready = self.workers - self.starting;
        if ready == 0 {
            // Code that never came up must not take all the places for workers that start.
            let may = self.proven || self.starting < UNPROVEN;
            return self.workers == 0 || (may && since(self.last_start) >= SLOW_START);
        }
        // All that run have done so since the last delivery at least.
        let standing = since(self.last_delivery);
        let (service, patience) = match self.service {
            Some(service) => (service.max(standing), self.start),
            None => (standing, UNKNOWN),
        };
        let enough = service.saturating_mul(u32::try_from(self.queue.len()).unwrap_or(u32::MAX));
        let workers = u32::try_from(self.workers).unwrap_or(u32::MAX);
        since(self.last_start) >= PACE && enough > patience.saturating_mul(workers)
    }

    /// A worker is being started.
    pub(super) fn starts(&mut self, now: Instant) {
        self.workers += 1;
        self.starting += 1;
        self.last_start = Some(now);
    }

    /// A worker that was started asked for its first event.
    pub(super) fn came_up(&mut self, after: Duration) {
        self.starting -= 1;
        self.proven = true;
        self.start = smooth(self.start, after).clamp(SHORTEST_START, LONGEST_START);
    }

    /// A worker took an event.
    pub(super) fn delivers(&mut self, now: Instant) {
        self.busy += 1;
        self.last_delivery = Some(now);
    }

    /// A worker is done with its event, after `service`.
    pub(super) fn served(&mut self, service: Duration) {
        self.busy -= 1;
        self.service = Some(self.service.map_or(service, |before| smooth(before, service)));
    }
}

/// An exponentially weighted average: the newest counts an eighth.
fn smooth(before: Duration, sample: Duration) -> Duration {
    (before * 7 + sample) / 8
}
