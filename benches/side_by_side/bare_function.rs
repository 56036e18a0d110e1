//! The floor of a function call: the bare server with a node process behind it, framed messages over inherited
//! pipes, one event at a time.
//!
//! A frame is its length in four bytes, big end first, and JSON. The event is a fixed one of a usual size; the
//! function's payload is the answer's body as it is.
//!
//! `cargo run --release --example bare_function -- 127.0.0.1:4568 benches/side_by_side/floor.mjs`

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};

use memchr::memmem;
use mio::net::{TcpListener, TcpStream};
use mio::unix::pipe::{Receiver, Sender};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

const EVENT: &str = include_str!("event.json");
const LISTENER: Token = Token(usize::MAX);
const FRAMES: Token = Token(usize::MAX - 1);
const TO_WORKER: Token = Token(usize::MAX - 2);

/// The worker with its channel, and who waits for it: the first one's event is with the worker.
struct Worker {
    _process: Child,
    to: Sender,
    from: Receiver,
    received: Vec<u8>,
    waiting: VecDeque<usize>,
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(script)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: bare_function ADDRESS SCRIPT"));
    };
    let mut listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut worker = Worker::start(&script, &poll)?;
    // A closed one leaves its place empty, so that no answer reaches a newcomer.
    let mut conns: Slab<Option<TcpStream>> = Slab::new();
    let mut events = Events::with_capacity(1024);
    let mut input = vec![0; 64 * 1024];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => {
                    while let Ok((mut socket, _)) = listener.accept() {
                        socket.set_nodelay(true)?;
                        let entry = conns.vacant_entry();
                        poll.registry().register(&mut socket, Token(entry.key()), Interest::READABLE)?;
                        entry.insert(Some(socket));
                    }
                }
                TO_WORKER => {}
                FRAMES => worker.receive(&mut conns, &mut input)?,
                Token(key) => {
                    while let Some(Some(socket)) = conns.get_mut(key) {
                        match socket.read(&mut input) {
                            Ok(n @ 1..) => {
                                for _ in memmem::find_iter(&input[..n], b"\r\n\r\n") {
                                    worker.ask(key)?;
                                }
                            }
                            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                            Ok(0) | Err(_) => conns[key] = None,
                        }
                    }
                }
            }
        }
    }
}

impl Worker {
    fn start(script: &str, poll: &Poll) -> io::Result<Self> {
        let mut node = Command::new("node");
        let mut process = node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the pipes were asked for"));
        };
        let (mut to, mut from) = (Sender::from(to), Receiver::from(from));
        from.set_nonblocking(true)?;
        poll.registry().register(&mut from, FRAMES, Interest::READABLE)?;
        // Blocking: an event is smaller than the pipe's buffer.
        poll.registry().register(&mut to, TO_WORKER, Interest::WRITABLE)?;
        Ok(Self { _process: process, to, from, received: Vec::new(), waiting: VecDeque::new() })
    }

    fn ask(&mut self, key: usize) -> io::Result<()> {
        self.waiting.push_back(key);
        if self.waiting.len() == 1 { self.deliver() } else { Ok(()) }
    }

    fn deliver(&mut self) -> io::Result<()> {
        let mut frame = (EVENT.len() as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(EVENT.as_bytes());
        self.to.write_all(&frame)
    }

    fn receive(&mut self, conns: &mut Slab<Option<TcpStream>>, input: &mut [u8]) -> io::Result<()> {
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
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
                );
                let answer = [head.as_bytes(), payload].concat();
                if let Some(Some(socket)) = self.waiting.pop_front().and_then(|key| conns.get_mut(key)) {
                    // An answer is smaller than the socket's buffer; who does not read loses it.
                    let _ = socket.write(&answer);
                }
                self.received.drain(..4 + length);
                if !self.waiting.is_empty() {
                    self.deliver()?;
                }
            }
        }
    }
}
