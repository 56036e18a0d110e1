//! The server's side of WebSocket against tables of bytes, each run whole, split everywhere and byte by byte.

mod frames;
mod handshakes;
mod properties;
mod sessions;

use super::{Event, Frame, Limits, Opcode, Session, frame};
use crate::proto::http1::{Inbox, Spares};

/// The ways in which the same bytes may arrive: whole, in two parts, byte by byte.
fn segmentations(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let halves = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]);
    std::iter::once(vec![bytes]).chain(halves).chain(std::iter::once(bytes.chunks(1).collect()))
}

const LIMITS: Limits = Limits { frame: 300, message: 500 };

/// A client's frame that is the last of its message.
fn last(opcode: Opcode, payload: impl AsRef<[u8]>) -> Vec<u8> {
    masked(true, opcode, payload.as_ref())
}

/// A client's frame that another one follows.
fn part(opcode: Opcode, payload: impl AsRef<[u8]>) -> Vec<u8> {
    masked(false, opcode, payload.as_ref())
}

fn masked(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Frame { fin, opcode, mask: Some([0x37, 0xfa, 0x21, 0x3d]), payload }.write(&mut out);
    out
}

/// A server's frame.
fn ours(opcode: Opcode, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    frame::push(&mut out, opcode, payload.as_ref());
    out
}

fn show(event: &Event<'_>) -> String {
    match event {
        Event::Text(text) => format!("text {text}"),
        Event::Binary(bytes) => format!("binary {}", bytes.escape_ascii()),
        Event::Close(close) => format!("close {} {}", close.code, close.reason).trim_end().to_owned(),
    }
}

/// A session with all around it.
#[derive(Default)]
struct Connection {
    session: Session,
    inbox: Inbox,
    spares: Spares,
    out: Vec<u8>,
    /// The events so far, and at last the close code of an error.
    seen: Vec<String>,
}

impl Connection {
    fn receive(&mut self, bytes: &[u8], limits: &Limits) {
        let Self { session, inbox, spares, out, seen } = self;
        inbox.extend(bytes, spares);
        loop {
            match session.decode(inbox, limits, out) {
                Ok(Some(event)) => seen.push(show(&event)),
                Ok(None) => break,
                Err(error) => seen.push(format!("error {}", error.close_code())),
            }
        }
    }

    fn of(parts: &[&[u8]], limits: &Limits) -> Self {
        let mut connection = Self::default();
        parts.iter().for_each(|part| connection.receive(part, limits));
        connection
    }
}
