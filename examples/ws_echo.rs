//! A WebSocket echo server on `proto::ws`, for conformance suites: any frame, messages of up to 16 MiB, text and
//! binary. One thread a connection, since nothing but the protocol is to be shown.
//!
//! `cargo run --release --example ws_echo -- 127.0.0.1:9001`

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, SystemTime};

use gatelet::base::clock::http_date;
use gatelet::proto::http1::{self, Decoded, Decoder, Framing, Inbox, Spares};
use gatelet::proto::ws::{Event, Limits, Session, handshake};

const LIMITS: Limits = Limits { frame: 16 << 20, message: 16 << 20 };

/// How much one read asks for.
const READ: usize = 64 * 1024;

/// How long a client may take to close after it was told that it is over.
const LINGER: Duration = Duration::from_secs(2);

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("ws://{}", listener.local_addr()?);
    for socket in listener.incoming() {
        let socket = socket?;
        std::thread::spawn(move || {
            // A client that breaks off is nothing to tell anybody.
            let _ = Client { socket, inbox: Inbox::new(), spares: Spares::new() }.serve();
        });
    }
    Ok(())
}

struct Client {
    socket: TcpStream,
    inbox: Inbox,
    spares: Spares,
}

impl Client {
    fn serve(mut self) -> io::Result<()> {
        self.socket.set_nodelay(true)?;
        if self.open()? {
            self.echo()?;
        }
        // What still comes is read, so that no reset destroys our last frame.
        self.socket.shutdown(Shutdown::Write)?;
        self.socket.set_read_timeout(Some(LINGER))?;
        while self.read()? {
            self.inbox.take(self.inbox.len());
        }
        Ok(())
    }

    /// The opening handshake; whether it succeeded.
    fn open(&mut self) -> io::Result<bool> {
        let mut decoder = Decoder::default();
        let date = http_date(SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()));
        let mut out = Vec::new();
        let response = loop {
            match decoder.decode(&mut self.inbox, &http1::Limits::default(), |_| 0, &mut self.spares) {
                Ok(Decoded::Request(request)) => match handshake::check(&request) {
                    Ok(accept) => {
                        accept.write_101(&mut out, None, &date).expect("no protocol is none that is wrong");
                        self.socket.write_all(&out)?;
                        return Ok(true);
                    }
                    Err(refusal) => break refusal.response(),
                },
                Ok(Decoded::Incomplete | Decoded::Continue) if self.read()? => {}
                Ok(Decoded::Incomplete | Decoded::Continue) => return Ok(false),
                Ok(Decoded::Begun { .. } | Decoded::Piece { .. }) => unreachable!("bodies come whole"),
                Err(error) => break error.response(),
            }
        };
        let framing = Framing { head_only: false, http10: false, keep_alive: false, date: &date };
        response.write(&mut out, framing);
        self.socket.write_all(&out)?;
        Ok(false)
    }

    /// Messages back and forth, until it is over. All messages of one read are answered in one write.
    fn echo(&mut self) -> io::Result<()> {
        let (mut session, mut out, mut over) = (Session::new(), Vec::new(), false);
        loop {
            loop {
                match session.decode(&mut self.inbox, &LIMITS, &mut out) {
                    Ok(Some(Event::Text(text))) => assert!(session.text(&text, &LIMITS, &mut out)),
                    Ok(Some(Event::Binary(bytes))) => assert!(session.binary(&bytes, &LIMITS, &mut out)),
                    Ok(Some(Event::Close(_))) | Err(_) => over = true,
                    Ok(None) => break,
                }
            }
            while !out.is_empty() {
                self.socket.write_all(&out)?;
                out.clear();
                session.drained(&mut out);
            }
            if over || !self.read()? {
                return Ok(());
            }
        }
    }

    /// Reads once; whether anything came.
    fn read(&mut self) -> io::Result<bool> {
        let count = self.socket.read(self.inbox.room(READ, &mut self.spares))?;
        self.inbox.filled(count);
        Ok(count > 0)
    }
}
