//! [`Pool`]: what happened goes in, what to do comes out.
//!
//! Idle workers are used newest first, so that those beyond the need grow old and end. Groups that want a worker
//! while none can be started stand in one line; an idle worker of another group makes room, the longest idle
//! first, and a group that has none at all gets one from a group that is always busy.

mod memory;
mod placement;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::environment;
use super::failure::Failure;
use super::group::{Group, Waiting};
use super::log::{Log, Report, Status};
use super::worker::{Process, Running, State, Worker};
use super::{Effect, Exit, Invoke, Limits, MAX_RESPONSE, Said};
use crate::base::{Key, Now, Rng, Table, Timers, ids};
use crate::model::function::Version;
use crate::model::invocation::{FunctionError, Invoked, Refused};

/// `Reason` of the exception where the function's own concurrency is used up.
const RESERVED: &str = "ReservedFunctionConcurrentInvocationLimitExceeded";

/// `Reason` where more wait than may.
const ACCOUNT: &str = "ConcurrentInvocationLimitExceeded";

/// A group without a worker waits this long for one of a busy group, and a busy group keeps each worker for this
/// long at least. Each change of hands costs a start.
const FAIR: Duration = Duration::from_millis(200);

/// All workers, and all who wait for one.
pub struct Pool<Ticket> {
    limits: Limits,
    rng: Rng,
    groups: Table<Group<Ticket>>,
    by_serial: HashMap<u64, Key<Group<Ticket>>>,
    workers: Table<Process<Ticket>>,
    /// Of a worker: until when it must have started, answered, or be used again.
    deadlines: Timers<Worker>,
    /// Of a group whose queue is long: when to think about another worker again.
    paces: Timers<Group<Ticket>>,
    /// Groups that want a worker and could not start one, in order.
    hungry: VecDeque<Key<Group<Ticket>>>,
    starting: usize,
    idle: usize,
    busy: usize,
    waiting: usize,
    platform_lines: bool,
    effects: VecDeque<Effect<Ticket>>,
}

impl<Ticket> Pool<Ticket> {
    /// No workers yet.
    pub fn new(limits: Limits, rng: Rng) -> Self {
        Self {
            limits,
            rng,
            groups: Table::new(usize::MAX),
            by_serial: HashMap::new(),
            workers: Table::new(limits.workers.max(1)),
            deadlines: Timers::default(),
            paces: Timers::default(),
            hungry: VecDeque::new(),
            starting: 0,
            idle: 0,
            busy: 0,
            waiting: 0,
            platform_lines: false,
            effects: VecDeque::new(),
        }
    }

    /// From now on `START`, `END` and `REPORT` come as [`Effect::Platform`]. Tails have them in any case.
    pub fn log_platform_lines(&mut self) {
        self.platform_lines = true;
    }

    /// Asks for an invocation. [`Effect::Done`] follows, now or later.
    pub fn invoke(&mut self, now: Now, invoke: Invoke<Ticket>) {
        if let Some(most) = invoke.function.concurrency
            && self.in_flight_of(&invoke.function) >= most as usize
        {
            return self.refuse(invoke.ticket, Refused::Throttled(RESERVED));
        }
        let key = self.group_of(&invoke);
        let group = self.groups.get_mut(key).expect("a group is in the map as long as in the table");
        if self.waiting >= self.limits.queue && group.idle.is_empty() {
            self.refuse(invoke.ticket, Refused::Throttled(ACCOUNT));
        } else {
            let request_id = ids::uuid(&mut self.rng).into();
            group.queue.push_back(Waiting { invoke, request_id, since: now.instant });
            self.waiting += 1;
        }
        self.tend(now, key);
        self.feed(now);
    }

    /// The process runs.
    pub fn started(&mut self, now: Now, worker: Key<Worker>) {
        let Some(process) = self.workers.get(worker.cast()) else { return };
        if matches!(process.state, State::Starting { .. })
            && let Some(group) = self.groups.get(process.group)
        {
            self.deadlines.set(worker, now.instant + init_limit(&self.limits, &group.function));
        }
    }

    /// The process could not be started: `why` is for the user, and says what to do.
    pub fn start_failed(&mut self, now: Now, worker: Key<Worker>, why: &str) {
        self.lose(now, worker, Failure::NotStarted(why.into()));
    }

    /// The worker asks for an event.
    pub fn ready(&mut self, now: Now, worker: Key<Worker>) {
        let Some(process) = self.workers.get_mut(worker.cast()) else { return };
        let (key, edition) = (process.group, process.edition);
        let group = self.groups.get_mut(key).expect("a group outlives its workers");
        match process.state {
            State::Starting { since } => {
                let took = now.instant - since;
                process.init = Some(took);
                process.held = now.instant;
                group.came_up(took);
                self.starting -= 1;
            }
            State::Answered => {}
            State::Idle { .. } => return,
            // It forgot the event that it has: nothing it says can be trusted any more.
            State::Busy(_) => return self.kill(now, worker, Failure::Exited(Exit::Closed)),
        }
        let held = now.instant - process.held;
        let is_overdrawn = process.memory.overdrawn.is_some();
        process.state = State::Idle { since: now.instant };
        group.idle.push_back(worker);
        self.idle += 1;
        self.deadlines.set(worker, now.instant + self.limits.idle);
        if is_overdrawn || edition != group.edition || (held >= FAIR && self.must_yield(now, key)) {
            return self.kill(now, worker, Failure::Exited(Exit::Closed));
        }
        self.tend(now, key);
        self.feed(now);
    }

    /// The worker answers the event that it took. `request_id` as it says it; one that isn't its own is
    /// refused with `false`.
    pub fn answered(&mut self, now: Now, worker: Key<Worker>, request_id: &str, said: Said) -> bool {
        let Some(process) = self.workers.get_mut(worker.cast()) else { return false };
        if !matches!(&process.state, State::Busy(running) if *running.request_id == *request_id) {
            return false;
        }
        let State::Busy(running) = std::mem::replace(&mut process.state, State::Answered) else {
            unreachable!("the state was looked at just now");
        };
        let end = match said {
            Said::Response(payload) | Said::Error(payload) if payload.len() > MAX_RESPONSE => {
                End::Failed(Failure::TooLarge)
            }
            Said::Response(payload) => End::Answered(payload, None),
            Said::Error(error) => End::Answered(error, Some(FunctionError::Unhandled)),
        };
        let key = process.group;
        let (mut log, init) = (std::mem::take(&mut process.log), process.init.take());
        let group = self.groups.get_mut(key).expect("a group outlives its workers");
        group.served(now.instant - running.since);
        self.busy -= 1;
        self.finish(now, key, running, init, end, &mut log);
        if let Some(process) = self.workers.get_mut(worker.cast()) {
            process.log = log;
        }
        true
    }

    /// The worker could not initialize; `error` is Lambda's error object.
    pub fn init_failed(&mut self, now: Now, worker: Key<Worker>, error: Bytes) {
        self.kill(now, worker, Failure::Init(error));
    }

    /// The worker printed.
    pub fn output(&mut self, _now: Now, worker: Key<Worker>, bytes: &[u8]) {
        let Some(process) = self.workers.get_mut(worker.cast()) else { return };
        let group = self.groups.get(process.group).expect("a group outlives its workers");
        let (request_id, effects) = (&process.request_id, &mut self.effects);
        let stream = Arc::clone(process.log.stream());
        process.log.print(bytes, |text| effects.push_back(line(&group.function, &stream, request_id, text)));
    }

    /// The process ended by itself.
    pub fn exited(&mut self, now: Now, worker: Key<Worker>, exit: Exit) {
        let function = self.workers.get(worker.cast()).and_then(|process| match process.state {
            State::Starting { .. } => self.groups.get(process.group).map(|group| &group.function),
            State::Idle { .. } | State::Busy(_) | State::Answered => None,
        });
        let failure = match function.and_then(|function| environment::missing_program(function, exit)) {
            Some(why) => Failure::NotStarted(why),
            None => Failure::Exited(exit),
        };
        self.lose(now, worker, failure);
    }

    /// Retires the workers whose function `keep` refuses: busy ones finish first. Call when `Live` changed.
    pub fn retain(&mut self, now: Now, keep: impl Fn(&Version) -> bool) {
        for key in self.groups.keys() {
            if let Some(group) = self.groups.get_mut(key) {
                group.retired = !keep(&group.function);
                self.tend(now, key);
            }
        }
        self.feed(now);
    }

    /// Ends every worker and refuses everyone who waits.
    pub fn stop(&mut self, _now: Now) {
        for worker in self.workers.keys() {
            let process = self.remove(worker.cast()).expect("it is in the list of those that are there");
            self.effects.push_back(Effect::Kill { worker: worker.cast() });
            if let State::Busy(running) = process.state {
                self.refuse(running.ticket, Refused::Stopping);
            }
        }
        for key in self.groups.keys() {
            let group = self.groups.remove(key).expect("it is in the list of those that are there");
            group.queue.into_iter().for_each(|one| self.refuse(one.invoke.ticket, Refused::Stopping));
        }
        self.by_serial.clear();
        self.hungry.clear();
        self.waiting = 0;
    }

    /// Ends what has taken too long. Call when [`Pool::next_timeout`] has come.
    pub fn timeout(&mut self, now: Now) {
        while let Some(worker) = self.deadlines.expired(now.instant) {
            let Some(process) = self.workers.get(worker.cast()) else { continue };
            let function = &self.groups.get(process.group).expect("a group outlives its workers").function;
            let after = match process.state {
                State::Starting { .. } => init_limit(&self.limits, function),
                State::Idle { .. } | State::Busy(_) | State::Answered => timeout_of(function),
            };
            self.kill(now, worker, Failure::TimedOut(after));
        }
        while let Some(group) = self.paces.expired(now.instant) {
            self.tend(now, group);
        }
        self.feed(now);
    }

    /// When to call [`Pool::timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        [self.deadlines.next(), self.paces.next()].into_iter().flatten().min()
    }

    /// The next thing to do; call until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect<Ticket>> {
        self.effects.pop_front()
    }

    /// How many workers there are, and how many of them are busy.
    pub fn workers(&self) -> (usize, usize) {
        (self.workers.len(), self.busy)
    }

    /// How many invocations wait or run.
    pub fn in_flight(&self) -> usize {
        self.waiting + self.busy
    }
}

/// How an invocation ended.
enum End {
    Answered(Bytes, Option<FunctionError>),
    Failed(Failure),
}

impl<Ticket> Pool<Ticket> {
    /// Invocations of all versions of the function. Asked only where the function has a limit of its own.
    fn in_flight_of(&self, function: &Version) -> usize {
        let same = |group: &&Group<Ticket>| {
            group.function.name == function.name && group.function.owner == function.owner
        };
        self.groups.iter().map(|(_, group)| group).filter(same).map(Group::in_flight).sum()
    }

    /// Ends a worker and its process, for this reason.
    fn kill(&mut self, now: Now, worker: Key<Worker>, failure: Failure) {
        if self.workers.get(worker.cast()).is_some() {
            self.effects.push_back(Effect::Kill { worker });
            self.lose(now, worker, failure);
        }
    }

    /// Takes a worker out that is no more. Who depended on it gets `failure`.
    fn lose(&mut self, now: Now, worker: Key<Worker>, failure: Failure) {
        let Some(mut process) = self.remove(worker) else { return };
        let key = process.group;
        match process.state {
            State::Starting { since } => self.fail_waiting(now, key, since, &failure, &mut process.log),
            State::Idle { .. } | State::Answered => {}
            State::Busy(running) => {
                self.finish(now, key, running, process.init, End::Failed(failure), &mut process.log);
            }
        }
        let Self { groups, effects, .. } = self;
        if let Some(group) = groups.get(key) {
            let stream = Arc::clone(process.log.stream());
            process.log.flush(|text| {
                effects.push_back(line(&group.function, &stream, &process.request_id, text));
            });
        }
        // First those in line: the place that is free now may have been freed for them.
        self.feed(now);
        self.tend(now, key);
    }

    /// A worker that was started at `since` did not come up. Each failed start answers somebody, so that broken
    /// code does not start for ever: all who waited for it, if no worker ever came up, else the first of them.
    fn fail_waiting(
        &mut self,
        now: Now,
        key: Key<Group<Ticket>>,
        since: Instant,
        failure: &Failure,
        log: &mut Log,
    ) {
        let all = self.groups.get(key).is_some_and(|group| !group.proven);
        while let Some(group) = self.groups.get_mut(key)
            && group.queue.front().is_some_and(|first| first.since <= since)
            && let Some(Waiting { invoke, request_id, .. }) = group.queue.pop_front()
        {
            self.waiting -= 1;
            let running = Running { ticket: invoke.ticket, request_id, since, peak: None };
            self.finish(now, key, running, None, End::Failed(failure.clone()), log);
            if !all {
                break;
            }
        }
    }

    /// Says how an invocation ended.
    fn finish(
        &mut self,
        now: Now,
        key: Key<Group<Ticket>>,
        running: Running<Ticket>,
        init: Option<Duration>,
        end: End,
        log: &mut Log,
    ) {
        let Self { groups, effects, .. } = self;
        let function = &groups.get(key).expect("a group outlives its invocations").function;
        let Running { ticket, request_id, since, peak } = running;
        let (payload, error, status, last_words) = match end {
            End::Answered(payload, error) => (payload, error, Status::Answered, String::new()),
            End::Failed(failure) => {
                let status = match &failure {
                    Failure::TimedOut(_) => Status::TimedOut,
                    Failure::Exited(_) | Failure::NotStarted(_) | Failure::Init(_) | Failure::TooLarge => {
                        Status::Failed(failure.kind())
                    }
                };
                let words = failure.last_words(now.unix_ms, &request_id);
                (failure.payload(&request_id), Some(FunctionError::Unhandled), status, words)
            }
        };
        let report = Report { peak, ..report(function, &request_id, now.instant - since, init, status) };
        let log_tail = log.tail(&report, &last_words);
        let (id, stream) = (Some(Arc::clone(&request_id)), Arc::clone(log.stream()));
        log.flush(|text| effects.push_back(line(function, &stream, &id, text)));
        if !last_words.is_empty() {
            effects.push_back(line(function, &stream, &id, last_words.into()));
        }
        if self.platform_lines {
            let (mut end, mut last) = (Vec::new(), Vec::new());
            report.end(&mut end);
            report.report(&mut last);
            effects.extend([end, last].map(|text| platform_line(function, &stream, text)));
        }
        let invoked = Invoked { payload, error, log_tail, request_id: String::from(&*request_id) };
        effects.push_back(Effect::Done { ticket, outcome: Ok(invoked) });
    }

    fn refuse(&mut self, ticket: Ticket, why: Refused) {
        self.effects.push_back(Effect::Done { ticket, outcome: Err(why) });
    }

    /// Ends a worker on which nobody depends; its group.
    fn end(&mut self, worker: Key<Worker>) -> Key<Group<Ticket>> {
        let process = self.remove(worker).expect("it was found just now");
        self.effects.push_back(Effect::Kill { worker });
        process.group
    }

    /// Takes a worker out, and out of all counts.
    fn remove(&mut self, worker: Key<Worker>) -> Option<Process<Ticket>> {
        let process = self.workers.remove(worker.cast())?;
        self.deadlines.clear(worker);
        let group = self.groups.get_mut(process.group).expect("a group outlives its workers");
        group.workers -= 1;
        match process.state {
            State::Starting { .. } => {
                group.starting -= 1;
                self.starting -= 1;
            }
            State::Idle { .. } => {
                group.idle.retain(|other| *other != worker);
                self.idle -= 1;
            }
            State::Busy(_) => {
                group.busy -= 1;
                self.busy -= 1;
            }
            State::Answered => {}
        }
        Some(process)
    }
}

fn timeout_of(function: &Version) -> Duration {
    Duration::from_secs(u64::from(function.timeout_s))
}

/// A start may take as long as the function's own timeout, and never less than [`Limits::init`].
fn init_limit(limits: &Limits, function: &Version) -> Duration {
    limits.init.max(timeout_of(function))
}

fn line<Ticket>(
    function: &Arc<Version>,
    stream: &Arc<str>,
    request_id: &Option<Arc<str>>,
    text: Vec<u8>,
) -> Effect<Ticket> {
    let (function, stream) = (Arc::clone(function), Arc::clone(stream));
    Effect::Line { function, stream, request_id: request_id.clone(), text }
}

fn platform_line<Ticket>(function: &Arc<Version>, stream: &Arc<str>, text: Vec<u8>) -> Effect<Ticket> {
    Effect::Platform { function: Arc::clone(function), stream: Arc::clone(stream), text }
}

fn report<'a>(
    function: &'a Version,
    request_id: &'a str,
    duration: Duration,
    init: Option<Duration>,
    status: Status<'a>,
) -> Report<'a> {
    let (version, memory_mb) = (&*function.version, function.memory_mb);
    Report { request_id, version, memory_mb, peak: None, duration, init, status }
}
