//! The node process of the floors: framed messages over inherited pipes, one event at a time.
//!
//! A frame is its length in four bytes, big end first, and JSON. The event is a fixed one of a usual size.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};

use mio::unix::pipe::{Receiver, Sender};
use mio::{Interest, Poll, Token};

const EVENT: &str = include_str!("event.json");

/// The worker with its channel, and who waits for it: the first one's event is with the worker.
pub struct Worker {
    _process: Child,
    to: Sender,
    from: Receiver,
    received: Vec<u8>,
    waiting: VecDeque<usize>,
}

impl Worker {
    /// Starts node; what it writes is announced by the token `from`.
    pub fn start(script: &str, poll: &Poll, to_token: Token, from_token: Token) -> io::Result<Self> {
        let mut node = Command::new("node");
        let mut process = node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the pipes were asked for"));
        };
        let (mut to, mut from) = (Sender::from(to), Receiver::from(from));
        from.set_nonblocking(true)?;
        poll.registry().register(&mut from, from_token, Interest::READABLE)?;
        // Blocking: an event is smaller than the pipe's buffer.
        poll.registry().register(&mut to, to_token, Interest::WRITABLE)?;
        Ok(Self { _process: process, to, from, received: Vec::new(), waiting: VecDeque::new() })
    }

    /// Has it handle an event for somebody, as soon as those before are done.
    pub fn ask(&mut self, who: usize) -> io::Result<()> {
        self.waiting.push_back(who);
        if self.waiting.len() == 1 { self.deliver() } else { Ok(()) }
    }

    /// Takes what it has written: `answer` gets who waited, and the payload.
    pub fn receive(&mut self, input: &mut [u8], mut answer: impl FnMut(usize, &[u8])) -> io::Result<()> {
        loop {
            match self.from.read(input) {
                Ok(0) => return Err(io::Error::other("the worker ended")),
                Ok(n) => self.received.extend_from_slice(&input[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            while let Some((length, rest)) = self.received.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                let Some(payload) = rest.get(..length) else { break };
                if let Some(who) = self.waiting.pop_front() {
                    answer(who, payload);
                }
                self.received.drain(..4 + length);
                if !self.waiting.is_empty() {
                    self.deliver()?;
                }
            }
        }
    }

    fn deliver(&mut self) -> io::Result<()> {
        let mut frame = (EVENT.len() as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(EVENT.as_bytes());
        self.to.write_all(&frame)
    }
}
