//! The floor of WebSockets: one epoll that reads, unmasks, and writes each frame back; or, with a script, has a node
//! process answer each message.
//!
//! Nothing is checked but where a frame ends: the least that a server on mio can do. All frames of one read are
//! answered in one write.
//!
//! `cargo run --release --example bare_ws -- 127.0.0.1:4569 [benches/side_by_side/floor.mjs]`

mod worker;

use std::io::{self, ErrorKind, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use sha1::{Digest, Sha1};
use slab::Slab;
use worker::Worker;

const LISTENER: Token = Token(usize::MAX);
const FRAMES: Token = Token(usize::MAX - 1);
const TO_WORKER: Token = Token(usize::MAX - 2);

/// RFC 6455 section 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

struct Conn {
    socket: TcpStream,
    open: bool,
    /// The start of a head or a frame whose end has not come.
    unfinished: Vec<u8>,
    output: Vec<u8>,
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:4569".into());
    let mut listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let script = arguments.next();
    let mut worker = script.map(|script| Worker::start(&script, &poll, TO_WORKER, FRAMES)).transpose()?;
    // A closed one leaves its place empty, so that no answer reaches a newcomer.
    let mut conns: Slab<Option<Conn>> = Slab::new();
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
                        let both = Interest::READABLE | Interest::WRITABLE;
                        poll.registry().register(&mut socket, Token(entry.key()), both)?;
                        entry.insert(Some(Conn {
                            socket,
                            open: false,
                            unfinished: Vec::new(),
                            output: Vec::new(),
                        }));
                    }
                }
                TO_WORKER => {}
                FRAMES => {
                    let Some(worker) = &mut worker else { continue };
                    worker.receive(&mut input, |who, payload| {
                        if let Some(Some(conn)) = conns.get_mut(who) {
                            write_frame(&mut conn.output, payload);
                            conn.flush();
                        }
                    })?;
                }
                Token(key) => {
                    if let Some(Some(conn)) = conns.get_mut(key)
                        && !conn.serve(key, &mut input, &mut worker)?
                    {
                        conns[key] = None;
                    }
                }
            }
        }
    }
}

impl Conn {
    /// Whether the connection lives on.
    fn serve(&mut self, key: usize, input: &mut [u8], worker: &mut Option<Worker>) -> io::Result<bool> {
        loop {
            match self.socket.read(input) {
                Ok(0) => return Ok(false),
                Ok(n) if self.unfinished.is_empty() => {
                    let taken = self.take(key, &mut input[..n], worker)?;
                    self.unfinished.extend_from_slice(&input[taken..n]);
                }
                Ok(n) => {
                    let mut joined = std::mem::take(&mut self.unfinished);
                    joined.extend_from_slice(&input[..n]);
                    let taken = self.take(key, &mut joined, worker)?;
                    joined.drain(..taken);
                    self.unfinished = joined;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Ok(false),
            }
            if !self.flush() {
                return Ok(false);
            }
        }
        Ok(self.flush())
    }

    /// Answers what is whole; how much that was.
    fn take(&mut self, key: usize, input: &mut [u8], worker: &mut Option<Worker>) -> io::Result<usize> {
        let mut at = 0;
        if !self.open {
            let Some(end) = memmem::find(input, b"\r\n\r\n") else { return Ok(0) };
            self.upgrade(&input[..end]);
            at = end + 4;
        }
        while let Some((start, end)) = payload(&input[at..]) {
            let (mask, payload) = (at + start - 4, at + start..at + end);
            let mask: [u8; 4] = input[mask..mask + 4].try_into().map_err(io::Error::other)?;
            unmask(&mut input[payload.clone()], mask);
            match worker {
                Some(worker) => worker.ask(key)?,
                None => write_frame(&mut self.output, &input[payload]),
            }
            at += end;
        }
        Ok(at)
    }

    fn upgrade(&mut self, head: &[u8]) {
        let name = b"Sec-WebSocket-Key: ";
        let key = memmem::find(head, name).map_or(&[][..], |at| &head[at + name.len()..]);
        let key = key.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let accept = STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        self.output.extend_from_slice(answer.as_bytes());
        self.open = true;
    }

    fn flush(&mut self) -> bool {
        while !self.output.is_empty() {
            match self.socket.write(&self.output) {
                Ok(n) => drop(self.output.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(_) => return false,
            }
        }
        true
    }
}

/// Where the payload of a whole masked frame begins and ends. `None`: more must come.
fn payload(input: &[u8]) -> Option<(usize, usize)> {
    let length = usize::from(*input.get(1)? & 0x7f);
    let (start, length) = match length {
        126 => (8, usize::from(u16::from_be_bytes(*input.get(2..)?.first_chunk()?))),
        127 => (14, u64::from_be_bytes(*input.get(2..)?.first_chunk()?) as usize),
        short => (6, short),
    };
    (input.len() >= start + length).then_some((start, start + length))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (eights, rest) = payload.as_chunks_mut::<8>();
    for eight in eights {
        *eight = (u64::from_ne_bytes(*eight) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

fn write_frame(out: &mut Vec<u8>, payload: &[u8]) {
    match payload.len() {
        length @ 0..126 => out.extend_from_slice(&[0x81, length as u8]),
        length @ 126..0x1_0000 => {
            out.extend_from_slice(&[0x81, 126]);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.extend_from_slice(&[0x81, 127]);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}
