//! Measuring what workers take of the machine's memory, while they work, on the jobs threads. What comes of it is
//! the pool's to say.

use std::time::{Duration, Instant};

use super::Reactor;
use super::mailbox::Message;
use super::process::memory;
use crate::base::{Key, Now};
use crate::lambda::{Work, Worker};

/// How often. In a tenth of a second a process can take some hundred megabytes.
const EVERY: Duration = Duration::from_millis(100);

/// When to measure next.
#[derive(Default)]
pub enum Measuring {
    /// Nobody works.
    #[default]
    Not,
    /// At this time.
    Due(Instant),
    /// A job is at it.
    UnderWay,
}

impl Measuring {
    /// When to call [`Reactor::measure`].
    pub fn due(&self) -> Option<Instant> {
        match self {
            Self::Due(at) => Some(*at),
            Self::Not | Self::UnderWay => None,
        }
    }
}

impl Reactor {
    /// A worker has something to do.
    pub(super) fn measure_soon(&mut self, now: Now) {
        if memory::IS_KNOWN && matches!(self.measuring, Measuring::Not) {
            self.measuring = Measuring::Due(now.instant + EVERY);
        }
    }

    /// Has a job measure all who work, if it is time.
    pub(super) fn measure(&mut self, now: Now) {
        if self.measuring.due().is_none_or(|due| due > now.instant) {
            return;
        }
        let mut processes = Vec::new();
        for work in self.pool.at_work() {
            processes.extend(self.workers.process(work.worker).map(|process| (work, process)));
        }
        if processes.is_empty() {
            self.measuring = Measuring::Not;
            return;
        }
        let mailbox = self.mailbox.clone();
        let job = move || {
            let peaks =
                processes.into_iter().filter_map(|(work, process)| Some((work, memory::peak(process)?)));
            mailbox.send(Message::Measured(peaks.collect()));
        };
        self.measuring = match self.jobs.run(job) {
            Ok(()) => Measuring::UnderWay,
            Err(_) => Measuring::Due(now.instant + EVERY),
        };
    }

    /// What they have taken.
    pub(super) fn measured(&mut self, now: Now, peaks: Vec<(Work, u64)>) {
        for (work, peak) in peaks {
            self.pool.used(now, &work, peak);
        }
        self.measuring = Measuring::Due(now.instant + EVERY);
    }

    /// Measures a worker that has just come up, so that its first report says something. One small file of the
    /// kernel's: nothing next to the start that it ends.
    pub(super) fn measure_start(&mut self, now: Now, worker: Key<Worker>) {
        if let Some(peak) = self.workers.process(worker).and_then(memory::peak) {
            self.pool.used(now, &Work::start_of(worker), peak);
        }
    }
}
