//! The [`Decoder`]: takes requests from the front of what a connection received.
//!
//! ```text
//!   Head ── blank line ──> Body ── last byte ──> a Request, and Head again
//!     │└────── no body ────────────────────────────^              ^
//!     └── a Request without its body ──> Pieces, one by one ── last byte
//! ```

use super::body::{self, Chunked, Progress};
use super::head::{Head, Length, Scan};
use super::{Error, Inbox, Request, Spares};

/// How many empty lines may stand before a request line. RFC 9112 section 2.2: at least one should be ignored,
/// since some clients put one behind a body.
const MOST_EMPTY_LINES: u8 = 4;

/// How large a head may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Request line and headers, in bytes.
    pub head: usize,
    /// How many headers; beyond 128 it has no effect.
    pub headers: usize,
}

impl Default for Limits {
    /// AWS: 10,240 bytes for request line and headers. Ours: 100 headers.
    fn default() -> Self {
        Self { head: 10_240, headers: 100 }
    }
}

/// What the bytes so far amount to.
#[derive(Debug)]
pub enum Decoded {
    /// More must come. Not an error.
    Incomplete,
    /// More must come, and the client waits for `100 Continue` before it sends it (said once a request).
    Continue,
    /// A whole request; its bytes are taken from the input.
    Request(Request),
    /// A request whose body comes piece by piece; the head's bytes are taken from the input. `waits`: the client
    /// waits for `100 Continue`.
    Begun {
        /// The request, without its body.
        request: Request,
        /// Whether `100 Continue` must be said.
        waits: bool,
    },
    /// A piece of such a body: the input begins with `data` bytes of it. Before anything else is decoded, `read`
    /// bytes must be taken from the input.
    Piece {
        /// How many bytes the piece has; none where only framing has come.
        data: usize,
        /// How many bytes it was sent in.
        read: usize,
        /// Whether the body ends with it.
        last: bool,
    },
}

/// How a body is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// In memory, with its request; of at most so many bytes.
    Whole(usize),
    /// Piece by piece, as it comes; whoever takes the pieces knows what is too much.
    Pieces,
}

impl From<usize> for Reception {
    fn from(limit: usize) -> Self {
        Self::Whole(limit)
    }
}

/// What part of a request the connection is in: each has its own deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of a request has come.
    Idle,
    /// Some of a head has come.
    Head,
    /// The head is whole, some of the body is missing.
    Body,
}

/// Takes requests from what one connection received, never looking at a byte twice. After an error it is of no
/// use: where the next request would begin is unknown.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
}

#[derive(Debug)]
enum State {
    /// The inbox begins with what may become a head.
    Head { scan: Scan, empty_lines: u8 },
    /// The inbox begins with a whole head, and some of its body behind it.
    Body(Box<Pending>),
    /// The head is gone; the inbox begins with some of its body.
    Pieces(Box<Pieces>),
}

/// What is still to come of a body that is taken in pieces.
#[derive(Debug)]
enum Pieces {
    /// So many bytes.
    Known(u64),
    /// Chunks.
    Chunked(Chunked),
}

/// A request whose body is under way. Its bytes are in the inbox.
#[derive(Debug)]
struct Pending {
    request: Request,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Head and body together are so long.
    Known { end: usize },
    /// Head and data so far are so long; chunks follow.
    Chunked { end: usize, chunked: Chunked },
}

impl Default for State {
    fn default() -> Self {
        Self::Head { scan: Scan::default(), empty_lines: 0 }
    }
}

impl Decoder {
    /// Takes the next request from the front of `input`. `reception` is asked once the head is known, unless it
    /// says that there is no body: it is what tells a 10 MB API call from a 70 MB upload, and from one that is taken
    /// in pieces.
    pub fn decode<R: Into<Reception>>(
        &mut self,
        input: &mut Inbox,
        limits: &Limits,
        reception: impl FnOnce(&Request) -> R,
        spares: &mut Spares,
    ) -> Result<Decoded, Error> {
        let mut pending = match std::mem::take(&mut self.state) {
            State::Body(pending) => pending,
            State::Pieces(pieces) => return self.piece(pieces, input),
            State::Head { mut scan, mut empty_lines } => {
                skip_empty_lines(input, scan, &mut empty_lines)?;
                let Some(length) = scan.advance(input.bytes(), limits)? else {
                    self.state = State::Head { scan, empty_lines };
                    return Ok(Decoded::Incomplete);
                };
                let head = Head::read(&mut input.bytes_mut()[..length], scan, spares.headers())?;
                let (declared, expects_continue) = (head.length, head.expects_continue);
                let mut request = Request::new(head, length);
                if declared == Length::Known(0) {
                    request.take_bytes(input, length, length, spares);
                    return Ok(Decoded::Request(request));
                }
                let waits = expects_continue && input.len() == length;
                let limit = match request.look(input, reception).into() {
                    Reception::Whole(limit) => limit,
                    Reception::Pieces => {
                        request.take_bytes(input, length, length, spares);
                        self.state = State::Pieces(Box::new(Pieces::new(declared)));
                        return Ok(Decoded::Begun { request, waits });
                    }
                };
                let body = Body::new(length, declared, limit)?;
                let pending = Box::new(Pending { request, body });
                if waits {
                    self.state = State::Body(pending);
                    return Ok(Decoded::Continue);
                }
                pending
            }
        };
        let Some((end, read)) = pending.body.advance(input)? else {
            self.state = State::Body(pending);
            return Ok(Decoded::Incomplete);
        };
        let mut request = pending.request;
        request.take_bytes(input, end, read, spares);
        Ok(Decoded::Request(request))
    }

    /// What part of a request the connection is in, as of the last call of [`Decoder::decode`].
    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Head { scan, .. } if scan.is_new() => Phase::Idle,
            State::Head { .. } => Phase::Head,
            State::Body(_) | State::Pieces(_) => Phase::Body,
        }
    }

    fn piece(&mut self, mut pieces: Box<Pieces>, input: &mut Inbox) -> Result<Decoded, Error> {
        let progress = pieces.advance(input.bytes_mut())?;
        if !progress.done {
            self.state = State::Pieces(pieces);
        }
        Ok(match progress {
            Progress { read: 0, .. } => Decoded::Incomplete,
            Progress { read, data, done } => Decoded::Piece { data, read, last: done },
        })
    }
}

impl Pieces {
    fn new(length: Length) -> Self {
        match length {
            Length::Known(length) => Self::Known(length),
            Length::Chunked => Self::Chunked(Chunked::new(usize::MAX)),
        }
    }

    fn advance(&mut self, bytes: &mut [u8]) -> Result<Progress, body::Error> {
        match self {
            Self::Known(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                Ok(Progress { read: count, data: count, done: *left == 0 })
            }
            Self::Chunked(chunked) => chunked.decode(bytes),
        }
    }
}

impl Body {
    fn new(head: usize, length: Length, limit: usize) -> Result<Self, Error> {
        // Positions in a buffer have 32 bits.
        let limit = limit.min(u32::MAX as usize - head);
        match length {
            Length::Known(length) => match usize::try_from(length) {
                Ok(length) if length <= limit => Ok(Self::Known { end: head + length }),
                Ok(_) | Err(_) => Err(Error::BodyTooLarge),
            },
            Length::Chunked => Ok(Self::Chunked { end: head, chunked: Chunked::new(limit) }),
        }
    }

    /// `Some`: the body is whole; head and data end at the first number, and what they were sent in at the second.
    fn advance(&mut self, input: &mut Inbox) -> Result<Option<(usize, usize)>, Error> {
        match self {
            Self::Known { end } => Ok((input.len() >= *end).then_some((*end, *end))),
            Self::Chunked { end, chunked } => {
                let progress = chunked.decode(&mut input.bytes_mut()[*end..])?;
                let read = *end + progress.read;
                *end += progress.data;
                if progress.done {
                    return Ok(Some((*end, read)));
                }
                input.truncate(*end);
                Ok(None)
            }
        }
    }
}

impl From<body::Error> for Error {
    fn from(error: body::Error) -> Self {
        match error {
            body::Error::Malformed(why) => Self::Malformed(why),
            body::Error::TooLarge => Self::BodyTooLarge,
            body::Error::TrailersTooLarge => Self::HeadTooLarge,
        }
    }
}

fn skip_empty_lines(input: &mut Inbox, scan: Scan, empty_lines: &mut u8) -> Result<(), Error> {
    while scan.is_new() && input.bytes().starts_with(b"\r\n") {
        input.take(2);
        *empty_lines += 1;
        if *empty_lines > MOST_EMPTY_LINES {
            return Err(Error::Malformed("empty lines instead of a request"));
        }
    }
    Ok(())
}
