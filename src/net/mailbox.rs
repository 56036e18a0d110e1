//! The way back to a reactor's thread from every other: messages, and a wake-up.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use mio::{Poll, Waker};

use super::WAKER;
use super::conn::Conn;
use super::process::Started;
use super::workers::Invoke;
use crate::base::Key;
use crate::control::{Done, Invocation};
use crate::gateway::effect::Origin;
use crate::lambda::{Work, Worker};

/// What other threads have to say. Each is the answer to one question, or one of the few that a thread asks and waits
/// for; questions are bounded, most of them by the jobs' queue: an answer always finds room.
pub enum Message {
    /// A control operation that took its time is done.
    Done { conn: Key<Conn>, done: Done },
    /// A worker's process runs, or could not be started.
    Started { worker: Key<Worker>, outcome: Result<Started, String> },
    /// A back end's name is resolved.
    Resolved { origin: Origin, outcome: Result<Vec<SocketAddr>, String> },
    /// What the folder of a hot-reloaded function looks like now.
    Looked { at: Key<Invoke>, fingerprint: u64 },
    /// A function is to be invoked, and whoever asked waits for it to call back.
    Ask { token: String, invocation: Box<Invocation> },
    /// What workers have taken of the machine's memory.
    Measured(Vec<(Work, u64)>),
    /// The scripts that run at the end have run.
    HooksOver,
    /// The start failed, and is all that this run was for.
    Failed,
}

/// Sends messages to a reactor.
#[derive(Clone)]
pub struct Mailbox {
    sender: Sender<Message>,
    waker: Arc<Waker>,
}

impl Mailbox {
    /// A mailbox of the reactor that owns `poll`, and the end it is read from.
    pub fn new(poll: &Poll) -> io::Result<(Self, Receiver<Message>)> {
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (sender, receiver) = mpsc::channel();
        Ok((Self { sender, waker }, receiver))
    }

    /// Sends, and wakes the reactor.
    pub fn send(&self, message: Message) {
        // Neither can fail while the reactor lives, and afterwards nobody waits for the answer.
        let _ = self.sender.send(message);
        let _ = self.waker.wake();
    }
}
