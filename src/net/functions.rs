//! [`Functions`]: work that waits for functions, on threads of its own so that what does not wait is never behind it.
//!
//! ```text
//!  a stack's thread ── ask ── Message::Ask ──> reactor ── pool ── the function
//!        └<────────────── hear <── PUT /_gatelet/custom-resources/{token} ──┘ (or whoever it told)
//! ```

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use super::jobs::Jobs;
use super::mailbox::{Mailbox, Message};
use crate::control::functions::{self, CALLBACKS, Later, Silence};
use crate::control::{Control, Invocation};
use crate::model::invocation::{Invoked, Refused};

/// How many stacks wait at once, each with a thread; more wait for one of these.
const THREADS: usize = 64;

/// And how many of them. Beyond it a call waits itself.
const QUEUE: usize = 4096;

/// What is asked, and where the answers are heard.
pub struct Functions {
    base: String,
    /// By token; `None`: the end has come.
    asked: Mutex<Option<HashMap<String, Sender<Heard>>>>,
    jobs: Jobs,
    home: OnceLock<(Mailbox, Weak<Control>)>,
}

enum Heard {
    Said(Bytes),
    /// The function ended with an error.
    Failed(String),
}

impl Functions {
    /// Nothing is asked yet. `base`: where functions reach us, `http://127.0.0.1:4566`.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            asked: Mutex::new(Some(HashMap::new())),
            jobs: Jobs::new(THREADS, QUEUE),
            home: OnceLock::new(),
        }
    }

    /// From now on there is somebody to ask.
    pub fn connect(&self, mailbox: Mailbox, control: &Arc<Control>) {
        // There is one reactor, and it connects once.
        let _ = self.home.set((mailbox, Arc::downgrade(control)));
    }

    /// An invocation ended. With an error it will not call back; what it has said before is heard first.
    pub fn ended(&self, token: &str, outcome: &Result<Invoked, Refused>) {
        if let Some(why) = failure(outcome) {
            self.tell(token, Heard::Failed(why));
        }
    }

    /// The end: nobody waits any more. Whether all were told by `deadline`.
    pub fn shutdown(&self, deadline: Instant) -> bool {
        *self.lock() = None;
        self.jobs.shutdown(deadline)
    }

    fn tell(&self, token: &str, heard: Heard) -> bool {
        let asked = self.lock();
        let waits = asked.as_ref().and_then(|asked| asked.get(token));
        waits.is_some_and(|sender| sender.send(heard).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<String, Sender<Heard>>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl functions::Functions for Functions {
    fn url(&self, token: &str) -> String {
        format!("{}{CALLBACKS}/{token}", self.base)
    }

    fn ask(&self, token: &str, invocation: Invocation, patience: Duration) -> Result<Bytes, Silence> {
        let (sender, receiver) = mpsc::channel();
        match (&mut *self.lock(), self.home.get()) {
            (Some(asked), Some((mailbox, _))) => {
                asked.insert(token.to_owned(), sender);
                mailbox.send(Message::Ask { token: token.to_owned(), invocation: Box::new(invocation) });
            }
            (_, _) => return Err(Silence::Over),
        }
        let heard = receiver.recv_timeout(patience);
        if let Some(asked) = &mut *self.lock() {
            asked.remove(token);
        }
        match heard {
            Ok(Heard::Said(said)) => Ok(said),
            Ok(Heard::Failed(why)) => Err(Silence::Failed(why)),
            Err(RecvTimeoutError::Timeout) => Err(Silence::Late),
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Over),
        }
    }

    fn hear(&self, token: &str, said: &[u8]) -> bool {
        self.tell(token, Heard::Said(Bytes::copy_from_slice(said)))
    }

    fn later(&self, control: &Control, work: Later) {
        let work = Arc::new(Mutex::new(Some(work)));
        let take = |work: &Mutex<Option<Later>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
        let home = self.home.get().and_then(|(_, control)| control.upgrade());
        let queued = home.is_some_and(|control| {
            let work = Arc::clone(&work);
            let job = move || {
                if let Some(work) = take(&work) {
                    work(&control);
                }
            };
            self.jobs.run(job).is_ok()
        });
        if !queued && let Some(work) = take(&work) {
            work(control);
        }
    }

    fn forget(&self) {
        if let Some(asked) = &mut *self.lock() {
            asked.clear();
        }
    }
}

/// Why an invocation came to nothing, for people.
fn failure(outcome: &Result<Invoked, Refused>) -> Option<String> {
    match outcome {
        Ok(Invoked { error: None, .. }) => None,
        Ok(Invoked { error: Some(_), payload, .. }) => {
            let error: Value = serde_json::from_slice(payload).unwrap_or_default();
            let said = ["errorType", "errorMessage"].map(|name| error[name].as_str().unwrap_or_default());
            Some(said.join(": "))
        }
        Err(Refused::Throttled(reason)) => Some(format!("it was not invoked: {reason}")),
        Err(Refused::Stopping) => Some("it was not invoked: gatelet is stopping".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_asked_is_not_heard_and_after_the_end_nobody_is() {
        let functions = Functions::new("http://127.0.0.1:4566");
        assert_eq!(
            functions::Functions::url(&functions, "t"),
            "http://127.0.0.1:4566/_gatelet/custom-resources/t"
        );
        let (sender, receiver) = mpsc::channel();
        functions.lock().as_mut().unwrap().insert("t".into(), sender);
        assert!(!functions::Functions::hear(&functions, "other", b"x"));
        assert!(functions::Functions::hear(&functions, "t", b"x"));
        functions.ended("t", &Err(Refused::Stopping));
        assert!(matches!(receiver.recv(), Ok(Heard::Said(said)) if said == "x"));
        assert!(matches!(receiver.recv(), Ok(Heard::Failed(why)) if why.contains("stopping")));
        functions::Functions::forget(&functions);
        assert!(receiver.recv().is_err(), "whoever waits is told that it is over");
        assert!(functions.shutdown(Instant::now() + Duration::from_secs(10)));
        assert!(!functions::Functions::hear(&functions, "t", b"x"));
    }
}
