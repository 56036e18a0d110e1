//! The load for WebSockets, which wrk does not speak.
//!
//! `ws_load echo ADDRESS HOST PATH CONNECTIONS IN_FLIGHT SECONDS`: each connection keeps so many messages of 64 bytes
//! on their way, and sends as many as it gets; prints `RESULT messages/s p50-us messages failed`.
//!
//! `ws_load crowd ADDRESS HOST PATH CONNECTIONS PID`: opens so many, and prints how fast, and what the memory of the
//! server's process grew by; then pushes one message to each by the Management API, and prints how long that took.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memmem;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Any will do; a client picks one by itself.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Handshakes under way at once.
const OPENING: usize = 128;

/// Connections that push.
const PUSHERS: usize = 16;

/// For a connection, a push, a reply: whoever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["echo", address, host, path, connections, in_flight, seconds] => {
            let mut crowd = Crowd::open(address, host, path, number(connections)?)?;
            crowd
                .echo(number(in_flight)?, Duration::from_secs_f64(seconds.parse().map_err(io::Error::other)?))
        }
        ["crowd", address, host, path, connections, pid] => {
            crowd(address, host, path, number(connections)?, pid)
        }
        _ => Err(io::Error::other(
            "usage: ws_load echo ADDRESS HOST PATH CONNECTIONS IN_FLIGHT SECONDS\n       \
             ws_load crowd ADDRESS HOST PATH CONNECTIONS PID",
        )),
    }
}

fn number(text: &str) -> io::Result<usize> {
    text.parse().map_err(io::Error::other)
}

/// Open connections, by their number.
struct Crowd {
    poll: Poll,
    conns: Vec<Conn>,
    input: Vec<u8>,
}

struct Conn {
    socket: TcpStream,
    state: State,
    received: Vec<u8>,
    output: Vec<u8>,
    /// When what is on its way was sent.
    sent: VecDeque<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Opening,
    Open,
    Failed,
}

impl Crowd {
    /// Opens connections, some at a time.
    fn open(address: &str, host: &str, path: &str, count: usize) -> io::Result<Self> {
        let address: SocketAddr = address.parse().map_err(io::Error::other)?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let mut crowd = Self { poll: Poll::new()?, conns: Vec::new(), input: vec![0; 256 * 1024] };
        let began = Instant::now();
        let mut opening = 0;
        while crowd.conns.len() < count || opening > 0 {
            while crowd.conns.len() < count && opening < OPENING {
                crowd.connect(address, head.as_bytes())?;
                opening += 1;
            }
            crowd.turn(Duration::from_millis(100), |conn, payload| {
                if payload.is_none() && conn.state == State::Open {
                    opening -= 1;
                }
            })?;
            let failed = crowd.conns.iter().filter(|conn| conn.state == State::Failed).count();
            if failed > 0 || began.elapsed() > PATIENCE * 3 {
                return Err(io::Error::other(format!(
                    "{failed} of {} connections failed",
                    crowd.conns.len()
                )));
            }
        }
        Ok(crowd)
    }

    fn connect(&mut self, address: SocketAddr, head: &[u8]) -> io::Result<()> {
        let mut socket = TcpStream::connect(address)?;
        let token = Token(self.conns.len());
        self.poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        let _ = socket.set_nodelay(true);
        self.conns.push(Conn {
            socket,
            state: State::Opening,
            received: Vec::new(),
            output: head.to_vec(),
            sent: VecDeque::new(),
        });
        Ok(())
    }

    /// Waits once, reads and writes; calls with each message that came, and once when a connection opened.
    fn turn(&mut self, wait: Duration, mut got: impl FnMut(&mut Conn, Option<&[u8]>)) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        self.poll.poll(&mut events, Some(wait))?;
        for event in &events {
            let Some(conn) = self.conns.get_mut(event.token().0) else { continue };
            loop {
                match conn.socket.read(&mut self.input) {
                    Ok(0) => {
                        conn.state = State::Failed;
                        break;
                    }
                    Ok(n) => {
                        conn.received.extend_from_slice(&self.input[..n]);
                        conn.take(&mut got);
                        conn.flush();
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == ErrorKind::NotConnected => break,
                    Err(_) => {
                        conn.state = State::Failed;
                        break;
                    }
                }
            }
            conn.flush();
        }
        Ok(())
    }

    /// Waits for so many messages.
    fn receive(&mut self, count: usize, mut got: impl FnMut(&[u8])) -> io::Result<()> {
        let (began, mut received) = (Instant::now(), 0);
        while received < count {
            self.turn(Duration::from_millis(100), |_, payload| {
                if let Some(payload) = payload {
                    received += 1;
                    got(payload);
                }
            })?;
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("only {received} of {count} messages came")));
            }
        }
        Ok(())
    }

    fn settle(&mut self, time: Duration) -> io::Result<()> {
        let began = Instant::now();
        while began.elapsed() < time {
            self.turn(Duration::from_millis(50), |_, _| {})?;
        }
        Ok(())
    }

    fn echo(&mut self, in_flight: usize, time: Duration) -> io::Result<()> {
        let mut frame = vec![0x81, 0x80 | 64];
        frame.extend_from_slice(&MASK);
        let message = format!("{{\"action\":\"echo\",\"pad\":\"{}\"}}", "x".repeat(38));
        assert_eq!(message.len(), 64, "it has 64 bytes");
        frame.extend(message.bytes().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        for conn in &mut self.conns {
            (0..in_flight).for_each(|_| conn.send(&frame));
            conn.flush();
        }
        let (mut took, mut failed) = (Vec::with_capacity(1 << 20), 0);
        // Some time to get into step first.
        for time in [time / 5, time] {
            took.clear();
            let began = Instant::now();
            while began.elapsed() < time {
                self.turn(Duration::from_millis(100), |conn, payload| {
                    let Some(payload) = payload else { return };
                    failed += usize::from(memmem::find(payload, b"\"message\": \"").is_some());
                    if let Some(sent) = conn.sent.pop_front() {
                        took.push(sent.elapsed().as_nanos() as u64);
                    }
                    conn.send(&frame);
                })?;
            }
        }
        failed += self.conns.iter().filter(|conn| conn.state == State::Failed).count();
        let rate = took.len() as f64 / time.as_secs_f64();
        let half = took.len() / 2;
        let p50 = if took.is_empty() { 0 } else { *took.select_nth_unstable(half).1 / 1000 };
        println!("RESULT {rate:.0} {p50} {} {failed}", took.len());
        Ok(())
    }
}

/// See the top.
fn crowd(address: &str, host: &str, path: &str, count: usize, pid: &str) -> io::Result<()> {
    let empty = resident(pid)?;
    let began = Instant::now();
    let mut crowd = Crowd::open(address, host, path, count)?;
    let opened = began.elapsed();
    let grown = |now: u64| (now.saturating_sub(empty)) as f64 / 1e6;
    crowd.settle(Duration::from_millis(500))?;
    let idle = grown(resident(pid)?);
    println!(
        "{count} connections opened in {:.2} s ({:.0}/s), none failed; {idle:.1} MB above the empty server, {:.0} bytes each",
        opened.as_secs_f64(),
        count as f64 / opened.as_secs_f64(),
        idle * 1e6 / count as f64,
    );
    // What no route takes is answered with the connection's id.
    let frame = [0x81, 0x80 | 2, MASK[0], MASK[1], MASK[2], MASK[3], b'h' ^ MASK[0], b'i' ^ MASK[1]];
    for conn in &mut crowd.conns {
        conn.send(&frame);
        conn.flush();
    }
    let mut ids = Vec::new();
    crowd.receive(count, |payload| {
        let text = String::from_utf8_lossy(payload);
        ids.extend(
            text.split_once("connectionId\":\"").and_then(|(_, rest)| rest.get(..16)).map(str::to_owned),
        );
    })?;
    crowd.settle(Duration::from_millis(500))?;
    println!(
        "{:.1} MB above the empty server when each has had a message and its answer",
        grown(resident(pid)?)
    );
    let began = Instant::now();
    let pushers: Vec<_> = ids
        .chunks(ids.len().div_ceil(PUSHERS))
        .map(|ids| {
            let (ids, address, host, path) =
                (ids.to_vec(), address.to_owned(), host.to_owned(), path.to_owned());
            std::thread::spawn(move || push(&ids, &address, &host, &path))
        })
        .collect();
    crowd.receive(count, |_| {})?;
    let took = began.elapsed();
    for pusher in pushers {
        pusher.join().map_err(|_| io::Error::other("a pusher panicked"))??;
    }
    println!(
        "one push to each took {:.2} s ({:.0}/s) over {PUSHERS} connections to the Management API",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64()
    );
    Ok(())
}

/// One push to each, one after the other.
fn push(ids: &[String], address: &str, host: &str, path: &str) -> io::Result<()> {
    let mut socket = std::net::TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut answer = [0; 4096];
    for id in ids {
        let request = format!(
            "POST {path}/@connections/{id} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello"
        );
        socket.write_all(request.as_bytes())?;
        let count = socket.read(&mut answer)?;
        if !answer[..count].starts_with(b"HTTP/1.1 200 ") {
            return Err(io::Error::other(String::from_utf8_lossy(&answer[..count]).into_owned()));
        }
    }
    Ok(())
}

/// The memory of a process, in bytes.
fn resident(pid: &str) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| io::Error::other("no VmRSS"))
}

impl Conn {
    /// Takes what is whole: the head of the handshake's answer, then frames, none of which is masked.
    fn take(&mut self, got: &mut impl FnMut(&mut Self, Option<&[u8]>)) {
        let mut received = std::mem::take(&mut self.received);
        let mut at = 0;
        if self.state == State::Opening
            && let Some(end) = memmem::find(&received, b"\r\n\r\n")
        {
            let is_open = received.starts_with(b"HTTP/1.1 101 ");
            self.state = if is_open { State::Open } else { State::Failed };
            got(self, None);
            at = end + 4;
        }
        while self.state == State::Open
            && let Some((start, end)) = payload(&received[at..])
        {
            got(self, Some(&received[at + start..at + end]));
            at += end;
        }
        received.drain(..at);
        if !received.is_empty() {
            self.received = received;
        }
    }

    fn send(&mut self, frame: &[u8]) {
        self.output.extend_from_slice(frame);
        self.sent.push_back(Instant::now());
    }

    fn flush(&mut self) {
        while !self.output.is_empty() && self.state != State::Failed {
            match self.socket.write(&self.output) {
                Ok(n) => drop(self.output.drain(..n)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    return;
                }
                Err(_) => self.state = State::Failed,
            }
        }
        if self.output.is_empty() {
            // A crowd of connections keeps no buffers.
            self.output = Vec::new();
        }
    }
}

/// Where the payload of a whole unmasked frame begins and ends. `None`: more must come.
fn payload(input: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *input.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(*input.get(2..)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*input.get(2..)?.first_chunk()?) as usize),
        short => (2, usize::from(short)),
    };
    (input.len() >= start + length).then_some((start, start + length))
}
