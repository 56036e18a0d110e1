//! What workers take of the machine's memory: who must be measured, and what becomes of those that take too much.
//!
//! Lambda's functions have so much and no more. Here they share a machine, so one that takes without end would take
//! it from all others. Measuring is not ours: whoever does it says so, some times a second.

use std::sync::Arc;

use super::Pool;
use crate::base::{Key, Now};
use crate::lambda::failure::Failure;
use crate::lambda::worker::{State, Worker};
use crate::lambda::{Exit, Work};

/// What a worker may take above the function's `MemorySize`: an interpreter of this machine may be larger than
/// Lambda's, and what it shares with others is counted as its own.
const SLACK: u64 = 64 << 20;

/// What ends a process that takes too much: Linux says so by SIGKILL.
const SIGKILL: i32 = 9;

impl<Ticket> Pool<Ticket> {
    /// The workers that can take memory now, with what each works on.
    pub fn at_work(&self) -> Vec<Work> {
        let at_work = self.workers.iter().filter(|(_, process)| match process.state {
            State::Starting { .. } | State::Busy(_) | State::Answered => true,
            State::Idle { .. } => false,
        });
        at_work
            .map(|(key, process)| Work { worker: key.cast(), request_id: process.request_id.clone() })
            .collect()
    }

    /// What the processes of a worker have taken at most since they started, in bytes, measured during this work.
    pub fn used(&mut self, now: Now, work: &Work, peak: u64) {
        let Some(process) = self.workers.get_mut(work.worker.cast()) else { return };
        let known = &mut process.memory.peak;
        *known = Some(peak.max(known.unwrap_or_default()));
        if let State::Busy(running) = &mut process.state {
            running.peak = *known;
        }
        let group = self.groups.get(process.group).expect("a group outlives its workers");
        let may = (u64::from(group.function.memory_mb) << 20) + SLACK;
        if peak <= may + process.memory.overdrawn.unwrap_or_default() {
            return;
        }
        let is_guilty = match &process.state {
            State::Starting { .. } | State::Idle { .. } => true,
            State::Busy(running) => Some(&running.request_id) == work.request_id.as_ref(),
            State::Answered => false,
        };
        if is_guilty {
            self.kill(now, work.worker, Failure::Exited(Exit::Signal(SIGKILL)));
        } else {
            process.memory.overdrawn = Some(peak);
        }
    }
}

impl Work {
    /// A worker that has just come up, and has not worked yet.
    pub fn start_of(worker: Key<Worker>) -> Self {
        Self { worker, request_id: None::<Arc<str>> }
    }
}
