//! [`Jobs`]: a few threads for what may block, so that the reactor never does.
//!
//! A job is a closure; it sends its result home by itself. Threads start when there is work for them, and no
//! more than a fixed number; the queue is bounded, and a full one is said at once.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Work for a thread that may block.
pub type Job = Box<dyn FnOnce() + Send>;

/// As many jobs wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Threads that share one queue. Clones are handles of the same threads.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

impl Jobs {
    /// At most `threads` threads, none yet, and at most `queue` jobs that wait.
    pub fn new(threads: usize, queue: usize) -> Self {
        let state = State { waiting: VecDeque::new(), threads: 0, idle: 0, closed: false };
        let shared =
            Shared { state: Mutex::new(state), changed: Condvar::new(), most_threads: threads, most: queue };
        Self { shared: Arc::new(shared) }
    }

    /// Has `job` run as soon as a thread is free. A job that panics ends alone.
    ///
    /// # Errors
    /// [`Full`]: too many wait, no thread can be started, or the end has come; the job is dropped.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        let mut state = self.shared.lock();
        if state.closed || state.waiting.len() >= self.shared.most {
            return Err(Full);
        }
        state.waiting.push_back(Box::new(job));
        if state.idle >= state.waiting.len() {
            self.shared.changed.notify_one();
        } else if state.threads < self.shared.most_threads
            && !self.start_thread(&mut state)
            && state.threads == 0
        {
            state.waiting.pop_back();
            return Err(Full);
        }
        Ok(())
    }

    /// Lets the jobs that run finish, drops those that wait, takes no more. Whether all were done by `deadline`.
    pub fn shutdown(&self, deadline: Instant) -> bool {
        let mut state = self.shared.lock();
        state.closed = true;
        state.waiting.clear();
        self.shared.changed.notify_all();
        while state.threads > 0 {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn start_thread(&self, state: &mut State) -> bool {
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new().name("job".into()).spawn(move || shared.work()).is_ok();
        state.threads += usize::from(started);
        started
    }
}

struct Shared {
    state: Mutex<State>,
    /// Work came, the end came, or a thread ended.
    changed: Condvar,
    most_threads: usize,
    most: usize,
}

struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            if let Some(job) = state.waiting.pop_front() {
                drop(state);
                // The panic was reported by the hook; whoever waits for the job has a deadline of its own.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
                continue;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
        state.threads -= 1;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn jobs_run_and_a_panic_ends_alone() {
        let jobs = Jobs::new(2, 100);
        let (sender, receiver) = mpsc::channel();
        for n in 0..50 {
            let sender = sender.clone();
            jobs.run(move || {
                assert_ne!(n % 10, 3, "some jobs panic");
                sender.send(n).expect("the test listens");
            })
            .expect("there is room");
        }
        drop(sender);
        assert_eq!(receiver.iter().count(), 45);
        assert!(jobs.shared.lock().threads <= 2);
        assert!(jobs.shutdown(Instant::now() + Duration::from_secs(10)));
        assert_eq!(jobs.run(|| ()), Err(Full), "the end has come");
    }

    #[test]
    fn a_full_queue_says_so_and_the_end_waits_for_what_runs() {
        let jobs = Jobs::new(1, 2);
        let (release, held) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        jobs.run(move || {
            begun.send(()).expect("the test listens");
            let _ = held.recv();
        })
        .expect("there is room");
        begins.recv().expect("the job runs");
        assert_eq!((jobs.run(|| ()), jobs.run(|| ()), jobs.run(|| ())), (Ok(()), Ok(()), Err(Full)));
        assert!(!jobs.shutdown(Instant::now()), "one still runs");
        drop(release);
        assert!(jobs.shutdown(Instant::now() + Duration::from_secs(10)));
    }
}
