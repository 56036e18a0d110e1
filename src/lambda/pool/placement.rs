//! Who works for whom: which worker takes an event, when another one is started, and what makes room for it.

use std::sync::Arc;
use std::time::Duration;

use super::{FAIR, Pool, init_limit, platform_line, report, timeout_of};
use crate::base::{Key, Now};
use crate::lambda::environment::log_stream;
use crate::lambda::group::{Group, PACE, Waiting};
use crate::lambda::log::Status;
use crate::lambda::worker::{Process, Running, State, Worker};
use crate::lambda::{Delivery, Effect, Invoke};

impl<Ticket> Pool<Ticket> {
    /// The version's group. When its code has changed, workers of the older edition end.
    pub(super) fn group_of(&mut self, invoke: &Invoke<Ticket>) -> Key<Group<Ticket>> {
        let serial = invoke.function.serial;
        if let Some(&key) = self.by_serial.get(&serial) {
            let group = self.groups.get_mut(key).expect("a group is in the map as long as in the table");
            if group.fingerprint != invoke.fingerprint {
                group.fingerprint = invoke.fingerprint;
                group.edition = group.edition.wrapping_add(1);
                group.proven = false;
                self.end_unused(key);
            }
            return key;
        }
        let group = Group::new(Arc::clone(&invoke.function), invoke.fingerprint);
        let key = self.groups.insert(group).expect("there are fewer groups than workers and waiting");
        self.by_serial.insert(serial, key);
        key
    }

    /// Brings a group's workers and those who wait together, and sees to it that there are enough workers.
    pub(super) fn tend(&mut self, now: Now, key: Key<Group<Ticket>>) {
        while self.deliver(now, key) {}
        let Some(group) = self.groups.get_mut(key) else { return };
        if group.queue.is_empty() {
            if group.retired {
                self.end_unused(key);
            }
            return self.sweep(key);
        }
        if !group.hungry && group.wants_worker(now.instant) {
            // Whoever stands in line already comes first.
            if self.hungry.is_empty() && self.start(now, key) {
                return self.pace(now, key);
            }
            if let Some(group) = self.groups.get_mut(key) {
                group.hungry = true;
            }
            self.hungry.push_back(key);
        }
        self.pace(now, key);
    }

    /// Sees to it that a group with a queue is looked at again.
    fn pace(&mut self, now: Now, key: Key<Group<Ticket>>) {
        if self.groups.get(key).is_some_and(|group| group.is_short() && !group.hungry) {
            self.paces.set(key, now.instant + PACE);
        }
    }

    /// Lets the groups that stand in line start workers, as far as that is possible now.
    pub(super) fn feed(&mut self, now: Now) {
        while let Some(&key) = self.hungry.front() {
            let wants = self.groups.get(key).is_some_and(|group| group.wants_worker(now.instant));
            if wants && !self.start(now, key) {
                return;
            }
            self.hungry.pop_front();
            if let Some(group) = self.groups.get_mut(key) {
                group.hungry = false;
            }
            self.pace(now, key);
        }
    }

    /// Starts a worker, if need be in place of an idle one of another group.
    fn start(&mut self, now: Now, key: Key<Group<Ticket>>) -> bool {
        if self.starting >= self.limits.starting.max(1) || (self.workers.is_full() && !self.evict()) {
            return false;
        }
        let group = self.groups.get_mut(key).expect("only a group that is there wants workers");
        let stream: Arc<str> = log_stream(now, &group.function, &mut self.rng).into();
        let process = Process::new(key, group.edition, now.instant, Arc::clone(&stream));
        let worker = self.workers.insert(process).expect("there is room, or room was made").cast();
        group.starts(now.instant);
        self.starting += 1;
        self.deadlines.set(worker, now.instant + init_limit(&self.limits, &group.function));
        self.effects.push_back(Effect::Start { worker, function: Arc::clone(&group.function), stream });
        true
    }

    /// Ends the worker that has been idle longest. `false`: there is none.
    fn evict(&mut self) -> bool {
        if self.idle == 0 {
            return false;
        }
        let longest = self.groups.iter().filter_map(|(_, group)| {
            let worker = *group.idle.front()?;
            match self.workers.get(worker.cast())?.state {
                State::Idle { since } => Some((since, worker)),
                State::Starting { .. } | State::Busy(_) | State::Answered => None,
            }
        });
        let Some((_, worker)) = longest.min_by_key(|(since, _)| *since) else { return false };
        let group = self.end(worker);
        self.sweep(group);
        true
    }

    /// Whether a worker of this busy group must make room for a group that has none and has waited long.
    pub(super) fn must_yield(&self, now: Now, key: Key<Group<Ticket>>) -> bool {
        let busy = || self.groups.get(key).is_some_and(|group| !group.queue.is_empty());
        let starved = |key: &Key<Group<Ticket>>| {
            let group = self.groups.get(*key);
            group.is_some_and(|group| group.workers == 0 && group.longest_wait(now.instant) >= FAIR)
        };
        self.workers.is_full() && !self.hungry.is_empty() && busy() && self.hungry.iter().any(starved)
    }

    /// Hands the first event in line to the newest idle worker. `false`: one of the two is missing.
    fn deliver(&mut self, now: Now, key: Key<Group<Ticket>>) -> bool {
        let Some(group) = self.groups.get_mut(key) else { return false };
        if group.queue.is_empty() {
            return false;
        }
        let Some(worker) = group.idle.pop_back() else { return false };
        let Waiting { invoke, request_id, since: _ } = group.queue.pop_front().expect("it is not empty");
        let process = self.workers.get_mut(worker.cast()).expect("an idle worker is there");
        group.delivers(now.instant);
        (self.idle, self.waiting, self.busy) = (self.idle - 1, self.waiting - 1, self.busy + 1);
        let timeout = timeout_of(&group.function);
        self.deadlines.set(worker, now.instant + timeout);
        process.log.begin();
        process.request_id = Some(Arc::clone(&request_id));
        let peak = process.memory.peak;
        let running = Running { ticket: invoke.ticket, request_id, since: now.instant, peak };
        if self.platform_lines {
            let (mut text, none) = (Vec::new(), Duration::ZERO);
            report(&group.function, &running.request_id, none, None, Status::Answered).start(&mut text);
            self.effects.push_back(platform_line(&group.function, process.log.stream(), text));
        }
        let delivery = Delivery {
            request_id: Arc::clone(&running.request_id),
            deadline_ms: now.unix_ms + timeout.as_millis() as u64,
            arn: invoke.arn,
            trace_id: invoke.trace_id,
            client_context: invoke.client_context,
            event: invoke.event,
        };
        process.state = State::Busy(running);
        self.effects.push_back(Effect::Deliver { worker, delivery });
        true
    }

    /// Ends the workers of a group that have no event: the idle ones, and those that start.
    fn end_unused(&mut self, key: Key<Group<Ticket>>) {
        let unused = |process: &Process<Ticket>| match process.state {
            State::Starting { .. } | State::Idle { .. } => process.group == key,
            State::Busy(_) | State::Answered => false,
        };
        let workers: Vec<Key<Worker>> =
            self.workers.iter().filter(|(_, process)| unused(process)).map(|(key, _)| key.cast()).collect();
        for worker in workers {
            self.end(worker);
        }
    }

    /// Forgets a group of which nothing is left.
    fn sweep(&mut self, key: Key<Group<Ticket>>) {
        if self.groups.get(key).is_some_and(Group::is_empty)
            && let Some(group) = self.groups.remove(key)
        {
            self.by_serial.remove(&group.function.serial);
            self.paces.clear(key);
        }
    }
}
