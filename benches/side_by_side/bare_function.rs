//! The floor of a function call: the bare server with a node process behind it, framed messages over inherited
//! pipes, one event at a time.
//!
//! The function's payload is the answer's body as it is.
//!
//! `cargo run --release --example bare_function -- 127.0.0.1:4568 benches/side_by_side/floor.mjs`

mod worker;

use std::io::{self, ErrorKind, Read, Write};

use memchr::memmem;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use worker::Worker;

const LISTENER: Token = Token(usize::MAX);
const FRAMES: Token = Token(usize::MAX - 1);
const TO_WORKER: Token = Token(usize::MAX - 2);

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(script)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: bare_function ADDRESS SCRIPT"));
    };
    let mut listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut worker = Worker::start(&script, &poll, TO_WORKER, FRAMES)?;
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
                FRAMES => worker.receive(&mut input, |who, payload| answer(&conns, who, payload))?,
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

fn answer(conns: &Slab<Option<TcpStream>>, who: usize, payload: &[u8]) {
    let length = payload.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    if let Some(Some(mut socket)) = conns.get(who).map(Option::as_ref) {
        // An answer is smaller than the socket's buffer; who does not read loses it.
        let _ = socket.write(&[head.as_bytes(), payload].concat());
    }
}
