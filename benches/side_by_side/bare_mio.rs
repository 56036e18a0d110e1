//! The floor: one epoll that reads, counts the ends of request heads, and writes a fixed answer for each.
//!
//! Nothing is parsed, nothing is looked up, nothing can be configured but the address: the least that a server
//! on mio can do. All requests of one read are answered in one write.
//!
//! `cargo run --release --example bare_mio -- 127.0.0.1:4567`

use std::io::{self, ErrorKind, Read, Write};

use memchr::memmem::Finder;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Content-Type: application/json\r\n\
    Content-Length: 23\r\n\
    Apigw-Requestid: AAAAAAAAAAAAAAA=\r\n\
    \r\n\
    {\"message\":\"Not Found\"}";
const LISTENER: Token = Token(usize::MAX);

struct Conn {
    socket: TcpStream,
    /// The start of a head whose end has not come.
    unfinished: Vec<u8>,
    output: Vec<u8>,
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:4567".into());
    let mut listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut conns: Slab<Conn> = Slab::new();
    let mut events = Events::with_capacity(1024);
    let mut input = vec![0; 64 * 1024];
    let head_end = Finder::new(b"\r\n\r\n");
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut socket, _)) = listener.accept() {
                    socket.set_nodelay(true)?;
                    let entry = conns.vacant_entry();
                    let both = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut socket, Token(entry.key()), both)?;
                    entry.insert(Conn { socket, unfinished: Vec::new(), output: Vec::new() });
                }
            } else if let Some(conn) = conns.get_mut(event.token().0)
                && !conn.serve(&mut input, &head_end)
            {
                conns.remove(event.token().0);
            }
        }
    }
}

impl Conn {
    /// Whether the connection lives on.
    fn serve(&mut self, input: &mut [u8], head_end: &Finder<'_>) -> bool {
        loop {
            match self.socket.read(input) {
                Ok(0) => return false,
                Ok(n) => self.answer(&input[..n], head_end),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
            if !self.flush() {
                return false;
            }
        }
        self.flush()
    }

    fn answer(&mut self, input: &[u8], head_end: &Finder<'_>) {
        let joined;
        let input = if self.unfinished.is_empty() {
            input
        } else {
            self.unfinished.extend_from_slice(input);
            joined = std::mem::take(&mut self.unfinished);
            &joined
        };
        let mut start = 0;
        while let Some(at) = head_end.find(&input[start..]) {
            start += at + 4;
            self.output.extend_from_slice(ANSWER);
        }
        self.unfinished.extend_from_slice(&input[start..]);
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
