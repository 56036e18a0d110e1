//! [`Session`]: what one open connection is in the middle of.
//!
//! ```text
//!   Open ── close() ──> Closing ── the peer's close ──> Closed
//!     └── the peer's close, answered; a mistake of the peer's, told; its silence ──^
//! ```
//!
//! A frame that is there in whole, and is a whole message, is lent where it was received. Everything else is
//! gathered as it comes, in one buffer: what it costs is counted in bytes, not in frames or reads. An idle session
//! owns no memory at all.

use std::borrow::Cow;

use super::close::{self, Close};
use super::frame::{self, Header, MOST_CONTROL, Opcode};
use super::utf8::Text;
use super::{Error, mask};
use crate::proto::http1::Inbox;

/// As long as no more than this waits to be written, each ping is answered at once: as much as one read brings.
/// Beyond it the answer waits, and only the newest (RFC 6455 section 5.5.3), so that pings from somebody who does
/// not read cost nothing.
const PONG_MARK: usize = 16 * 1024;

/// How large a client's frames and messages may be, and our own frames.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes of one frame's payload; not 0.
    pub frame: usize,
    /// The most bytes of a message.
    pub message: usize,
}

impl Default for Limits {
    /// AWS: 32 KB a frame, 128 KB a message.
    fn default() -> Self {
        Self { frame: 32 * 1024, message: 128 * 1024 }
    }
}

/// What a client said. Pings and pongs are no events.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A whole message of text.
    Text(Cow<'a, str>),
    /// A whole message of anything else.
    Binary(Cow<'a, [u8]>),
    /// The client's close frame. Ours is written, if it was not before: flush, and close the connection.
    Close(Close),
}

/// Who has said that it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody.
    #[default]
    Open,
    /// We have; messages that the client had on the way are dropped.
    Closing,
    /// Both, or it failed: nothing more is decoded or written.
    Closed,
}

/// The state of one connection, the server's side.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    /// The message that is not whole yet.
    message: Option<Box<Message>>,
    /// The answer to the newest ping, while too much else waits to be written.
    pong: Option<Box<Pong>>,
}

/// Of the kilobyte that an idle connection may cost in all.
const _: () = assert!(size_of::<Session>() <= 24);

/// A message that is under way.
#[derive(Debug)]
struct Message {
    payload: Payload,
    frame: Option<Rest>,
}

/// What came of it.
#[derive(Debug)]
enum Payload {
    Text(Text),
    Binary(Vec<u8>),
    /// So many bytes, which nobody will see.
    Dropped(usize),
}

/// What is missing of a frame whose header was taken.
#[derive(Debug)]
struct Rest {
    fin: bool,
    mask: [u8; 4],
    length: u64,
}

#[derive(Debug)]
struct Pong {
    payload: [u8; MOST_CONTROL],
    length: usize,
}

/// What one step forward brought.
enum Step {
    /// Something was taken; there may be more.
    Taken,
    /// More must come.
    Incomplete,
    /// The inbox begins with a frame that is a whole message, its payload unmasked: where that begins, and ends.
    Frame(Kind, usize, usize),
    /// Anything that need not be lent from the inbox.
    Event(Event<'static>),
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Binary,
}

impl Session {
    /// An open session; the inbox begins with what the client sent behind its handshake.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what came up to the next event; `None`: more must come. What is owed for it (pongs, the answer to a
    /// close) is appended to `out`, which is what waits to be written on this connection.
    ///
    /// # Errors
    /// The client made a mistake. It has been told so in `out`: flush, and close the connection.
    pub fn decode<'a>(
        &mut self,
        inbox: &'a mut Inbox,
        limits: &Limits,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event<'a>>, Error> {
        if self.state == State::Closed {
            inbox.take(inbox.len());
            return Ok(None);
        }
        let step = loop {
            match self.step(inbox, limits, out) {
                Ok(Step::Taken) => {}
                Ok(step) => break step,
                Err(error) => return Err(self.fail(error, out)),
            }
        };
        match step {
            Step::Taken | Step::Incomplete => Ok(None),
            Step::Event(event) => Ok(Some(event)),
            Step::Frame(kind, start, end) => match (kind, &inbox.take(end)[start..]) {
                (Kind::Binary, payload) => Ok(Some(Event::Binary(Cow::Borrowed(payload)))),
                (Kind::Text, payload) => match std::str::from_utf8(payload) {
                    Ok(text) => Ok(Some(Event::Text(Cow::Borrowed(text)))),
                    Err(_) => Err(self.fail(Error::NotUtf8, out)),
                },
            },
        }
    }

    /// Appends a message of text in frames of at most `limits.frame`. `false`: it is too late for messages, nothing
    /// was written.
    #[must_use]
    pub fn text(&mut self, text: &str, limits: &Limits, out: &mut Vec<u8>) -> bool {
        self.send(Opcode::Text, text.as_bytes(), limits, out)
    }

    /// The same with any bytes.
    #[must_use]
    pub fn binary(&mut self, bytes: &[u8], limits: &Limits, out: &mut Vec<u8>) -> bool {
        self.send(Opcode::Binary, bytes, limits, out)
    }

    /// Begins the closing handshake: appends a close frame. The client's answer is [`Event::Close`]; how long to
    /// wait for it is the caller's to decide. `false`: it was begun before, nothing was written.
    pub fn close(&mut self, code: u16, reason: &str, out: &mut Vec<u8>) -> bool {
        if self.state != State::Open {
            return false;
        }
        close::push(out, code, reason);
        self.state = State::Closing;
        self.pong = None;
        if let Some(message) = &mut self.message {
            message.payload = Payload::Dropped(message.payload.len());
        }
        true
    }

    /// To be called when all that waited to be written is gone: appends the pong that was held back until then.
    /// `false`: there was none.
    pub fn drained(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(pong) = self.pong.take() else { return false };
        frame::push(out, Opcode::Pong, &pong.payload[..pong.length]);
        true
    }

    /// The connection has ended. What the application learns of it, if it has not learned it yet: neither from
    /// [`Event::Close`] nor from an error.
    pub fn hung_up(&mut self) -> Option<Close> {
        let news = (self.state != State::Closed).then(Close::abnormal);
        self.end();
        news
    }

    /// Who has said that it is over.
    pub fn state(&self) -> State {
        self.state
    }

    fn send(&mut self, opcode: Opcode, payload: &[u8], limits: &Limits, out: &mut Vec<u8>) -> bool {
        let open = self.state == State::Open;
        if open {
            // Who is sent to without a pause would wait for it forever.
            self.drained(out);
            frame::push_split(out, opcode, payload, limits.frame);
        }
        open
    }

    fn step(&mut self, inbox: &mut Inbox, limits: &Limits, out: &mut Vec<u8>) -> Result<Step, Error> {
        if let Some(message) = &mut self.message
            && let Some(rest) = &mut message.frame
        {
            if !rest.take(&mut message.payload, inbox)? {
                return Ok(Step::Incomplete);
            }
            let fin = rest.fin;
            message.frame = None;
            return match self.message.take_if(|_| fin) {
                Some(message) => message.payload.finish(),
                None => Ok(Step::Taken),
            };
        }
        let Some(header) = Header::parse(inbox.bytes())? else { return Ok(Step::Incomplete) };
        match header.opcode {
            Opcode::Text => self.begin(Kind::Text, &header, inbox, limits),
            Opcode::Binary => self.begin(Kind::Binary, &header, inbox, limits),
            Opcode::Continuation => self.go_on(&header, inbox, limits),
            Opcode::Ping | Opcode::Pong | Opcode::Close if !is_whole(inbox, &header) => Ok(Step::Incomplete),
            Opcode::Ping => {
                self.answer(take_payload(inbox, &header), out);
                Ok(Step::Taken)
            }
            // One that answers nothing is allowed, and means nothing (RFC 6455 section 5.5.3).
            Opcode::Pong => {
                inbox.take(header.size + header.length as usize);
                Ok(Step::Taken)
            }
            Opcode::Close => self.answer_close(take_payload(inbox, &header), out),
        }
    }

    fn begin(
        &mut self,
        kind: Kind,
        header: &Header,
        inbox: &mut Inbox,
        limits: &Limits,
    ) -> Result<Step, Error> {
        if self.message.is_some() {
            return Err(Error::Protocol("a message within a message"));
        }
        check(header, 0, limits)?;
        let payload = match (self.state, kind) {
            (State::Open, kind) if header.fin && is_whole(inbox, header) => {
                return Ok(Step::Frame(kind, header.size, unmask(inbox, header)));
            }
            (State::Open, Kind::Text) => Payload::Text(Text::default()),
            (State::Open, Kind::Binary) => Payload::Binary(Vec::new()),
            (State::Closing | State::Closed, _) => Payload::Dropped(0),
        };
        inbox.take(header.size);
        self.message = Some(Box::new(Message { payload, frame: Some(Rest::of(header)) }));
        Ok(Step::Taken)
    }

    fn go_on(&mut self, header: &Header, inbox: &mut Inbox, limits: &Limits) -> Result<Step, Error> {
        let Some(message) = &mut self.message else {
            return Err(Error::Protocol("a continuation of nothing"));
        };
        check(header, message.payload.len(), limits)?;
        inbox.take(header.size);
        message.frame = Some(Rest::of(header));
        Ok(Step::Taken)
    }

    fn answer(&mut self, ping: &[u8], out: &mut Vec<u8>) {
        if self.state != State::Open {
            return;
        }
        if out.len() <= PONG_MARK {
            self.pong = None;
            return frame::push(out, Opcode::Pong, ping);
        }
        let mut payload = [0; MOST_CONTROL];
        payload[..ping.len()].copy_from_slice(ping);
        self.pong = Some(Box::new(Pong { payload, length: ping.len() }));
    }

    fn answer_close(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<Step, Error> {
        let close = Close::parse(payload)?;
        if self.state == State::Open {
            // The same code; the reason is not repeated.
            frame::push(out, Opcode::Close, &payload[..payload.len().min(2)]);
        }
        self.end();
        Ok(Step::Event(Event::Close(close)))
    }

    fn fail(&mut self, error: Error, out: &mut Vec<u8>) -> Error {
        if self.state == State::Open {
            close::push(out, error.close_code(), error.reason());
        }
        self.end();
        error
    }

    fn end(&mut self) {
        *self = Self { state: State::Closed, message: None, pong: None };
    }
}

impl Rest {
    /// All of its payload.
    fn of(header: &Header) -> Self {
        Self { fin: header.fin, mask: header.mask, length: header.length }
    }

    /// Takes what is there of the payload; whether that was the last of it.
    fn take(&mut self, payload: &mut Payload, inbox: &mut Inbox) -> Result<bool, Error> {
        let here = usize::try_from(self.length).map_or(inbox.len(), |length| length.min(inbox.len()));
        mask::apply(&mut inbox.bytes_mut()[..here], self.mask);
        self.mask = mask::after(self.mask, here);
        self.length -= here as u64;
        payload.push(inbox.take(here))?;
        Ok(self.length == 0)
    }
}

impl Payload {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            Self::Dropped(length) => *length,
        }
    }

    fn push(&mut self, part: &[u8]) -> Result<(), Error> {
        match self {
            Self::Text(text) => text.push(part)?,
            Self::Binary(bytes) => bytes.extend_from_slice(part),
            Self::Dropped(length) => *length += part.len(),
        }
        Ok(())
    }

    /// Nothing is missing any more.
    fn finish(self) -> Result<Step, Error> {
        Ok(match self {
            Self::Text(text) => Step::Event(Event::Text(Cow::Owned(text.finish()?))),
            Self::Binary(bytes) => Step::Event(Event::Binary(Cow::Owned(bytes))),
            Self::Dropped(_) => Step::Taken,
        })
    }
}

/// Judges the size of a data frame by its header, before a byte of the payload is kept.
fn check(header: &Header, so_far: usize, limits: &Limits) -> Result<(), Error> {
    if header.length > limits.frame as u64 {
        Err(Error::FrameTooLarge)
    } else if header.length > limits.message.saturating_sub(so_far) as u64 {
        Err(Error::MessageTooLarge)
    } else {
        Ok(())
    }
}

/// Whether the frame that the inbox begins with is there to its end.
fn is_whole(inbox: &Inbox, header: &Header) -> bool {
    (inbox.len() - header.size) as u64 >= header.length
}

/// Takes a whole frame; its payload is unmasked where it lies.
fn take_payload<'a>(inbox: &'a mut Inbox, header: &Header) -> &'a [u8] {
    let end = unmask(inbox, header);
    &inbox.take(end)[header.size..]
}

/// Unmasks the payload of a whole frame, and tells where it ends.
fn unmask(inbox: &mut Inbox, header: &Header) -> usize {
    let end = header.size + header.length as usize;
    mask::apply(&mut inbox.bytes_mut()[header.size..end], header.mask);
    end
}
